import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import {
  CollectingSourceOutput,
  type DecoderState,
  type FileSystem,
  type Log,
  type Platform,
  type SourceReader,
  type SplitEnumeratorContext,
} from '@millrace/core'
import { nodePlatform } from '@millrace/core/node'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FileSplit, freshSplit } from './file-split.ts'
import { FileSource, type FileSourceOptions, textLines } from './index.ts'

let folder: string
let logged: string[]
let platform: Platform

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-source-'))
  logged = []
  const note = (message: string, facts?: object) =>
    logged.push(`${message} ${JSON.stringify(facts)}`)
  const log: Log = { info: note, warn: note, error: note }
  platform = nodePlatform({ log })
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('splits', () => {
  test('when paths are files and folders, then each visible file is a split, in order', async () => {
    await mkdir(join(folder, 'in', 'deeper'), { recursive: true })
    for (const name of ['b', 'a', '.hidden', '_SUCCESS']) await file(`in/${name}`, '')
    const single = await file('z', '')
    const source = FileSource.of({ path: [single, join(folder, 'in')], format: textLines() })
    expect(await splitsOf(source)).toEqual([
      freshSplit(single),
      freshSplit(join(folder, 'in', 'a')),
      freshSplit(join(folder, 'in', 'b')),
    ])
    expect(source.name).toBe('FileSource(z and 1 more)')
  })

  test('when a file is missing, then the error names its whole path at once', async () => {
    const source = FileSource.of({ path: 'no/such.txt', format: textLines() })
    await expect(splitsOf(source)).rejects.toMatchObject({
      code: 'FILE_MISSING',
      message: expect.stringContaining(join(process.cwd(), 'no/such.txt')),
    })
  })

  test('when the folder of a pattern is missing, then the error names it; when only files are, then there are none', async () => {
    const missing = FileSource.of({ path: join(folder, 'typo/*.txt'), format: textLines() })
    await expect(splitsOf(missing)).rejects.toMatchObject({
      code: 'FILE_MISSING',
      ids: { path: join(folder, 'typo') },
    })
    const none = FileSource.of({ path: join(folder, '*.nothing'), format: textLines() })
    expect(await splitsOf(none)).toEqual([])
  })
})

