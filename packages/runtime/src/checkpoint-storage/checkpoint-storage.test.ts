import { dirname } from 'node:path'
import { type CheckpointMetadata, METADATA_FORMAT_VERSION } from '@millrace/checkpoint'
import {
  type DirectoryEntry,
  type FileStatus,
  type FileSystem,
  MillraceError,
  type ReadableFile,
  type WritableFile,
} from '@millrace/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { CheckpointStorage } from './checkpoint-storage.ts'

const DIRECTORY = '/data/jobs/words'

async function latestOf(storage: CheckpointStorage): Promise<CheckpointMetadata | undefined> {
  return (await storage.latest())?.metadata
}

/**
 * A disk that keeps only what was synced: the bytes of files and, apart from them, the names in folders. `crash`
 * forgets the rest. With `stepsLeft` it stops before that many steps are done, as a machine that loses power.
 */
class MemoryFiles implements FileSystem {
  readonly calls: string[] = []
  stepsLeft = Number.POSITIVE_INFINITY
  readOnly = false
  #nodes = new Map<string, Node>([['/', { kind: 'directory' }]])
  #durableNames = new Map<string, Node>([['/', { kind: 'directory' }]])

  crash(): void {
    this.stepsLeft = Number.POSITIVE_INFINITY
    const survivors = [...this.#durableNames].filter(([path]) => this.#isReachable(path))
    for (const [, node] of survivors) if (node.kind === 'file') node.bytes = node.synced
    this.#nodes = new Map(survivors)
    this.#durableNames = new Map(survivors)
  }

  /** Changes a file as damage does: at once durable. */
  damage(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const node = this.#nodes.get(path)
    if (node?.kind !== 'file') throw new Error(`${path} is no file`)
    node.bytes = change(Uint8Array.from(node.bytes))
    node.synced = node.bytes
  }

  paths(): readonly string[] {
    return [...this.#nodes.keys()].filter((path) => path.startsWith(`${DIRECTORY}/`)).sort()
  }

  async read(path: string): Promise<Uint8Array> {
    return Uint8Array.from(this.#file(path).bytes)
  }

  async open(path: string): Promise<ReadableFile> {
    const { bytes } = this.#file(path)
    return {
      sizeBytes: bytes.length,
      read: async (position, lengthBytes) => bytes.slice(position, position + lengthBytes),
      close: async () => {},
    }
  }

  append(path: string): Promise<WritableFile> {
    throw new Error(`checkpoints are never appended to, but ${path} was`)
  }

  async create(path: string): Promise<WritableFile> {
    this.#step(`create ${path}`)
    this.#mustBeDirectory(dirname(path))
    const file: FileNode = { kind: 'file', bytes: new Uint8Array(), synced: new Uint8Array() }
    this.#nodes.set(path, file)
    return {
      write: async (bytes) => {
        this.#step(`write ${path}`)
        file.bytes = Uint8Array.of(...file.bytes, ...bytes)
      },
      sync: async () => {
        this.#step(`sync ${path}`)
        file.synced = file.bytes
      },
      close: async () => {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step(`rename ${from} ${to}`)
    this.#nodes.set(to, this.#file(from))
    this.#nodes.delete(from)
  }

  async remove(path: string): Promise<void> {
    this.#step(`remove ${path}`)
    this.#nodes.delete(path)
  }

  async removeDirectory(path: string): Promise<void> {
    this.#step(`removeDirectory ${path}`)
    for (const held of this.#nodes.keys()) {
      if (held === path || held.startsWith(`${path}/`)) this.#nodes.delete(held)
    }
  }

  async makeDirectory(path: string): Promise<void> {
    this.#step(`makeDirectory ${path}`)
    if (path !== '/') await this.makeDirectory(dirname(path))
    if (!this.#nodes.has(path)) this.#nodes.set(path, { kind: 'directory' })
  }

  async syncDirectory(path: string): Promise<void> {
    this.#step(`syncDirectory ${path}`)
    this.#mustBeDirectory(path)
    for (const held of this.#durableNames.keys()) {
      if (held !== '/' && dirname(held) === path && !this.#nodes.has(held)) {
        this.#durableNames.delete(held)
      }
    }
    for (const [held, node] of this.#nodes) {
      if (held !== '/' && dirname(held) === path) this.#durableNames.set(held, node)
    }
  }

  async list(path: string): Promise<readonly DirectoryEntry[]> {
    return [...this.#nodes]
      .filter(([held]) => held !== '/' && dirname(held) === path)
      .map(([held, node]) => ({
        name: held.slice(path.length + 1),
        isDirectory: node.kind === 'directory',
      }))
      .sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  async stat(path: string): Promise<FileStatus | undefined> {
    const node = this.#nodes.get(path)
    if (node === undefined) return undefined
    const sizeBytes = node.kind === 'file' ? node.bytes.length : 0
    return { isDirectory: node.kind === 'directory', sizeBytes, modifiedMs: 0 }
  }

  #step(call: string): void {
    if (this.readOnly) throw failure('FILE_UNWRITABLE', call)
    if (this.stepsLeft-- <= 0) throw failure('FILE_UNWRITABLE', `${call}: no power`)
    this.calls.push(call)
  }

  #isReachable(path: string): boolean {
    return path === '/' || (this.#durableNames.has(path) && this.#isReachable(dirname(path)))
  }

  #mustBeDirectory(path: string): void {
    if (this.#nodes.get(path)?.kind !== 'directory') throw failure('FILE_UNWRITABLE', path)
  }

  #file(path: string): FileNode {
    const node = this.#nodes.get(path)
    if (node?.kind !== 'file') throw failure('FILE_MISSING', path)
    return node
  }
}

type Node = { readonly kind: 'directory' } | FileNode

interface FileNode {
  readonly kind: 'file'
  bytes: Uint8Array
  synced: Uint8Array
}

function failure(code: 'FILE_MISSING' | 'FILE_UNWRITABLE', what: string): MillraceError {
  return new MillraceError(code, { expected: 'success', came: what, todo: 'This is a test.' })
}

let files: MemoryFiles
let storage: CheckpointStorage

beforeEach(async () => {
  files = new MemoryFiles()
  storage = new CheckpointStorage(files, DIRECTORY, { inlineBytesBelow: 8 })
  await storage.prepare()
})

describe('prepare', () => {
  test('when the directory is not there, then it is made, survives a crash and holds nothing', async () => {
    files.crash()
    expect((await files.stat(DIRECTORY))?.isDirectory).toBe(true)
    expect(files.paths()).toEqual([])
    expect(files.calls).toContain(`sync ${DIRECTORY}/_writable`)
  })

  test('when it cannot be written, then the error names it and has the cause', async () => {
    files.readOnly = true
    const error = await errorOf(storage.prepare())
    expect(error).toMatchObject({
      code: 'CHECKPOINT_DIRECTORY_UNWRITABLE',
      ids: { directory: DIRECTORY },
      cause: { code: 'FILE_UNWRITABLE' },
    })
  })
})

describe('state', () => {
  test('when it is small, then it is inline, else a synced file', async () => {
    const small = Uint8Array.of(1, 2, 3)
    const inline = await storage.writeState(1, 'a', small)
    expect(inline).toEqual({ kind: 'inline', bytes: small })
    expect(files.paths()).toEqual([])

    const large = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    const handle = await storage.writeState(1, 'a', large)
    expect(handle).toMatchObject({ kind: 'file', path: 'a', offset: 0, sizeBytes: 8 })
    expect(files.calls).toContain(`sync ${DIRECTORY}/chk-1/a`)

    expect(await storage.readState(1, inline)).toEqual(small)
    expect(await storage.readState(1, handle)).toEqual(large)
  })

  test('when the caller reuses its bytes, then what was stored inline stays', async () => {
    const bytes = Uint8Array.of(1, 2, 3)
    const handle = await storage.writeState(1, 'a', bytes)
    bytes.fill(9)
    expect(await storage.readState(1, handle)).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('when no threshold is given, then it is 20 KiB', async () => {
    const byDefault = new CheckpointStorage(files, DIRECTORY)
    const kinds = [20 * 1024 - 1, 20 * 1024].map(async (length) => {
      return (await byDefault.writeState(1, `${length}`, new Uint8Array(length))).kind
    })
    expect(await Promise.all(kinds)).toEqual(['inline', 'file'])
  })

  test.each([
    ['one bit is flipped', (bytes: Uint8Array) => bytes.with(3, 9)],
    ['it is cut', (bytes: Uint8Array) => bytes.slice(1)],
    ['it is empty', () => new Uint8Array()],
  ])('when %s, then it is corrupt', async (_, change) => {
    const handle = await storage.writeState(1, 'a', new Uint8Array(20))
    files.damage(`${DIRECTORY}/chk-1/a`, change)
    await expectCorrupt(storage.readState(1, handle), /chk-1\/a/)
  })

  test('when the host that wrote it fails before the checkpoint is complete, then it is there', async () => {
    const metadata = await metadataOf(1)
    files.crash()
    await storage.complete(metadata)
    const handle = metadata.operators[0]?.subtasks[0]?.slots['keyed']
    expect(await storage.readState(1, handle!)).toEqual(stateOf(1))
  })

  test('when its file is gone, then it is corrupt', async () => {
    const handle = await storage.writeState(1, 'a', new Uint8Array(20))
    await files.remove(`${DIRECTORY}/chk-1/a`)
    await expectCorrupt(storage.readState(1, handle), /a file of 20 bytes.*got none/)
  })

  test.each(['../chk-2/a', '/etc/passwd', 'a/../../b', '..', '', 'C:\\a', '\\a', 'a\\..\\b'])(
    'when the path is %j, then it is not followed',
    async (path) => {
      const handle = { kind: 'file', path, offset: 0, sizeBytes: 1, crc32: 0 } as const
      await expectCorrupt(storage.readState(1, handle), /a path inside/)
    },
  )
})

describe('completing', () => {
  test('when nothing is complete, then there is no latest', async () => {
    expect(await latestOf(storage)).toBeUndefined()
    expect(await storage.highestId()).toBeUndefined()
  })

  test('when a checkpoint completed, then it is the latest, also after a crash', async () => {
    await writeCheckpoint(9)
    await writeCheckpoint(10)
    files.crash()
    expect(await latestOf(storage)).toEqual(await metadataOf(10))
    expect(await storage.load(9)).toMatchObject({ checkpointId: 9 })
    const handle = (await latestOf(storage))?.operators[0]?.subtasks[0]?.slots['keyed']
    expect(await storage.readState(10, handle!)).toEqual(stateOf(10))
  })

  test('when a newer one is unfinished, then it is passed over but its number is used up', async () => {
    await writeCheckpoint(2)
    await storage.writeState(3, 'a', new Uint8Array(20))
    expect(await latestOf(storage)).toMatchObject({ checkpointId: 2 })
    expect(await storage.highestId()).toBe(3)
  })

  test('when the power fails after any step, then the checkpoint is whole or not there', async () => {
    await writeCheckpoint(1)
    const outcomes = new Set<number>()
    for (let steps = 0; ; steps++) {
      files.stepsLeft = steps
      const isDone = await writeCheckpoint(2).then(
        () => true,
        () => false,
      )
      files.crash()
      const latest = await latestOf(storage)
      outcomes.add(latest?.checkpointId ?? 0)
      if (latest?.checkpointId === 2) {
        const handle = latest.operators[0]?.subtasks[0]?.slots['keyed']
        expect(await storage.readState(2, handle!)).toEqual(stateOf(2))
      }
      if (isDone) {
        expect(latest).toMatchObject({ checkpointId: 2 })
        break
      }
      await storage.discard(2)
    }
    expect(outcomes).toEqual(new Set([1, 2]))
  })

  test('when completing fails after any step, then what is taken for the latest survives a crash', async () => {
    await writeCheckpoint(1)
    for (let steps = 0, isDone = false; !isDone; steps++) {
      files.stepsLeft = steps
      isDone = await writeCheckpoint(2).then(
        () => true,
        () => false,
      )
      files.stepsLeft = Number.POSITIVE_INFINITY
      const taken = await latestOf(storage)
      files.crash()
      expect(await latestOf(storage)).toEqual(taken)
      await storage.discard(2)
    }
  })

  test('when the latest is damaged, then that is an error and the one before is not taken', async () => {
    await writeCheckpoint(1)
    await writeCheckpoint(2)
    files.damage(`${DIRECTORY}/chk-2/_metadata`, (bytes) => bytes.slice(0, -1))
    await expectCorrupt(latestOf(storage), /chk-2\/_metadata/)
  })

  test('when a directory has the name of another checkpoint, then it is corrupt', async () => {
    await writeCheckpoint(1)
    await files.makeDirectory(`${DIRECTORY}/chk-7`)
    await files.rename(`${DIRECTORY}/chk-1/_metadata`, `${DIRECTORY}/chk-7/_metadata`)
    await expectCorrupt(latestOf(storage), /checkpoint 7.*got that of checkpoint 1/)
  })

  test('when it is complete already, then another run is at work and nothing is replaced', async () => {
    await writeCheckpoint(1)
    const again = { ...(await metadataOf(1)), jobName: 'other' }
    expect(await errorOf(storage.complete(again))).toMatchObject({
      code: 'CHECKPOINT_FAILED',
      isRetryable: false,
    })
    expect(await latestOf(storage)).toMatchObject({ jobName: 'words' })
  })

  test('when a checkpoint is asked for that is not complete, then it is missing', async () => {
    await storage.writeState(3, 'a', new Uint8Array(20))
    for (const checkpointId of [3, 4]) {
      expect(await errorOf(storage.load(checkpointId))).toMatchObject({
        code: 'CHECKPOINT_MISSING',
      })
    }
  })

  test('when some checkpoints are complete and others are not, then only the complete ones are named, newest first', async () => {
    await writeCheckpoint(2)
    await storage.writeState(3, 'a', new Uint8Array(20))
    await writeCheckpoint(10)
    expect(await storage.completeIds()).toEqual([10, 2])
  })

  test('when other things lie in the directory, then they are left alone', async () => {
    await files.makeDirectory(`${DIRECTORY}/chk-x`)
    await (await files.create(`${DIRECTORY}/chk-99`)).close()
    expect(await storage.highestId()).toBeUndefined()
    expect(await latestOf(storage)).toBeUndefined()
  })
})

describe('discarding', () => {
  test('when the power fails after any step, then the checkpoint is whole or unfinished', async () => {
    for (let steps = 0, isDone = false; !isDone; steps++) {
      files = new MemoryFiles()
      storage = new CheckpointStorage(files, DIRECTORY, { inlineBytesBelow: 8 })
      await storage.prepare()
      await writeCheckpoint(1)
      files.stepsLeft = steps
      isDone = await storage.discard(1).then(
        () => true,
        () => false,
      )
      files.crash()
      const latest = await latestOf(storage)
      const handle = latest?.operators[0]?.subtasks[0]?.slots['keyed']
      if (handle !== undefined) expect(await storage.readState(1, handle)).toEqual(stateOf(1))
      if (isDone) expect(files.paths()).toEqual([])
    }
  })

  test('when it is done twice or there is nothing, then that is fine', async () => {
    await writeCheckpoint(1)
    await storage.discard(1)
    await storage.discard(1)
    expect(files.paths()).toEqual([])
  })

  test('when the unfinished ones go, then those that are complete stay', async () => {
    await writeCheckpoint(1)
    await storage.writeState(2, 'a', new Uint8Array(20))
    await storage.discardUnfinished()
    expect(files.paths().filter((path) => path.includes('chk-2'))).toEqual([])
    expect(await latestOf(storage)).toMatchObject({ checkpointId: 1 })
  })
})

async function writeCheckpoint(checkpointId: number): Promise<void> {
  await storage.complete(await metadataOf(checkpointId))
}

/** Writes the state of a checkpoint and answers its metadata. */
async function metadataOf(checkpointId: number): Promise<CheckpointMetadata> {
  const keyed = await storage.writeState(checkpointId, 'count.0.keyed', stateOf(checkpointId))
  return {
    formatVersion: METADATA_FORMAT_VERSION,
    checkpointId,
    kind: 'checkpoint',
    triggeredAtMs: 0,
    completedAtMs: 1,
    jobName: 'words',
    graphHash: '',
    operators: [
      {
        uid: 'count',
        name: 'count',
        kind: 'process',
        parallelism: 1,
        maxParallelism: 128,
        subtasks: [{ subtaskIndex: 0, isFinished: false, slots: { keyed } }],
      },
    ],
  }
}

function stateOf(checkpointId: number): Uint8Array {
  return new Uint8Array(20).fill(checkpointId)
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

async function expectCorrupt(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await errorOf(promise)
  expect(error).toMatchObject({ code: 'CHECKPOINT_CORRUPT' })
  expect((error as MillraceError).message).toMatch(message)
}
