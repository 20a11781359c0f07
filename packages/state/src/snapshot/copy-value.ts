// Copies of values that may be changed in place, for as long as a snapshot still has to be written of what they were. A copy is made
// as a snapshot and a restore would make it: so it is of the declared type, and written again gives the same bytes.

import { FrameBuffer, type TypeDescriptor } from '@millrace/core'
import { entryCodec, SnapshotEntry } from './snapshot-entry.ts'

/**
 * What copies values of a type; `undefined` if none can be changed in place.
 *
 * @throws MillraceError The copy does so, `TYPE_MISMATCH`, if a value is not of its type.
 */
export function valueCopier(type: TypeDescriptor): ((value: unknown) => unknown) | undefined {
  if (isUnchangeable(type)) return undefined
  const codec = entryCodec(type, undefined)
  return (value) => {
    const frame = takeFrame()
    ENTRIES[0] = new SnapshotEntry(value, undefined)
    codec.encode(frame, 0, ENTRIES, NAMESPACES, 1)
    codec.decode(frame, 0, ENTRIES, NAMESPACES)
    return ENTRIES[0].key
  }
}

function isUnchangeable(type: TypeDescriptor): boolean {
  switch (type.kind) {
    case 'boolean':
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
    case 'bigint':
    case 'enum':
    case 'literal':
      return true
    case 'nullable':
    case 'optional':
      return isUnchangeable(type.type)
    default:
      return false
  }
}

const ENTRIES: SnapshotEntry[] = []
const NAMESPACES: Float64Array = new Float64Array(1)

let scratch = new FrameBuffer(new ArrayBuffer(0))

/** One buffer for all copies: nothing of a value stays in it. One that a large value has grown is given back. */
function takeFrame(): FrameBuffer {
  const { byteLength } = scratch.buffer
  if (byteLength === 0 || byteLength > SCRATCH_BYTES_MAX) {
    scratch = new FrameBuffer(new ArrayBuffer(SCRATCH_BYTES))
  }
  return scratch
}

const SCRATCH_BYTES = 4096
const SCRATCH_BYTES_MAX: number = 1024 * 1024
