// The envelope of every snapshot of state, little endian. All parts start at a multiple of 8 bytes, since frames
// are read through typed arrays.
//
//   0   u32   magic: which kind of snapshot
//   4   u32   format version
//   8   u32   bytes in all
//   12  u32   bytes of the header, without padding
//   16  ...   header: JSON
//       ...   body: parts of JSON and frames, as the kind of snapshot defines
//   -8  u32   crc32 of all before
//   -4  u32   0

import { crc32 } from 'node:zlib'
import { FrameBuffer, MillraceError } from '@millrace/core'
import { corruptSnapshot } from './corrupt-snapshot.ts'
import { runSteps, type Steps } from './steps.ts'

/** What tells one kind of snapshot from another. */
export interface SnapshotFormat {
  readonly magic: number
  /** The version written; this one and all before are read. */
  readonly version: number
  /** For messages, for example `keyed state`. */
  readonly what: string
}

/** A snapshot that was checked: its envelope is whole. */
export interface OpenedSnapshot {
  readonly source: FrameBuffer
  /** What JSON said; to be checked before it is believed. */
  readonly header: unknown
  readonly bodyStart: number
  readonly bodyEnd: number
}

const HEADER_START = 16
const TRAILER_BYTES = 8
const FIRST_BYTES_MIN = 64 * 1024

/** About 0.2 ms of work. */
const CRC_STEP_BYTES: number = 1024 * 1024

/** The first entries may be smaller than those that follow. */
const EXPECTED_SLACK = 1.25

/** Places in a frame buffer are 32-bit signed. */
const SNAPSHOT_BYTES_MAX: number = 0x7fff_ffff

/** Writes one snapshot: a header, a body part by part, and the seal. */
export class SnapshotBuilder {
  /** Frames are encoded into it at `end`. Another one after `expect`. */
  target: FrameBuffer
  readonly #format: SnapshotFormat
  #end: number

  /** `header` is plain data. Growing copies, so it helps to tell about how many bytes there will be. */
  constructor(format: SnapshotFormat, header: object, sizeBytesHint: number = 0) {
    this.target = new FrameBuffer(new ArrayBuffer(firstBytes(sizeBytesHint)))
    this.#format = format
    this.#end = HEADER_START
    const headerBytes = this.appendJson(header)
    const { i32 } = this.target
    i32[0] = format.magic
    i32[1] = format.version
    i32[3] = headerBytes
  }

  /** Where the next part begins; a multiple of 8. */
  get end(): number {
    return this.#end
  }

