import { crc32 } from 'node:zlib'
import {
  type CheckpointMetadata,
  encodeMetadata,
  METADATA_FORMAT_VERSION,
  type StateHandle,
} from '@millrace/checkpoint'
import { type FileSystem, MAX_WATERMARK, MillraceError, MIN_WATERMARK, Types } from '@millrace/core'
import { KeyedSnapshotWriter } from '@millrace/state'
import { describe, expect, test } from 'vitest'
import { formatCheckpoint } from './format-checkpoint.ts'
import { inspectCheckpoint } from './inspect-checkpoint.ts'

const KEYS = 600
const VALUE_BYTES = 20_000

describe('inspecting a checkpoint', () => {
  test('when state is large and not verified, then only a small part of its file is read', async () => {
    const state = bigSnapshot()
    const disk = new Disk({
      '/chk-1/_metadata': metadata({ keyed: fileHandle(state) }),
      '/chk-1/a': state,
    })
    const { operators } = await inspectCheckpoint({
      files: disk.files,
      path: '/chk-1',
      verify: false,
    })
    expect(operators[0]?.keyedStates[0]).toMatchObject({ entries: KEYS, kind: 'value' })
    expect(operators[0]?.stateBytes).toBe(state.length)
    expect(disk.bytesRead).toBeLessThan(state.length / 10)
    expect(disk.openFiles).toBe(0)
  })

  test('when it is verified, then all is read, but never more than a megabyte at once', async () => {
    const state = bigSnapshot()
    const disk = new Disk({
      '/chk-1/_metadata': metadata({ keyed: fileHandle(state) }),
      '/chk-1/a': state,
    })
    await inspectCheckpoint({ files: disk.files, path: '/', verify: true })
    expect(disk.bytesRead).toBeGreaterThanOrEqual(state.length)
    expect(disk.largestRead).toBeLessThanOrEqual(1024 * 1024)
  })

  test('when the job was stopped with a savepoint, then that is the newest in its directory', async () => {
    const disk = new Disk({
      '/checkpoints/chk-1/_metadata': metadata({}),
      '/checkpoints/chk-2/_savepoint': new TextEncoder().encode('{"savepoint":"/kept/savepoint"}'),
      '/kept/savepoint/_metadata': metadata({}),
    })
    const found = await inspectCheckpoint({ files: disk.files, path: '/checkpoints', verify: true })
    expect(found.path).toBe('/kept/savepoint')
  })

  test('when a file handle leads out of the directory, then it is corrupt', async () => {
    const state = bigSnapshot()
    for (const path of ['../a', '/etc/passwd', 'x/../../a', '']) {
      const handle = { ...fileHandle(state), path }
      const disk = new Disk({ '/chk-1/_metadata': metadata({ keyed: handle }), '/a': state })
      const inspecting = inspectCheckpoint({ files: disk.files, path: '/chk-1', verify: true })
      await expect(inspecting).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' })
    }
  })

  test('when small slots hold times, lists and what nobody knows, then each is shown as what it is', async () => {
    const slots = {
      watermark: inline({ watermark: 5000, generator: null }),
      time: inline([MIN_WATERMARK, 7000]),
      'timer-time': inline(MAX_WATERMARK),
      splits: inline([{ splitId: 'a', offset: 3 }]),
      committer: inline([1, 2]),
      accumulators: inline([{ name: 'lines', kind: 'long-counter', snapshots: [1] }]),
      channels: inline([0]),
      'of-tomorrow': { kind: 'inline', bytes: Uint8Array.of(0xff, 0xfe) } as const,
    }
    const disk = new Disk({ '/s/_metadata': metadata(slots) })
    const description = await inspectCheckpoint({
      files: disk.files,
      path: '/s/_metadata',
      verify: true,
    })
    expect(description.operators[0]).toMatchObject({
      times: { watermark: 5000, time: MIN_WATERMARK, 'timer-time': MAX_WATERMARK },
      splits: [{ splitId: 'a', offset: 3 }],
      lists: { committer: 2 },
      accumulators: { lines: 'long-counter' },
      inFlightBytes: 3,
    })
    const text = formatCheckpoint(description)
    expect(text).toContain('time watermark: 1970-01-01T00:00:05.000Z')
    expect(text).toContain('time time: the beginning of time')
    expect(text).toContain('time timer-time: the end of time')
    expect(text).toContain('split {"splitId":"a","offset":3}')
    expect(text).toContain('committer: 2 elements')
    expect(text).toContain('accumulator lines: long-counter')
    expect(text).toContain('in flight: 3 B')
  })

  test('when keys are skewed, then the largest key group and the histogram show it', async () => {
    const writer = new KeyedSnapshotWriter({ keyType: Types.int, maxParallelism: 4 })
    writer.writeGroupedTable({ name: 'v', kind: 'value', valueType: Types.bytes }, (add) => {
      add(0, 1, 0, new Uint8Array(10))
      add(2, 2, 0, new Uint8Array(100_000))
      add(3, 3, 0, new Uint8Array(10))
    })
    const disk = new Disk({
      '/s/_metadata': metadata({ keyed: { kind: 'inline', bytes: writer.finish() } }),
    })
    const { operators } = await inspectCheckpoint({ files: disk.files, path: '/s', verify: true })
    const keyGroups = operators[0]?.keyedStates[0]?.keyGroups
    expect(keyGroups).toMatchObject({
      count: 3,
      largest: { keyGroup: 2 },
      smallest: { keyGroup: 0 },
    })
    expect(keyGroups?.histogram).toEqual([
      { bytesBelow: 1024, keyGroups: 2 },
      { bytesBelow: 262_144, keyGroups: 1 },
    ])
  })
})

