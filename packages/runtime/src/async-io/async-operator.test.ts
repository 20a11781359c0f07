import {
  type AsyncContext,
  type AsyncFunction,
  longWatermark,
  MAX_WATERMARK,
  Types,
  watermarkOf,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AsyncConfig } from './async-operator.ts'

/** A service that answers when the test says so. */
class Service {
  /** What was asked and not answered, in order. */
  readonly open: { readonly value: string; readonly answer: PromiseWithResolvers<string[]> }[] = []
  readonly asked: string[] = []

  ask(value: string): Promise<string[]> {
    const answer = Promise.withResolvers<string[]>()
    this.asked.push(value)
    this.open.push({ value, answer })
    return answer.promise
  }

  async answer(index: number, results?: string[]): Promise<void> {
    const [request] = this.open.splice(index, 1)
    request?.answer.resolve(results ?? [`${request.value}!`])
    await answersSettled()
  }

  async fail(index: number, error: unknown): Promise<void> {
    this.open.splice(index, 1)[0]?.answer.reject(error)
    await answersSettled()
  }
}

/** Waits for what promises have left. */
function answersSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

interface Setting extends Partial<AsyncConfig> {
  readonly service?: Service
  readonly invoke?: AsyncFunction<string, string>
  readonly functions?: Readonly<Record<string, unknown>>
}

function asking({ service, invoke, functions, ...config }: Setting): OperatorHarnessOptions {
  return {
    kind: 'async',
    config: {
      isOrdered: true,
      capacity: 100,
      timeoutMs: 1_000,
      retry: null,
      inputType: Types.string,
      ...config,
    } as never,
    functions: {
      invoke: () => invoke ?? { asyncInvoke: (value: string) => service?.ask(value) },
      ...functions,
    },
  }
}

function valuesOf({ output }: OperatorHarness<string>): string[] {
  return output.map(({ value }) => value)
}

