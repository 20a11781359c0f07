// Windows of any assigner, trigger and evictor against the reference, with records, watermarks, a clock and restarts in any order.

import {
  type EvictorPlan,
  EventTimeSessionWindows,
  GlobalWindows,
  type MergeCallback,
  OutputTag,
  ProcessingTimeSessionWindows,
  type ProcessWindowContext,
  SlidingEventTimeWindows,
  SlidingProcessingTimeWindows,
  TimeWindow,
  type TriggerPlan,
  Types,
  type WindowAssignerPlan,
  type WindowContext,
} from '@millrace/core'
import { type HarnessStep, type OperatorHarnessOptions, runSteps } from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REFERENCE_TRIGGERS } from './trigger-reference.ts'
import {
  type ReferenceElement,
  type ReferenceInit,
  type ReferenceTrigger,
  WindowReference,
  type ReferenceWindow,
} from './window-reference.ts'

const late = new OutputTag<ReferenceElement>('late')
const ElementType = Types.record({ key: Types.string, id: Types.int })

interface Result {
  readonly key: string
  readonly window: TimeWindow & { readonly extra?: number }
  readonly fires: number
  readonly ids: readonly number[]
}

/** Changes its accumulator in place and answers it as the result: who emits it and goes on with it is found out. */
const collectIds = {
  createAccumulator: (): number[] => [],
  add: (ids: number[], { id }: ReferenceElement): number[] => {
    ids.push(id)
    return ids
  },
  getResult: (ids: number[]): number[] => ids,
  merge: (left: number[], right: number[]): number[] => {
    left.push(...right)
    return left
  },
}

/** Windows side by side, of even and of odd ids apart. */
class EvenAndOdd {
  readonly isEventTime = true
  readonly windowType = Types.record({ start: Types.long, end: Types.long, extra: Types.int })
  assignWindows({ id }: ReferenceElement, timestamp: number): readonly TimeWindow[] {
    const start = TimeWindow.startOf(timestamp, { sizeMs: 10 })
    return [{ start, end: start + 10, extra: id % 2 } as TimeWindow]
  }
  getDefaultTrigger = (): TriggerPlan => ({ kind: 'event-time' })
}

/** Sessions of one's own, with a gap of 7. */
class OwnSessions {
  readonly isEventTime = true
  assignWindows(_element: ReferenceElement, start: number): readonly TimeWindow[] {
    return [{ start, end: start + 7 }]
  }
  mergeWindows(windows: readonly TimeWindow[], merge: MergeCallback<TimeWindow>): void {
    TimeWindow.mergeWindows(windows, merge)
  }
  getDefaultTrigger = (): TriggerPlan => ({ kind: 'event-time' })
}

interface AssignerCase extends Pick<ReferenceInit, 'isEventTime' | 'isMerging' | 'assign'> {
  readonly plan: WindowAssignerPlan
  readonly functions: Readonly<Record<string, unknown>>
}

interface TriggerCase {
  readonly plan: TriggerPlan
  readonly functions: Readonly<Record<string, unknown>>
  readonly reference: ReferenceTrigger
  readonly canMerge: boolean
}

interface EvictorCase extends Pick<ReferenceInit, 'evictBefore' | 'evictAfter'> {
  readonly plan: EvictorPlan | null
  readonly functions: Readonly<Record<string, unknown>>
}

const sliding = fc
  .record({
    slideMs: fc.integer({ min: 1, max: 12 }),
    moreMs: fc.integer({ min: 0, max: 25 }),
    offset: fc.integer(),
    isEventTime: fc.boolean(),
  })
  .map(({ slideMs, moreMs, offset, isEventTime }): AssignerCase => {
    const windows = isEventTime ? SlidingEventTimeWindows : SlidingProcessingTimeWindows
    const plan = windows.of(slideMs + moreMs, slideMs, { offset: offset % slideMs })
    const { sizeMs, offsetMs } = plan
    const assign: AssignerCase['assign'] = (_element, timestamp, now) => {
      const at = isEventTime ? timestamp : now
      const found: ReferenceWindow[] = []
      for (let start = at - sizeMs + 1; start <= at; start++) {
        if ((start - offsetMs) % slideMs === 0) found.unshift({ start, end: start + sizeMs })
      }
      return found
    }
    return { plan, functions: {}, isEventTime, isMerging: false, assign }
  })

const gapOf = ({ id }: ReferenceElement): number => 1 + (id % 9)

