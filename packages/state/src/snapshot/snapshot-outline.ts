// What a snapshot holds, without its entries: names, types, and for each key group how many entries and bytes. Frames say their
// own length and count, so only their first 16 bytes are read, and a snapshot of a gigabyte is looked through in no memory.
// Checksums are for who holds the bytes: here they would mean to read all of them.

import type { TypeDescriptor } from '@millrace/core'
import {
  OPERATOR_SNAPSHOT_FORMAT,
  type OperatorStateInfo,
  readOperatorStateHeader,
} from '../operator-state/operator-state-snapshot.ts'
import { corruptSnapshot } from './corrupt-snapshot.ts'
import {
  FRAME_ENTRIES_MAX,
  FRAME_PREFIX_BYTES,
  KEYED_SNAPSHOT_FORMAT,
  type TableInfo,
} from './keyed-snapshot-format.ts'
import { readKeySpace, tableInfo } from './keyed-snapshot-reader.ts'
import { checkVersion, parseHeader, type SnapshotFormat } from './sealed-snapshot.ts'

/** Bytes that lie somewhere, mostly in a file. */
export interface SnapshotBytes {
  readonly sizeBytes: number
  /** Exactly `byteLength` bytes from `position`, which are there. */
  read(position: number, byteLength: number): Promise<Uint8Array>
}

/** Entries, and the bytes of the frames that hold them. */
export interface StateSize {
  readonly entries: number
  readonly bytes: number
}

/** A table of keyed state. */
export interface TableOutline extends TableInfo, StateSize {
  /** By the number of the group; groups without entries are left out. */
  readonly keyGroups: ReadonlyMap<number, StateSize>
}

/** What a snapshot holds. */
export type SnapshotOutline =
  | {
      readonly kind: 'keyed'
      readonly keyType: TypeDescriptor
      readonly maxParallelism: number
      readonly tables: readonly TableOutline[]
    }
  | { readonly kind: 'operator'; readonly states: readonly (OperatorStateInfo & StateSize)[] }

/**
 * The outline of a snapshot; `undefined` for bytes that are none, such as JSON.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`, or `STATE_INCOMPATIBLE` if a newer release wrote it.
 */
export async function outlineSnapshot(bytes: SnapshotBytes): Promise<SnapshotOutline | undefined> {
  if (bytes.sizeBytes < SNAPSHOT_BYTES_MIN) return undefined
  const walk = new SnapshotWalk(bytes)
  const magic = await walk.word(0)
  const format = [KEYED_SNAPSHOT_FORMAT, OPERATOR_SNAPSHOT_FORMAT].find(
    (known) => known.magic === magic,
  )
  if (format === undefined) return undefined
  checkVersion(format, await walk.word(4))
  const header = await walk.json(HEADER_START, await walk.word(12), walk.bodyEnd, format)
  return format === KEYED_SNAPSHOT_FORMAT
    ? outlineKeyed(walk, header)
    : outlineOperator(walk, header)
}

const HEADER_START = 16
const TRAILER_BYTES = 8
const SNAPSHOT_BYTES_MIN: number = HEADER_START + TRAILER_BYTES
const TABLE_PREFIX_BYTES = 8

async function outlineKeyed(walk: SnapshotWalk, header: HeaderAt): Promise<SnapshotOutline> {
  const { keyType, maxParallelism } = readKeySpace(header.value)
  const tables: TableOutline[] = []
  for (let at = header.end; at < walk.bodyEnd;) {
    const byteLength = await walk.word(at)
    const end = at + byteLength
    if (byteLength < TABLE_PREFIX_BYTES || byteLength % 8 !== 0 || end > walk.bodyEnd) {
      throw corrupt('a table inside the snapshot', `one of ${byteLength} bytes`)
    }
    const headerBytes = await walk.word(at + 4)
    const table = await walk.json(at + TABLE_PREFIX_BYTES, headerBytes, end, KEYED_SNAPSHOT_FORMAT)
    const keyGroups = await keyGroupsIn(walk, table.end, end, maxParallelism)
    tables.push({ ...tableInfo(table.value), ...sumOf(keyGroups.values()), keyGroups })
    at = end
  }
  return { kind: 'keyed', keyType, maxParallelism, tables }
}