describe('reading', () => {
  test('when there are several files, then all records come once and the end after them', async () => {
    await file('1.txt', 'a\nb\n')
    await file('2.txt', '')
    await file('3.txt', 'c')
    const source = FileSource.of({ path: folder, format: textLines() })
    const run = await startReader(source, await splitsOf(source))
    expect(await run.rest()).toEqual(['a', 'b', 'c'])
    expect(run.reader.snapshot(), 'what is read needs no state').toEqual([])
    await run.reader.close()
  })

  test('when restored at any record, then nothing is read twice and nothing lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom('', 'a', 'é😀', 'x'.repeat(40))), { maxLength: 4 }),
        fc.nat({ max: 20 }),
        fc.integer({ min: 2, max: 64 }),
        async (texts, count, bufferBytes) => {
          const paths = await Promise.all(
            texts.map((lines, index) => file(`${index}`, lines.map((l) => `${l}\n`).join(''))),
          )
          fc.pre(paths.length > 0)
          const source = FileSource.of({ path: paths, format: textLines(), bufferBytes })
          const first = await startReader(source, await splitsOf(source))
          const before = await first.take(count)
          const states = JSON.parse(JSON.stringify(first.reader.snapshot())) as FileSplit[]
          await first.reader.close()
          const second = await startReader(source, states)
          expect([...before, ...(await second.rest())]).toEqual(texts.flat())
          await second.reader.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  test('when all is read, then polling on stays at the end, also after a restore', async () => {
    const path = await file('1', 'a\n')
    const source = FileSource.of({ path, format: textLines() })
    const run = await startReader(source, [freshSplit(path)])
    await run.rest()
    expect(run.poll(1)).toEqual({ result: 'end', records: [] })
    const again = await startReader(source, run.reader.snapshot())
    expect(again.poll(1)).toEqual({ result: 'end', records: [] })
  })

  test('when nothing has come yet, then pollNext does not wait, and wake follows', async () => {
    const path = await file('1', 'a\n')
    const run = await startReader(FileSource.of({ path, format: textLines() }), [freshSplit(path)])
    expect(run.poll(10)).toEqual({ result: 'nothing-now', records: [] })
    await run.woken()
    expect(run.poll(1)).toEqual({ result: 'more', records: ['a'] })
    expect(run.poll(1)).toEqual({ result: 'end', records: [] })
    await run.reader.close()
  })

  test('when nobody polls, then no more than the buffer is read ahead', async () => {
    const path = await file('1', 'x'.repeat(100_000))
    const reads: number[] = []
    platform = {
      ...platform,
      files: watchingFiles(platform.files, { onRead: (b) => reads.push(b) }),
    }
    const source = FileSource.of({ path, format: textLines(), bufferBytes: 1000 })
    const run = await startReader(source, [freshSplit(path)])
    await run.woken()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(reads).toEqual([500, 500])
    expect(await run.rest()).toEqual(['x'.repeat(100_000)])
    await run.reader.close()
  })
})

describe('gzip', () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`)

  test('when a file is compressed, in one member or many, then its text is read, from any record on', async () => {
    const middle = lines.length / 2
    const members = [lines.slice(0, middle), lines.slice(middle)].map((half) =>
      gzipSync(`${half.join('\n')}\n`),
    )
    const path = join(folder, 'a.txt.gz')
    await writeFile(path, Buffer.concat(members))
    const source = FileSource.of({ path, format: textLines(), bufferBytes: 10_000 })
    const first = await startReader(source, await splitsOf(source))
    const before = await first.take(middle + 10)
    const states = first.reader.snapshot()
    await first.reader.close()
    const second = await startReader(source, states)
    expect([...before, ...(await second.rest())]).toEqual(lines)
    await second.reader.close()
  })

  test('when a file is cut off or no gzip at all, then the job fails and says so', async () => {
    const whole = gzipSync(lines.join('\n'))
    for (const bytes of [whole.subarray(0, whole.length / 2), Buffer.from('plain text')]) {
      const path = join(folder, 'b.gz')
      await writeFile(path, bytes)
      const run = await startReader(FileSource.of({ path, format: textLines() }), [
        freshSplit(path),
      ])
      await expect(run.rest()).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        isRetryable: false,
        message: expect.stringContaining(path),
      })
      await run.reader.close()
    }
  })

  test('when nobody polls, then not much more than the buffer is decompressed', async () => {
    const path = join(folder, 'zeros.gz')
    await writeFile(path, gzipSync('0'.repeat(50_000_000)))
    const before = process.memoryUsage().arrayBuffers
    const run = await startReader(FileSource.of({ path, format: textLines(), bufferBytes: 1000 }), [
      freshSplit(path),
    ])
    await run.woken()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000)
    await run.reader.close()
  })
})

describe('malformed records', () => {
  const numbers = {
    ...textLines(),
    name: 'numbers',
    createDecoder: () => new NumberDecoder(),
  }

  test('when the policy is to fail, then the error says where and why', async () => {
    const path = await file('1', '1\ntwo\n3\n')
    const run = await startReader(FileSource.of({ path, format: numbers }), [freshSplit(path)])
    await expect(run.rest()).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
      isRetryable: false,
      ids: { file: path, line: 2 },
      message: expect.stringMatching(/line 2, but got no number, in "two"/),
    })
    await run.reader.close()
  })

  test('when the policy is to skip, then they are counted and the first is logged', async () => {
    const path = await file('in.txt', 'one\n2\nthree\n4\nfive')
    const source = FileSource.of({ path, format: numbers, onMalformed: 'skip' })
    const run = await startReader(source, [freshSplit(path)])
    expect(await run.rest()).toEqual(['2', '4'])
    expect(run.accumulators).toEqual({ 'FileSource(in.txt).malformed': 3 })
    expect(logged).toEqual([expect.stringMatching(/malformed.*in\.txt.*"line":1.*no number/)])
    await run.reader.close()
  })
})

describe('failures', () => {
  test('when a file disappears between plan and start, then the job fails with its path', async () => {
    const path = join(folder, 'gone')
    const run = await startReader(FileSource.of({ path, format: textLines() }), [freshSplit(path)])
    await expect(run.rest()).rejects.toMatchObject({ code: 'FILE_MISSING', ids: { path } })
    await run.reader.close()
  })

  test('when a file is shorter than what was read of it, then that is said', async () => {
    const path = await file('1', 'a\nb\n')
    await truncate(path, 1)
    const state = { splitId: path, path, offset: 2, line: 1, isDone: false }
    const run = await startReader(FileSource.of({ path, format: textLines() }), [state])
    await expect(run.rest()).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      isRetryable: false,
      message: expect.stringMatching(/2 bytes.*a file of 1 bytes/),
    })
    await run.reader.close()
  })

  test('when readers end, fail or are closed early, then no file stays open', async () => {
    const path = await file('1', 'x\n'.repeat(100_000))
    const files = watchingFiles(platform.files)
    platform = { ...platform, files }
    const source = FileSource.of({ path, format: textLines(), bufferBytes: 1000 })
    const early = await startReader(source, [freshSplit(path)])
    await early.take(10)
    expect(files.openCount).toBe(1)
    await early.reader.close()
    const immediate = await startReader(source, [freshSplit(path)])
    await immediate.reader.close()
    const ended = await startReader(source, [freshSplit(path)])
    await ended.rest()
    await ended.reader.close()
    const short = await startReader(source, [{ ...freshSplit(path), offset: 1e9, line: 1 }])
    await short.rest().catch(() => {})
    await short.reader.close()
    expect(files.openCount).toBe(0)
  })

  test('when reading fails later, then the job fails and polling does not spin', async () => {
    const path = await file('1', 'x\n'.repeat(1000))
    let reads = 0
    const onRead = () => {
      if (++reads === 3) throw new Error('the disk is gone')
    }
    platform = { ...platform, files: watchingFiles(platform.files, { onRead }) }
    const source = FileSource.of({ path, format: textLines(), bufferBytes: 200 })
    const run = await startReader(source, [freshSplit(path)])
    await expect(run.rest()).rejects.toThrow('the disk is gone')
    expect(run.poll(1000).result).toBe('nothing-now')
    expect(reads).toBe(3)
    await run.reader.close()
  })
})

describe('finding files', () => {
  beforeEach(async () => {
    await mkdir(join(folder, 'x', 'y'), { recursive: true })
    await mkdir(join(folder, '.git'))
    for (const name of ['a.txt', 'b.json', 'x/c.txt', 'x/y/d.txt', '.git/e.txt', 'x/_f.txt']) {
      await file(name, name)
    }
  })

  test.each<[string, Partial<FileSourceOptions<string>>, readonly string[]]>([
    ['a folder', {}, ['a.txt', 'b.json']],
    ['all below a folder', { recursive: true }, ['a.txt', 'b.json', 'x/c.txt', 'x/y/d.txt']],
    [
      'by a filter',
      { filter: ({ path, sizeBytes }) => path.endsWith('t') && sizeBytes > 0 },
      ['a.txt'],
    ],
  ])('when %s is read, then these files are', async (_, options, expected) => {
    expect(await found(FileSource.of({ path: folder, format: textLines(), ...options }))).toEqual(
      expected,
    )
  })

  test.each([
    ['*.txt', ['a.txt']],
    ['**/*.txt', ['a.txt', 'x/c.txt', 'x/y/d.txt']],
    ['x/*/?.{txt,json}', ['x/y/d.txt']],
    ['nothing-*', []],
  ])('when the pattern %s is read, then these files are', async (pattern, expected) => {
    expect(
      await found(FileSource.of({ path: join(folder, pattern), format: textLines() })),
    ).toEqual(expected)
  })

  test('when paths overlap, then each file is read once', async () => {
    const path = [folder, join(folder, '*.txt'), join(folder, 'a.txt')]
    expect(await found(FileSource.of({ path, format: textLines() }))).toEqual(['a.txt', 'b.json'])
  })

  test('when files are split, then all but compressed ones are', async () => {
    await file('x/y/d.txt', 'a\n'.repeat(10))
    await file('x/y/e.gz', 'a\n'.repeat(10))
    const source = FileSource.of({
      path: join(folder, 'x', 'y'),
      format: textLines(),
      splitBytes: 8,
    })
    expect((await splitsOf(source)).map(({ offset, end }) => [offset, end])).toEqual([
      [0, 8],
      [8, undefined],
      [0, undefined],
    ])
  })

  async function found(source: FileSource<string>): Promise<readonly string[]> {
    return (await splitsOf(source)).map(({ path }) => path.slice(folder.length + 1))
  }
})

describe('ranges', () => {
  test('when ranges are read in any order and restored anywhere, then each line comes once', async () => {
    const line = fc.constantFrom('', 'a', 'é😀', 'x'.repeat(30))
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2, max: 30 }),
        fc.nat({ max: 12 }),
        async (lines, splitBytes, bufferBytes, stopAfter) => {
          const path = await file('in', lines.map((one) => `${one}\n`).join(''))
          const source = FileSource.of({ path, format: textLines(), bufferBytes, splitBytes })
          const records: string[] = []
          for (const split of (await splitsOf(source)).toReversed()) {
            const first = await startReader(source, [split])
            const before = await first.take(stopAfter)
            const states = JSON.parse(JSON.stringify(first.reader.snapshot())) as FileSplit[]
            await first.reader.close()
            const second = await startReader(source, states)
            records.unshift(...before, ...(await second.rest()))
            await second.reader.close()
          }
          expect(records).toEqual(lines)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('when a record of a range is malformed, then the error says from where its lines are counted', async () => {
    const format = { ...textLines(), name: 'numbers', createDecoder: () => new NumberDecoder() }
    const path = await file('in', '1\n2\n3\nfour\n')
    const split: FileSplit = {
      ...freshSplit(path),
      splitId: `${path}#3`,
      offset: 3,
      isInside: true,
    }
    const run = await startReader(FileSource.of({ path, format }), [split])
    await expect(run.rest()).rejects.toThrow(/in from byte 3, line 2.*"four"/)
    await run.reader.close()
  })
})