const sessions = fc
  .record({ gapMs: fc.option(fc.integer({ min: 1, max: 15 })), isEventTime: fc.boolean() })
  .map(({ gapMs, isEventTime }): AssignerCase => {
    const windows = isEventTime ? EventTimeSessionWindows : ProcessingTimeSessionWindows
    const time = isEventTime ? 'event-time' : 'processing-time'
    const assign: AssignerCase['assign'] = (element, timestamp, now) => {
      const start = isEventTime ? timestamp : now
      return [{ start, end: start + (gapMs ?? gapOf(element)) }]
    }
    return gapMs === null
      ? {
          plan: { kind: 'dynamic-session', time },
          functions: { gapOf },
          isEventTime,
          isMerging: true,
          assign,
        }
      : { plan: windows.withGap(gapMs), functions: {}, isEventTime, isMerging: true, assign }
  })

const GLOBAL: AssignerCase = {
  plan: GlobalWindows.create(),
  functions: {},
  isEventTime: false,
  isMerging: false,
  assign: () => [{ start: Number.MIN_SAFE_INTEGER, end: 2 ** 53 }],
}

const EVEN_AND_ODD: AssignerCase = {
  plan: { kind: 'custom', time: 'event-time' },
  functions: { windowAssigner: () => new EvenAndOdd() },
  isEventTime: true,
  isMerging: false,
  assign: ({ id }, timestamp) => {
    const start = Math.floor(timestamp / 10) * 10
    return [{ start, end: start + 10, extra: id % 2 }]
  },
}

const OWN_SESSIONS: AssignerCase = {
  plan: { kind: 'custom', time: 'event-time' },
  functions: { windowAssigner: () => new OwnSessions() },
  isEventTime: true,
  isMerging: true,
  assign: (_element, start) => [{ start, end: start + 7 }],
}

const assigners = fc.oneof(sliding, sessions, fc.constantFrom(GLOBAL, EVEN_AND_ODD, OWN_SESSIONS))

const leaves: fc.Arbitrary<TriggerCase> = fc.oneof(
  fc.constantFrom('event-time', 'processing-time').map((kind): TriggerCase => {
    const reference = REFERENCE_TRIGGERS[kind]()
    return { plan: { kind }, functions: {}, reference, canMerge: true }
  }),
  fc.integer({ min: 1, max: 4 }).map((maxCount): TriggerCase => {
    const reference = REFERENCE_TRIGGERS.count(maxCount)
    return { plan: { kind: 'count', maxCount }, functions: {}, reference, canMerge: true }
  }),
  fc
    .tuple(
      fc.constantFrom('continuous-event-time', 'continuous-processing-time'),
      fc.integer({ min: 1, max: 12 }),
    )
    .map(([kind, intervalMs]): TriggerCase => {
      const reference = REFERENCE_TRIGGERS[kind](intervalMs)
      return { plan: { kind, intervalMs }, functions: {}, reference, canMerge: true }
    }),
  fc.integer({ min: 0, max: 5 }).map((threshold): TriggerCase => {
    const trigger = (older: ReferenceElement, newer: ReferenceElement): number =>
      newer.id - older.id
    return {
      plan: { kind: 'delta', threshold },
      functions: { trigger },
      reference: REFERENCE_TRIGGERS.delta(threshold),
      canMerge: false,
    }
  }),
)

const triggers: fc.Arbitrary<TriggerCase> = fc
  .record({
    leaf: leaves,
    isPurging: fc.boolean(),
    timeout: fc.option(
      fc.record({
        timeoutMs: fc.integer({ min: 1, max: 12 }),
        resetsOnElement: fc.boolean(),
        clearsOnTimeout: fc.boolean(),
      }),
      { freq: 4 },
    ),
  })
  .map(({ leaf, isPurging, timeout }) => {
    let { plan, reference, canMerge } = leaf
    if (timeout !== null) {
      const { timeoutMs, resetsOnElement, clearsOnTimeout } = timeout
      plan = { kind: 'processing-timeout', nested: plan, ...timeout }
      reference = REFERENCE_TRIGGERS['processing-timeout'](
        reference,
        timeoutMs,
        resetsOnElement,
        clearsOnTimeout,
      )
      canMerge = false
    }
    if (isPurging) {
      plan = { kind: 'purging', nested: plan }
      reference = REFERENCE_TRIGGERS.purging(reference)
    }
    return { plan, functions: leaf.functions, reference, canMerge }
  })

