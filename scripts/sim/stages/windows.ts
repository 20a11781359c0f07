// The stages with windows, written with the public API.

import {
  type AggregateFunction,
  type AllWindowedStream,
  type AnyTrigger,
  type AnyWindowAssigner,
  CountEvictor,
  CountTrigger,
  type DataStream,
  EventTimeSessionWindows,
  EventTimeTrigger,
  PurgingTrigger,
  type SingleOutputStreamOperator,
  SlidingEventTimeWindows,
  TimeEvictor,
  type TimeWindow,
  type Trigger,
  type TriggerContext,
  TriggerResult,
  TumblingEventTimeWindows,
  type TypeInfo,
  Types,
  type WindowAssigner,
  type WindowedStream,
} from 'millrace'
import type { Event } from '../input.ts'
import {
  countOf,
  gapOf,
  isLeft,
  joinKeyOf,
  ownWindows,
  pairOf,
  PARTITION_TIME,
  rest,
  summaryOf,
} from './expected.ts'
import { isRight } from './functions.ts'
import type { AssignerPlan, EvictorPlan, StageWork, TriggerPlan } from './plan.ts'

/** The results of a stage with windows. */
export function buildWindows(
  events: DataStream<Event>,
  work: StageWork,
  type: { readonly type?: TypeInfo<Event> },
): SingleOutputStreamOperator<Event> {
  return typed(windowsOf(events, work), type)
}

function typed(
  rows: SingleOutputStreamOperator<Event>,
  { type }: { readonly type?: TypeInfo<Event> },
): SingleOutputStreamOperator<Event> {
  return type === undefined ? rows : rows.returns(type)
}

function windowsOf(events: DataStream<Event>, work: StageWork): SingleOutputStreamOperator<Event> {
  switch (work.kind) {
    case 'window':
      return triggered(byKey(events).window(assignerOf(work.assigner)), work.trigger)
    case 'evicting':
      return byKey(events)
        .window(TumblingEventTimeWindows.of(work.sizeMs))
        .evictor(evictorOf(work.evictor))
        .process(({ key, window }, own) => [countOf(key, window.end - 1, own.length)])
    case 'count-window':
      return work.isKeyed
        ? byKey(events)
            .countWindow(work.size)
            .process(({ key }, own) => [countOf(key, PARTITION_TIME, own.length)])
        : forcedSingle(events.countWindowAll(work.size), (own) =>
            countOf('all', PARTITION_TIME, own.length),
          )
    case 'window-all':
      return forcedSingle(
        events.windowAll(TumblingEventTimeWindows.of(work.sizeMs)),
        (own, { end }) => summaryOf('all', end - 1, own),
      )
    case 'window-join':
      return events
        .filter(isLeft)
        .join(events.filter(isRight))
        .where(joinKeyOf, { type: Types.string })
        .equalTo(joinKeyOf, { type: Types.string })
        .window(TumblingEventTimeWindows.of(work.sizeMs))
        .apply((left, right) => pairOf(left, right, endOf(left.time, work.sizeMs) - 1))
    case 'co-group':
      return events
        .filter(isLeft)
        .coGroup(events.filter(isRight))
        .where(({ key }) => key, { type: Types.string })
        .equalTo(({ key }) => key, { type: Types.string })
        .window(TumblingEventTimeWindows.of(work.sizeMs))
        .apply((lefts, rights) => {
          const { key, time } = (lefts[0] ?? rights[0]) as Event
          return [countOf(key, endOf(time, work.sizeMs) - 1, lefts.length * 100 + rights.length)]
        })
    default:
      throw new Error(`${work.kind} has no windows`)
  }
}

function byKey(events: DataStream<Event>) {
  return events.keyBy(({ key }) => key, { type: Types.string })
}

function endOf(time: number, sizeMs: number): number {
  return Math.floor(time / sizeMs) * sizeMs + sizeMs
}

/** Windows without keys are one subtask. */
function forcedSingle(
  windows: AllWindowedStream<Event>,
  rowOf: (own: readonly Event[], window: TimeWindow) => Event,
): SingleOutputStreamOperator<Event> {
  return windows.process(({ window }, own) => [rowOf(own, window)])
}

