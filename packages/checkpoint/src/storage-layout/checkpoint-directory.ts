// How checkpoints lie in the checkpoint directory of a job:
//
//   <checkpoint directory>/
//     chk-7/
//       _metadata                    written last and atomically: with it, the checkpoint is complete
//       count%20words.0.keyed        state too large for the metadata, see state-file-name.ts
//     chk-8/                         no _metadata: unfinished, not to be read

/** The file that makes a checkpoint complete. */
export const METADATA_FILE_NAME: string = '_metadata'

/** The name of the same file until all its bytes are durable. */
export const METADATA_UNFINISHED_FILE_NAME: string = '_metadata.unfinished'

const PATTERN = /^chk-([1-9]\d{0,15})$/

/** The name of a checkpoint's directory, for example `chk-7`. */
export function checkpointDirectoryName(checkpointId: number): string {
  return `chk-${checkpointId}`
}

/** The checkpoint id in a directory name, or `undefined` for the name of anything else. */
export function parseCheckpointDirectoryName(name: string): number | undefined {
  const digits = PATTERN.exec(name)?.[1]
  if (digits === undefined) return undefined
  const checkpointId = Number(digits)
  return Number.isSafeInteger(checkpointId) ? checkpointId : undefined
}

/**
 * The checkpoint ids among the names in a directory, newest first: by number, not by letter.
 *
 * @example
 * ```ts
 * import { checkpointIdsNewestFirst } from '@millrace/checkpoint'
 *
 * console.log(checkpointIdsNewestFirst(['chk-9', 'chk-10', 'notes.txt'])) // [ 10, 9 ]
 * ```
 */
export function checkpointIdsNewestFirst(names: readonly string[]): readonly number[] {
  return names
    .map(parseCheckpointDirectoryName)
    .filter((checkpointId) => checkpointId !== undefined)
    .toSorted((left, right) => right - left)
}