  /**
   * Makes `byteLength` more bytes part of the snapshot, as a frame that was encoded at {@link end}.
   *
   * @throws MillraceError `CHECKPOINT_FAILED` above 2 GiB.
   */
  advance(byteLength: number): void {
    const end = this.#end + byteLength
    if (end + TRAILER_BYTES > SNAPSHOT_BYTES_MAX) throw tooLarge(this.#format)
    this.#end = end
  }

  /** Makes room for `byteLength` more bytes. Call it before writing a word into `target` at `end`. */
  reserve(byteLength: number): void {
    this.target.ensureCapacity(this.#end + byteLength)
  }

  /**
   * About `byteLength` more bytes will come. Growing in the middle of large state would be a pause: the little that there is at its
   * beginning is moved to where all has room. Memory that is only set aside costs nothing before it is written to.
   */
  expect(byteLength: number): void {
    const wanted = this.#end + byteLength
    if (wanted <= this.target.buffer.byteLength || wanted <= 2 * FIRST_BYTES_MIN) return
    const former = this.target.bytes.subarray(0, this.#end)
    this.target = new FrameBuffer(new ArrayBuffer(roomFor(wanted * EXPECTED_SLACK)))
    this.target.bytes.set(former)
  }

  /** Appends plain data as JSON, padded to a multiple of 8; answers its bytes without the padding. */
  appendJson(value: object): number {
    const bytes = Buffer.from(JSON.stringify(value), 'utf8')
    this.appendBytes(bytes)
    return bytes.length
  }

  /** Appends bytes, padded with zeros to a multiple of 8. */
  appendBytes(bytes: Uint8Array): void {
    const padded = (bytes.length + 7) & ~7
    this.reserve(padded)
    this.target.bytes.set(bytes, this.#end)
    this.target.bytes.fill(0, this.#end + bytes.length, this.#end + padded)
    this.advance(padded)
  }

  /** Closes the snapshot. The bytes are its own; nothing may be appended any more. */
  seal(): Uint8Array {
    return runSteps(this.sealInSteps())
  }

  /** {@link seal}, with a pause after each megabyte. */
  *sealInSteps(): Steps<Uint8Array> {
    this.reserve(TRAILER_BYTES)
    const { target } = this
    const end = this.#end
    const sizeBytes = end + TRAILER_BYTES
    target.i32[2] = sizeBytes
    let crc = 0
    for (let at = 0; at < end; at += CRC_STEP_BYTES) {
      crc = crc32(target.bytes.subarray(at, Math.min(at + CRC_STEP_BYTES, end)), crc)
      if (at + CRC_STEP_BYTES < end) yield
    }
    target.i32[end >> 2] = crc
    target.i32[(end >> 2) + 1] = 0
    return new Uint8Array(target.buffer, 0, sizeBytes)
  }
}

/**
 * Checks the envelope of a snapshot. Copies the bytes if they do not lie so that frames can be read in place.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`, or `STATE_INCOMPATIBLE` if a newer release wrote it.
 */
export function openSnapshot(format: SnapshotFormat, bytes: Uint8Array): OpenedSnapshot {
  const { what } = format
  if (bytes.length < HEADER_START + TRAILER_BYTES || bytes.length % 8 !== 0) {
    throw corruptSnapshot(what, 'whole words', `${bytes.length} bytes`)
  }
  const source = new FrameBuffer(alignedBuffer(bytes))
  const { i32 } = source
  if (i32[0] !== format.magic) {
    throw corruptSnapshot(what, 'its magic number', 'another')
  }
  if (i32[2] !== bytes.length) {
    throw corruptSnapshot(what, `${i32[2]} bytes`, `${bytes.length} bytes`)
  }
  const bodyEnd = bytes.length - TRAILER_BYTES
  const crc = i32[bodyEnd >> 2] as number
  if (crc32(source.bytes.subarray(0, bodyEnd)) !== crc >>> 0 || i32[(bodyEnd >> 2) + 1] !== 0) {
    throw corruptSnapshot(what, 'bytes of the written crc32', 'bytes of another')
  }
  checkVersion(format, i32[1] as number)
  const { value, end } = readJson(source, HEADER_START, i32[3] as number, bodyEnd, what)
  return { source, header: value, bodyStart: end, bodyEnd }
}

/**
 * Reads JSON that {@link SnapshotBuilder.appendJson} wrote; answers it and where the next part begins.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function readJson(
  source: FrameBuffer,
  start: number,
  byteLength: number,
  limit: number,
  what: string,
): { readonly value: unknown; readonly end: number } {
  const end = start + ((byteLength + 7) & ~7)
  if (byteLength < 0 || end < start || end > limit) {
    throw corruptSnapshot(what, 'a header inside the snapshot', `one of ${byteLength} bytes`)
  }
  return { value: parseHeader(source.bytes.toString('utf8', start, start + byteLength), what), end }
}

/** @throws MillraceError `CHECKPOINT_CORRUPT` if the text is no JSON. */
export function parseHeader(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw corruptSnapshot(what, 'a header of JSON', 'other text', cause)
  }
}

/** Room for an eighth more than the hint, so that slow growth from snapshot to snapshot does not copy either. */
function firstBytes(sizeBytesHint: number): number {
  const wanted = Math.max(FIRST_BYTES_MIN, sizeBytesHint + sizeBytesHint / 8)
  return roomFor(wanted)
}

function roomFor(byteLength: number): number {
  return Math.floor(Math.min(byteLength, SNAPSHOT_BYTES_MAX) / 8) * 8
}

function alignedBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && buffer.byteLength % 8 === 0)
    return buffer
  const aligned = new ArrayBuffer(byteLength)
  new Uint8Array(aligned).set(bytes)
  return aligned
}

/** @throws MillraceError `STATE_INCOMPATIBLE` if a newer release wrote it. */
export function checkVersion({ what, version }: SnapshotFormat, came: number): void {
  if (came >= 1 && came <= version) return
  throw new MillraceError('STATE_INCOMPATIBLE', {
    expected: `${what} of format version 1 to ${version}`,
    came: `version ${came}`,
    todo: 'Another release of Millrace wrote this checkpoint. Restore with that release or a newer one.',
  })
}

function tooLarge({ what }: SnapshotFormat): MillraceError {
  return new MillraceError('CHECKPOINT_FAILED', {
    expected: `less than 2 GiB of ${what} in one subtask`,
    came: 'more',
    todo: 'Raise the parallelism of the operator, so that each subtask holds less.',
    isRetryable: false,
  })
}
