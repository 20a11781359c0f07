import { type Key, MIN_WATERMARK, type OnTimerContext } from '@millrace/core'
import { TimestampedCollector } from './collector.ts'
import { KeyedScope } from './keyed-scope.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorKeyedContext } from './runtime-context.ts'
import { TwoInputOperator } from './two-input-operator.ts'
import { functionFailure, refusePromise } from './user-function.ts'

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

  /** Makes `key` and the timestamp those of the record that is processed next. */
  protected begin(key: K, timestamp: number): void {
    this.scope.states.setCurrentKey(key)
    this.collector.timestamp = timestamp
    this.keyedContext.currentTimestamp = timestamp
  }

  protected override onWatermark(watermark: number): void {
    this.keyedContext.watermark = watermark
    this.scope.advance(watermark, (timestamp) => this.#fire(timestamp, 'event-time'))
    super.onWatermark(watermark)
  }

  #fire(timestamp: number, timeDomain: 'event-time' | 'processing-time'): void {
    this.collector.timestamp = timestamp
    this.keyedContext.currentTimestamp = timestamp
    this.keyedContext.timeDomain = timeDomain
    try {
      const result = this.onTimer(timestamp, this.keyedContext as OnTimerContext<K>)
      refusePromise(result, this.context.operator, 'timer function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'timer function')
    }
  }
}
