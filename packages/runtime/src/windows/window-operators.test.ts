// The window operators against a reference that follows Flink's rules in the plainest way: it keeps the elements of
// every window, and looks at every window at every step.

import {
  EventTimeSessionWindows,
  OutputTag,
  ProcessingTimeSessionWindows,
  type SessionWindowAssigner,
  SlidingEventTimeWindows,
  SlidingProcessingTimeWindows,
  type SlidingWindowAssigner,
  type TimeWindow,
  Types,
  type WindowContext,
} from '@millrace/core'
import {
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
} from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

/** What slices and sessions can do. */
type FixedAssigner = SlidingWindowAssigner | SessionWindowAssigner

interface Event {
  readonly key: string
  readonly id: number
}

interface Result {
  readonly key: string
  readonly window: TimeWindow
  readonly ids: readonly number[]
}

const late = new OutputTag<Event>('late')

/** Changes its accumulator in place and answers it as the result: who emits it and goes on with it is found out. */
const collectIds = {
  createAccumulator: (): number[] => [],
  add: (ids: number[], { id }: Event): number[] => {
    ids.push(id)
    return ids
  },
  getResult: (ids: number[]): number[] => ids,
  merge: (left: number[], right: number[]): number[] => {
    left.push(...right)
    return left
  },
}

function windowOperator(
  assigner: FixedAssigner,
  allowedLatenessMs = 0,
  lateTag: string | null = late.id,
): OperatorHarnessOptions {
  return {
    kind: 'window',
    config: {
      assigner: { ...assigner },
      allowedLatenessMs,
      lateTag,
      accumulatorType: Types.array(Types.int),
    },
    functions: {
      keySelector: ({ key }: Event) => key,
      aggregate: collectIds,
      windowFunction: ({ key, window }: WindowContext<string>, ids: number[]): Result[] => [
        { key, window, ids },
      ],
    },
    keyType: Types.string,
  }
}

interface ReferenceWindow extends Result {
  window: TimeWindow
  readonly ids: number[]
}

/** What the operator should do, for both kinds of assigners. */
class Reference {
  readonly #assigner: FixedAssigner
  readonly #allowedLatenessMs: number
  #windows: ReferenceWindow[] = []
  #time = Number.NEGATIVE_INFINITY

  constructor(assigner: FixedAssigner, allowedLatenessMs: number) {
    this.#assigner = assigner
    this.#allowedLatenessMs = allowedLatenessMs
  }

  element({ key, id }: Event, timestamp: number): string[] {
    const assigned =
      this.#assigner.kind === 'session'
        ? [this.#session(this.#assigner, key, timestamp)]
        : this.#sliding(this.#assigner, key, timestamp)
    const open = assigned.filter((each) => !this.#isForgotten(each))
    for (const each of open) {
      each.ids.push(id)
      if (!this.#windows.includes(each)) this.#windows.push(each)
    }
    if (open.length === 0) return [`late ${id}`]
    return texts(open.filter(({ window }) => window.end - 1 <= this.#time))
  }

  advance(time: number): string[] {
    const before = this.#time
    this.#time = time
    const due = this.#windows.filter(({ window: { end } }) => end - 1 > before && end - 1 <= time)
    this.#windows = this.#windows.filter((each) => !this.#isForgotten(each))
    return texts(due)
  }

  #isForgotten({ window }: ReferenceWindow): boolean {
    return window.end - 1 + this.#allowedLatenessMs <= this.#time
  }

  #sliding(assigner: SlidingWindowAssigner, key: string, timestamp: number): ReferenceWindow[] {
    const { sizeMs, slideMs, offsetMs } = assigner
    const found: ReferenceWindow[] = []
    for (let start = timestamp - sizeMs + 1; start <= timestamp; start++) {
      if ((start - offsetMs) % slideMs !== 0) continue
      const known = this.#windows.find((each) => each.key === key && each.window.start === start)
      found.push(known ?? { key, window: { start, end: start + sizeMs }, ids: [] })
    }
    return found
  }

  #session({ gapMs }: SessionWindowAssigner, key: string, timestamp: number): ReferenceWindow {
    const own = { start: timestamp, end: timestamp + gapMs }
    const touching = this.#windows.filter(
      (each) => each.key === key && each.window.start <= own.end && each.window.end >= own.start,
    )
    if (touching.length === 0) return { key, window: own, ids: [] }
    this.#windows = this.#windows.filter((each) => !touching.includes(each))
    const merged = {
      key,
      window: {
        start: Math.min(own.start, ...touching.map(({ window }) => window.start)),
        end: Math.max(own.end, ...touching.map(({ window }) => window.end)),
      },
      ids: touching.flatMap(({ ids }) => ids),
    }
    this.#windows.push(merged)
    return merged
  }
}

function texts(results: readonly Result[]): string[] {
  return results
    .map(({ key, window: { start, end }, ids }) => {
      return `${key} [${start}, ${end}): ${ids.toSorted((a, b) => a - b).join(' ')}`
    })
    .sort()
}

/** What happens to the operator: a record some time before or after the watermark, or a watermark. */
type Happening =
  | { readonly key: string; readonly aheadMs: number }
  | { readonly watermarkStep: number }

const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        aheadMs: fc.integer({ min: -35, max: 25 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ watermarkStep: fc.integer({ min: 1, max: 20 }) }) },
  ),
  { maxLength: 40, size: 'max' },
)

