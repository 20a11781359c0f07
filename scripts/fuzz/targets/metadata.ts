// `_metadata` of both format versions. A whole file is then looked into with the readers of what it holds inline.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { decodeMetadata, encodeMetadata } from '@millrace/checkpoint'
import type { SeededRandom } from '@millrace/testing'
import { ROOT } from '../../run-command.ts'
import type { FuzzTarget } from '../fuzz-target.ts'
import { mutateJson } from '../mutate-json.ts'

const HEADER_START = 20
const TRAILER_BYTES = 4

/** Checkpoint metadata. */
export const metadataTarget: FuzzTarget = {
  name: 'metadata',
  seeds: () => [keptMetadata(), smallMetadata(2), smallMetadata(1)],
  mutate: mutateHeader,
  repair: sealed,
  read: (bytes) => decodeMetadata(bytes, 'chk-7/_metadata'),
  codes: ['CHECKPOINT_CORRUPT', 'STATE_INCOMPATIBLE'],
}

/** A whole checkpoint, kept from the first release. */
function keptMetadata(): Uint8Array {
  return new Uint8Array(readFileSync(join(ROOT, 'packages/millrace/test-data/v1/chk-1/_metadata')))
}

function smallMetadata(version: 1 | 2): Uint8Array {
  const bytes = Buffer.from(
    encodeMetadata({
      formatVersion: 2,
      checkpointId: 7,
      kind: 'checkpoint',
      triggeredAtMs: 1000,
      completedAtMs: 1200,
      jobName: 'words',
      graphHash: 'ab12',
      operators: [
        {
          uid: 'count',
          name: 'count words',
          kind: 'process',
          parallelism: 1,
          maxParallelism: 128,
          ...(version === 2 && { enumerator: [{ splitId: 'a' }] }),
          subtasks: [
            {
              subtaskIndex: 0,
              isFinished: false,
              slots: {
                keyed: { kind: 'inline', bytes: Uint8Array.of(1, 2, 3) },
                operator: { kind: 'file', path: 'a', offset: 0, sizeBytes: 30_000, crc32: 7 },
              },
            },
          ],
        },
      ],
    }),
  )
  bytes.writeUInt32LE(version, 8)
  return sealed(bytes)
}

function mutateHeader(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const file = Buffer.from(bytes)
  if (file.length < HEADER_START + TRAILER_BYTES) return bytes
  const headerEnd = HEADER_START + file.readUInt32LE(16)
  const text = file.toString('utf8', HEADER_START, headerEnd)
  let header: Buffer
  try {
    header = Buffer.from(mutateJson(text, random))
  } catch {
    return bytes
  }
  const head = file.subarray(0, HEADER_START)
  head.writeUInt32LE(header.length, 16)
  return sealed(Buffer.concat([head, header, file.subarray(headerEnd)]))
}

/** The bytes with a right length and checksum. */
function sealed(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes)
  if (file.length < HEADER_START + TRAILER_BYTES) return file
  file.writeUInt32LE(file.length, 12)
  file.writeUInt32LE(crc32(file.subarray(0, -TRAILER_BYTES)), file.length - TRAILER_BYTES)
  return file
}