const evictors: fc.Arbitrary<EvictorCase> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<EvictorCase>({ plan: null, functions: {} }) },
  fc.tuple(fc.integer({ min: 0, max: 4 }), fc.boolean()).map(([maxCount, isAfter]): EvictorCase => {
    const plan = { kind: 'count', maxCount, isAfter } as const
    return {
      plan,
      functions: {},
      ...evicts(isAfter, (all) => (maxCount === 0 ? [] : all.slice(-maxCount))),
    }
  }),
  fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean()).map(([sizeMs, isAfter]): EvictorCase => {
    const plan = { kind: 'time', sizeMs, isAfter } as const
    return {
      plan,
      functions: {},
      ...evicts(isAfter, (all) => {
        const newest = Math.max(...all.map(({ timestamp }) => timestamp))
        return all.filter(({ timestamp }) => timestamp > newest - sizeMs)
      }),
    }
  }),
  fc
    .tuple(fc.integer({ min: -3, max: 3 }), fc.boolean())
    .map(([threshold, isAfter]): EvictorCase => {
      const evictor = (older: ReferenceElement, newest: ReferenceElement): number =>
        newest.id - older.id
      return {
        plan: { kind: 'delta', threshold, isAfter },
        functions: { evictor },
        ...evicts(isAfter, (all) => all.filter(({ id }) => (all.at(-1)?.id ?? 0) - id < threshold)),
      }
    }),
)

function evicts(
  isAfter: boolean,
  keep: NonNullable<ReferenceInit['evictBefore']>,
): Pick<ReferenceInit, 'evictBefore' | 'evictAfter'> {
  return isAfter ? { evictAfter: keep } : { evictBefore: keep }
}

/** Shows the content of a window, and counts in its state how often it has fired. */
class ShowWithCount {
  readonly #isMerging: boolean

  constructor(isMerging: boolean) {
    this.#isMerging = isMerging
  }

  process(
    { key, window, windowState }: ProcessWindowContext<string>,
    elements: readonly (number[] | ReferenceElement)[],
  ): Result[] {
    const count = windowState.getValueState({ name: 'fires', type: Types.int, defaultValue: 0 })
    count.update(count.value() + 1)
    const ids = elements.flatMap((each) => (Array.isArray(each) ? each : each.id))
    return [{ key, window, fires: this.#isMerging ? 0 : count.value(), ids }]
  }
}

type ContentKind = 'folded' | 'folded with a process function' | 'elements'

interface Case {
  readonly assigner: AssignerCase
  readonly trigger: TriggerCase
  readonly evictor: EvictorCase
  readonly allowedLatenessMs: number
  readonly content: ContentKind
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    assigner: assigners,
    trigger: triggers,
    evictor: evictors,
    allowedLatenessMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 })),
    content: fc.constantFrom<ContentKind>('folded', 'folded with a process function', 'elements'),
  })
  .filter(({ assigner, trigger }) => !assigner.isMerging || trigger.canMerge)
  // Windows that merge have no state to count in.
  .map((each) => (each.assigner.isMerging ? { ...each, content: 'folded' as const } : each))

function operatorOf({
  assigner,
  trigger,
  evictor,
  allowedLatenessMs,
  content,
}: Case): OperatorHarnessOptions {
  const show = ({ key, window }: WindowContext<string>, ids: number[]): Result[] => [
    { key, window, fires: 0, ids },
  ]
  const collect = {
    ...collectIds,
    createAccumulator: (): ReferenceElement[] => [],
    add: (all: ReferenceElement[], element: ReferenceElement): ReferenceElement[] => {
      all.push(element)
      return all
    },
  }
  return {
    kind: 'window',
    config: {
      assigner: assigner.plan,
      allowedLatenessMs,
      lateTag: late.id,
      accumulatorType: content === 'elements' ? Types.array(ElementType) : Types.array(Types.int),
      panes: {
        trigger: trigger.plan,
        evictor: evictor.plan,
        elementType: ElementType,
        isFolded: content !== 'elements',
      },
    } as never,
    functions: {
      keySelector: ({ key }: ReferenceElement) => key,
      aggregate: content === 'elements' ? collect : collectIds,
      ...(content === 'folded'
        ? { windowFunction: show }
        : { processWindowFunction: () => new ShowWithCount(false) }),
      ...assigner.functions,
      ...trigger.functions,
      ...evictor.functions,
    },
    keyType: Types.string,
  }
}

