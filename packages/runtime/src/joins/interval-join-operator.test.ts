import {
  type Collector,
  keyGroupOf,
  MAX_WATERMARK,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  OutputTag,
  type ProcessJoinContext,
  subtaskForKeyGroup,
  Types,
} from '@millrace/core'
import {
  type HarnessSnapshot,
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
} from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const Click = Types.record({ key: Types.string, id: Types.int })
interface Click {
  readonly key: string
  readonly id: number
}

const keyOf = (click: Click): string => click.key

function pairsOf(
  left: Click,
  right: Click,
  context: ProcessJoinContext,
  out: Collector<string>,
): void {
  const { leftTimestamp, rightTimestamp, timestamp } = context
  out.collect(
    `${left.key} ${left.id}@${leftTimestamp} ${right.id}@${rightTimestamp} = ${timestamp}`,
  )
}

function intervalJoin(
  lowerMs: number,
  upperMs: number,
  tags: { readonly leftLateTag?: string; readonly rightLateTag?: string } = {},
): OperatorHarnessOptions {
  return {
    kind: 'interval-join',
    config: {
      lowerMs,
      upperMs,
      leftLateTag: null,
      rightLateTag: null,
      ...tags,
      leftType: Click,
      rightType: Click,
    },
    functions: {
      keySelector1: keyOf,
      keySelector2: keyOf,
      process: () => ({ processElement: pairsOf }),
    },
    keyType: Types.string,
  }
}

type Event =
  | { readonly side: 0 | 1; readonly key: string; readonly at: number }
  | { readonly side: 0 | 1; readonly watermark: number }

interface Seen {
  readonly click: Click
  readonly at: number
}

/** Every pair of two records that were not late, found by looking at all of them. */
class NestedLoop {
  readonly #lowerMs: number
  readonly #upperMs: number
  readonly #seen: { readonly side: 0 | 1; readonly click: Click; readonly at: number }[] = []
  readonly #watermarks: [number, number] = [MIN_WATERMARK, MIN_WATERMARK]

  constructor(lowerMs: number, upperMs: number) {
    this.#lowerMs = lowerMs
    this.#upperMs = upperMs
  }

  watermark(side: 0 | 1, watermark: number): void {
    this.#watermarks[side] = Math.max(this.#watermarks[side], watermark)
  }

  /** The pairs that the record makes, or `late`. */
  record(side: 0 | 1, click: Click, at: number): readonly string[] | 'late' {
    if (at < Math.min(...this.#watermarks)) return 'late'
    const pairs = this.#seen
      .filter((other) => other.side !== side && other.click.key === click.key)
      .map((other): readonly [Seen, Seen] =>
        side === 0 ? [{ click, at }, other] : [other, { click, at }],
      )
      .filter(([left, right]) => {
        const apart = right.at - left.at
        return this.#lowerMs <= apart && apart <= this.#upperMs
      })
      .map(
        ([left, right]) =>
          `${click.key} ${left.click.id}@${left.at} ${right.click.id}@${right.at} = ${Math.max(left.at, right.at)}`,
      )
    this.#seen.push({ side, click, at })
    return pairs.sort()
  }
}

const sides = fc.constantFrom(0 as const, 1 as const)
const events = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        side: sides,
        key: fc.constantFrom('a', 'b', 'a key that is longer than a slice'),
        at: fc.integer({ min: -20, max: 60 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ side: sides, watermark: fc.integer({ min: -20, max: 60 }) }),
    },
  ),
  { maxLength: 60, size: 'max' },
)
const bounds = fc
  .tuple(fc.integer({ min: -15, max: 15 }), fc.integer({ min: 0, max: 20 }))
  .map(([lower, width]) => [lower, lower + width] as const)

