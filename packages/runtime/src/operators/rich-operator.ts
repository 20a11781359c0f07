// A map, flat map or filter whose function has a life cycle. The operator of the plain function does the work; this one opens
// and closes the function around it, and sets the key before each record if the stream is keyed.

import { type Key, type KeySelector, type LifeCycle, MIN_WATERMARK } from '@millrace/core'
import { OneInputOperator } from './base-operator.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import { checkedKeySelector, KeyedScope } from './keyed-scope.ts'
import type { Input, OperatorContext } from './operator.ts'
import { createRichFunction } from './rich-function.ts'

/** Runs a rich function. `create` makes the operator of the plain function that its `method` is. */
export class RichOperator<F extends LifeCycle<never>, IN> extends OneInputOperator<IN> {
  protected override readonly lifeCycle: FunctionLifeCycle
  readonly #plain: Input<IN>
  readonly #keyOf: KeySelector<IN, Key> | undefined
  readonly #scope: KeyedScope<Key> | undefined

  constructor(
    context: OperatorContext,
    method: keyof F & string,
    create: (function_: F) => Input<IN>,
  ) {
    super(context)
    const { keySelector } = context.operator.functions
    const function_ = createRichFunction<F>(context, method)
    this.#plain = create(function_)
    if (keySelector === undefined) {
      this.lifeCycle = new FunctionLifeCycle(context, { function: function_ })
      return
    }
    this.#keyOf = checkedKeySelector(context.functions, keySelector, context.operator)
    this.#scope = new KeyedScope(context, MIN_WATERMARK, () => {})
    this.lifeCycle = new FunctionLifeCycle(context, { function: function_, scope: this.#scope })
  }

  override processElement(value: IN, timestamp: number): void {
    if (this.#keyOf !== undefined) this.#scope?.states.setCurrentKey(this.#keyOf(value))
    this.#plain.processElement(value, timestamp)
  }
}