function textOf({ key, window: { start, end, extra = 0 }, fires, ids }: Result): string {
  return `${key} [${start}, ${end})${extra} #${fires}: ${ids.toSorted((a, b) => a - b).join(' ')}`
}

type Happening =
  | { readonly key: string; readonly aheadMs: number }
  | { readonly watermarkStep: number }
  | { readonly passMs: number }

const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        key: fc.constantFrom('a', 'b'),
        aheadMs: fc.integer({ min: -30, max: 25 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ watermarkStep: fc.integer({ min: 1, max: 20 }) }) },
    { weight: 1, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 15 }) }) },
  ),
  { maxLength: 40, size: 'max' },
)

const restarts = fc.oneof(
  fc.constant<number[]>([]),
  fc.uniqueArray(fc.nat(40)),
  fc.constant(Array.from({ length: 42 }, (_, index) => index)),
)

/** Runs a case through an operator and through the reference. */
async function expectAsReference(
  tested: Case,
  operator: OperatorHarnessOptions,
  events: readonly Happening[],
  restartSteps: readonly number[],
): Promise<void> {
  const { assigner, trigger, evictor, allowedLatenessMs, content } = tested
  const reference = new WindowReference({
    ...assigner,
    ...evictor,
    allowedLatenessMs,
    trigger: trigger.reference,
    firesEmpty: content === 'elements',
  })
  const countsFires = content !== 'folded'
  const expected: string[][] = []
  const steps: HarnessStep<Result>[] = []
  let watermark = -100
  let now = 0
  for (const [id, event] of [...events, { watermarkStep: 1_000 }, { passMs: 100 }].entries()) {
    if ('key' in event) {
      const element = { key: event.key, id }
      const timestamp = watermark + event.aheadMs
      expected.push(reference.element(element, timestamp))
      steps.push((harness) => harness.processElement(element, timestamp))
    } else if ('passMs' in event) {
      const next = (now += event.passMs)
      expected.push(reference.clock(next))
      steps.push((harness) => harness.advanceTo(next))
    } else {
      const next = (watermark += event.watermarkStep)
      expected.push(reference.watermark(next))
      steps.push((harness) => harness.processWatermark(next))
    }
  }
  const outputs = await runSteps(operator, steps, {
    restartAfter: (index) => restartSteps.includes(index),
  })
  const actual = outputs.map(({ records, sideOutputs }) =>
    [
      ...records.map(({ value }) => textOf(value)),
      ...(sideOutputs[late.id] ?? []).map(({ value }) => `late ${(value as ReferenceElement).id}`),
    ].sort(),
  )
  const withoutFires = (texts: readonly string[]): string[] =>
    texts.map((text) => text.replace(/#\d+/, '#0')).sort()
  expect(actual).toEqual(countsFires ? expected : expected.map(withoutFires))
  for (const { records } of outputs) {
    for (const { value, timestamp } of records) expect(timestamp).toBe(value.window.end - 1)
  }
}

describe('windows of any kind', () => {
  test('when records, watermarks, the clock and restarts come in any order, then it is what Flink does', async () => {
    await fc.assert(
      fc.asyncProperty(cases, happenings, restarts, (tested, events, restartSteps) =>
        expectAsReference(tested, operatorOf(tested), events, restartSteps),
      ),
      { numRuns: 1_000 },
    )
  })

  test('when slices or sessions could do it, then they, panes and the reference agree', async () => {
    const plain = fc
      .record({
        assigner: fc.oneof(sliding, sessions).filter(({ isEventTime }) => isEventTime),
        allowedLatenessMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 })),
      })
      .map((each): Case => ({
        ...each,
        trigger: {
          plan: { kind: 'event-time' },
          functions: {},
          reference: REFERENCE_TRIGGERS['event-time'](),
          canMerge: true,
        },
        evictor: { plan: null, functions: {} },
        content: 'folded',
      }))
    await fc.assert(
      fc.asyncProperty(plain, happenings, restarts, async (tested, events, restartSteps) => {
        const inPanes = operatorOf(tested)
        const { panes: _, ...config } = inPanes.config as Record<string, unknown>
        const fast = { ...inPanes, config: config as never }
        await expectAsReference(tested, inPanes, events, restartSteps)
        await expectAsReference(tested, fast, events, restartSteps)
      }),
      { numRuns: 300 },
    )
  })
})
