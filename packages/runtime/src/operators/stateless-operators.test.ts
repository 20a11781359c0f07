import type { Collector, ProcessContext } from '@millrace/core'
import { NO_TIMESTAMP, OutputTag } from '@millrace/core'
import { OperatorHarness } from '@millrace/testing'
import { describe, expect, test } from 'vitest'

const boom = (): never => {
  throw new TypeError('boom')
}
const promise = (): Promise<boolean> => Promise.reject(new Error('nobody waits for this'))

describe('map, filter and flatMap', () => {
  test('when a value is mapped, then the result has its timestamp', async () => {
    const map = await OperatorHarness.open({
      kind: 'map',
      functions: { map: (word: string) => word.length },
    })
    map.processElement('apple', 7)
    map.processElement('fig')
    map.processWatermark(8)
    expect(map.output).toEqual([
      { value: 5, timestamp: 7 },
      { value: 3, timestamp: NO_TIMESTAMP },
    ])
    expect(map.watermarks).toEqual([8])
  })

  test('when a value does not fit the filter, then it is left out', async () => {
    const filter = await OperatorHarness.open({
      kind: 'filter',
      functions: { filter: (number: number) => number > 1 },
    })
    for (const number of [1, 2, 3]) filter.processElement(number, number)
    expect(filter.output).toEqual([
      { value: 2, timestamp: 2 },
      { value: 3, timestamp: 3 },
    ])
  })

  test('when flatMap collects and returns, then all is emitted, the collected first', async () => {
    const flatMap = await OperatorHarness.open<string>({
      kind: 'flat-map',
      functions: {
        flatMap: (line: string, out: Collector<string>) => {
          out.collect(line)
          return line === '' ? undefined : line.split(' ')
        },
      },
    })
    flatMap.processElement('to be', 1)
    flatMap.processElement('', 2)
    expect(flatMap.output.map(({ value }) => value)).toEqual(['to be', 'to', 'be', ''])
  })

  test.each([
    ['map', 'map', 'map function'],
    ['filter', 'filter', 'filter function'],
    ['flat-map', 'flatMap', 'flatMap function'],
  ] as const)('when the function of %s throws, then the error names it', async (...names) => {
    const [kind, role, what] = names
    const harness = await OperatorHarness.open({
      kind,
      name: 'my step',
      functions: { [role]: boom },
    })
    expect(() => harness.processElement('x', 1)).toThrow(
      expect.objectContaining({
        code: 'FUNCTION_FAILED',
        message: expect.stringContaining(`the ${what} of 'my step'`),
        came: 'TypeError: boom',
        cause: expect.any(TypeError),
        ids: { uid: 'operator' },
      }),
    )
  })

  test.each([
    ['map', 'map'],
    ['filter', 'filter'],
    ['flat-map', 'flatMap'],
  ] as const)('when the function of %s answers a promise, then it is refused', async (...names) => {
    const [kind, role] = names
    const harness = await OperatorHarness.open({ kind, functions: { [role]: promise } })
    expect(() => harness.processElement('x', 1)).toThrow(/FUNCTION_RETURNED_PROMISE/)
    expect(harness.output).toEqual([])
  })
})

describe('process', () => {
  const negative = new OutputTag<number>('negative')

  test('when it processes a record, then it sees its time and has side outputs', async () => {
    const process = await OperatorHarness.open<string>({
      kind: 'process',
      functions: {
        process: () => ({
          processElement: (value: number, context: ProcessContext, out: Collector<string>) => {
            if (value < 0) return context.output(negative, value)
            const times = [context.timestamp, context.currentWatermark()]
            out.collect(`${value} at ${times.join(', ')}, ${context.currentProcessingTime()}`)
          },
        }),
      },
    })
    process.advanceTo(99)
    process.processElement(1, 20)
    process.processWatermark(25)
    process.processElement(2, 30)
    process.processElement(-3, 31)
    expect(process.output.map(({ value }) => value)).toEqual([
      `1 at 20, ${Number.MIN_SAFE_INTEGER}, 99`,
      '2 at 30, 25, 99',
    ])
    expect(process.sideOutput(negative)).toEqual([{ value: -3, timestamp: 31 }])
  })

  test('when a record has no timestamp, then the context has none', async () => {
    const process = await OperatorHarness.open({
      kind: 'process',
      functions: {
        process: () => ({
          processElement: (_: unknown, context: ProcessContext, out: Collector<unknown>) =>
            out.collect(context.timestamp),
        }),
      },
    })
    process.processElement('x')
    expect(process.output[0]?.value).toBeUndefined()
  })

  test('when it is opened and closed, then the function is too, with its place in the job', async () => {
    const calls: unknown[] = []
    const process = await OperatorHarness.open({
      kind: 'process',
      name: 'step',
      subtaskIndex: 1,
      parallelism: 2,
      attempt: 3,
      functions: {
        process: () => ({
          open: (context: object) => calls.push(JSON.parse(JSON.stringify(context))),
          close: () => calls.push('closed'),
        }),
      },
    })
    await process.close()
    expect(calls).toEqual([
      {
        jobId: 'harness',
        jobName: 'harness',
        taskName: 'step (2/2)',
        subtaskIndex: 1,
        parallelism: 2,
        maxParallelism: 128,
        attempt: 3,
        globalJobParameters: {},
      },
      'closed',
    ])
  })

  test('when a record counts in an accumulator, then the count survives restarts', async () => {
    const counting = {
      kind: 'process',
      functions: {
        process: () => {
          let seen: { add(amount: number): void }
          return {
            open: (context: { getAccumulator(name: string): typeof seen }) => {
              seen = context.getAccumulator('seen')
            },
            processElement: () => seen.add(1),
          }
        },
      },
    } as const
    let harness = await OperatorHarness.open(counting)
    for (let record = 0; record < 3; record++) {
      harness.processElement(record)
      harness = await harness.restart()
    }
    expect(harness.accumulators).toEqual({ seen: 3 })

    const halves = await Promise.all(
      [0, 1].map(async (subtaskIndex) => {
        const restored = [await harness.snapshot()]
        return OperatorHarness.open({ ...counting, subtaskIndex, parallelism: 2, restored })
      }),
    )
    expect(halves.map(({ accumulators }) => accumulators['seen'])).toEqual([0, 3])
  })

  test.each([
    ['processElement', boom, /FUNCTION_FAILED.*process function/],
    ['processElement', promise, /FUNCTION_RETURNED_PROMISE.*process function/],
  ])('when %s does wrong, then the error names the function', async (method, wrong, message) => {
    const harness = await OperatorHarness.open({
      kind: 'process',
      functions: { process: () => ({ [method]: wrong }) },
    })
    expect(() => harness.processElement('x', 1)).toThrow(message)
  })

  test('when open does wrong, then the operator does not start', async () => {
    for (const [open, message] of [
      [boom, /FUNCTION_FAILED.*open method/],
      [promise, /FUNCTION_RETURNED_PROMISE.*open method/],
    ] as const) {
      const opening = OperatorHarness.open({
        kind: 'process',
        functions: { process: () => ({ open }) },
      })
      await expect(opening).rejects.toThrow(message)
    }
  })
})
