import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type {
  FileSystem,
  Platform,
  RestoredSinkState,
  SinkWriterContext,
  WritableFile,
} from '@millrace/core'
import { nodePlatform } from '@millrace/core/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileSink } from './index.ts'

const RUN = 'abcdef0123456789'
const FRESH: RestoredSinkState = { isRestored: false, states: [], committables: [] }
const encoder = { name: 'lines', encode: (line: string) => `${line}\n` }
const noRecordContext = { timestamp: undefined, currentWatermark: 0 }

let parent: string
let folder: string
let platform: Platform

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'millrace-sink-'))
  folder = join(parent, 'deep', 'out')
  platform = nodePlatform()
})

afterEach(async () => {
  await rm(parent, { recursive: true })
})

describe('two-phase commit', () => {
  test('when records are written, then they are visible after the commit and not before', async () => {
    const run = await startWriter()
    run.write('a', 'b')
    const committables = await run.writer.prepareCommit()
    run.write('c')
    expect(committables).toEqual([
      {
        pending: join(folder, '.part-0-abcdef01-0-0.pending'),
        final: join(folder, 'part-0-abcdef01-0-0.txt'),
      },
    ])
    expect(await visible()).toEqual({})
    await run.committer.commit(committables)
    expect(await visible()).toEqual({ 'part-0-abcdef01-0-0.txt': 'a\nb\n' })
    await run.committer.commit(await run.writer.prepareCommit())
    expect(await visible()).toEqual({
      'part-0-abcdef01-0-0.txt': 'a\nb\n',
      'part-0-abcdef01-0-1.txt': 'c\n',
    })
    await run.writer.close()
    expect(await hidden()).toEqual([])
    expect(run.writer.snapshotState()).toEqual([])
  })

  test('when nothing was written since the last cut, then there is nothing to commit', async () => {
    const run = await startWriter()
    expect(await run.writer.prepareCommit()).toEqual([])
    await run.committer.commit([])
    run.write('a')
    await run.writer.prepareCommit()
    expect(await run.writer.prepareCommit()).toEqual([])
    await run.writer.close()
  })

  test('when a commit is repeated, also after a crash in the middle, then that is fine', async () => {
    const run = await startWriter()
    run.write('a')
    const first = await run.writer.prepareCommit()
    run.write('b')
    const both = [...first, ...(await run.writer.prepareCommit())]
    await run.committer.commit(first)
    await run.committer.commit(both)
    await run.committer.commit(both)
    expect(Object.values(await visible())).toEqual(['a\n', 'b\n'])
    await run.writer.close()
  })

  test('when a part is gone that a checkpoint promised, then the error names the loss', async () => {
    const run = await startWriter()
    run.write('a')
    const committables = await run.writer.prepareCommit()
    await rm(join(folder, '.part-0-abcdef01-0-0.pending'))
    await expect(run.committer.commit(committables)).rejects.toMatchObject({
      code: 'FILE_MISSING',
      isRetryable: false,
      message: expect.stringMatching(/part-0-abcdef01-0-0\.pending.*records are lost/),
    })
    await run.writer.close()
  })

  test('when a committable is not ours, then it is refused', async () => {
    const run = await startWriter()
    for (const committable of [null, {}, { pending: 1, final: 'x' }]) {
      await expect(run.committer.commit([committable])).rejects.toMatchObject({
        code: 'CHECKPOINT_CORRUPT',
      })
    }
  })

  test('when the cut is made, then what is written while it becomes durable is in the next part', async () => {
    const big = 'x'.repeat(100_000)
    const run = await startWriter()
    run.write(big)
    const cuts = ['a', 'b', 'c'].map((line) => {
      run.write(line)
      return run.writer.prepareCommit()
    })
    for (const cut of cuts) await run.committer.commit(await cut)
    expect(Object.values(await visible())).toEqual([`${big}\na\n`, 'b\n', 'c\n'])
    await run.writer.close()
  })

  test('when a part is sealed, then its bytes and its name were synced before', async () => {
    const calls: string[] = []
    platform = { ...platform, files: watchingFiles(platform.files, (call) => calls.push(call)) }
    const run = await startWriter()
    expect(calls).toEqual([
      `syncDirectory ${dirname(parent)}`,
      `syncDirectory ${parent}`,
      `syncDirectory ${join(parent, 'deep')}`,
    ])
    calls.length = 0
    run.write('a')
    const committables = await run.writer.prepareCommit()
    const seal = ['create', 'write', 'sync', 'close', `syncDirectory ${folder}`]
    expect(calls).toEqual(seal)
    await run.committer.commit(committables)
    expect(calls).toEqual([...seal, 'rename', `syncDirectory ${folder}`])
    await run.writer.close()
  })
})

