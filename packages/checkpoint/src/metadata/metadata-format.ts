// The bytes of `_metadata`. The envelope is the same in every version, so that damage can be told from a
// version that is not known yet; all numbers are little endian.
//
//   0   8 bytes   "MILLRCHK"
//   8   u32       format version
//   12  u32       bytes of the whole file
//   16  u32       bytes of the header
//   20  ...       header: JSON, the metadata with {kind: 'inline', at, sizeBytes} for bytes that follow it
//       ...       the inline bytes, one after another
//   -4  u32       crc32 of all before

import { crc32 } from 'node:zlib'
import { assert, MillraceError } from '@millrace/core'
import type { CheckpointMetadata } from './checkpoint-metadata.ts'
import { corruptMetadata } from './corrupt-metadata.ts'
import { type JsonHeader, readHeader, toHeader } from './metadata-header.ts'

/**
 * The version that this release writes. It reads this one and all before.
 *
 * - 1: the first.
 * - 2: an operator may have `enumerator`, the JSON state of its split enumerator.
 */
export const METADATA_FORMAT_VERSION: number = 2

const MAGIC: string = 'MILLRCHK'
const HEADER_START = 20
const TRAILER_BYTES = 4
const FILE_BYTES_MAX = 0xffff_ffff

/**
 * Writes metadata as bytes.
 *
 * @example
 * ```ts
 * import { decodeMetadata, encodeMetadata, METADATA_FORMAT_VERSION } from '@millrace/checkpoint'
 *
 * const bytes = encodeMetadata({
 *   formatVersion: METADATA_FORMAT_VERSION,
 *   checkpointId: 7,
 *   kind: 'checkpoint',
 *   triggeredAtMs: 1000,
 *   completedAtMs: 1200,
 *   jobName: 'word count',
 *   graphHash: 'ab12',
 *   operators: [],
 * })
 * console.log(decodeMetadata(bytes, 'chk-7/_metadata').checkpointId) // 7
 * ```
 */
export function encodeMetadata(metadata: CheckpointMetadata): Uint8Array {
  const { header, blobs } = toHeader({ ...metadata, formatVersion: METADATA_FORMAT_VERSION })
  const headerBytes = Buffer.from(JSON.stringify(header), 'utf8')
  const blobBytes = blobs.reduce((sum, blob) => sum + blob.length, 0)
  const sizeBytes = HEADER_START + headerBytes.length + blobBytes + TRAILER_BYTES
  assert(sizeBytes <= FILE_BYTES_MAX, 'checkpoint metadata is smaller than 4 GiB')

  const file = Buffer.alloc(sizeBytes)
  file.write(MAGIC, 0, 'latin1')
  file.writeUInt32LE(METADATA_FORMAT_VERSION, 8)
  file.writeUInt32LE(sizeBytes, 12)
  file.writeUInt32LE(headerBytes.length, 16)
  let end = HEADER_START
  for (const part of [headerBytes, ...blobs]) {
    file.set(part, end)
    end += part.length
  }
  file.writeUInt32LE(crc32(file.subarray(0, end)), end)
  return file
}

/**
 * Reads what {@link encodeMetadata} wrote. `where` is the path, for messages. Inline bytes are copies.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`, or `STATE_INCOMPATIBLE` if a newer release wrote it.
 */
export function decodeMetadata(bytes: Uint8Array, where: string): CheckpointMetadata {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  checkEnvelope(file, where)
  const version = file.readUInt32LE(8)
  if (version < 1 || version > METADATA_FORMAT_VERSION) throw unknownVersion(version, where)

  const headerBytes = file.readUInt32LE(16)
  const headerEnd = HEADER_START + headerBytes
  const blobsEnd = file.length - TRAILER_BYTES
  if (headerEnd > blobsEnd) {
    throw corruptMetadata(where, 'a header inside the file', `a header of ${headerBytes} bytes`)
  }
  const header = parseHeader(file.toString('utf8', HEADER_START, headerEnd), where)
  return readHeader(header, file.subarray(headerEnd, blobsEnd), where)
}

function checkEnvelope(file: Buffer, where: string): void {
  if (file.length < HEADER_START + TRAILER_BYTES) {
    throw corruptMetadata(where, 'at least 24 bytes', `a file of ${file.length} bytes`)
  }
  if (file.toString('latin1', 0, 8) !== MAGIC) {
    throw corruptMetadata(where, `a file that starts with ${MAGIC}`, 'other bytes')
  }
  const sizeBytes = file.readUInt32LE(12)
  if (sizeBytes !== file.length) {
    throw corruptMetadata(where, `${sizeBytes} bytes`, `a file of ${file.length} bytes`)
  }
  const expected = file.readUInt32LE(file.length - TRAILER_BYTES)
  const came = crc32(file.subarray(0, file.length - TRAILER_BYTES))
  if (came !== expected) {
    throw corruptMetadata(where, `the crc32 ${hex(expected)}`, `the crc32 ${hex(came)}`)
  }
}

function parseHeader(text: string, where: string): JsonHeader {
  try {
    return JSON.parse(text) as JsonHeader
  } catch (cause) {
    throw corruptMetadata(where, 'a header of JSON', 'other text', cause)
  }
}

function unknownVersion(version: number, where: string): MillraceError {
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected: `checkpoint metadata of format version 1 to ${METADATA_FORMAT_VERSION} in ${where}`,
    came: `version ${version}`,
    todo:
      'The file is whole, but another release of Millrace wrote it. Restore with that release or a ' +
      'newer one, or start from an older checkpoint.',
    ids: { where, version },
  })
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