/** Steps between which the operator is stopped and restored. */
const restarts = fc.oneof(
  fc.constant<number[]>([]),
  fc.array(fc.nat(40), { maxLength: 5 }),
  fc.constant(Array.from({ length: 41 }, (_, index) => index)),
)

const allowedLateness = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 }))

const slidingAssigner = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 }), fc.integer())
  .map(([slide, atLeast, offset]) =>
    SlidingEventTimeWindows.of(Math.max(slide, atLeast), slide, { offset: offset % slide }),
  )

const sessionAssigner = fc
  .integer({ min: 1, max: 15 })
  .map((gap) => EventTimeSessionWindows.withGap(gap))

async function expectAsReference(
  assigner: FixedAssigner,
  allowedLatenessMs: number,
  events: readonly Happening[],
  restartSteps: readonly number[],
): Promise<void> {
  const reference = new Reference(assigner, allowedLatenessMs)
  const expected: string[][] = []
  const steps: HarnessStep<Result>[] = []
  let watermark = -100
  for (const [id, event] of [...events, { watermarkStep: 1_000 }].entries()) {
    if ('key' in event) {
      const { key, aheadMs } = event
      const timestamp = watermark + aheadMs
      expected.push(reference.element({ key, id }, timestamp))
      steps.push((harness) => harness.processElement({ key, id }, timestamp))
    } else {
      const next = (watermark += event.watermarkStep)
      expected.push(reference.advance(next))
      steps.push((harness) => harness.processWatermark(next))
    }
  }
  const outputs = await runSteps(windowOperator(assigner, allowedLatenessMs), steps, {
    restartAfter: (index) => restartSteps.includes(index),
  })
  // Only now: what was emitted early must not have changed since.
  const actual = outputs.map(({ records, sideOutputs }) => [
    ...texts(records.map(({ value }) => value)),
    ...(sideOutputs[late.id] ?? []).map(({ value }) => `late ${(value as Event).id}`),
  ])
  expect(actual).toEqual(expected)
  for (const { records } of outputs) {
    for (const { value, timestamp } of records) expect(timestamp).toBe(value.window.end - 1)
  }
}

