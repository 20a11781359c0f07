// Gzip files, read as the file source reads them. Hostile ones are cut, damaged, and become far more than they were: what waits
// to be taken must stay within the buffer.

import { gzipSync } from 'node:zlib'
import type { FileSystem } from '@millrace/core'
import { GzipReadAhead } from '../../../packages/connectors/files/src/gzip-read-ahead.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const BUFFER_BYTES = 64 * 1024

/** What one chunk of zlib may add when the buffer is nearly full. */
const CHUNK_BYTES = 64 * 1024

/** The text that is taken, at most: a bomb is not read to its end. */
const TEXT_BYTES_MAX = 1024 * 1024

/** Gzip files of the file source. */
export const gzipTarget: FuzzTarget = {
  name: 'gzip',
  seeds: () => [
    zipped('one\ntwo\n'),
    Buffer.concat([zipped('member\n'), zipped('another\n')]),
    zipped('bomb'.repeat(500_000)),
    zipped(''),
  ],
  read: readGzip,
  codes: ['FILE_UNREADABLE'],
}

function zipped(text: string): Uint8Array {
  return new Uint8Array(gzipSync(text))
}

/** Answers how many bytes of text came. */
async function readGzip(bytes: Uint8Array): Promise<number> {
  const reading = Promise.withResolvers<number>()
  let textBytes = 0
  const takeAll = (): void => {
    let waiting = 0
    for (let chunk = reader.take(); chunk !== 'later'; chunk = reader.take()) {
      if (chunk === 'end' || textBytes > TEXT_BYTES_MAX) return reading.resolve(textBytes)
      waiting += chunk.byteLength
      textBytes += chunk.byteLength
    }
    if (waiting > BUFFER_BYTES + CHUNK_BYTES) {
      reading.reject(new Error(`${waiting} bytes of text waited at once`))
    }
  }
  const reader = new GzipReadAhead({
    files: filesOf(bytes),
    path: 'hostile.gz',
    offset: 0,
    bufferBytes: BUFFER_BYTES,
    // Taken later, when as much has come as the buffer holds.
    onProgress: () => setImmediate(takeAll),
    onFailure: reading.reject,
  })
  try {
    return await reading.promise
  } finally {
    await reader.close()
  }
}

function filesOf(bytes: Uint8Array): FileSystem {
  const file = {
    sizeBytes: bytes.length,
    read: async (position: number, length: number) => bytes.subarray(position, position + length),
    close: async () => {},
  }
  return { open: async () => file } as Partial<FileSystem> as FileSystem
}
