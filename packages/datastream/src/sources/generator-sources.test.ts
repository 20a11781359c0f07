import {
  CollectingSourceOutput,
  MillraceError,
  type Platform,
  type Source,
  type SourceReader,
  type SourceReaderContext,
  type SplitEnumeratorContext,
  type StandardSchema,
  Types,
} from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { CollectionSource } from './collection-source.ts'
import { DataGeneratorSource } from './data-generator-source.ts'
import type { IndexSplit } from './index-cursor.ts'
import { numberSequence } from './number-sequence.ts'

/** A clock that moves when told, with the timers that wait for it. */
class Time {
  nowMs = 0
  readonly pending = new Set<{ readonly atMs: number; readonly callback: () => void }>()

  readonly platform = {
    clock: { now: () => this.nowMs, monotonicMs: () => this.nowMs },
    timers: {
      after: (delayMs: number, callback: () => void) => {
        const timer = { atMs: this.nowMs + delayMs, callback }
        this.pending.add(timer)
        return { cancel: () => void this.pending.delete(timer) }
      },
    },
  } as unknown as Platform

  advance(ms: number): void {
    this.nowMs += ms
    for (const timer of this.pending) {
      if (timer.atMs > this.nowMs) continue
      this.pending.delete(timer)
      timer.callback()
    }
  }
}

function readerOf<T>(
  source: Source<T, IndexSplit>,
  splits: readonly IndexSplit[],
  context: Partial<SourceReaderContext> = {},
): SourceReader<T, IndexSplit> {
  const reader = source.createReader({
    platform: new Time().platform,
    operatorName: 'Source: Numbers',
    subtaskIndex: 0,
    parallelism: 1,
    ...context,
  } as SourceReaderContext)
  reader.addSplits(splits)
  reader.notifyNoMoreSplits()
  return reader
}

/** Polls until the reader has nothing more to give, at most `pollsMax` times. */
function drain<T>(reader: SourceReader<T, IndexSplit>, recordsMax = 100, pollsMax = Infinity): T[] {
  const output = new CollectingSourceOutput<T>()
  for (let poll = 0; poll < pollsMax; poll++) {
    if (reader.pollNext(output, recordsMax) !== 'more') break
  }
  return output.values
}

async function splitsOf(
  source: Source<unknown, IndexSplit>,
  parallelism: number,
): Promise<readonly IndexSplit[]> {
  const context = { parallelism } as SplitEnumeratorContext<IndexSplit>
  const enumerator = source.createEnumerator(context, undefined)
  await enumerator.start()
  return enumerator.snapshotState(1) as unknown as readonly IndexSplit[]
}

/** Accepts texts and makes numbers of them. */
const Digits: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string' && /^\d+$/.test(value)
        ? { value: Number(value) }
        : { issues: [{ message: 'no digits' }] },
  },
}

/** Counts what a reader passed over, and keeps what it logged. */
function malformedContext(): {
  readonly context: Partial<SourceReaderContext>
  readonly counts: Map<string, number>
  readonly warnings: unknown[]
} {
  const counts = new Map<string, number>()
  const warnings: unknown[] = []
  const log = { warn: (...facts: unknown[]) => void warnings.push(facts) }
  const context = {
    platform: { ...new Time().platform, log } as unknown as Platform,
    operatorName: 'Source: Numbers',
    addToAccumulator: (name: string, amount: number) =>
      void counts.set(name, (counts.get(name) ?? 0) + amount),
  }
  return { context, counts, warnings }
}

