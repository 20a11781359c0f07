import {
  type GeneralizedWatermark,
  type Key,
  type KeyedProcessFunction,
  type KeySelector,
  MIN_WATERMARK,
  type OnTimerContext,
} from '@millrace/core'
import { handleWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { OneInputOperator } from './base-operator.ts'
import { TimestampedCollector } from './collector.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import { checkedKeySelector, KeyedScope } from './keyed-scope.ts'
import { KeylessContext } from './keyless-context.ts'
import { NamedStateStore } from './named-state-store.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorKeyedContext } from './runtime-context.ts'
import { functionFailure, refusePromise } from './user-function.ts'

/** Runs a `KeyedProcessFunction`, with state and timers of the record's key. */
export class KeyedProcessOperator<K extends Key, IN, OUT> extends OneInputOperator<IN> {
  protected override readonly lifeCycle: FunctionLifeCycle
  readonly #function: KeyedProcessFunction<K, IN, OUT>
  readonly #keyOf: KeySelector<IN, K>
  readonly #scope: KeyedScope<K>
  readonly #collector: TimestampedCollector<OUT>
  readonly #keyedContext: OperatorKeyedContext<K>
  readonly #keylessContext: KeylessContext<K>

  constructor(context: OperatorContext) {
    super(context)
    const { process, keySelector } = context.operator.functions
    this.#function = context.functions.resolve<() => KeyedProcessFunction<K, IN, OUT>>(process)()
    this.#keyOf = checkedKeySelector(context.functions, keySelector, context.operator)
    this.#collector = new TimestampedCollector(this.output)
    this.#scope = new KeyedScope(context, MIN_WATERMARK, (timestamp) =>
      this.#onTimer(timestamp, 'processing-time'),
    )
    const named = new NamedStateStore(this.#scope.states, context.operator)
    this.lifeCycle = new FunctionLifeCycle(context, {
      function: this.#function,
      scope: this.#scope,
      keyedStates: named,
    })
    this.#keylessContext = new KeylessContext(context, this.#scope, named)
    this.#keyedContext = new OperatorKeyedContext<K>(
      context,
      MIN_WATERMARK,
      this.#scope.timerService,
      () => this.#scope.currentKey,
    )
  }

  override processElement(value: IN, timestamp: number): void {
    this.#scope.states.setCurrentKey(this.#keyOf(value))
    this.#collector.timestamp = timestamp
    this.#keyedContext.currentTimestamp = timestamp
    try {
      const result: unknown = this.#function.processElement(
        value,
        this.#keyedContext,
        this.#collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  override processWatermark(watermark: number): void {
    this.#keyedContext.watermark = watermark
    this.#keylessContext.watermark = watermark
    this.#scope.advance(watermark, (timestamp) => this.#onTimer(timestamp, 'event-time'))
    this.output.processWatermark(watermark)
  }

  override processGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    this.#scope.states.clearCurrentKey()
    handleWatermark(
      {
        operator: this.context.operator,
        function: this.#function,
        context: this.#keylessContext,
        collector: this.#collector,
        output: this.output,
      },
      watermark,
    )
  }

  #onTimer(timestamp: number, timeDomain: 'event-time' | 'processing-time'): void {
    this.#collector.timestamp = timestamp
    this.#keyedContext.currentTimestamp = timestamp
    this.#keyedContext.timeDomain = timeDomain
    try {
      const context = this.#keyedContext as OnTimerContext<K>
      const result: unknown = this.#function.onTimer?.(timestamp, context, this.#collector)
      refusePromise(result, this.context.operator, 'timer function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'timer function')
    }
  }
}