async function keyGroupsIn(
  walk: SnapshotWalk,
  start: number,
  end: number,
  maxParallelism: number,
): Promise<ReadonlyMap<number, StateSize>> {
  const keyGroups = new Map<number, StateSize>()
  for (let at = start; at < end;) {
    const keyGroup = await walk.word(at)
    if (keyGroup < 0 || keyGroup >= maxParallelism) {
      throw corrupt(`key groups below ${maxParallelism}`, `${keyGroup}`)
    }
    const frame = await frameAt(walk, at, await walk.word(at + 4), end)
    const known = keyGroups.get(keyGroup)
    keyGroups.set(keyGroup, known === undefined ? frame : sumOf([known, frame]))
    at += FRAME_PREFIX_BYTES + frame.bytes
  }
  return keyGroups
}

async function outlineOperator(walk: SnapshotWalk, header: HeaderAt): Promise<SnapshotOutline> {
  const states: (OperatorStateInfo & StateSize)[] = []
  let at = header.end
  for (const { frames, ...info } of readOperatorStateHeader(header.value).states) {
    let size: StateSize = { entries: 0, bytes: 0 }
    for (let frame = 0; frame < frames; frame++) {
      const next = await frameAt(walk, at, await walk.word(at), walk.bodyEnd)
      size = sumOf([size, next])
      at += FRAME_PREFIX_BYTES + next.bytes
    }
    states.push({ ...info, ...size })
  }
  return { kind: 'operator', states }
}

async function frameAt(
  walk: SnapshotWalk,
  prefixAt: number,
  bytes: number,
  end: number,
): Promise<StateSize> {
  const start = prefixAt + FRAME_PREFIX_BYTES
  if (bytes < FRAME_BYTES_MIN || bytes % 8 !== 0 || start + bytes > end) {
    throw corrupt('frames inside the snapshot', `one of ${bytes} bytes`)
  }
  const entries = await walk.word(start + 4)
  if (entries >= 1 && entries <= FRAME_ENTRIES_MAX) return { entries, bytes }
  throw corrupt(`1 to ${FRAME_ENTRIES_MAX} entries in a frame`, `${entries}`)
}

const FRAME_BYTES_MIN = 24

function sumOf(sizes: Iterable<StateSize>): StateSize {
  let [entries, bytes] = [0, 0]
  for (const size of sizes) {
    entries += size.entries
    bytes += size.bytes
  }
  return { entries, bytes }
}

/** JSON, and where the next part begins. */
interface HeaderAt {
  readonly value: unknown
  readonly end: number
}

/** So much is read at once. Most frames are larger, and all of them but their first bytes is passed over. */
const WINDOW_BYTES = 8 * 1024

/** Reads words here and there, mostly forwards. */
class SnapshotWalk {
  /** Where the checksum of the snapshot begins. */
  readonly bodyEnd: number
  readonly #bytes: SnapshotBytes
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0

  constructor(bytes: SnapshotBytes) {
    this.#bytes = bytes
    this.bodyEnd = bytes.sizeBytes - TRAILER_BYTES
  }

  /** The i32 at a place. */
  async word(at: number): Promise<number> {
    if (at + 4 > this.bodyEnd) throw corrupt('a part inside the snapshot', 'its end')
    const isInside = at >= this.#windowStart && at + 4 <= this.#windowStart + this.#window.length
    if (!isInside) {
      this.#window = await this.#read(at, Math.min(WINDOW_BYTES, this.#bytes.sizeBytes - at))
      this.#windowStart = at
    }
    return this.#window.readInt32LE(at - this.#windowStart)
  }

  async json(
    start: number,
    byteLength: number,
    limit: number,
    format: SnapshotFormat,
  ): Promise<HeaderAt> {
    const end = start + Math.ceil(byteLength / 8) * 8
    if (byteLength < 0 || end > limit) {
      throw corrupt('a header inside the snapshot', `one of ${byteLength} bytes`)
    }
    const text = (await this.#read(start, byteLength)).toString('utf8')
    return { value: parseHeader(text, format.what), end }
  }

  async #read(at: number, byteLength: number): Promise<Buffer> {
    const bytes = await this.#bytes.read(at, byteLength)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

function corrupt(expected: string, came: string): Error {
  return corruptSnapshot('a snapshot of state', expected, came)
}
