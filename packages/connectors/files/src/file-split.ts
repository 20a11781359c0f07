import { checkRestored, type DecoderState, isCount, type SourceSplit } from '@millrace/core'

/**
 * A file or a range of its bytes, and how far it is read. A range holds the lines that begin in it: it starts with the first
 * line that begins at `offset` or later, and ends with the line that holds the byte before `end`.
 */
export interface FileSplit extends SourceSplit, DecoderState {
  readonly path: string
  readonly isDone: boolean
  /** The first byte that is not in the range. Left out for the end of the file. */
  readonly end?: number
  /** Whether `offset` may lie inside a record: nothing of the range is read yet, and it begins inside the file. */
  readonly isInside?: boolean
}

/** A split of a whole file that nothing is read of. Its id is the path. */
export function freshSplit(path: string): FileSplit {
  return { splitId: path, path, offset: 0, line: 0, isDone: false }
}

/** A file in ranges of at least `rangeBytes`; a rest that is smaller belongs to the last one. */
export function rangesOf(
  path: string,
  sizeBytes: number,
  rangeBytes: number,
): readonly FileSplit[] {
  const count = Math.max(1, Math.floor(sizeBytes / rangeBytes))
  if (count === 1) return [freshSplit(path)]
  return Array.from({ length: count }, (_, index): FileSplit => {
    const offset = index * rangeBytes
    return {
      splitId: `${path}#${offset}`,
      path,
      offset,
      line: 0,
      isDone: false,
      ...(index + 1 < count && { end: offset + rangeBytes }),
      ...(index > 0 && { isInside: true }),
    }
  })
}

/**
 * The split itself, when it is a whole one: it may come from a checkpoint.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function checkedSplit(split: FileSplit): FileSplit {
  const { splitId, path, offset, line, isDone, end } = split ?? {}
  const isWhole =
    typeof splitId === 'string' &&
    typeof path === 'string' &&
    isCount(offset) &&
    isCount(line) &&
    typeof isDone === 'boolean' &&
    (end === undefined || isCount(end))
  checkRestored(isWhole, 'the path and the position of a file split', split)
  return split
}
