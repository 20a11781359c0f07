// The functions of a scenario's job: they hold state of every kind and set timers.

import {
  type Accumulator,
  type Collector,
  type KeyedBroadcastProcessFunction,
  type KeyedCoProcessFunction,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  type MapState,
  type MapStateDescriptor,
  type OnTimerContext,
  type ProcessContext,
  type ProcessFunction,
  type ReadOnlyBroadcastAccess,
  type RuntimeContext,
  Types,
  type ValueState,
} from 'millrace'
import type { Observer } from './checkers.ts'
import { Event, type Rule } from './input.ts'
import type { Row } from './row.ts'

/** What a probe is made from. */
export interface ProbeInit {
  /** The accumulator that counts the records. */
  readonly accumulator: string
  readonly failAfter: number | null
  readonly observer: Observer
}

/** Hands records on, counts them, watches the time, and throws once if it is asked to. */
export class Probe<T> implements ProcessFunction<T, T> {
  readonly #init: ProbeInit
  readonly #watch: WatermarkWatch
  #left = Number.POSITIVE_INFINITY
  #count!: Accumulator

  constructor(init: ProbeInit) {
    this.#init = init
    this.#watch = new WatermarkWatch(`the probe of ${init.accumulator}`, init.observer)
  }

  open(context: RuntimeContext): void {
    this.#count = context.getAccumulator(this.#init.accumulator)
    if (context.attempt === 0 && this.#init.failAfter !== null) this.#left = this.#init.failAfter
  }

  processElement(value: T, context: ProcessContext, out: Collector<T>): void {
    if (this.#left-- <= 0) throw new Error('a failure of the user function, once')
    this.#watch.see(context.currentWatermark())
    this.#count.add(1)
    out.collect(value)
  }
}

/** What buckets are made from. */
export interface BucketsInit {
  readonly sizeMs: number
  /** Whether a record of value 2 takes its bucket back. */
  readonly cancels: boolean
  readonly observer: Observer
}

/** Tumbling windows by hand: what came in a bucket of time goes out by a timer at its end. */
export class Buckets implements KeyedProcessFunction<string, Event, Row> {
  readonly #init: BucketsInit
  readonly #watch: WatermarkWatch
  #sums!: MapState<number, number>
  #events!: ListState<Event>
  #firedCount!: ValueState<number>
  #timers!: TimerWatch

  constructor(init: BucketsInit) {
    this.#init = init
    this.#watch = new WatermarkWatch('the buckets', init.observer)
  }

  open(context: KeyedRuntimeContext): void {
    this.#sums = context.getMapState({ name: 'sums', keyType: Types.long, valueType: Types.int })
    this.#events = context.getListState({ name: 'events', type: Event })
    this.#firedCount = context.getValueState({
      name: 'fired',
      type: Types.int,
      defaultValue: 0,
    })
    this.#timers = new TimerWatch('the buckets', context, this.#init.observer)
  }

  processElement(event: Event, context: KeyedProcessContext<string>): void {
    this.#watch.see(context.currentWatermark())
    const end = this.#endOf(event)
    if (this.#init.cancels && event.value === CANCELING_VALUE) {
      this.#sums.remove(end)
      this.#events.update(this.#events.get().filter((other) => this.#endOf(other) !== end))
      context.timerService.deleteEventTimeTimer(end - 1)
      this.#timers.deleted(end - 1)
      return
    }
    this.#sums.put(end, (this.#sums.get(end) ?? 0) + event.value)
    this.#events.add(event)
    context.timerService.registerEventTimeTimer(end - 1)
    this.#timers.set(end - 1)
  }

  onTimer(timestamp: number, context: OnTimerContext<string>, out: Collector<Row>): void {
    this.#watch.see(context.currentWatermark())
    this.#timers.fires(timestamp, context.currentWatermark())
    const end = timestamp + 1
    const ids = this.#events
      .get()
      .flatMap((event) => (this.#endOf(event) === end ? [event.id] : []))
    this.#events.update(this.#events.get().filter((event) => this.#endOf(event) !== end))
    const sum = this.#sums.get(end) ?? 0
    this.#sums.remove(end)
    const nth = this.#firedCount.value() + 1
    this.#firedCount.update(nth)
    ids.sort((left, right) => left - right)
    out.collect({ key: context.currentKey, end, sum, ids, nth })
  }

  #endOf({ time }: Event): number {
    const { sizeMs } = this.#init
    return Math.floor(time / sizeMs) * sizeMs + sizeMs
  }
}

/** A record of this value takes its bucket back. */
export const CANCELING_VALUE = 2

export const ruleStates: MapStateDescriptor<number, string> = {
  name: 'rules',
  keyType: Types.int,
  valueType: Types.string,
}

/** Joins each record with the rule for its id, once all rules are there: at the end of time. */
export class JoinRules implements KeyedBroadcastProcessFunction<string, Event, Rule, Row> {
  readonly #ruleCount: number
  #waiting!: ListState<Event>

