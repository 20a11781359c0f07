// The source interface: what a connector writes so that the engine can read. Three parts, in the shape of FLIP-27:
//
//   coordinator, once a source                  every source subtask
//   SplitEnumerator                             SourceReader
//     start            finds splits               start ──register──> addReader
//     addReader        ──assignSplits──>          addSplits
//     handleSplitRequest  <──sendSplitRequest──   pollNext(out, n)   again and again
//     snapshotState    splits not yet assigned    snapshot           splits assigned, and how far each is read
//
// At each checkpoint a split is either in the state of the enumerator or in that of one reader, never in both and never
// in none: docs/design/0012-sources.md has the proof.

import type { TypeInfo } from '../types/type-info.ts'
import type { JsonValue } from '../types/json.ts'
import type { SourceSplit } from './source-split.ts'
import type { SourceReader, SourceReaderContext } from './source-reader.ts'
import type { SplitEnumerator, SplitEnumeratorContext } from './split-enumerator.ts'

/**
 * A readable input. The object only describes; splits are found by its enumerator, and all reading happens in its readers.
 *
 * @example
 * ```ts
 * import { type Source, staticSplitEnumerator } from '@millrace/core'
 *
 * interface Countdown {
 *   readonly splitId: string
 *   readonly next: number
 * }
 *
 * const countdown: Source<number, Countdown> = {
 *   name: 'Countdown',
 *   boundedness: 'bounded',
 *   type: undefined,
 *   describe: () => 'countdown from 3',
 *   createEnumerator: (context, restored) =>
 *     staticSplitEnumerator({ context, restored, findSplits: () => [{ splitId: 'all', next: 3 }] }),
 *   createReader: () => {
 *     let splits: readonly Countdown[] = []
 *     let isComplete = false
 *     return {
 *       start: () => {},
 *       addSplits: (added) => void (splits = [...splits, ...added]),
 *       notifyNoMoreSplits: () => void (isComplete = true),
 *       pollNext: (output) => {
 *         splits = splits.filter(({ next }) => next > 0)
 *         for (const { next } of splits) output.collect(next)
 *         splits = splits.map(({ splitId, next }) => ({ splitId, next: next - 1 }))
 *         if (splits.length > 0) return 'more'
 *         return isComplete ? 'end' : 'nothing-now'
 *       },
 *       snapshot: () => splits,
 *       close: () => {},
 *     }
 *   },
 * }
 * console.log(countdown.name) // Countdown
 * ```
 */
export interface Source<T, S extends SourceSplit = SourceSplit> {
  /** Shown in plans, for example `FileSource(flights.json)`. */
  readonly name: string
  readonly boundedness: 'bounded' | 'unbounded'
  /** What the readers emit; `undefined` counts as `Types.any()`. */
  readonly type: TypeInfo<T> | undefined
  /**
   * After a restore each reader goes on with splits of its own, dealt out by the engine. If this is true they go back to
   * the enumerator instead, by `addSplitsBack`, and it assigns them anew. Default: false.
   */
  readonly reassignsSplitsOnRecovery?: boolean
  /**
   * Time is kept for each split of a reader, and the smallest counts, so that splits of different age can be read side by side:
   * its readers emit through `SourceOutput.forSplit`. A split that is assigned holds time back from then on, until it is idle
   * or released. Default: false, and a reader has one time for all its splits.
   */
  readonly hasTimePerSplit?: boolean
  /** What makes this source differ from another, as data: part of the plan and its hash. */
  describe(): JsonValue
  /** Called once for each start and restart; `restored` is what `snapshotState` gave, `undefined` at a fresh start. */
  createEnumerator(
    context: SplitEnumeratorContext<S>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<S>
  /** Called once in each subtask for each start and restart. */
  createReader(context: SourceReaderContext): SourceReader<T, S>
}
