// Turns the accumulator of a window into records: the aggregate's result, or what a window function makes of it.

import type { AggregateFunction, TimeWindow, WindowFunction } from '@millrace/core'
import { TimestampedCollector } from '../operators/collector.ts'
import type { OperatorContext } from '../operators/operator.ts'
import { functionFailure, refusePromise } from '../operators/user-function.ts'
import { FiredWindowContext } from './fired-window-context.ts'

/** Emits window results, with the last millisecond of the window as their timestamp. */
export class WindowEmitter<K, ACC, OUT> {
  readonly #context: OperatorContext
  readonly #aggregate: AggregateFunction<unknown, ACC, unknown>
  readonly #windowFunction: WindowFunction<unknown, OUT, K> | undefined
  readonly #windowContext: FiredWindowContext<K, TimeWindow>
  readonly #collector: TimestampedCollector<OUT>

  constructor(context: OperatorContext, aggregate: AggregateFunction<unknown, ACC, unknown>) {
    this.#context = context
    this.#aggregate = aggregate
    const { windowFunction } = context.operator.functions
    this.#windowFunction =
      windowFunction === undefined ? undefined : context.functions.resolve(windowFunction)
    this.#windowContext = new FiredWindowContext(context)
    this.#collector = new TimestampedCollector(context.output)
  }

  emit(key: K, window: TimeWindow, accumulator: ACC, watermark: number): void {
    const timestamp = window.end - 1
    try {
      const result = this.#aggregate.getResult(accumulator)
      if (this.#windowFunction === undefined) {
        refusePromise(result, this.#context.operator, 'aggregate function')
        this.#context.output.processElement(result, timestamp)
      } else {
        this.#collector.timestamp = timestamp
        this.#windowContext.key = key
        this.#windowContext.window = window
        this.#windowContext.watermark = watermark
        this.#apply(this.#windowFunction, result)
      }
    } catch (error) {
      throw functionFailure(error, this.#context.operator, 'window function')
    }
  }

  #apply(windowFunction: WindowFunction<unknown, OUT, K>, result: unknown): void {
    const records = windowFunction(this.#windowContext, result, this.#collector)
    if (records === undefined) return
    refusePromise(records, this.#context.operator, 'window function')
    for (const record of records) this.#collector.collect(record)
  }
}
