import type { MapFunction } from '@millrace/core'
import { OneInputOperator } from './base-operator.ts'
import type { OperatorContext } from './operator.ts'
import { functionFailure, promiseReturned } from './user-function.ts'

/** Emits `map(value)` for each value. */
export class MapOperator<IN, OUT> extends OneInputOperator<IN> {
  readonly #map: MapFunction<IN, OUT>

  constructor(context: OperatorContext) {
    super(context)
    this.#map = context.functions.resolve(context.operator.functions['map'])
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
