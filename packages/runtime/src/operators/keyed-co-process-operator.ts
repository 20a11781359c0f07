import type {
  GeneralizedWatermark,
  Key,
  KeyedCoProcessFunction,
  KeySelector,
  OnTimerContext,
} from '@millrace/core'
import { handleWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import { checkedKeySelector } from './keyed-scope.ts'
import { KeyedTwoInputOperator } from './keyed-two-input-operator.ts'
import { KeylessContext } from './keyless-context.ts'
import { NamedStateStore } from './named-state-store.ts'
import type { OperatorContext } from './operator.ts'
import { functionFailure, refusePromise } from './user-function.ts'

/** Runs a `KeyedCoProcessFunction`. */
export class KeyedCoProcessOperator<K extends Key, IN1, IN2, OUT> extends KeyedTwoInputOperator<
  K,
  IN1,
  IN2,
  OUT
> {
  protected override readonly lifeCycle: FunctionLifeCycle
  readonly #function: KeyedCoProcessFunction<K, IN1, IN2, OUT>
  readonly #keylessContext: KeylessContext<K>
  readonly #keyOf1: KeySelector<IN1, K>
  readonly #keyOf2: KeySelector<IN2, K>

  constructor(context: OperatorContext) {
    super(context)
    const { process, keySelector1, keySelector2 } = context.operator.functions
    this.#function =
      context.functions.resolve<() => KeyedCoProcessFunction<K, IN1, IN2, OUT>>(process)()
    const named = new NamedStateStore(this.scope.states, context.operator)
    this.lifeCycle = new FunctionLifeCycle(context, {
      function: this.#function,
      scope: this.scope,
      keyedStates: named,
    })
    this.#keylessContext = new KeylessContext(context, this.scope, named)
    this.#keyOf1 = checkedKeySelector(context.functions, keySelector1, context.operator)
    this.#keyOf2 = checkedKeySelector(context.functions, keySelector2, context.operator)
  }

  protected override processElement1(value: IN1, timestamp: number): void {
    this.begin(this.#keyOf1(value), timestamp)
    try {
      const result: unknown = this.#function.processElement1(
        value,
        this.keyedContext,
        this.collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  protected override processElement2(value: IN2, timestamp: number): void {
    this.begin(this.#keyOf2(value), timestamp)
    try {
      const result: unknown = this.#function.processElement2(
        value,
        this.keyedContext,
        this.collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  protected override onTimer(timestamp: number, context: OnTimerContext<K>): unknown {
    return this.#function.onTimer?.(timestamp, context, this.collector)
  }

  protected override onWatermark(watermark: number): void {
    this.#keylessContext.watermark = watermark
    super.onWatermark(watermark)
  }

  protected override onGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    this.scope.states.clearCurrentKey()
    handleWatermark(
      {
        operator: this.context.operator,
        function: this.#function,
        context: this.#keylessContext,
        collector: this.collector,
        output: this.output,
      },
      watermark,
    )
  }
}
