import { type Key, MIN_WATERMARK, type OnTimerContext } from '@millrace/core'
import { TimestampedCollector } from './collector.ts'
import { KeyedScope } from './keyed-scope.ts'
import type { OperatorContext, OperatorSnapshot } from './operator.ts'
import { OperatorKeyedContext } from './runtime-context.ts'
import { TwoInputOperator } from './two-input-operator.ts'
import { callFunction } from './user-function.ts'

/** What an operator with two inputs and keyed state shares: key scope, timers, one context and collector. */
export abstract class KeyedTwoInputOperator<K extends Key, IN1, IN2, OUT> extends TwoInputOperator<
  IN1,
  IN2
> {
  protected readonly scope: KeyedScope<K>
  protected readonly collector: TimestampedCollector<OUT>
  protected readonly keyedContext: OperatorKeyedContext<K>

  constructor(context: OperatorContext) {
    super(context)
    this.collector = new TimestampedCollector(this.output)
    this.scope = new KeyedScope(context, MIN_WATERMARK, (timestamp) =>
      this.#fire(timestamp, 'processing-time'),
    )
    this.keyedContext = new OperatorKeyedContext<K>(
      context,
      MIN_WATERMARK,
      this.scope.timerService,
      () => this.scope.currentKey,
    )
  }

  /** A timer of the current key is due. */
  protected abstract onTimer(timestamp: number, context: OnTimerContext<K>): unknown

  /** Runs a user function for a record of `key`. */
  protected process(key: K, timestamp: number, call: () => unknown): void {
    this.scope.states.setCurrentKey(key)
    this.#run(timestamp, 'process function', call)
  }

  /** Runs a user function for a record without a key. */
  protected processUnkeyed(timestamp: number, call: () => unknown): void {
    this.#run(timestamp, 'process function', call)
  }

  protected override onWatermark(watermark: number): void {
    this.keyedContext.watermark = watermark
    this.scope.advance(watermark, (timestamp) => this.#fire(timestamp, 'event-time'))
    super.onWatermark(watermark)
  }

  override snapshot(): OperatorSnapshot {
    return this.scope.snapshot()
  }

  #fire(timestamp: number, timeDomain: 'event-time' | 'processing-time'): void {
    this.keyedContext.timeDomain = timeDomain
    this.#run(timestamp, 'timer function', () =>
      this.onTimer(timestamp, this.keyedContext as OnTimerContext<K>),
    )
  }

  #run(timestamp: number, what: string, call: () => unknown): void {
    this.collector.timestamp = timestamp
    this.keyedContext.currentTimestamp = timestamp
    callFunction(this.context.operator, what, call)
  }
}