describe('files', () => {
  test('when the encoder has a header, then every part begins with it', async () => {
    const run = await startWriter({ sinkEncoder: { ...encoder, header: 'word\n' } })
    expect(await run.writer.prepareCommit()).toEqual([])
    run.write('x'.repeat(70_000), 'b')
    await run.committer.commit(await run.writer.prepareCommit())
    run.write('c')
    await run.committer.commit(await run.writer.prepareCommit())
    expect(Object.values(await visible())).toEqual([
      `word\n${'x'.repeat(70_000)}\nb\n`,
      'word\nc\n',
    ])
    await run.writer.close()
  })

  test('when much is written at once, then the writer is not available until it drained', async () => {
    const run = await startWriter()
    const line = 'é'.repeat(1000)
    let count = 0
    while (run.writer.isAvailable) {
      run.write(line)
      count += 1
    }
    expect(count).toBeGreaterThan(500)
    expect(run.wakes()).toBe(0)
    await run.woken
    expect(run.writer.isAvailable).toBe(true)
    await run.committer.commit(await run.writer.prepareCommit())
    expect(Object.values(await visible())).toEqual([`${line}\n`.repeat(count)])
    await run.writer.close()
  })

  test('when a writer is closed, then what no checkpoint holds is removed', async () => {
    const run = await startWriter()
    run.write('sealed')
    const sealing = run.writer.prepareCommit()
    run.write('x'.repeat(70_000))
    await run.writer.close()
    expect(await hidden()).toEqual(['.part-0-abcdef01-0-0.pending'])
    await run.committer.commit(await sealing)
    expect(Object.values(await visible())).toEqual(['sealed\n'])
  })
})

describe('leftovers', () => {
  const names = [
    '.part-0-abcdef01-0-0.pending',
    '.part-0-abcdef01-0-1.pending',
    '.part-1-abcdef01-0-0.pending',
    '.part-2-99999999-0-0.pending',
    '.other-0-abcdef01-0-0.pending',
    '.part-0-abcdef01-0.pending',
    'part-0-abcdef01-0-0.txt',
  ]

  beforeEach(async () => {
    await mkdir(folder, { recursive: true })
    for (const name of names) await writeFile(join(folder, name), name)
  })

  test('when a job starts afresh, then foreign files are left alone', async () => {
    await startWriter()
    expect(await readdir(folder)).toHaveLength(names.length)
  })

  test('when restored, then files of this subtask that will not be committed are removed', async () => {
    const committables = [
      { pending: join(folder, '.part-0-abcdef01-0-1.pending'), final: join(folder, 'x') },
    ]
    const restored = { isRestored: true, states: [], committables }
    await startWriter({ restored, parallelism: 2, runId: 'fedcba98' })
    expect((await readdir(folder)).sort()).toEqual([
      '.other-0-abcdef01-0-0.pending',
      '.part-0-abcdef01-0-1.pending',
      '.part-0-abcdef01-0.pending',
      '.part-1-abcdef01-0-0.pending',
      'part-0-abcdef01-0-0.txt',
    ])
  })

  test('when restarted without a checkpoint, then only files of this run are removed', async () => {
    await startWriter({ attempt: 1, parallelism: 1 })
    expect((await readdir(folder)).sort()).toEqual([
      '.other-0-abcdef01-0-0.pending',
      '.part-0-abcdef01-0.pending',
      '.part-2-99999999-0-0.pending',
      'part-0-abcdef01-0-0.txt',
    ])
  })

  test('when a job crashes and goes on from its checkpoint, then every record is there once', async () => {
    await rm(folder, { recursive: true })
    const first = await startWriter()
    first.write('1', '2')
    const inCheckpoint = await first.writer.prepareCommit()
    first.write('3')
    await first.writer.prepareCommit()
    first.write('4'.repeat(70_000))
    await new Promise((resolve) => setTimeout(resolve, 20))
    // No close and no commit: the process is gone. The checkpoint completed, so the restart commits it.
    const restored = { isRestored: true, states: [], committables: inCheckpoint }
    const second = await startWriter({ restored, attempt: 1 })
    await second.committer.commit(inCheckpoint)
    second.write('3', '4')
    await second.committer.commit(await second.writer.prepareCommit())
    await second.writer.close()
    expect(Object.values(await visible())).toEqual(['1\n2\n', '3\n4\n'])
    expect(await hidden()).toEqual([])
    await first.writer.close()
  })
})

