import type { Key, KeySelector, ReduceFunction, ValueState } from '@millrace/core'
import { MIN_WATERMARK } from '@millrace/core'
import { OneInputOperator } from './base-operator.ts'
import { checkedKeySelector, KeyedScope } from './keyed-scope.ts'
import type { OperatorContext, OperatorSnapshot } from './operator.ts'
import { functionFailure, promiseReturned } from './user-function.ts'

/** Emits, for each value, the reduction of all values of its key so far. */
export class KeyedReduceOperator<K extends Key, T> extends OneInputOperator<T> {
  readonly #reduce: ReduceFunction<T>
  readonly #keyOf: KeySelector<T, K>
  readonly #scope: KeyedScope<K>
  #state!: ValueState<T | undefined>

  constructor(context: OperatorContext) {
    super(context)
    const { reduce, keySelector } = context.operator.functions
    this.#reduce = context.functions.resolve(reduce)
    this.#keyOf = checkedKeySelector(context.functions, keySelector, context.operator)
    this.#scope = new KeyedScope(context, MIN_WATERMARK, () => {})
  }

  override open(): void {
    this.#state = this.#scope.states.getValueState<T>({
      name: 'reduced',
      type: this.context.operator.outputType,
    })
  }

  override processElement(value: T, timestamp: number): void {
    this.#scope.states.setCurrentKey(this.#keyOf(value))
    const before = this.#state.value()
    let after: T
    try {
      after = before === undefined ? value : this.#reduce(before, value)
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'reduce function')
    }
    if (after instanceof Promise) {
      throw promiseReturned(after, this.context.operator, 'reduce function')
    }
    this.#state.update(after)
    this.output.processElement(after, timestamp)
  }

  override snapshot(): OperatorSnapshot {
    return this.#scope.snapshot()
  }

  override close(): void {
    this.#scope.close()
  }
}
