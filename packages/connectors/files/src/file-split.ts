import { assert, type DecoderState, type JsonValue } from '@millrace/core'

/** One file, and how far it is read. A fresh split is only a path. */
export interface FileSplit extends DecoderState {
  readonly path: string
  readonly isDone: boolean
}

/** A split of a file that nothing is read of. */
export function freshSplit(path: string): JsonValue {
  return { path }
}

/** A split as JSON. */
export function splitState(split: FileSplit): JsonValue {
  const { path, offset, line, context, isDone } = split
  return { path, offset, line, isDone, ...(context !== undefined && { context }) }
}

/** Reads a fresh split, or the state of one. */
export function splitOf(json: JsonValue): FileSplit {
  const {
    path,
    offset = 0,
    line = 0,
    context,
    isDone = false,
  } = json as Readonly<Record<string, JsonValue>>
  assert(typeof path === 'string', 'a file split names its path')
  assert(isCount(offset) && isCount(line), 'a file split counts bytes and lines from 0')
  assert(typeof isDone === 'boolean', 'a file split says whether it is done')
  return { path, offset, line, isDone, ...(context !== undefined && { context }) }
}

function isCount(value: JsonValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