test.each([
  [{ path: 'a', fromat: textLines() }, /OPTION_UNKNOWN.*mean "format"/],
  [{ path: [], format: textLines() }, /OPTION_INVALID.*path/],
  [{ path: '', format: textLines() }, /OPTION_INVALID.*path/],
  [{ path: 'a', format: textLines(), onMalformed: 'ignore' }, /OPTION_INVALID.*'fail' or 'skip'/],
  [{ path: 'a', format: textLines(), bufferBytes: 0 }, /OPTION_INVALID.*bufferBytes/],
  [{ path: 'a', format: textLines(), splitBytes: 0 }, /OPTION_INVALID.*splitBytes/],
  [{ path: 'a', format: textLines(), monitorInterval: 0 }, /OPTION_INVALID.*monitorInterval/],
  [{ path: 'a', format: textLines(), filter: '*.txt' }, /FUNCTION_INVALID.*filter/],
  [
    {
      path: 'a',
      format: {
        ...textLines(),
        createDecoder: () => textLines().createDecoder(),
        isSplittable: false,
      },
      splitBytes: 1000,
    },
    /OPTION_INVALID.*line end/,
  ],
])('when options are wrong, then %j is refused', (options, message) => {
  expect(() => FileSource.of(options as never)).toThrow(message)
})

