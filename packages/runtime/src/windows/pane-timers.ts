// The timers of panes, of event and of processing time. One of them is the clean-up timer: the trigger is told when it is due, as of any
// other, unless the trigger has deleted a timer of that time. In Flink the clean-up goes with it then, and the window stays for ever.
//
// Processing time is a watermark of its own: at the moment t, all before t is over. So a timer of t is due once the clock shows more
// than t, and the clock that windows see does not go back to what is over.

import { MAX_WATERMARK, MIN_WATERMARK, type TimeWindow, type Timer } from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { TimerQueue } from '../timers/timer-queue.ts'
import type { WindowPane } from './window-pane.ts'

/** The two clocks. */
export type PaneTimeDomain = 'event-time' | 'processing-time'

/** How far both clocks have come. */
export interface PaneTimes {
  /** Timers of event time have fired up to here; those that are still there were set too late, and wait until time goes on. */
  readonly eventTime: number
  readonly processingTime: number
}

/** When windows are over for good. */
export interface PaneCleanup<W extends TimeWindow> {
  readonly domain: PaneTimeDomain
  /** At or after `MAX_WATERMARK`: never. */
  timeOf(window: W): number
}

/** What {@link PaneTimers} need of their operator. */
export interface PaneTimersInit<K, W extends TimeWindow> {
  readonly context: OperatorContext
  readonly cleanup: PaneCleanup<W>
  readonly onTimer: (pane: WindowPane<K, W>, timestamp: number, domain: PaneTimeDomain) => void
}

/** The pending timers of all panes of a subtask. */
export class PaneTimers<K, W extends TimeWindow> {
  readonly #context: OperatorContext
  readonly #cleanup: PaneCleanup<W>
  readonly #onTimer: PaneTimersInit<K, W>['onTimer']
  readonly #events = new TimerQueue<WindowPane<K, W>>()
  #processing = new TimerQueue<WindowPane<K, W>>()
  #eventTime = MIN_WATERMARK
  #processingTime = MIN_WATERMARK
  #isFinished = false
  #alarm: { readonly timestamp: number; readonly timer: Timer } | undefined

  constructor({ context, cleanup, onTimer }: PaneTimersInit<K, W>) {
    this.#context = context
    this.#cleanup = cleanup
    this.#onTimer = onTimer
  }

  /** Sets a timer; one that is set already stays one. */
  register(domain: PaneTimeDomain, timestamp: number, pane: WindowPane<K, W>): void {
    if (domain === 'processing-time' && this.#isFinished) return
    if (this.isCleanup(domain, timestamp, pane)) pane.isCleanupSilent = false
    if (this.#queue(domain).add(timestamp, pane)) pane.timerCount++
    if (domain === 'processing-time') this.#arm()
  }

  /** Deletes a timer. The clean-up timer stays, but the trigger is not told of it. */
  delete(domain: PaneTimeDomain, timestamp: number, pane: WindowPane<K, W>): void {
    if (this.isCleanup(domain, timestamp, pane)) pane.isCleanupSilent = true
    else if (this.#queue(domain).delete(timestamp, pane)) pane.timerCount--
  }

  isCleanup(domain: PaneTimeDomain, timestamp: number, pane: WindowPane<K, W>): boolean {
    return domain === this.#cleanup.domain && timestamp === this.#cleanup.timeOf(pane.window)
  }

  /** Sets the clean-up timer, of which the trigger is told. */
  registerCleanup(pane: WindowPane<K, W>): void {
    const time = this.#cleanup.timeOf(pane.window)
    if (time < MAX_WATERMARK) this.register(this.#cleanup.domain, time, pane)
  }

  /** Deletes the clean-up timer of a pane that is gone. */
  deleteCleanup(pane: WindowPane<K, W>): void {
    this.#queue(this.#cleanup.domain).delete(this.#cleanup.timeOf(pane.window), pane)
  }

  /**
   * Fires the event-time timers up to the watermark, in order of time. A watermark that is sent again after a restart fires none: it
   * would fire those that were set too late before their time.
   */
  advance(watermark: number): void {
    if (watermark <= this.#eventTime) return
    this.#eventTime = watermark
    this.#fire('event-time', this.#events, watermark)
  }

  /** The clock, except that it does not go back to what is over. */
  processingTime(): number {
    return Math.max(this.#context.processingTime.now(), this.#processingTime + 1)
  }

  /** The input has ended: fires the timers of processing time that wait, each once, so that nothing that was counted is lost. */
  finish(): void {
    const rest = this.#processing
    this.#processing = new TimerQueue()
    this.#isFinished = true
    this.close()
    this.#fire('processing-time', rest, MAX_WATERMARK)
  }

  close(): void {
    this.#alarm?.timer.cancel()
    this.#alarm = undefined
  }

  get times(): PaneTimes {
    return { eventTime: this.#eventTime, processingTime: this.#processingTime }
  }

  restoreTimes({ eventTime, processingTime }: PaneTimes): void {
    this.#eventTime = eventTime
    this.#processingTime = processingTime
  }

  /** Calls `each` for every timer of a pane that is still there. */
  forEach(domain: PaneTimeDomain, each: (timestamp: number, pane: WindowPane<K, W>) => void): void {
    this.#queue(domain).forEach((timestamp, pane) => {
      if (!pane.isGone) each(timestamp, pane)
    })
  }

  #queue(domain: PaneTimeDomain): TimerQueue<WindowPane<K, W>> {
    return domain === 'event-time' ? this.#events : this.#processing
  }

  #fire(domain: PaneTimeDomain, queue: TimerQueue<WindowPane<K, W>>, time: number): void {
    while (queue.earliest <= time) {
      const due = queue.pollEarliest()
      if (due === undefined) return
      for (const pane of due.keys) {
        pane.timerCount--
        if (!pane.isGone) this.#onTimer(pane, due.timestamp, domain)
      }
    }
  }

  /** One alarm, for the earliest timer of processing time. */
  #arm(): void {
    const { earliest } = this.#processing
    if (earliest >= MAX_WATERMARK || earliest >= (this.#alarm?.timestamp ?? Infinity)) return
    this.#alarm?.timer.cancel()
    const timer = this.#context.processingTime.at(earliest + 1, () => {
      this.#alarm = undefined
      this.#processingTime = this.processingTime() - 1
      this.#fire('processing-time', this.#processing, this.#processingTime)
      this.#arm()
    })
    this.#alarm = { timestamp: earliest, timer }
  }
}
