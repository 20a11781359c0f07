// The part of a frame that is the same for every type: header, text blob and binary blob. It runs once a frame, so
// it is ordinary code; only the loops over the rows are generated.

import { MillraceError } from '../errors/millrace-error.ts'
import { BinaryReader, type BinaryWriter } from './binary-blob.ts'
import type { FrameBuffer } from './frame-buffer.ts'
import {
  ENVELOPE_BYTES,
  FLAG_ASCII,
  FLAG_LONG_STRINGS,
  FLAG_UTF16,
  FLAGS_KNOWN,
  HEADER_BYTES,
} from './frame-layout.ts'

/** What an encoder knows when all tables are written. */
export interface WrittenTables {
  readonly offset: number
  readonly count: number
  /** The first byte after the last table. */
  readonly tablesEnd: number
  readonly text: string
  readonly hasLongStrings: boolean
  readonly binary: BinaryWriter | undefined
}

/** Writes both blobs and the header; answers the length of the whole frame. */
export function closeFrame(target: FrameBuffer, written: WrittenTables): number {
  const { offset, count, tablesEnd, text, binary } = written
  const binaryBytes = binary === undefined ? 0 : binary.finish()
  const { byteLength: textBytes, flags } = writeText(target, tablesEnd, text)
  const end = tablesEnd + textBytes + binaryBytes
  const paddedEnd = paddedTo8(end)
  target.ensureCapacity(paddedEnd)
  binary?.writeTo(target.bytes, tablesEnd + textBytes)
  target.bytes.fill(0, end, paddedEnd)
  const { i32 } = target
  const header = offset >> 2
  i32[header] = paddedEnd - offset
  i32[header + 1] = count
  i32[header + 2] = flags | (written.hasLongStrings ? FLAG_LONG_STRINGS : 0)
  i32[header + 3] = 0
  const blobs = (offset + HEADER_BYTES + 8 * count) >> 2
  i32[blobs] = textBytes
  i32[blobs + 1] = binaryBytes
  return paddedEnd - offset
}

/** A frame whose envelope has been found sound. The tables are still unread. */
export class OpenFrame {
  readonly count: number
  /** The first byte of the root table. */
  readonly tablesStart: number
  /** Where the text begins and the last table must end. */
  readonly tablesEnd: number
  readonly hasLongStrings: boolean
  readonly text: string
  readonly binary: BinaryReader

  /** @throws MillraceError `FRAME_CORRUPT` */
  constructor(source: FrameBuffer, offset: number, recordsMax: number) {
    const { i32, bytes } = source
    check(offset >= 0 && offset % 8 === 0, 'an offset that is a multiple of 8')
    check(offset + ENVELOPE_BYTES <= bytes.length, 'a whole header')
    const header = offset >> 2
    const byteLength = i32[header] as number
    const count = i32[header + 1] as number
    const flags = i32[header + 2] as number
    check(byteLength % 8 === 0 && byteLength >= ENVELOPE_BYTES, 'a length in multiples of 8')
    check(byteLength <= bytes.length - offset, 'a length within the buffer')
    check(count >= 0 && count <= (byteLength - ENVELOPE_BYTES) / 8, 'a count within the length')
    check(count <= recordsMax, `at most ${recordsMax} records`)
    check((flags & ~FLAGS_KNOWN) === 0, 'only known flags')
    const blobs = (offset + HEADER_BYTES + 8 * count) >> 2
    const textBytes = i32[blobs] as number
    const binaryBytes = i32[blobs + 1] as number
    this.count = count
    this.tablesStart = offset + ENVELOPE_BYTES + 8 * count
    this.tablesEnd = offset + byteLength - paddedTo8(textBytes + binaryBytes)
    check(textBytes >= 0 && binaryBytes >= 0, 'blobs of no negative length')
    check(this.tablesEnd >= this.tablesStart, 'blobs within the length')
    this.hasLongStrings = (flags & FLAG_LONG_STRINGS) !== 0
    const textEnd = this.tablesEnd + textBytes
    this.text = bytes.toString(textEncoding(flags), this.tablesEnd, textEnd)
    this.binary = new BinaryReader(bytes, textEnd, textEnd + binaryBytes)
  }

  /** Call it before a table is read: the table must not reach into the text. */
  checkTable(tableEnd: number): void {
    check(tableEnd <= this.tablesEnd, 'tables that end where the text begins')
  }

  /** Call it when all is read: nothing may be left over. */
  close(lastTableEnd: number, textUnitsRead: number): void {
    check(lastTableEnd === this.tablesEnd, 'tables that end where the text begins')
    check(textUnitsRead === this.text.length, 'string lengths that add up to the text')
    check(this.binary.isAtEnd, 'lengths that add up to the binary blob')
  }
}

/** Rounds up to a multiple of 8, the alignment of frames and tables. */
export function paddedTo8(byteLength: number): number {
  return Math.ceil(byteLength / 8) * 8
}

/** What any failure while a frame is read becomes. */
export function frameCorrupt(cause: unknown): MillraceError {
  if (cause instanceof MillraceError && cause.code === 'FRAME_CORRUPT') return cause
  return corrupt('a frame of this type', cause)
}

function check(condition: boolean, expected: string): void {
  if (!condition) throw corrupt(expected, undefined)
}

function corrupt(expected: string, cause: unknown): MillraceError {
  return new MillraceError('FRAME_CORRUPT', {
    expected,
    came: cause instanceof Error ? `damaged bytes (${cause.message})` : 'damaged bytes',
    todo: 'The bytes were changed on their way or on disk, or they hold records of another type.',
    cause,
  })
}

interface WrittenText {
  readonly byteLength: number
  readonly flags: number
}

function writeText(target: FrameBuffer, offset: number, text: string): WrittenText {
  // UTF-8 takes up to three bytes a unit. Only when that may not fit is the exact length worth a pass.
  const worst = offset + 3 * text.length
  if (worst > target.bytes.length) target.ensureCapacity(offset + Buffer.byteLength(text))
  const byteLength = target.bytes.write(text, offset, 'utf8')
  if (byteLength === text.length) return { byteLength, flags: FLAG_ASCII }
  if (isWellFormed(text)) return { byteLength, flags: 0 }
  target.ensureCapacity(offset + 2 * text.length)
  return { byteLength: target.bytes.write(text, offset, 'utf16le'), flags: FLAG_UTF16 }
}

/** Whether the text has no lone surrogate. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

function textEncoding(flags: number): 'latin1' | 'utf8' | 'utf16le' {
  if ((flags & FLAG_ASCII) !== 0) return 'latin1'
  return (flags & FLAG_UTF16) !== 0 ? 'utf16le' : 'utf8'
}
