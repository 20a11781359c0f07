import type { Key, KeyedCoProcessFunction, KeySelector, OnTimerContext } from '@millrace/core'
import { checkedKeySelector } from './keyed-scope.ts'
import { KeyedTwoInputOperator } from './keyed-two-input-operator.ts'
import type { OperatorContext } from './operator.ts'
import { keyedRuntimeContext } from './runtime-context.ts'
import { callFunction } from './user-function.ts'

/** Runs a `KeyedCoProcessFunction`. */
export class KeyedCoProcessOperator<K extends Key, IN1, IN2, OUT> extends KeyedTwoInputOperator<
  K,
  IN1,
  IN2,
  OUT
> {
  readonly #function: KeyedCoProcessFunction<K, IN1, IN2, OUT>
  readonly #keyOf1: KeySelector<IN1, K>
  readonly #keyOf2: KeySelector<IN2, K>

  constructor(context: OperatorContext) {
    super(context)
    const { process, keySelector1, keySelector2 } = context.operator.functions
    this.#function =
      context.functions.resolve<() => KeyedCoProcessFunction<K, IN1, IN2, OUT>>(process)()
    this.#keyOf1 = checkedKeySelector(context.functions, keySelector1, context.operator)
    this.#keyOf2 = checkedKeySelector(context.functions, keySelector2, context.operator)
  }

  override open(): void {
    this.scope.open()
    callFunction(this.context.operator, 'open method', () =>
      this.#function.open?.(keyedRuntimeContext(this.context, this.scope.states)),
    )
  }

  protected override processElement1(value: IN1, timestamp: number): void {
    this.process(this.#keyOf1(value), timestamp, () =>
      this.#function.processElement1(value, this.keyedContext, this.collector),
    )
  }

  protected override processElement2(value: IN2, timestamp: number): void {
    this.process(this.#keyOf2(value), timestamp, () =>
      this.#function.processElement2(value, this.keyedContext, this.collector),
    )
  }

  protected override onTimer(timestamp: number, context: OnTimerContext<K>): unknown {
    return this.#function.onTimer?.(timestamp, context, this.collector)
  }

  override close(): void {
    this.scope.close()
    this.#function.close?.()
  }
}