describe('failures', () => {
  test('when a file stands in place of the folder, then opening fails with the path', async () => {
    await writeFile(join(parent, 'deep'), '')
    await expect(startWriter()).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringContaining(folder),
    })
  })

  test('when the folder disappears, then the job fails once and the cut too', async () => {
    const run = await startWriter()
    await rename(folder, `${folder}-moved`)
    run.write('x'.repeat(70_000))
    run.write('y'.repeat(70_000))
    await expect(run.writer.prepareCommit()).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    expect(run.failures).toMatchObject([{ code: 'FILE_UNWRITABLE' }])
    await run.writer.close()
  })

  test('when a write fails, then no cut after it succeeds and no file stays open', async () => {
    let writes = 0
    const files = watchingFiles(platform.files, (call) => {
      if (call === 'write' && ++writes === 2) throw new Error('the disk is full')
    })
    platform = { ...platform, files }
    const run = await startWriter()
    for (const letter of ['a', 'b', 'c']) run.write(letter.repeat(70_000))
    await expect(run.writer.prepareCommit()).rejects.toThrow('the disk is full')
    expect(run.failures).toMatchObject([{ message: 'the disk is full' }])
    run.write('d'.repeat(70_000))
    await run.writer.close()
    expect(files.openCount).toBe(0)
    expect(await visible()).toEqual({})
  })

  test('when a sync fails, then the cut fails and the file is closed', async () => {
    const files = watchingFiles(platform.files, (call) => {
      if (call === 'sync') throw new Error('the disk is gone')
    })
    platform = { ...platform, files }
    const run = await startWriter()
    run.write('a')
    await expect(run.writer.prepareCommit()).rejects.toThrow('the disk is gone')
    await run.writer.close()
    expect(files.openCount).toBe(0)
  })
})

test.each([
  [{ path: 'a', encodr: encoder }, /OPTION_UNKNOWN.*mean "encoder"/],
  [{ path: '', encoder }, /OPTION_INVALID.*path/],
  [{ path: 'a', encoder, partPrefix: '.x' }, /OPTION_INVALID.*partPrefix/],
  [{ path: 'a', encoder, partPrefix: '' }, /OPTION_INVALID.*partPrefix/],
  [{ path: 'a', encoder, partSuffix: '/x' }, /OPTION_INVALID.*partSuffix/],
])('when options are wrong, then %j is refused', (options, message) => {
  expect(() => FileSink.of(options as never)).toThrow(message)
})

test('when a sink is described, then the plan says where and how it writes', () => {
  const sink = FileSink.of({ path: 'out/words/', encoder, partSuffix: '.txt' })
  expect(sink.name).toBe('FileSink(words)')
  expect(sink.describe()).toEqual({
    sink: 'files',
    directory: 'out/words/',
    prefix: 'part',
    suffix: '.txt',
    encoder: 'lines',
  })
})

interface Start extends Partial<SinkWriterContext> {
  readonly restored?: RestoredSinkState
  readonly sinkEncoder?: typeof encoder & { header?: string }
}

/** Drives a writer and a committer as a task would. */
async function startWriter({ restored = FRESH, sinkEncoder = encoder, ...context }: Start = {}) {
  const sink = FileSink.of({ path: folder, encoder: sinkEncoder, partSuffix: '.txt' })
  const failures: unknown[] = []
  let wakes = 0
  let wake = () => {}
  const woken = new Promise<void>((resolve) => (wake = resolve))
  const writerContext: SinkWriterContext = {
    platform,
    subtaskIndex: 0,
    parallelism: 1,
    attempt: 0,
    runId: RUN,
    hasCheckpoints: true,
    sendToClient: () => {},
    wake: () => {
      wakes += 1
      wake()
    },
    fail: (error) => failures.push(error),
    ...context,
  }
  const writer = sink.createWriter(writerContext)
  await writer.open(restored)
  const write = (...lines: string[]) => {
    for (const line of lines) writer.write(line, noRecordContext)
  }
  const committer = sink.createCommitter(writerContext)
  return { writer, committer, write, failures, woken, wakes: () => wakes }
}

/** The file system, told of each call that durability depends on; `openCount` must end at 0. */
function watchingFiles(
  files: FileSystem,
  onCall: (call: string) => void,
): FileSystem & { openCount: number } {
  const watching = Object.assign(Object.create(files) as FileSystem, {
    openCount: 0,
    create: async (path: string): Promise<WritableFile> => {
      onCall('create')
      const file = await files.create(path)
      watching.openCount += 1
      return {
        write: async (bytes) => {
          onCall('write')
          await file.write(bytes)
        },
        sync: async () => {
          onCall('sync')
          await file.sync()
        },
        close: async () => {
          onCall('close')
          watching.openCount -= 1
          await file.close()
        },
      }
    },
    rename: async (from: string, to: string) => {
      onCall('rename')
      await files.rename(from, to)
    },
    syncDirectory: async (path: string) => {
      onCall(`syncDirectory ${path}`)
      await files.syncDirectory(path)
    },
  })
  return watching
}

async function visible(): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return Object.fromEntries(names.map((name, index) => [name, texts[index] as string]))
}

async function hidden(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('.')).sort()
}