function triggered(
  windows: WindowedStream<string, Event>,
  trigger: TriggerPlan,
): SingleOutputStreamOperator<Event> {
  switch (trigger.kind) {
    case 'default':
      return windows.aggregate(summary, ({ key, window }, { id, value }): Event[] => [
        { id, key, time: window.end - 1, value, text: '' },
      ])
    case 'own':
      return windows
        .trigger(() => new AtEnd())
        .process(({ key, window }, own) => [summaryOf(key, window.end - 1, own)])
    case 'count':
    case 'purging-count': {
      const count = CountTrigger.of(trigger.maxCount)
      const chosen: AnyTrigger<Event> = trigger.kind === 'count' ? count : PurgingTrigger.of(count)
      return windows
        .trigger(chosen)
        .process(({ key, window }, own) => [countOf(key, window.end - 1, own.length)])
    }
  }
}

const summary: AggregateFunction<
  Event,
  { id: number; sum: number },
  { id: number; value: number }
> = {
  accumulatorType: Types.record({ id: Types.double, sum: Types.double }),
  createAccumulator: () => ({ id: Number.MAX_VALUE, sum: 0 }),
  add(accumulator, { id, value }) {
    accumulator.id = Math.min(accumulator.id, id)
    accumulator.sum += value
    return accumulator
  },
  merge(left, right) {
    left.id = Math.min(left.id, right.id)
    left.sum += right.sum
    return left
  },
  getResult: ({ id, sum }) => ({ id, value: rest(sum) }),
}

function assignerOf(plan: AssignerPlan): AnyWindowAssigner<Event> {
  switch (plan.kind) {
    case 'tumbling':
      return TumblingEventTimeWindows.of(plan.sizeMs, { offset: plan.offsetMs })
    case 'sliding':
      return SlidingEventTimeWindows.of(plan.sizeMs, plan.slideMs)
    case 'session':
      return EventTimeSessionWindows.withGap(plan.gapMs)
    case 'dynamic-session':
      return EventTimeSessionWindows.withDynamicGap((event: Event) => gapOf(event, plan.gapMs))
    case 'own':
      return () => new TwoWindows(plan.sizeMs)
  }
}

function evictorOf(plan: EvictorPlan) {
  return plan.kind === 'count'
    ? CountEvictor.of(plan.maxCount, plan.isAfter)
    : TimeEvictor.of(plan.sizeMs)
}

/** The windows of a time that the naive answer has too. */
class TwoWindows implements WindowAssigner<Event> {
  readonly isEventTime = true
  readonly #sizeMs: number

  constructor(sizeMs: number) {
    this.#sizeMs = sizeMs
  }

  assignWindows(_event: Event, timestamp: number): readonly TimeWindow[] {
    return ownWindows(timestamp, this.#sizeMs)
  }

  getDefaultTrigger(): AnyTrigger<Event> {
    return EventTimeTrigger.create()
  }
}

/** Evaluates a window at its end, and sees from its state whether it has been there before. */
class AtEnd implements Trigger<Event> {
  readonly #seen = { name: 'seen', type: Types.int, defaultValue: 0 }

  onElement(_event: Event, _time: number, window: TimeWindow, context: TriggerContext) {
    const seen = context.getValueState(this.#seen)
    if (seen.value() === 0) context.registerEventTimeTimer(window.end - 1)
    seen.update(seen.value() + 1)
    return TriggerResult.CONTINUE
  }

  onEventTime(time: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    const hasSeen = context.getValueState(this.#seen).value() > 0
    return hasSeen && time === window.end - 1 ? TriggerResult.FIRE : TriggerResult.CONTINUE
  }

  onProcessingTime(): TriggerResult {
    return TriggerResult.CONTINUE
  }

  clear(window: TimeWindow, context: TriggerContext): void {
    context.getValueState(this.#seen).clear()
    context.deleteEventTimeTimer(window.end - 1)
  }
}
