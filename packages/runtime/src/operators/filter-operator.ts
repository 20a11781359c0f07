import type { FilterFunction } from '@millrace/core'
import { OneInputOperator } from './base-operator.ts'
import type { OperatorContext } from './operator.ts'
import { functionFailure, isPromise, promiseReturned } from './user-function.ts'

/** Emits the values for which the predicate is true. */
export class FilterOperator<T> extends OneInputOperator<T> {
  readonly #filter: FilterFunction<T>

  /** `filter` is left out unless it is not the plan's: the method of a rich function. */
  constructor(context: OperatorContext, filter?: FilterFunction<T>) {
    super(context)
    this.#filter = filter ?? context.functions.resolve(context.operator.functions['filter'])
  }

  override processElement(value: T, timestamp: number): void {
    let isKept: boolean
    try {
      isKept = this.#filter(value)
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'filter function')
    }
    if (isKept === false) return
    // A promise would count as true, and every record would pass.
    if (isPromise(isKept)) throw promiseReturned(isKept, this.context.operator, 'filter function')
    if (isKept) this.output.processElement(value, timestamp)
  }
}
