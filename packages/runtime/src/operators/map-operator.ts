import type { MapFunction } from '@millrace/core'
import { OneInputOperator } from './base-operator.ts'
import type { OperatorContext } from './operator.ts'
import { functionFailure, promiseReturned } from './user-function.ts'

/** Emits `map(value)` for each value. */
export class MapOperator<IN, OUT> extends OneInputOperator<IN> {
  readonly #map: MapFunction<IN, OUT>

  /** `map` is left out unless it is not the plan's: the method of a rich function. */
  constructor(context: OperatorContext, map?: MapFunction<IN, OUT>) {
    super(context)
    this.#map = map ?? context.functions.resolve(context.operator.functions['map'])
  }

  override processElement(value: IN, timestamp: number): void {
    let result: OUT
    try {
      result = this.#map(value)
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'map function')
    }
    if (result instanceof Promise) {
      throw promiseReturned(result, this.context.operator, 'map function')
    }
    this.output.processElement(result, timestamp)
  }
}
