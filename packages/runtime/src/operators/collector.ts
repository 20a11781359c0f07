import type { Collector } from '@millrace/core'
import type { Input } from './operator.ts'

/** A collector that gives every record the timestamp of the record or timer being processed. */
export class TimestampedCollector<T> implements Collector<T> {
  timestamp = 0
  readonly #output: Input<T>

  constructor(output: Input<T>) {
    this.#output = output
  }

  collect(value: T): void {
    this.#output.processElement(value, this.timestamp)
  }
}