/** Steps for the operator, and what each must emit. */
function stepsOf(
  [lowerMs, upperMs]: readonly [number, number],
  given: readonly Event[],
): { readonly steps: HarnessStep<string>[]; readonly expected: (readonly string[] | 'late')[] } {
  const reference = new NestedLoop(lowerMs, upperMs)
  const steps: HarnessStep<string>[] = []
  const expected: (readonly string[] | 'late')[] = []
  for (const [id, event] of given.entries()) {
    const { side } = event
    if ('watermark' in event) {
      reference.watermark(side, event.watermark)
      expected.push([])
      steps.push((harness) => harness.processWatermark(event.watermark, side))
    } else {
      const click = { key: event.key, id }
      expected.push(reference.record(side, click, event.at))
      steps.push((harness) => harness.processElement(click, event.at, side))
    }
  }
  return { steps, expected }
}

describe('an interval join', () => {
  test('when records come in any order, with watermarks and restarts between, then it emits what a nested loop finds', async () => {
    const restarts = fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(bounds, events, restarts, async (interval, given, restartSteps) => {
        const { steps, expected } = stepsOf(interval, given)
        const outputs = await runSteps<string>(
          intervalJoin(...interval, { leftLateTag: 'late', rightLateTag: 'late' }),
          steps,
          { restartAfter: (index) => restartSteps.includes(index) },
        )
        const found = outputs.map(({ records, sideOutputs }) =>
          sideOutputs['late'] === undefined ? records.map(({ value }) => value).sort() : 'late',
        )
        expect(found).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('when it goes on with another parallelism, then no pair is lost and none comes twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        bounds,
        events,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (interval, given, before, after) => {
          const { steps, expected } = stepsOf(interval, given)
          const half = Math.floor(steps.length / 2)
          const found: string[] = []
          let snapshots: readonly HarnessSnapshot[] = []
          for (const [parallelism, first, end] of [
            [before, 0, half],
            [after, half, given.length],
          ] as const) {
            const harnesses = await Promise.all(
              Array.from({ length: parallelism }, (_, subtaskIndex) =>
                OperatorHarness.open<string>({
                  ...intervalJoin(...interval),
                  subtaskIndex,
                  parallelism,
                  restored: snapshots,
                }),
              ),
            )
            given.slice(first, end).forEach((event, index) => {
              const step = steps[first + index] as HarnessStep<string>
              const isFor = (subtask: number): boolean =>
                'watermark' in event || subtaskOf(event.key, parallelism) === subtask
              harnesses.forEach((harness, subtask) => {
                if (isFor(subtask)) void step(harness)
              })
            })
            found.push(...harnesses.flatMap(({ output }) => output.map(({ value }) => value)))
            snapshots = await Promise.all(harnesses.map((harness) => harness.snapshot()))
          }
          expect(found.sort()).toEqual(expected.flatMap((e) => (e === 'late' ? [] : e)).sort())
        },
      ),
      { numRuns: 100 },
    )
  })

  test('when the watermark has passed all possible partners, then the records are forgotten', async () => {
    const harness = await OperatorHarness.open<string>(intervalJoin(-5, 10))
    const empty = (await harness.snapshot()).slots['keyed'] as Uint8Array
    harness.processElement({ key: 'a', id: 1 }, 100, 0)
    harness.processElement({ key: 'a', id: 2 }, 300, 1)
    const sizeOf = async (): Promise<number> =>
      ((await harness.snapshot()).slots['keyed'] as Uint8Array).length
    const both = await sizeOf()
    const time = (watermark: number): void => {
      harness.processWatermark(watermark, 0)
      harness.processWatermark(watermark, 1)
    }
    time(110)
    expect(await sizeOf()).toBe(both)
    time(111)
    const one = await sizeOf()
    expect(one).toBeLessThan(both)
    time(305)
    expect(await sizeOf()).toBe(one)
    time(306)
    expect(await sizeOf()).toBe(empty.length)
  })

  test('when a record is late, then it goes to the side output of its side, or is counted', async () => {
    const left = new OutputTag<Click>('left')
    const harness = await OperatorHarness.open<string>(intervalJoin(0, 5, { leftLateTag: 'left' }))
    harness.processWatermark(10, 0)
    harness.processWatermark(10, 1)
    harness.processElement({ key: 'a', id: 1 }, 9, 0)
    harness.processElement({ key: 'a', id: 2 }, 9, 1)
    harness.processElement({ key: 'a', id: 3 }, 10, 0)
    harness.processElement({ key: 'a', id: 4 }, 10, 1)
    expect(harness.sideOutput(left)).toEqual([{ value: { key: 'a', id: 1 }, timestamp: 9 }])
    expect(harness.accumulators).toEqual({ 'interval-join.late': 1 })
    expect(harness.output).toEqual([{ value: 'a 3@10 4@10 = 10', timestamp: 10 }])
  })

  test('when the function returns results and uses a side output, then both have the later time of the pair', async () => {
    const tag = new OutputTag<string>('pairs')
    const harness = await OperatorHarness.open<string>({
      ...intervalJoin(0, 5),
      functions: {
        keySelector1: keyOf,
        keySelector2: keyOf,
        process: () => ({
          processElement: (_left: Click, _right: Click, context: ProcessJoinContext) => {
            context.output(tag, 'seen')
            return ['one', 'two']
          },
        }),
      },
    })
    harness.processElement({ key: 'a', id: 2 }, 5, 1)
    harness.processElement({ key: 'a', id: 1 }, 3, 0)
    expect(harness.output).toEqual([
      { value: 'one', timestamp: 5 },
      { value: 'two', timestamp: 5 },
    ])
    expect(harness.sideOutput(tag)).toEqual([{ value: 'seen', timestamp: 5 }])
  })

  test('when the function has a life cycle, then it is opened before the first pair and closed', async () => {
    const calls: string[] = []
    const harness = await OperatorHarness.open<string>({
      ...intervalJoin(0, 5),
      functions: {
        keySelector1: keyOf,
        keySelector2: keyOf,
        process: () => ({
          open: () => void calls.push('open'),
          processElement: () => void calls.push('pair'),
          close: () => void calls.push('close'),
        }),
      },
    })
    harness.processElement({ key: 'a', id: 1 }, 3, 0)
    harness.processElement({ key: 'a', id: 2 }, 3, 1)
    await harness.close()
    expect(calls).toEqual(['open', 'pair', 'close'])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
      /FUNCTION_FAILED.*join function.*boom/,
    ],
    [
      'waits',
      () => Promise.reject(new Error('given up')),
      /FUNCTION_RETURNED_PROMISE.*join function/,
    ],
  ])('when the function %s, then the error names it', async (_, processElement, message) => {
    const { functions, ...options } = intervalJoin(0, 5)
    const harness = await OperatorHarness.open({
      ...options,
      functions: { ...functions, process: () => ({ processElement }) },
    })
    harness.processElement({ key: 'a', id: 1 }, 3, 0)
    expect(() => harness.processElement({ key: 'a', id: 2 }, 3, 1)).toThrow(message)
  })

  test('when a record has no time, then the error says what to do', async () => {
    const harness = await OperatorHarness.open(intervalJoin(0, 5))
    expect(() => harness.processElement({ key: 'a', id: 1 }, NO_TIMESTAMP, 1)).toThrow(
      /TIMESTAMP_INVALID.*assignTimestampsAndWatermarks/,
    )
  })

  test('when both inputs have ended, then the last watermark is handed on and nothing is kept', async () => {
    const harness = await OperatorHarness.open<string>(intervalJoin(0, 5))
    harness.processElement({ key: 'a', id: 1 }, 3, 0)
    harness.finish()
    expect(harness.watermarks).toEqual([MAX_WATERMARK])
  })
})

/** The subtask that has the key. */
function subtaskOf(key: string, parallelism: number): number {
  return subtaskForKeyGroup(keyGroupOf(key, 128), parallelism, 128)
}
