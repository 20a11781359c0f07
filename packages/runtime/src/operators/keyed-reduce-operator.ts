import {
  type Key,
  type KeySelector,
  type LifeCycle,
  MIN_WATERMARK,
  type ReduceFunction,
  type RichReduceFunction,
  type ValueState,
} from '@millrace/core'
import { OneInputOperator } from './base-operator.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import { checkedKeySelector, KeyedScope } from './keyed-scope.ts'
import { NamedStateStore } from './named-state-store.ts'
import type { OperatorContext } from './operator.ts'
import { createRichFunction } from './rich-function.ts'
import { functionFailure, promiseReturned } from './user-function.ts'

/** The state of the operator itself, beside those of a rich function. */
const STATE_NAME = 'reduced'

/** Emits, for each value, the reduction of all values of its key so far. */
export class KeyedReduceOperator<K extends Key, T> extends OneInputOperator<T> {
  protected override readonly lifeCycle: FunctionLifeCycle
  readonly #reduce: ReduceFunction<T>
  readonly #keyOf: KeySelector<T, K>
  readonly #scope: KeyedScope<K>
  #state!: ValueState<T | undefined>

  constructor(context: OperatorContext) {
    super(context)
    const { rich, reduce, keySelector } = context.operator.functions
    let lifeCycle: LifeCycle<never> = {}
    if (rich === undefined) this.#reduce = context.functions.resolve(reduce)
    else {
      const function_ = createRichFunction<RichReduceFunction<T>>(context, 'reduce')
      this.#reduce = (left, right) => function_.reduce(left, right)
      lifeCycle = function_
    }
    this.#keyOf = checkedKeySelector(context.functions, keySelector, context.operator)
    this.#scope = new KeyedScope(context, MIN_WATERMARK, () => {})
    this.lifeCycle = new FunctionLifeCycle(context, {
      function: lifeCycle,
      scope: this.#scope,
      keyedStates: new NamedStateStore(this.#scope.states, context.operator, {
        reserved: [STATE_NAME],
      }),
    })
  }

  override open(): void {
    this.#state = this.#scope.states.getValueState<T>({
      name: STATE_NAME,
      type: this.context.operator.outputType,
    })
    this.lifeCycle.open()
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
    // What is stored already, perhaps changed in place, is not looked for again.
    if (after !== before) this.#state.update(after)
    this.output.processElement(after, timestamp)
  }
}
