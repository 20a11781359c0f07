// The triggers that come with Millrace, with Flink's semantics. They use what triggers of one's own use, and nothing else.

import {
  type DeltaFunction,
  type OnMergeContext,
  type ReducingStateDescriptor,
  type TimeWindow,
  type Trigger,
  type TriggerContext,
  TriggerResult,
  type TypeDescriptor,
  Types,
  type ValueStateDescriptor,
} from '@millrace/core'
import { deltaBetween } from './delta-between.ts'

const { CONTINUE, FIRE, FIRE_AND_PURGE } = TriggerResult

/** Fires when the watermark passes the end of the window, and again for each late element. */
export class EventTime<T> implements Trigger<T> {
  onElement(
    _element: T,
    _timestamp: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    if (maxTimestamp(window) <= context.currentWatermark()) return FIRE
    context.registerEventTimeTimer(maxTimestamp(window))
    return CONTINUE
  }

  onEventTime(time: number, window: TimeWindow): TriggerResult {
    return time === maxTimestamp(window) ? FIRE : CONTINUE
  }

  onProcessingTime(): TriggerResult {
    return CONTINUE
  }

  canMerge(): boolean {
    return true
  }

  onMerge(window: TimeWindow, context: OnMergeContext): void {
    // If the merged window is over already, the element that comes next fires it.
    if (maxTimestamp(window) > context.currentWatermark()) {
      context.registerEventTimeTimer(maxTimestamp(window))
    }
  }

  clear(window: TimeWindow, context: TriggerContext): void {
    context.deleteEventTimeTimer(maxTimestamp(window))
  }
}

/** Fires when the clock passes the end of the window. */
export class ProcessingTime<T> implements Trigger<T> {
  onElement(
    _element: T,
    _timestamp: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    context.registerProcessingTimeTimer(maxTimestamp(window))
    return CONTINUE
  }

  onEventTime(): TriggerResult {
    return CONTINUE
  }

  onProcessingTime(): TriggerResult {
    return FIRE
  }

  canMerge(): boolean {
    return true
  }

  onMerge(window: TimeWindow, context: OnMergeContext): void {
    if (maxTimestamp(window) > context.currentProcessingTime()) {
      context.registerProcessingTimeTimer(maxTimestamp(window))
    }
  }

  clear(window: TimeWindow, context: TriggerContext): void {
    context.deleteProcessingTimeTimer(maxTimestamp(window))
  }
}

/** Never fires: the default of global windows. */
export class Never<T> implements Trigger<T> {
  onElement(): TriggerResult {
    return CONTINUE
  }

  onEventTime(): TriggerResult {
    return CONTINUE
  }

  onProcessingTime(): TriggerResult {
    return CONTINUE
  }

  clear(): void {}
}

