// What windows hold goes on when the parallelism changes, from one subtask to three and back: each run is compared with one that
// was never stopped.

import {
  CountTrigger,
  EventTimeSessionWindows,
  type OnMergeContext,
  type ProcessWindowContext,
  type TaggedUnion,
  type TimeWindow,
  TumblingEventTimeWindows,
  type TriggerContext,
  TriggerResult,
  Types,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import { expect, test } from 'vitest'

interface Event {
  readonly key: string
  readonly id: number
}

const EventType = Types.record({ key: Types.string, id: Types.int })
const KEYS = Array.from({ length: 20 }, (_, index) => `key ${index}`)

/** What happens in one subtask, in each of three, and in one again. */
interface Phases {
  readonly before: (harness: OperatorHarness<string>) => void
  /** In all of the three: watermarks, not records. */
  readonly between: (harness: OperatorHarness<string>) => void
  readonly after: (harness: OperatorHarness<string>) => void
}

/** All results, sorted, of a run that never stops. */
async function undisturbed(operator: OperatorHarnessOptions, phases: Phases): Promise<string[]> {
  const harness = await OperatorHarness.open<string>(operator)
  for (const phase of [phases.before, phases.between, phases.after]) phase(harness)
  return resultsOf([harness])
}

/** All results, sorted, of a run that is stopped twice; `ofThirds` are those of the three subtasks. */
async function rescaled(
  operator: OperatorHarnessOptions,
  { before, between, after }: Phases,
): Promise<{ readonly all: string[]; readonly ofThirds: readonly string[][] }> {
  const whole = await OperatorHarness.open<string>(operator)
  before(whole)
  const restored = [await whole.snapshot()]
  const thirds = await Promise.all(
    [0, 1, 2].map((subtaskIndex) =>
      OperatorHarness.open<string>({ ...operator, subtaskIndex, parallelism: 3, restored }),
    ),
  )
  for (const third of thirds) between(third)
  const snapshots = await Promise.all(thirds.map((third) => third.snapshot()))
  const again = await OperatorHarness.open<string>({ ...operator, restored: snapshots })
  after(again)
  return {
    all: resultsOf([whole, ...thirds, again]),
    ofThirds: thirds.map((third) => resultsOf([third])),
  }
}

function resultsOf(harnesses: readonly OperatorHarness<string>[]): string[] {
  return harnesses.flatMap(({ output }) => output.map(({ value }) => value)).sort()
}

/** One record of each key. */
function forEachKey(
  harness: OperatorHarness<string>,
  { id, at, input = 0 }: { readonly id: number; readonly at: number; readonly input?: number },
): void {
  for (const key of KEYS) harness.processElement({ key, id }, at, input)
}

const collecting = {
  createAccumulator: (): Event[] => [],
  add: (events: Event[], event: Event): Event[] => [...events, event],
  getResult: (events: Event[]): Event[] => events,
  merge: (left: Event[], right: Event[]): Event[] => [...left, ...right],
}

const keySelector = ({ key }: Event): string => key
const idsOf = (events: readonly Event[]): string =>
  events
    .map(({ id }) => id)
    .sort((left, right) => left - right)
    .join(' ')

function panes(config: object, functions: object): OperatorHarnessOptions {
  return {
    kind: 'window',
    config: {
      allowedLatenessMs: 0,
      lateTag: null,
      accumulatorType: Types.array(EventType),
      ...config,
    } as never,
    functions: { keySelector, aggregate: collecting, ...functions },
    keyType: Types.string,
  }
}

/** Fires with each element once there are five in a window, whatever it was merged from. */
class FromFiveOn {
  readonly #count = {
    name: 'count',
    type: Types.int,
    reduce: (left: number, right: number): number => left + right,
  }

  onElement(_event: Event, _timestamp: number, _window: TimeWindow, context: TriggerContext) {
    const count = context.getReducingState(this.#count)
    count.add(1)
    return (count.get() ?? 0) < 5 ? TriggerResult.CONTINUE : TriggerResult.FIRE
  }

  onEventTime = (): TriggerResult => TriggerResult.CONTINUE
  onProcessingTime = (): TriggerResult => TriggerResult.CONTINUE
  canMerge = (): boolean => true

  onMerge(_window: TimeWindow, context: OnMergeContext): void {
    context.mergeReducingState(this.#count)
  }

  clear(_window: TimeWindow, context: TriggerContext): void {
    context.getReducingState(this.#count).clear()
  }
}

test('when windows merge afterwards, then the state of a trigger of the program does too', async () => {
  const operator = panes(
    {
      assigner: EventTimeSessionWindows.withGap(10),
      panes: {
        trigger: { kind: 'custom' },
        evictor: null,
        elementType: EventType,
        isFolded: false,
      },
    },
    {
      trigger: () => new FromFiveOn(),
      windowFunction: ({ key, window }: { key: string; window: TimeWindow }, events: Event[]) => [
        `${key} [${window.start}, ${window.end}): ${idsOf(events)}`,
      ],
    },
  )
  const phases: Phases = {
    before: (harness) => {
      forEachKey(harness, { id: 1, at: 1 })
      forEachKey(harness, { id: 2, at: 25 })
      forEachKey(harness, { id: 3, at: 27 })
    },
    between: (harness) => harness.processWatermark(2),
    after: (harness) => {
      // Next to the first session, and then between the two.
      forEachKey(harness, { id: 4, at: 9 })
      forEachKey(harness, { id: 5, at: 17 })
    },
  }
  const expected = KEYS.map((key) => `${key} [1, 37): 1 2 3 4 5`).sort()
  expect(await undisturbed(operator, phases)).toEqual(expected)
  expect((await rescaled(operator, phases)).all).toEqual(expected)
})

test('when a process window function has state of windows and of keys, then both go on', async () => {
  const count = { name: 'count', type: Types.int, defaultValue: 0 }
  const createFunction = () => ({
    process: (
      { key, window, windowState, globalState }: ProcessWindowContext<string>,
      events: readonly Event[],
    ): string[] => {
      const [ofWindow, ofKey] = [windowState.getValueState(count), globalState.getValueState(count)]
      ofWindow.update(ofWindow.value() + 1)
      ofKey.update(ofKey.value() + 1)
      return [
        `${key} [${window.start}: ${idsOf(events)}, firing ${ofWindow.value()} of ${ofKey.value()}`,
      ]
    },
    clear: ({ windowState }: ProcessWindowContext<string>): void =>
      windowState.getValueState(count).clear(),
  })
  const operator = panes(
    {
      assigner: TumblingEventTimeWindows.of(10),
      panes: {
        trigger: CountTrigger.of(1),
        evictor: null,
        elementType: EventType,
        isFolded: false,
      },
    },
    { processWindowFunction: createFunction },
  )
  const phases: Phases = {
    before: (harness) => {
      forEachKey(harness, { id: 1, at: 1 })
      forEachKey(harness, { id: 2, at: 2 })
      forEachKey(harness, { id: 3, at: 11 })
    },
    // The first window is over.
    between: (harness) => harness.processWatermark(9),
    after: (harness) => forEachKey(harness, { id: 4, at: 12 }),
  }
  const expected = KEYS.flatMap((key) => [
    `${key} [0: 1, firing 1 of 1`,
    `${key} [0: 1 2, firing 2 of 2`,
    `${key} [10: 3, firing 1 of 3`,
    `${key} [10: 3 4, firing 2 of 4`,
  ]).sort()
  expect(await undisturbed(operator, phases)).toEqual(expected)
  expect((await rescaled(operator, phases)).all).toEqual(expected)
})

test.each(['on slices', 'one by one'])(
  'when windows of two streams are kept %s, then each goes on in one subtask',
  async (kept) => {
    type Both = { readonly first: readonly Event[]; readonly second: readonly Event[] }
    const tagged = Types.record({ input: Types.int, value: EventType })
    const trigger = { kind: 'event-time' }
    const operator = panes(
      {
        assigner: TumblingEventTimeWindows.of(10),
        coGroup: { lateTag2: null },
        accumulatorType: Types.record({
          first: Types.array(EventType),
          second: Types.array(EventType),
        }),
        ...(kept === 'one by one' && {
          panes: { trigger, evictor: null, elementType: tagged, isFolded: false },
        }),
      },
      {
        keySelector1: keySelector,
        keySelector2: keySelector,
        aggregate: {
          createAccumulator: (): Both => ({ first: [], second: [] }),
          add: ({ first, second }: Both, { input, value }: TaggedUnion<Event, Event>): Both =>
            input === 1
              ? { first: [...first, value], second }
              : { first, second: [...second, value] },
          getResult: (both: Both): Both => both,
          merge: (left: Both, right: Both): Both => ({
            first: [...left.first, ...right.first],
            second: [...left.second, ...right.second],
          }),
        },
        windowFunction: ({ key }: { key: string }, { first, second }: Both) => [
          `${key}: ${idsOf(first)} | ${idsOf(second)}`,
        ],
      },
    )
    const phases: Phases = {
      before: (harness) => {
        forEachKey(harness, { id: 1, at: 1 })
        forEachKey(harness, { id: 2, at: 2, input: 1 })
        forEachKey(harness, { id: 3, at: 11 })
        harness.processWatermark(5, 0)
      },
      between: (harness) => {
        harness.processWatermark(12, 0)
        harness.processWatermark(9, 1)
      },
      after: (harness) => {
        forEachKey(harness, { id: 4, at: 14, input: 1 })
        for (const input of [0, 1]) harness.processWatermark(19, input)
      },
    }
    const expected = KEYS.flatMap((key) => [`${key}: 1 | 2`, `${key}: 3 | 4`]).sort()
    expect(await undisturbed(operator, phases)).toEqual(expected)
    const { all, ofThirds } = await rescaled(operator, phases)
    expect(all).toEqual(expected)
    expect(ofThirds.filter((results) => results.length > 0).length).toBeGreaterThan(1)
  },
)
