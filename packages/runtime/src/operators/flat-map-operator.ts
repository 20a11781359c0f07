import type { FlatMapFunction } from '@millrace/core'
import { OneInputOperator } from './base-operator.ts'
import { TimestampedCollector } from './collector.ts'
import type { OperatorContext } from './operator.ts'
import { functionFailure, refusePromise } from './user-function.ts'

/** Emits what the function collects or returns for each value. */
export class FlatMapOperator<IN, OUT> extends OneInputOperator<IN> {
  readonly #flatMap: FlatMapFunction<IN, OUT>
  readonly #collector: TimestampedCollector<OUT>

  /** `flatMap` is left out unless it is not the plan's: the method of a rich function. */
  constructor(context: OperatorContext, flatMap?: FlatMapFunction<IN, OUT>) {
    super(context)
    this.#flatMap = flatMap ?? context.functions.resolve(context.operator.functions['flatMap'])
    this.#collector = new TimestampedCollector(this.output)
  }

  override processElement(value: IN, timestamp: number): void {
    this.#collector.timestamp = timestamp
    try {
      const results = this.#flatMap(value, this.#collector)
      if (results === undefined) return
      refusePromise(results, this.context.operator, 'flatMap function')
      for (const result of results) this.output.processElement(result, timestamp)
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'flatMap function')
    }
  }
}