/** Fires each time that so many elements have come. */
export class Count<T> implements Trigger<T> {
  readonly #maxCount: number
  readonly #count: ReducingStateDescriptor<number> = {
    name: 'count',
    type: Types.long,
    reduce: (left, right) => left + right,
  }

  constructor(maxCount: number) {
    this.#maxCount = maxCount
  }

  onElement(
    _element: T,
    _timestamp: number,
    _window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    const count = context.getReducingState(this.#count)
    count.add(1)
    if ((count.get() as number) < this.#maxCount) return CONTINUE
    count.clear()
    return FIRE
  }

  onEventTime(): TriggerResult {
    return CONTINUE
  }

  onProcessingTime(): TriggerResult {
    return CONTINUE
  }

  canMerge(): boolean {
    return true
  }

  onMerge(_window: TimeWindow, context: OnMergeContext): void {
    context.mergeReducingState(this.#count)
  }

  clear(_window: TimeWindow, context: TriggerContext): void {
    context.getReducingState(this.#count).clear()
  }
}

/** When a continuous trigger fires next. Of merged windows, the earliest counts. */
const FIRE_TIME: ReducingStateDescriptor<number> = {
  name: 'fire-time',
  type: Types.long,
  reduce: (left, right) => Math.min(left, right),
}

/** Fires at each multiple of an interval of event time, and at the end of the window. */
export class ContinuousEventTime<T> implements Trigger<T> {
  readonly #intervalMs: number

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  onElement(
    _element: T,
    timestamp: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    if (maxTimestamp(window) <= context.currentWatermark()) return FIRE
    context.registerEventTimeTimer(maxTimestamp(window))
    if (context.getReducingState(FIRE_TIME).get() === undefined) {
      this.#registerNext(multipleBefore(timestamp, this.#intervalMs), window, context)
    }
    return CONTINUE
  }

  onEventTime(time: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    if (time === maxTimestamp(window)) return FIRE
    const fireTime = context.getReducingState(FIRE_TIME)
    if (fireTime.get() !== time) return CONTINUE
    fireTime.clear()
    this.#registerNext(time, window, context)
    return FIRE
  }

  onProcessingTime(): TriggerResult {
    return CONTINUE
  }

  canMerge(): boolean {
    return true
  }

  onMerge(_window: TimeWindow, context: OnMergeContext): void {
    context.mergeReducingState(FIRE_TIME)
    const next = context.getReducingState(FIRE_TIME).get()
    if (next !== undefined) context.registerEventTimeTimer(next)
  }

  clear(_window: TimeWindow, context: TriggerContext): void {
    const fireTime = context.getReducingState(FIRE_TIME)
    const next = fireTime.get()
    if (next !== undefined) context.deleteEventTimeTimer(next)
    fireTime.clear()
  }

  #registerNext(time: number, window: TimeWindow, context: TriggerContext): void {
    const next = Math.min(time + this.#intervalMs, maxTimestamp(window))
    context.getReducingState(FIRE_TIME).add(next)
    context.registerEventTimeTimer(next)
  }
}

/** Fires at each multiple of an interval of the clock. */
export class ContinuousProcessingTime<T> implements Trigger<T> {
  readonly #intervalMs: number

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  onElement(
    _element: T,
    _timestamp: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    if (context.getReducingState(FIRE_TIME).get() === undefined) {
      const now = context.currentProcessingTime()
      this.#registerNext(multipleBefore(now, this.#intervalMs), window, context)
    }
    return CONTINUE
  }

  onEventTime(): TriggerResult {
    return CONTINUE
  }

  onProcessingTime(time: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    const fireTime = context.getReducingState(FIRE_TIME)
    if (fireTime.get() !== time) return CONTINUE
    fireTime.clear()
    this.#registerNext(time, window, context)
    return FIRE
  }

  canMerge(): boolean {
    return true
  }

  onMerge(_window: TimeWindow, context: OnMergeContext): void {
    context.mergeReducingState(FIRE_TIME)
    const next = context.getReducingState(FIRE_TIME).get()
    if (next !== undefined) context.registerProcessingTimeTimer(next)
  }

  clear(_window: TimeWindow, context: TriggerContext): void {
    const fireTime = context.getReducingState(FIRE_TIME)
    const next = fireTime.get()
    if (next !== undefined) context.deleteProcessingTimeTimer(next)
    fireTime.clear()
  }

  #registerNext(time: number, window: TimeWindow, context: TriggerContext): void {
    const end = maxTimestamp(window)
    const following = time + this.#intervalMs
    // A window of event time may have ended long ago by the clock: its end is no bound then.
    const next = end > time ? Math.min(following, end) : following
    context.getReducingState(FIRE_TIME).add(next)
    context.registerProcessingTimeTimer(next)
  }
}

/** Fires when an element is more than a threshold away from the one that fired last. */
export class Delta<T> implements Trigger<T> {
  readonly #threshold: number
  readonly #deltaOf: DeltaFunction<T>
  readonly #last: ValueStateDescriptor<T>

  constructor(threshold: number, deltaOf: DeltaFunction<T>, elementType: TypeDescriptor) {
    this.#threshold = threshold
    this.#deltaOf = deltaOf
    this.#last = { name: 'last-element', type: elementType }
  }

  onElement(
    element: T,
    _timestamp: number,
    _window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    const last = context.getValueState(this.#last)
    const before = last.value()
    if (before !== undefined && !(deltaBetween(this.#deltaOf, before, element) > this.#threshold))
      return CONTINUE
    last.update(element)
    return before === undefined ? CONTINUE : FIRE
  }

  onEventTime(): TriggerResult {
    return CONTINUE
  }

  onProcessingTime(): TriggerResult {
    return CONTINUE
  }

  clear(_window: TimeWindow, context: TriggerContext): void {
    context.getValueState(this.#last).clear()
  }
}

/** Purges whenever another trigger fires. */
export class Purging<T> implements Trigger<T> {
  readonly #nested: Trigger<T>

  constructor(nested: Trigger<T>) {
    this.#nested = nested
  }

  onElement(
    element: T,
    timestamp: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    return purging(this.#nested.onElement(element, timestamp, window, context))
  }

  onEventTime(time: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    return purging(this.#nested.onEventTime(time, window, context))
  }

  onProcessingTime(time: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    return purging(this.#nested.onProcessingTime(time, window, context))
  }

  canMerge(): boolean {
    return this.#nested.canMerge?.() ?? false
  }

  onMerge(window: TimeWindow, context: OnMergeContext): void {
    this.#nested.onMerge?.(window, context)
  }

  clear(window: TimeWindow, context: TriggerContext): void {
    this.#nested.clear(window, context)
  }
}

/** What a timeout trigger is made of. */
export interface ProcessingTimeoutInit {
  readonly timeoutMs: number
  readonly resetsOnElement: boolean
  readonly clearsOnTimeout: boolean
}

/** Fires when another trigger does, and some time after an element at the latest. */
export class ProcessingTimeout<T> implements Trigger<T> {
  readonly #nested: Trigger<T>
  readonly #init: ProcessingTimeoutInit
  readonly #timeout: ValueStateDescriptor<number> = { name: 'timeout', type: Types.long }

  constructor(nested: Trigger<T>, init: ProcessingTimeoutInit) {
    this.#nested = nested
    this.#init = init
  }

  onElement(
    element: T,
    timestamp: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult {
    const result = this.#nested.onElement(element, timestamp, window, context)
    if (result === FIRE || result === FIRE_AND_PURGE) {
      this.clear(window, context)
      return result
    }
    const timeout = context.getValueState(this.#timeout)
    if (this.#init.resetsOnElement) this.#cancel(context)
    if (timeout.value() === undefined) {
      const due = context.currentProcessingTime() + this.#init.timeoutMs
      timeout.update(due)
      context.registerProcessingTimeTimer(due)
    }
    return result
  }

  onEventTime(time: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    return this.#onTimer(this.#nested.onEventTime(time, window, context), window, context)
  }

  onProcessingTime(time: number, window: TimeWindow, context: TriggerContext): TriggerResult {
    return this.#onTimer(this.#nested.onProcessingTime(time, window, context), window, context)
  }

  clear(window: TimeWindow, context: TriggerContext): void {
    this.#cancel(context)
    this.#nested.clear(window, context)
  }

  /** Whatever the nested trigger says to a timer, this one fires. */
  #onTimer(result: TriggerResult, window: TimeWindow, context: TriggerContext): TriggerResult {
    if (this.#init.clearsOnTimeout) this.clear(window, context)
    return isPurging(result) ? FIRE_AND_PURGE : FIRE
  }

  #cancel(context: TriggerContext): void {
    const timeout = context.getValueState(this.#timeout)
    const due = timeout.value()
    if (due === undefined) return
    context.deleteProcessingTimeTimer(due)
    timeout.clear()
  }
}

/** Whether a result throws the content away. */
export function isPurging(result: TriggerResult): boolean {
  return result === 'purge' || result === 'fire-and-purge'
}

/** Whether a result evaluates the window. */
export function isFiring(result: TriggerResult): boolean {
  return result === 'fire' || result === 'fire-and-purge'
}

function purging(result: TriggerResult): TriggerResult {
  return result === FIRE ? FIRE_AND_PURGE : result
}

function maxTimestamp(window: TimeWindow): number {
  return window.end - 1
}

function multipleBefore(time: number, intervalMs: number): number {
  return Math.floor(time / intervalMs) * intervalMs
}
