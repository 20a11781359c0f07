import {
  MillraceError,
  type Platform,
  type Source,
  type SourceReader,
  type SourceReaderContext,
  type SplitEnumeratorContext,
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
  const values: T[] = []
  for (let poll = 0; poll < pollsMax; poll++) {
    const result = reader.pollNext({ collect: (value) => void values.push(value) }, recordsMax)
    if (result !== 'more') break
  }
  return values
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

describe('a collection source', () => {
  test('when read by one reader, then values come in order, then the end', async () => {
    const source = new CollectionSource(['a', 'b', 'c'], undefined)
    const reader = readerOf(source, await splitsOf(source, 1))
    expect(drain(reader, 2)).toEqual(['a', 'b', 'c'])
    expect(reader.pollNext({ collect: () => {} }, 1)).toBe('end')
  })

  test('when restored, then it goes on after the last record and reads none twice', async () => {
    const source = new CollectionSource([0, 1, 2, 3, 4], undefined)
    const reader = readerOf(source, await splitsOf(source, 1))
    expect(drain(reader, 2, 1)).toEqual([0, 1])
    const states = JSON.parse(JSON.stringify(reader.snapshot())) as IndexSplit[]
    expect(drain(reader)).toEqual([2, 3, 4])
    const restored = readerOf(source, states)
    expect(drain(restored)).toEqual([2, 3, 4])
    expect(drain(readerOf(source, restored.snapshot()))).toEqual([])
  })

  test('when several readers share it, then each value is read by one of them', async () => {
    const source = new CollectionSource([0, 1, 2, 3, 4], undefined)
    const [first, second] = await splitsOf(source, 2)
    expect(drain(readerOf(source, [first as IndexSplit]))).toEqual([0, 2, 4])
    expect(drain(readerOf(source, [second as IndexSplit]))).toEqual([1, 3])
  })

  test('when the job shrinks, then one reader merges the splits in order', async () => {
    const source = new CollectionSource([0, 1, 2, 3, 4, 5, 6], undefined)
    expect(drain(readerOf(source, await splitsOf(source, 3)), 2)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(drain(readerOf(source, []))).toEqual([])
  })

  test('when a type is given, then values become records of it', async () => {
    const Bid = Types.record({ auction: Types.int, url: Types.string })
    const values = [{ auction: 1, url: '/a', more: true }]
    const source = new CollectionSource<{ auction: number; url: string }>(values, Bid)
    const [bid] = drain(readerOf(source, await splitsOf(source, 1)))
    expect({ ...bid }).toEqual({ auction: 1, url: '/a' })
    expect(Object.getPrototypeOf(bid)).not.toBe(Object.prototype)
  })

  test('when a value is not of the type, then the error names it', async () => {
    const values = [1, 'two'] as unknown as number[]
    const source = new CollectionSource(values, Types.int)
    const reader = readerOf(source, await splitsOf(source, 1))
    expect(() => drain(reader)).toThrow(MillraceError)
    expect(() => drain(readerOf(source, [{ splitId: 'all', next: 0, step: 1, end: 2 }]))).toThrow(
      /TYPE_MISMATCH.*int.*"two"/,
    )
  })

  test('when the array is changed later, then the source is not', async () => {
    const values = ['a']
    const source = new CollectionSource(values, undefined)
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
    expect(reader.pollNext({ collect: () => {} }, 1)).toBe('end')
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