describe('a collection source', () => {
  test('when all values are alike, then they come as records of one class; the stream has no type', async () => {
    const values = [
      { a: 1, b: [{ c: 'x' }] },
      { a: null, b: [] },
    ]
    const source = new CollectionSource({ values, type: undefined, check: undefined })
    expect(source.type).toBeUndefined()
    const [first, second] = drain(readerOf(source, await splitsOf(source, 1))) as object[]
    expect([first, second]).toStrictEqual(values)
    expect(Object.getPrototypeOf(first)).toBe(Object.getPrototypeOf(second))
    expect(Object.getPrototypeOf(first)).not.toBe(Object.prototype)
  })

  test('when values differ, then they come as the objects they are', async () => {
    for (const values of [
      [{ a: 1 }, { b: 1 }],
      [{ a: 1 }, 7],
      [new Map(), { a: 1 }],
    ]) {
      const source = new CollectionSource({ values, type: undefined, check: undefined })
      const read = drain(readerOf(source, await splitsOf(source, 1)))
      expect(read.map((value, index) => value === values[index])).toEqual([true, true])
    }
  })

  test('when there is a schema, then records are what it makes of the values', async () => {
    const check = { schema: Digits, onMalformed: 'fail' } as const
    const source = new CollectionSource({ values: ['1', '22', 'x'], type: undefined, check })
    const reader = readerOf(source, await splitsOf(source, 1))
    expect(drain(reader, 1, 2)).toEqual([1, 22])
    expect(() => drain(reader)).toThrow(
      /^RECORD_MALFORMED: expected a record of Numbers that its schema accepts, but got no digits, in "x"/,
    )
  })

  test('when malformed values are to be skipped, then they are counted, and the first one is logged', async () => {
    const { context, counts, warnings } = malformedContext()
    const check = { schema: Digits, onMalformed: 'skip' } as const
    const source = new CollectionSource({ values: ['x', '1', 'y', '2'], type: Types.long, check })
    expect(drain(readerOf(source, await splitsOf(source, 1), context))).toEqual([1, 2])
    expect([...counts]).toEqual([['Numbers.malformed', 2]])
    expect(warnings).toEqual([
      [
        expect.stringMatching(/passed over/),
        expect.objectContaining({ reason: 'no digits', text: '"x"' }),
      ],
    ])
  })

  test('when read by one reader, then values come in order, then the end', async () => {
    const source = new CollectionSource({
      values: ['a', 'b', 'c'],
      type: undefined,
      check: undefined,
    })
    const reader = readerOf(source, await splitsOf(source, 1))
    expect(drain(reader, 2)).toEqual(['a', 'b', 'c'])
    expect(reader.pollNext(new CollectingSourceOutput(), 1)).toBe('end')
  })

  test('when restored, then it goes on after the last record and reads none twice', async () => {
    const source = new CollectionSource({
      values: [0, 1, 2, 3, 4],
      type: undefined,
      check: undefined,
    })
    const reader = readerOf(source, await splitsOf(source, 1))
    expect(drain(reader, 2, 1)).toEqual([0, 1])
    const states = JSON.parse(JSON.stringify(reader.snapshot())) as IndexSplit[]
    expect(drain(reader)).toEqual([2, 3, 4])
    const restored = readerOf(source, states)
    expect(drain(restored)).toEqual([2, 3, 4])
    expect(drain(readerOf(source, restored.snapshot()))).toEqual([])
  })

  test('when several readers share it, then each value is read by one of them', async () => {
    const source = new CollectionSource({
      values: [0, 1, 2, 3, 4],
      type: undefined,
      check: undefined,
    })
    const [first, second] = await splitsOf(source, 2)
    expect(drain(readerOf(source, [first as IndexSplit]))).toEqual([0, 2, 4])
    expect(drain(readerOf(source, [second as IndexSplit]))).toEqual([1, 3])
  })

  test('when the job shrinks, then one reader merges the splits in order', async () => {
    const source = new CollectionSource({
      values: [0, 1, 2, 3, 4, 5, 6],
      type: undefined,
      check: undefined,
    })
    expect(drain(readerOf(source, await splitsOf(source, 3)), 2)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(drain(readerOf(source, []))).toEqual([])
  })

  test('when a type is given, then values become records of it', async () => {
    const Bid = Types.record({ auction: Types.int, url: Types.string })
    const values = [{ auction: 1, url: '/a', more: true }]
    const source = new CollectionSource<{ auction: number; url: string }>({
      values,
      type: Bid,
      check: undefined,
    })
    const [bid] = drain(readerOf(source, await splitsOf(source, 1)))
    expect({ ...bid }).toEqual({ auction: 1, url: '/a' })
    expect(Object.getPrototypeOf(bid)).not.toBe(Object.prototype)
  })

  test('when a value is not of the type, then the error names it', async () => {
    const values = [1, 'two'] as unknown as number[]
    const source = new CollectionSource({ values: values, type: Types.int, check: undefined })
    const reader = readerOf(source, await splitsOf(source, 1))
    expect(() => drain(reader)).toThrow(MillraceError)
    expect(() => drain(readerOf(source, [{ splitId: 'all', next: 0, step: 1, end: 2 }]))).toThrow(
      /TYPE_MISMATCH.*int.*"two"/,
    )
  })

  test('when the array is changed later, then the source is not', async () => {
    const values = ['a']
    const source = new CollectionSource({ values: values, type: undefined, check: undefined })
    values.push('b')
    expect(drain(readerOf(source, await splitsOf(source, 1)))).toEqual(['a'])
    expect(source.describe()).toEqual({ source: 'collection', count: 1 })
  })
})

describe('a data generator source', () => {
  test('when a count is given, then it is bounded and makes that many', async () => {
    const source = new DataGeneratorSource({ count: 3, generator: (index) => `r${index}` })
    expect(source.boundedness).toBe('bounded')
    expect(drain(readerOf(source, await splitsOf(source, 1)))).toEqual(['r0', 'r1', 'r2'])
  })

  test('when no count is given, then it never ends and goes on after a restore', async () => {
    const source = new DataGeneratorSource({ generator: (index) => index })
    expect(source.boundedness).toBe('unbounded')
    const reader = readerOf(source, await splitsOf(source, 2))
    expect(drain(reader, 3, 2)).toEqual([0, 1, 2, 3, 4, 5])
    expect(drain(readerOf(source, reader.snapshot()), 2, 1)).toEqual([6, 7])
  })

  test('when it is empty, then it ends at once', async () => {
    const source = new DataGeneratorSource({ count: 0, generator: (index) => index })
    const reader = readerOf(source, await splitsOf(source, 1))
    expect(reader.pollNext(new CollectingSourceOutput(), 1)).toBe('end')
  })

  test('when a rate is given, then records come evenly and the engine sleeps between', async () => {
    const time = new Time()
    let wakes = 0
    const source = new DataGeneratorSource({ generator: (index) => index, recordsPerSecond: 20 })
    const context = { platform: time.platform, parallelism: 2, wake: () => void wakes++ }
    const reader = readerOf(source, await splitsOf(source, 1), context)
    expect(drain(reader)).toEqual([])
    time.advance(99)
    expect(wakes).toBe(0)
    time.advance(1)
    expect(wakes).toBe(1)
    expect(drain(reader)).toEqual([0])
    time.advance(250)
    expect(drain(reader)).toEqual([1, 2])
    expect(time.pending.size).toBe(1)
    time.advance(50)
    expect(drain(reader)).toEqual([3])
    await reader.close()
    expect(time.pending.size).toBe(0)
  })

  test('when it was held up, then at most one second is made up for', async () => {
    const time = new Time()
    const source = new DataGeneratorSource({ generator: (index) => index, recordsPerSecond: 10 })
    const context = { platform: time.platform, wake: () => {} }
    const reader = readerOf(source, await splitsOf(source, 1), context)
    time.advance(60_000)
    expect(drain(reader)).toHaveLength(10)
  })
})

describe('a number sequence', () => {
  test('when read, then both ends are included', async () => {
    const source = numberSequence(-1, 2)
    expect(drain(readerOf(source, await splitsOf(source, 1)))).toEqual([-1, 0, 1, 2])
    expect(source.type).toEqual(Types.long)
    const empty = numberSequence(1, 0)
    expect(drain(readerOf(empty, await splitsOf(empty, 1)))).toEqual([])
  })
})

describe('a generator with a schema', () => {
  test('when values are accepted, transformed or refused, then positions are those of the values', async () => {
    const { context, counts } = malformedContext()
    const source = new DataGeneratorSource({
      count: 6,
      generator: (index) => (index % 2 === 0 ? `${index}` : 'odd'),
      schema: Digits,
      onMalformed: 'skip',
    })
    const reader = readerOf(source, await splitsOf(source, 1), context)
    expect(drain(reader, 3, 1)).toEqual([0, 2])
    const states = reader.snapshot()
    expect(drain(readerOf(source, states, context))).toEqual([4])
    expect(counts.get('Numbers.malformed')).toBe(3)
    expect(source.describe()).toMatchObject({ schema: 'test', onMalformed: 'skip' })
  })

  test.each([
    [
      { onMalformed: 'skip' },
      /onMalformed of DataGeneratorSource, beside a schema.*without a schema/,
    ],
    [{ schema: Digits, onMalformed: 'drop' }, /'fail' or 'skip'.*"drop"/],
    [{ schema: {} }, /Standard Schema/],
  ])('when the options are %o, then they are refused', (options, message) => {
    const make = (): unknown =>
      new DataGeneratorSource({ generator: (index: number) => index, ...options } as never)
    expect(make).toThrow(/^OPTION_INVALID/)
    expect(make).toThrow(message)
  })
})