describe('an async operator', () => {
  test('when answers come late and out of order, then ordered results keep order and time', async () => {
    const service = new Service()
    const harness = await OperatorHarness.open<string>(asking({ service }))
    harness.processElement('a', 1)
    harness.processElement('b', 2)
    await service.answer(1)
    expect(harness.output).toEqual([])
    expect(harness.isDrained).toBe(false)
    await service.answer(0, ['a1', 'a2'])
    expect(harness.output).toEqual([
      { value: 'a1', timestamp: 1 },
      { value: 'a2', timestamp: 1 },
      { value: 'b!', timestamp: 2 },
    ])
    expect(harness.isDrained).toBe(true)
  })

  test('when answers come out of order, then unordered results come at once, but pass no watermark', async () => {
    const service = new Service()
    const harness = await OperatorHarness.open<string>(asking({ service, isOrdered: false }))
    harness.processElement('a', 1)
    harness.processElement('b', 2)
    harness.processWatermark(5)
    harness.processElement('c', 6)
    await service.answer(2)
    expect(valuesOf(harness)).toEqual([])
    await service.answer(1)
    expect(valuesOf(harness)).toEqual(['b!'])
    expect(harness.watermarks).toEqual([])
    await service.answer(0)
    expect(valuesOf(harness)).toEqual(['b!', 'a!', 'c!'])
    expect(harness.watermarks).toEqual([5])
  })

  test('when as many requests are under way as allowed, then no record is wanted, and what comes waits', async () => {
    const service = new Service()
    const harness = await OperatorHarness.open<string>(asking({ service, capacity: 2 }))
    for (const value of ['a', 'b', 'c', 'd']) harness.processElement(value)
    expect(service.asked).toEqual(['a', 'b'])
    expect(harness.isAvailable).toBe(false)
    await service.answer(0)
    expect(service.asked).toEqual(['a', 'b', 'c'])
    expect(harness.isAvailable).toBe(false)
    await service.answer(0)
    await service.answer(0)
    expect(harness.isAvailable).toBe(true)
    await service.answer(0)
    expect(valuesOf(harness)).toEqual(['a!', 'b!', 'c!', 'd!'])
  })

  test('when it is restarted at any point, then results come once, in order, between the same watermarks', async () => {
    const commands = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant('record' as const) },
        { weight: 1, arbitrary: fc.constant('watermark' as const) },
        { weight: 1, arbitrary: fc.constant('restart' as const) },
        { weight: 3, arbitrary: fc.nat(100) },
      ),
      { maxLength: 40, size: 'max' },
    )
    await fc.assert(
      fc.asyncProperty(commands, fc.boolean(), fc.integer({ min: 1, max: 5 }), async (...given) => {
        const [steps, isOrdered, capacity] = given
        let service = new Service()
        const invoke = { asyncInvoke: (value: string): Promise<string[]> => service.ask(value) }
        let harness = await OperatorHarness.open<string>(asking({ invoke, isOrdered, capacity }))
        const records: number[] = []
        const watermarks: number[] = []
        const out: number[] = []
        const emittedTimes: number[] = []
        const look = (): void => {
          for (const { value } of harness.output.splice(0)) out.push(Number(value.slice(0, -1)))
          for (const watermark of harness.watermarks.splice(0)) {
            // All records before a watermark go out before it, in either order.
            expect(out).toEqual(expect.arrayContaining(records.filter((id) => id < watermark)))
            emittedTimes.push(watermark)
          }
        }
        for (const [id, step] of steps.entries()) {
          if (step === 'record') {
            records.push(id)
            harness.processElement(String(id), id)
          } else if (step === 'watermark') {
            watermarks.push(id)
            harness.processWatermark(id)
          } else if (step === 'restart') {
            service = new Service()
            harness = await harness.restart()
          } else await service.answer(step % Math.max(1, service.open.length))
          look()
        }
        harness.finish()
        while (service.open.length > 0) await service.answer(0)
        look()
        expect(harness.isDrained).toBe(true)
        expect(isOrdered ? out : out.toSorted((a, b) => a - b)).toEqual(records)
        // Of several with no record between them the last says it all; only that one is told again after a restart.
        const telling = watermarks.filter((id, i) =>
          records.some((record) => record > id && record < (watermarks[i + 1] ?? Infinity)),
        )
        expect(emittedTimes).toEqual(expect.arrayContaining([...telling, MAX_WATERMARK]))
        expect([...watermarks, MAX_WATERMARK]).toEqual(expect.arrayContaining(emittedTimes))
        // A watermark is sent again after a restart, but time does not go back.
        expect(emittedTimes).toEqual(emittedTimes.toSorted((a, b) => a - b))
      }),
      { numRuns: 150 },
    )
  })

  test('when it goes on with another parallelism, then each record in flight is asked by one subtask', async () => {
    const service = new Service()
    const old = await OperatorHarness.open<string>(asking({ service }))
    for (const value of ['a', 'b', 'c', 'd', 'e']) old.processElement(value, 1)
    const restored = [await old.snapshot()]
    const asked: string[] = []
    for (const subtaskIndex of [0, 1, 2]) {
      const mine = new Service()
      await OperatorHarness.open({
        ...asking({ service: mine }),
        subtaskIndex,
        parallelism: 3,
        restored,
      })
      asked.push(...mine.asked)
    }
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('a request that takes too long', () => {
  test('when there is no handler, then the job fails and the request is aborted', async () => {
    let signal: AbortSignal | undefined
    const invoke = {
      asyncInvoke: (_: string, context: AsyncContext): Promise<string[]> => {
        signal = context.signal
        return new Promise(() => {})
      },
    }
    const harness = await OperatorHarness.open<string>(asking({ invoke }))
    harness.processElement('a')
    harness.advanceTo(999)
    expect(signal?.aborted).toBe(false)
    expect(() => harness.advanceTo(1_000)).toThrow(/ASYNC_TIMED_OUT.*'async'.*1000 ms.*"a"/)
    expect(signal?.aborted).toBe(true)
  })

  test('when there is a handler, then its results count, and the late answer does not', async () => {
    const service = new Service()
    const invoke = {
      asyncInvoke: (value: string): Promise<string[]> => service.ask(value),
      timeout: (value: string): string[] => [`${value}?`],
    }
    const harness = await OperatorHarness.open<string>(asking({ invoke }))
    harness.processElement('a', 7)
    harness.advanceTo(1_000)
    await answersSettled()
    await service.answer(0)
    expect(harness.output).toEqual([{ value: 'a?', timestamp: 7 }])
  })

  test('when the answer comes in time, then there is no timeout, and a later record has its own time', async () => {
    const service = new Service()
    const harness = await OperatorHarness.open<string>(asking({ service }))
    harness.processElement('a')
    await service.answer(0)
    harness.advanceTo(900)
    harness.processElement('b')
    harness.advanceTo(1_800)
    expect(valuesOf(harness)).toEqual(['a!'])
    expect(() => harness.advanceTo(1_900)).toThrow(/"b"/)
  })

  test('when the input has ended, then the time of requests still counts', async () => {
    const service = new Service()
    const harness = await OperatorHarness.open<string>(asking({ service }))
    harness.processElement('a')
    harness.finish()
    expect(() => harness.advanceTo(1_000)).toThrow(/ASYNC_TIMED_OUT/)
  })
})

describe('retries', () => {
  const retry = { maxRetries: 2, delayMs: 10, maxDelayMs: 15, multiplier: 2 }
  const always = { retryIfError: (): boolean => true }

  test('when an error may pass, then the function is asked again, later and later', async () => {
    const service = new Service()
    const harness = await OperatorHarness.open<string>(
      asking({ service, retry, functions: always }),
    )
    harness.processElement('a')
    await service.fail(0, new Error('busy'))
    harness.advanceTo(9)
    expect(service.asked).toHaveLength(1)
    harness.advanceTo(10)
    await service.fail(0, new Error('busy'))
    harness.advanceTo(24)
    expect(service.asked).toHaveLength(2)
    harness.advanceTo(25)
    await service.answer(0)
    expect(valuesOf(harness)).toEqual(['a!'])
  })

  test('when the last retry fails, then so does the job, with the last error', async () => {
    const service = new Service()
    const harness = await OperatorHarness.open<string>(
      asking({ service, retry, functions: always }),
    )
    harness.processElement('a')
    for (const n of [1, 2, 3]) {
      await service.fail(0, new Error(`busy ${n}`))
      if (n < 3) harness.advanceTo(n * 100)
    }
    expect(() => harness.advanceTo(201)).toThrow(/FUNCTION_FAILED.*async function.*busy 3/)
    expect(service.asked).toHaveLength(3)
  })

  test('when an error is not one of those, then the job fails at once', async () => {
    const service = new Service()
    const functions = {
      retryIfError: (error: unknown): boolean => (error as Error).message === 'busy',
    }
    const harness = await OperatorHarness.open<string>(asking({ service, retry, functions }))
    harness.processElement('a')
    await service.fail(0, new Error('no such user'))
    expect(() => harness.advanceTo(1)).toThrow(/FUNCTION_FAILED.*no such user/)
  })

  test('when results are not good enough, then it is asked again, and the last ones are taken', async () => {
    const service = new Service()
    const functions = {
      retryIfResult: (results: readonly string[]): boolean => results.length === 0,
    }
    const harness = await OperatorHarness.open<string>(asking({ service, retry, functions }))
    harness.processElement('a')
    harness.processElement('b')
    await service.answer(0, [])
    await service.answer(0, ['b1'])
    for (const n of [1, 2]) {
      harness.advanceTo(n * 100)
      await service.answer(0, [])
    }
    expect(service.asked).toEqual(['a', 'b', 'a', 'a'])
    expect(valuesOf(harness)).toEqual(['b1'])
  })

  test('when the time is over during a retry, then it is given up', async () => {
    const service = new Service()
    const slow = { ...retry, delayMs: 600, maxDelayMs: 600, multiplier: 1 }
    const harness = await OperatorHarness.open(asking({ service, retry: slow, functions: always }))
    harness.processElement('a')
    await service.fail(0, new Error('busy'))
    harness.advanceTo(600)
    expect(service.asked).toHaveLength(2)
    await service.fail(0, new Error('busy'))
    expect(() => harness.advanceTo(1_000)).toThrow(/ASYNC_TIMED_OUT/)
    harness.advanceTo(5_000)
    expect(service.asked).toHaveLength(2)
  })
})

describe('what an async function does wrong', () => {
  test.each([
    ['throws', () => Promise.reject(new Error('boom')), /FUNCTION_FAILED.*async function.*boom/],
    ['answers no array', async () => 5, /FUNCTION_INVALID.*got 5.*mapAsync/],
    ['answers text', async () => 'five', /FUNCTION_INVALID.*got "five"/],
  ])('when it %s, then the error says so', async (_, asyncInvoke, message) => {
    const invoke = { asyncInvoke } as unknown as AsyncFunction<string, string>
    const harness = await OperatorHarness.open(asking({ invoke }))
    harness.processElement('a')
    await answersSettled()
    expect(() => harness.advanceTo(1)).toThrow(message)
  })

  test('when it throws before it answers a promise, then that is the same as a rejection', async () => {
    const invoke = {
      asyncInvoke: (): never => {
        throw new Error('boom')
      },
    }
    const harness = await OperatorHarness.open(asking({ invoke }))
    harness.processElement('a')
    await answersSettled()
    expect(() => harness.advanceTo(1)).toThrow(/FUNCTION_FAILED.*boom/)
  })

  test('when the operator is closed, then requests are aborted, the function is closed, and late answers are dropped', async () => {
    const service = new Service()
    const calls: string[] = []
    const invoke = {
      open: async (): Promise<void> => void calls.push('open'),
      asyncInvoke: (value: string, { signal }: AsyncContext): Promise<string[]> => {
        signal.addEventListener('abort', () => calls.push(`abort ${value}`))
        return service.ask(value)
      },
      close: async (): Promise<void> => void calls.push('close'),
    }
    const harness = await OperatorHarness.open<string>(asking({ invoke }))
    harness.processElement('a')
    await harness.close()
    await service.answer(0)
    harness.advanceTo(5_000)
    expect(calls).toEqual(['open', 'abort a', 'close'])
    expect(harness.output).toEqual([])
  })
})

describe('watermarks of the own kinds of a user', () => {
  const progress = longWatermark('progress')
  const newest = longWatermark('newest', { combine: 'max' })
  const local = longWatermark('local', { handling: 'ignore' })

  test('they wait for the records before them, also over restarts, and go out once', async () => {
    const service = new Service()
    let harness = await OperatorHarness.open<string>(asking({ service }))
    harness.processGeneralizedWatermark(watermarkOf(progress, 0))
    harness.processElement('a')
    harness.processGeneralizedWatermark(watermarkOf(progress, 1))
    harness.processGeneralizedWatermark(watermarkOf(local, 1))
    harness.processElement('b')
    harness.processGeneralizedWatermark(watermarkOf(progress, 2))
    expect(harness.generalizedWatermarks).toEqual([watermarkOf(progress, 0)])

    service.open.length = 0
    harness = await harness.restart()
    expect(harness.generalizedWatermarks).toEqual([])
    await service.answer(0)
    expect(harness.generalizedWatermarks).toEqual([watermarkOf(progress, 1)])

    service.open.length = 0
    harness = await harness.restart()
    expect(harness.isDrained).toBe(false)
    await service.answer(0)
    expect(harness.output.map(({ value }) => value)).toEqual(['b!'])
    expect(harness.generalizedWatermarks).toEqual([watermarkOf(progress, 2)])

    harness = await harness.restart()
    expect(harness.generalizedWatermarks).toEqual([])
    expect(harness.isDrained).toBe(true)
  })

  test('when there are fewer subtasks, then the last of each kind goes out behind all, for all old ones together', async () => {
    const service = new Service()
    const open = (subtaskIndex: number): Promise<OperatorHarness<string>> =>
      OperatorHarness.open<string>({ ...asking({ service }), subtaskIndex, parallelism: 2 })
    const old = await Promise.all([open(0), open(1)])
    old[0]?.processElement('a')
    old[0]?.processGeneralizedWatermark(watermarkOf(progress, 7))
    old[0]?.processGeneralizedWatermark(watermarkOf(progress, 8))
    old[0]?.processGeneralizedWatermark(watermarkOf(newest, 3))
    // Has gone out already, and still counts.
    old[1]?.processGeneralizedWatermark(watermarkOf(progress, 5))
    old[1]?.processGeneralizedWatermark(watermarkOf(newest, 1))
    old[1]?.processElement('b')
    const restored = await Promise.all(old.map((harness) => harness.snapshot()))
    service.open.length = 0

    const harness = await OperatorHarness.open<string>({ ...asking({ service }), restored })
    await service.answer(0)
    expect(harness.generalizedWatermarks).toEqual([])
    await service.answer(0)
    expect(harness.output.map(({ value }) => value)).toEqual(['a!', 'b!'])
    expect(harness.generalizedWatermarks).toEqual([
      watermarkOf(progress, 5),
      watermarkOf(newest, 3),
    ])
  })
})
