import { NO_TIMESTAMP } from '../time/timestamps.ts'
import {
  type GeneralizedWatermark,
  type WatermarkDeclaration,
  watermarkOf,
  type WatermarkValueOf,
} from '../time/generalized-watermark.ts'
import type { SourceOutput, SplitOutput } from './source-reader.ts'

/**
 * Keeps what a reader emits: for tests of readers, which need no job then.
 *
 * @example
 * ```ts
 * import { CollectingSourceOutput } from '@millrace/core'
 *
 * const output = new CollectingSourceOutput<string>()
 * output.forSplit('a').collect('first', 10)
 * console.log(output.values, output.timestamps) // [ 'first' ] [ 10 ]
 * ```
 */
export class CollectingSourceOutput<T> implements SourceOutput<T> {
  /** The records, of whatever split, in order. */
  readonly values: T[] = []
  /** The timestamp of each; `NO_TIMESTAMP` if it has none. */
  readonly timestamps: number[] = []
  /** The split of each; `undefined` if it was emitted for none. */
  readonly splitIds: (string | undefined)[] = []
  readonly releasedSplits: string[] = []
  /** The watermarks of the user's own kinds, in order. */
  readonly generalizedWatermarks: GeneralizedWatermark[] = []
  isIdle = false

  collect(value: T, timestamp?: number): void {
    this.#add(undefined, value, timestamp)
  }

  forSplit(splitId: string): SplitOutput<T> {
    return {
      collect: (value, timestamp) => this.#add(splitId, value, timestamp),
      markIdle: () => this.markIdle(),
      markActive: () => this.markActive(),
    }
  }

  releaseSplit(splitId: string): void {
    this.releasedSplits.push(splitId)
  }

  markIdle(): void {
    this.isIdle = true
  }

  markActive(): void {
    this.isIdle = false
  }

  emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void {
    this.generalizedWatermarks.push(watermarkOf(declaration, value))
  }

  #add(splitId: string | undefined, value: T, timestamp: number = NO_TIMESTAMP): void {
    this.values.push(value)
    this.timestamps.push(timestamp)
    this.splitIds.push(splitId)
  }
}
