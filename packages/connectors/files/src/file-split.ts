import { assert, type DecoderState, type SourceSplit } from '@millrace/core'

/** One file, and how far it is read. Its id is the path. */
export interface FileSplit extends SourceSplit, DecoderState {
  readonly path: string
  readonly isDone: boolean
}

/** A split of a file that nothing is read of. */
export function freshSplit(path: string): FileSplit {
  return { splitId: path, path, offset: 0, line: 0, isDone: false }
}

/** The split itself, when it is a whole one: it may come from a checkpoint. */
export function checkedSplit(split: FileSplit): FileSplit {
  const { path, offset, line, isDone } = split
  assert(typeof path === 'string', 'a file split names its path')
  assert(isCount(offset) && isCount(line), 'a file split counts bytes and lines from 0')
  assert(typeof isDone === 'boolean', 'a file split says whether it is done')
  return split
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