function bigSnapshot(): Uint8Array {
  const writer = new KeyedSnapshotWriter({ keyType: Types.int, maxParallelism: 128 })
  writer.writeTable({ name: 'big', kind: 'value', valueType: Types.bytes }, (add) => {
    for (let key = 0; key < KEYS; key++) add(key, 0, new Uint8Array(VALUE_BYTES))
  })
  return writer.finish()
}

function fileHandle(bytes: Uint8Array): StateHandle & { kind: 'file' } {
  return { kind: 'file', path: 'a', offset: 0, sizeBytes: bytes.length, crc32: crc32(bytes) }
}

function inline(json: unknown): StateHandle {
  return { kind: 'inline', bytes: new TextEncoder().encode(JSON.stringify(json)) }
}

function metadata(slots: Readonly<Record<string, StateHandle>>): Uint8Array {
  const init: CheckpointMetadata = {
    formatVersion: METADATA_FORMAT_VERSION,
    checkpointId: 1,
    kind: 'checkpoint',
    triggeredAtMs: 1000,
    completedAtMs: 1200,
    jobName: 'big',
    graphHash: 'ab12',
    operators: [
      {
        uid: 'big',
        name: 'big',
        kind: 'process',
        parallelism: 1,
        maxParallelism: 128,
        subtasks: [{ subtaskIndex: 0, isFinished: false, slots }],
      },
    ],
  }
  return encodeMetadata(init)
}

/** Files in memory that count what is read of them. */
class Disk {
  bytesRead = 0
  largestRead = 0
  openFiles = 0
  readonly #content: Readonly<Record<string, Uint8Array>>

  constructor(content: Readonly<Record<string, Uint8Array>>) {
    this.#content = content
  }

  get files(): FileSystem {
    const part: Partial<FileSystem> = {
      stat: async (path) =>
        path in this.#content ? { isDirectory: false, sizeBytes: 0, modifiedMs: 0 } : undefined,
      list: async (directory) =>
        [...foldersIn(directory, Object.keys(this.#content))].map((name) => ({
          name,
          isDirectory: true,
        })),
      read: async (path) => this.#file(path),
      open: async (path) => {
        const bytes = this.#file(path)
        this.openFiles++
        return {
          sizeBytes: bytes.length,
          read: async (position, length) => {
            this.bytesRead += length
            this.largestRead = Math.max(this.largestRead, length)
            return bytes.subarray(position, position + length)
          },
          close: async () => void this.openFiles--,
        }
      },
    }
    return part as FileSystem
  }

  #file(path: string): Uint8Array {
    const bytes = this.#content[path]
    if (bytes !== undefined) return bytes
    throw new MillraceError('FILE_MISSING', { expected: path, came: 'nothing', todo: 'none' })
  }
}

/** The names of the folders right in a directory in which some of the files are. */
function foldersIn(directory: string, paths: readonly string[]): ReadonlySet<string> {
  const prefix = directory.replace(/\/*$/, '/')
  const inside = paths.filter((path) => path.startsWith(prefix))
  const parts = inside.map((path) => path.slice(prefix.length).split('/'))
  return new Set(parts.filter(({ length }) => length > 1).map(([name]) => name as string))
}