  constructor(ruleCount: number) {
    this.#ruleCount = ruleCount
  }

  open(context: KeyedRuntimeContext): void {
    this.#waiting = context.getListState({ name: 'waiting', type: Event })
  }

  processElement(
    event: Event,
    context: KeyedProcessContext<string> & ReadOnlyBroadcastAccess,
    out: Collector<Row>,
  ): void {
    const label = context.getBroadcastState(ruleStates).get(event.id % this.#ruleCount)
    if (label !== undefined) return out.collect({ id: event.id, label })
    this.#waiting.add(event)
    context.timerService.registerEventTimeTimer(event.time)
  }

  processBroadcastElement(
    rule: Rule,
    context: ProcessContext & {
      getBroadcastState(state: MapStateDescriptor<number, string>): MapState<number, string>
    },
  ): void {
    context.getBroadcastState(ruleStates).put(rule.remainder, rule.label)
  }

  onTimer(
    _timestamp: number,
    context: OnTimerContext<string> & ReadOnlyBroadcastAccess,
    out: Collector<Row>,
  ): void {
    const rules = context.getBroadcastState(ruleStates)
    for (const { id } of this.#waiting.get()) {
      out.collect({ id, label: rules.get(id % this.#ruleCount) ?? 'no rule' })
    }
    this.#waiting.clear()
  }
}

/** Pairs the records of two streams with the same key. */
export class JoinByKey implements KeyedCoProcessFunction<string, Event, Event, Row> {
  #left!: ListState<number>
  #right!: ListState<number>

  open(context: KeyedRuntimeContext): void {
    this.#left = context.getListState({ name: 'left', type: Types.int })
    this.#right = context.getListState({ name: 'right', type: Types.int })
  }

  processElement1({ id }: Event, _context: KeyedProcessContext<string>, out: Collector<Row>): void {
    this.#left.add(id)
    for (const right of this.#right.get()) out.collect({ left: id, right })
  }

  processElement2({ id }: Event, _context: KeyedProcessContext<string>, out: Collector<Row>): void {
    this.#right.add(id)
    for (const left of this.#left.get()) out.collect({ left, right: id })
  }
}

/** Time as one function sees it never goes back. */
export class WatermarkWatch {
  readonly #what: string
  readonly #observer: Observer
  #last = Number.NEGATIVE_INFINITY

  constructor(what: string, observer: Observer) {
    this.#what = what
    this.#observer = observer
  }

  see(watermark: number): void {
    if (watermark < this.#last) {
      this.#observer.violation(
        'watermarks',
        `the watermark of ${this.#what} went back from ${this.#last} to ${watermark}`,
      )
    }
    this.#last = watermark
  }
}

/** A timer of event time fires once, when its time has come, if it was set. What is set is state, as the timers are. */
export class TimerWatch {
  readonly #what: string
  readonly #observer: Observer
  readonly #pending: MapState<number, boolean>

  constructor(what: string, context: KeyedRuntimeContext, observer: Observer) {
    this.#what = what
    this.#observer = observer
    this.#pending = context.getMapState({
      name: 'pending timers',
      keyType: Types.long,
      valueType: Types.boolean,
    })
  }

  set(timestamp: number): void {
    this.#pending.put(timestamp, true)
  }

  deleted(timestamp: number): void {
    this.#pending.remove(timestamp)
  }

  fires(timestamp: number, watermark: number): void {
    if (!this.#pending.contains(timestamp)) {
      this.#violation(`a timer of ${this.#what} at ${timestamp} fired that was not set, or again`)
    }
    this.#pending.remove(timestamp)
    if (timestamp > watermark) {
      this.#violation(`a timer of ${this.#what} at ${timestamp} fired at ${watermark}`)
    }
  }

  #violation(message: string): void {
    this.#observer.violation('timers', message)
  }
}