describe('windows of event time', () => {
  test('when they slide, then they have what Flink puts into them, whatever the order and the restarts', async () => {
    await fc.assert(
      fc.asyncProperty(slidingAssigner, allowedLateness, happenings, restarts, expectAsReference),
      { numRuns: 300 },
    )
  })

  test('when they tumble, then each element is in one, whatever the order and the restarts', async () => {
    const tumbling = fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.integer())
      .map(([size, offset]) => SlidingEventTimeWindows.of(size, size, { offset: offset % size }))
    await fc.assert(
      fc.asyncProperty(tumbling, allowedLateness, happenings, restarts, expectAsReference),
      { numRuns: 150 },
    )
  })

  test('when they are sessions, then those that touch become one, whatever the order and the restarts', async () => {
    await fc.assert(
      fc.asyncProperty(sessionAssigner, allowedLateness, happenings, restarts, expectAsReference),
      { numRuns: 300 },
    )
  })

  test('when nobody takes late records, then they are counted, across restarts', async () => {
    for (const assigner of [
      SlidingEventTimeWindows.of(10, 10),
      EventTimeSessionWindows.withGap(10),
    ]) {
      const operator = { ...windowOperator(assigner, 0, null), name: 'window' }
      const harness = await OperatorHarness.open(operator)
      harness.processWatermark(100)
      harness.processElement({ key: 'a', id: 1 }, 50)
      const restarted = await harness.restart()
      restarted.processElement({ key: 'a', id: 2 }, 50)
      expect(restarted.accumulators).toEqual({ 'window.late': 2 })
      expect(restarted.output).toEqual([])
    }
  })

  test('when a record has no timestamp, then it says what to do', async () => {
    for (const assigner of [
      SlidingEventTimeWindows.of(10, 5),
      EventTimeSessionWindows.withGap(10),
    ]) {
      const harness = await OperatorHarness.open(windowOperator(assigner))
      expect(() => harness.processElement({ key: 'a', id: 1 })).toThrow(
        /TIMESTAMP_INVALID.*assignTimestampsAndWatermarks/,
      )
    }
  })

  test('when the parallelism changes, then each window goes on in one subtask', async () => {
    for (const assigner of [
      SlidingEventTimeWindows.of(30, 10),
      EventTimeSessionWindows.withGap(20),
    ]) {
      const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`)
      const expected = keys.flatMap((key, id) => {
        const reference = new Reference(assigner, 0)
        reference.element({ key, id }, 15)
        return reference.advance(1_000)
      })

      const operator = windowOperator(assigner)
      const whole = await OperatorHarness.open<Result>(operator)
      for (const [id, key] of keys.entries()) whole.processElement({ key, id }, 15)
      whole.processWatermark(3)
      const thirds = await Promise.all(
        [0, 1, 2].map(async (subtaskIndex) => {
          const restored = [await whole.snapshot()]
          return OperatorHarness.open<Result>({
            ...operator,
            subtaskIndex,
            parallelism: 3,
            restored,
          })
        }),
      )
      const halves = await Promise.all(
        [0, 1].map(async (subtaskIndex) => {
          const restored = await Promise.all(thirds.map((third) => third.snapshot()))
          return OperatorHarness.open<Result>({
            ...operator,
            subtaskIndex,
            parallelism: 2,
            restored,
          })
        }),
      )
      for (const half of halves) half.processWatermark(1_000)
      const results = halves.map(({ output }) => output.map(({ value }) => value))
      expect(results.map(({ length }) => length > 0)).toEqual([true, true])
      expect(texts(results.flat())).toEqual(expected.sort())
    }
  })
})

describe('windows of processing time', () => {
  const clockSteps = fc.array(
    fc.oneof(
      fc.record({ key: fc.constantFrom('a', 'b') }),
      fc.record({ passMs: fc.integer({ min: 0, max: 25 }) }),
    ),
    { maxLength: 40, size: 'max' },
  )
  const assigners = fc.oneof(
    fc.integer({ min: 1, max: 15 }).map((gap) => ProcessingTimeSessionWindows.withGap(gap)),
    fc
      .tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 30 }))
      .map(([slide, atLeast]) => SlidingProcessingTimeWindows.of(Math.max(slide, atLeast), slide)),
  )

  test('when the clock goes on, then each fires once its end is shown, and no record is late', async () => {
    await fc.assert(
      fc.asyncProperty(assigners, clockSteps, restarts, async (assigner, events, restartSteps) => {
        const reference = new Reference(assigner, 0)
        const expected: string[][] = []
        const steps: HarnessStep<Result>[] = []
        let nowMs = 0
        for (const [id, event] of [...events, { passMs: 1_000 }].entries()) {
          if ('key' in event) {
            const { key } = event
            expected.push(reference.element({ key, id }, nowMs))
            steps.push((harness) => harness.processElement({ key, id }))
          } else {
            const next = (nowMs += event.passMs)
            // All before the moment that the clock shows is over.
            expected.push(reference.advance(next - 1))
            steps.push((harness) => harness.advanceTo(next))
          }
        }
        const outputs = await runSteps(windowOperator(assigner), steps, {
          restartAfter: (index) => restartSteps.includes(index),
        })
        expect(outputs.map(({ records }) => texts(records.map(({ value }) => value)))).toEqual(
          expected,
        )
        expect(outputs.flatMap(({ sideOutputs }) => Object.keys(sideOutputs))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test('when the calendar is set back, then what comes is counted in the next window', async () => {
    const harness = await OperatorHarness.open<Result>(
      windowOperator(SlidingProcessingTimeWindows.of(10, 10)),
    )
    harness.processElement({ key: 'a', id: 1 })
    harness.advanceTo(10)
    harness.time.setCalendar(3)
    harness.processElement({ key: 'a', id: 2 })
    harness.advanceTo(20)
    expect(texts(harness.output.map(({ value }) => value))).toEqual([
      'a [0, 10): 1',
      'a [10, 20): 2',
    ])
  })

  test('when the input ends, then the open windows fire', async () => {
    for (const assigner of [
      SlidingProcessingTimeWindows.of(10, 10),
      ProcessingTimeSessionWindows.withGap(10),
    ]) {
      const harness = await OperatorHarness.open<Result>(windowOperator(assigner))
      harness.processElement({ key: 'a', id: 1 })
      harness.finish()
      expect(texts(harness.output.map(({ value }) => value))).toEqual(['a [0, 10): 1'])
    }
  })
})

describe('what the functions of a window do wrong', () => {
  const assigners: readonly FixedAssigner[] = [
    SlidingEventTimeWindows.of(10, 10),
    SlidingEventTimeWindows.of(10, 5),
    EventTimeSessionWindows.withGap(10),
  ]
  const boom = (): never => {
    throw new Error('boom')
  }
  const promise = (): Promise<never> => Promise.reject(new Error('given up'))

  const wrongs: readonly (readonly [string, object, RegExp])[] = [
    ['add throws', { aggregate: { ...collectIds, add: boom } }, /aggregate function.*boom/],
    ['add waits', { aggregate: { ...collectIds, add: promise } }, /RETURNED_PROMISE.*aggregate/],
    ['merge throws', { aggregate: { ...collectIds, merge: boom } }, /aggregate function.*boom/],
    ['merge waits', { aggregate: { ...collectIds, merge: promise } }, /RETURNED_PROMISE/],
    [
      'createAccumulator throws',
      { aggregate: { ...collectIds, createAccumulator: boom } },
      /aggregate function.*boom/,
    ],
    ['the window function throws', { windowFunction: boom }, /window function.*boom/],
    ['the window function waits', { windowFunction: promise }, /RETURNED_PROMISE.*window/],
  ]

  test.each(wrongs)(
    'when %s, then the job fails with the name of the operator',
    async (...wrong) => {
      const [, functions, message] = wrong
      for (const assigner of assigners) {
        const operator = windowOperator(assigner, 100)
        const harness = await OperatorHarness.open({
          ...operator,
          functions: { ...operator.functions, ...functions },
        })
        expect(() => {
          harness.processElement({ key: 'a', id: 1 }, 1)
          harness.processElement({ key: 'a', id: 2 }, 13)
          harness.processElement({ key: 'a', id: 3 }, 7)
          harness.processWatermark(100)
        }).toThrow(message)
      }
    },
  )
})