test('when a source is described, then the plan says what it reads and how', () => {
  const source = FileSource.of({ path: 'a.txt', format: textLines(), onMalformed: 'skip' })
  expect(source.describe()).toEqual({
    source: 'files',
    paths: ['a.txt'],
    format: { name: 'text-lines' },
    onMalformed: 'skip',
  })
  expect(source.type).toEqual({ kind: 'string' })
})

/** A decoder of lines that takes only numbers. */
class NumberDecoder {
  readonly #lines = textLines().createDecoder()
  malformed: { line: number; text: string; reason: string } | undefined

  get record(): string {
    return this.#lines.record
  }

  restore(state: DecoderState): void {
    this.#lines.restore(state)
  }

  feed(bytes: Uint8Array): void {
    this.#lines.feed(bytes)
  }

  finish(): void {
    this.#lines.finish()
  }

  next(): 'record' | 'malformed' | 'need-input' | 'end' {
    const step = this.#lines.next()
    if (step !== 'record' || /^\d+$/.test(this.record)) return step
    this.malformed = { line: this.snapshot().line, text: this.record, reason: 'no number' }
    return 'malformed'
  }

  snapshot() {
    return this.#lines.snapshot()
  }
}

/** Drives a reader as a task would: polls, waits for wake, fails when told to. */
async function startReader(source: FileSource<string>, splits: readonly FileSplit[]) {
  const accumulators: Record<string, number> = {}
  let wake = () => {}
  let fail = (_error: unknown) => {}
  let woken = new Promise<void>((resolve) => (wake = resolve))
  const failed = new Promise<never>((_, reject) => (fail = reject))
  failed.catch(() => {})
  const reader: SourceReader<string, FileSplit> = source.createReader({
    platform,
    operatorName: 'Source: files',
    subtaskIndex: 0,
    parallelism: 1,
    addToAccumulator: (name, amount) => {
      accumulators[name] = (accumulators[name] ?? 0) + amount
    },
    wake: () => wake(),
    fail: (error) => fail(error),
    sendSplitRequest: () => {},
    sendSourceEvent: () => {},
  })
  reader.addSplits(splits)
  reader.notifyNoMoreSplits()

  const poll = (recordsMax: number) => {
    const output = new CollectingSourceOutput<string>()
    const result = reader.pollNext(output, recordsMax)
    return { result, records: output.values }
  }
  const take = async (count: number) => {
    const taken: string[] = []
    while (taken.length < count) {
      const { result, records } = poll(Math.min(3, count - taken.length))
      taken.push(...records)
      if (result === 'end') break
      if (result === 'nothing-now') {
        await Promise.race([woken, failed])
        woken = new Promise<void>((resolve) => (wake = resolve))
      }
    }
    return taken
  }
  return { reader, accumulators, poll, take, woken: () => woken, rest: () => take(Infinity) }
}

/** The file system, told of each read; what `openCount` answers must end at 0. */
function watchingFiles(
  files: FileSystem,
  { onRead = () => {} }: { onRead?: (lengthBytes: number) => void } = {},
): FileSystem & { openCount: number } {
  const watching = Object.assign(Object.create(files) as FileSystem, {
    openCount: 0,
    open: async (path: string) => {
      const opened = await files.open(path)
      watching.openCount += 1
      return {
        sizeBytes: opened.sizeBytes,
        read: async (position: number, lengthBytes: number) => {
          onRead(lengthBytes)
          return opened.read(position, lengthBytes)
        },
        close: async () => {
          watching.openCount -= 1
          await opened.close()
        },
      }
    },
  })
  return watching
}

async function splitsOf(source: FileSource<string>): Promise<readonly FileSplit[]> {
  const context = { platform, parallelism: 1 } as SplitEnumeratorContext
  const enumerator = source.createEnumerator(context as never, undefined)
  await enumerator.start()
  return (enumerator.snapshotState(1) as { waiting: unknown }).waiting as readonly FileSplit[]
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}
