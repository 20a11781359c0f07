import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CollectingSourceOutput } from './collecting-source-output.ts'
import type { SourceReaderContext } from './source-reader.ts'
import type { SourceSplit } from './source-split.ts'
import { SplitFetcherReader, type SplitFetcherReaderInit } from './split-fetcher-reader.ts'
import type { FetchedBatch, SplitReader } from './split-reader.ts'

/** The numbers from `next` on. */
interface Numbers extends SourceSplit {
  next: number
}

/** Gives what a test lets it give. */
class Broker implements SplitReader<number, Numbers> {
  readonly calls: string[] = []
  readonly splitIds: string[] = []
  fetches = 0
  wakeUps = 0
  #fetching: PromiseWithResolvers<FetchedBatch<number>> | undefined

  addSplits(splits: readonly Numbers[]): void {
    for (const { splitId } of splits) this.splitIds.push(splitId)
  }

  fetch(): Promise<FetchedBatch<number>> {
    this.fetches++
    this.#fetching = Promise.withResolvers()
    return this.#fetching.promise
  }

  get isFetching(): boolean {
    return this.#fetching !== undefined
  }

  async give(batch: FetchedBatch<number>): Promise<void> {
    const fetching = this.#fetching
    this.#fetching = undefined
    fetching?.resolve(batch)
    await settled()
  }

  async break(error: Error): Promise<void> {
    this.#fetching?.reject(error)
    await settled()
  }

  wakeUp(): void {
    this.wakeUps++
    this.#fetching?.resolve({ splits: [] })
    this.#fetching = undefined
  }

  close(): void {
    this.calls.push('close')
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

function records(splitId: string, ...values: number[]): FetchedBatch<number>['splits'][0] {
  return { splitId, records: values }
}

function open(options: Partial<SplitFetcherReaderInit<number, number, Numbers>> = {}) {
  const brokers: Broker[] = []
  const failures: unknown[] = []
  const finished: string[] = []
  const counts = { wakes: 0 }
  const reader = new SplitFetcherReader<number, number, Numbers>({
    context: {
      platform: { timers: { soon: (callback: () => void) => void setImmediate(callback) } },
      wake: () => void counts.wakes++,
      fail: (error: unknown) => void failures.push(error),
    } as unknown as SourceReaderContext,
    createSplitReader: () => {
      brokers.push(new Broker())
      return brokers.at(-1) as Broker
    },
    emit: (record, output, split) => {
      output.collect(record, record)
      split.next = record + 1
    },
    onSplitFinished: ({ splitId }) => void finished.push(splitId),
    ...options,
  })
  const output = new CollectingSourceOutput<number>()
  return { reader, brokers, failures, finished, counts, output }
}

const split = (splitId: string, next = 0): Numbers => ({ splitId, next })

describe('a reader that fetches in the background', () => {
  test('when batches come, then it is woken, and emits them in order, as many as are asked for', async () => {
    const { reader, brokers, counts, output } = open()
    const [broker] = brokers as [Broker]
    const given = split('a')
    reader.addSplits([given])
    expect(reader.pollNext(output, 10)).toBe('nothing-now')
    await broker.give({ splits: [records('a', 0, 1, 2)] })
    expect(counts.wakes).toBe(1)
    expect(reader.pollNext(output, 2)).toBe('more')
    expect(reader.snapshot()).toEqual([{ splitId: 'a', next: 2 }])
    expect(reader.pollNext(output, 2)).toBe('nothing-now')
    expect(output.values).toEqual([0, 1, 2])
    expect(given.next).toBe(0)
  })

  test('when nobody polls, then no more than the given number of batches is fetched', async () => {
    const { reader, brokers, output } = open({ batchesMax: 2 })
    const [broker] = brokers as [Broker]
    reader.addSplits([split('a')])
    await broker.give({ splits: [records('a', 0)] })
    await broker.give({ splits: [records('a', 1)] })
    expect([broker.fetches, broker.isFetching]).toEqual([2, false])
    expect(reader.pollNext(output, 1)).toBe('more')
    expect(broker.fetches).toBe(3)
  })

  test('when a fetch answers nothing at once, again and again, then others have their turn in between', async () => {
    let fetches = 0
    const hasty: SplitReader<number, Numbers> = {
      addSplits: () => {},
      fetch: async () => {
        if (++fetches > 1000) throw new Error('nobody else had a turn')
        return { splits: [] }
      },
      wakeUp: () => {},
      close: () => {},
    }
    const { reader, failures } = open({ createSplitReader: () => hasty })
    reader.addSplits([split('a')])
    for (let turn = 0; turn < 5; turn++) await settled()
    expect(failures).toEqual([])
    expect(fetches).toBeGreaterThan(1)
    expect(fetches).toBeLessThan(10)
    await reader.close()
  })

  test('when splits end, then they are released behind their last record, and the reader after the last one', async () => {
    const { reader, brokers, finished, output } = open({ hasTimePerSplit: true })
    const [broker] = brokers as [Broker]
    reader.addSplits([split('a'), split('b')])
    await broker.give({ splits: [records('a', 7), records('b', 8)], finishedSplits: ['a'] })
    expect(reader.pollNext(output, 1)).toBe('more')
    expect(output.releasedSplits).toEqual([])
    reader.pollNext(output, 1)
    expect([output.releasedSplits, finished]).toEqual([['a'], ['a']])
    expect(output.splitIds).toEqual(['a', 'b'])
    expect(reader.snapshot()).toEqual([{ splitId: 'b', next: 9 }])
    await broker.give({ splits: [], finishedSplits: ['b'] })
    expect(reader.pollNext(output, 1)).toBe('nothing-now')
    reader.notifyNoMoreSplits()
    expect(reader.pollNext(output, 1)).toBe('end')
    expect(broker.isFetching).toBe(false)
  })

  test('when a fetch fails, then the job does, and after the close nobody is told', async () => {
    const { reader, brokers, failures } = open()
    reader.addSplits([split('a')])
    await (brokers[0] as Broker).break(new Error('broken'))
    expect(failures).toMatchObject([{ message: 'broken' }])

    const other = open()
    other.reader.addSplits([split('a')])
    const [broker] = other.brokers as [Broker]
    const closing = other.reader.close()
    await closing
    expect(broker.calls).toEqual(['close'])
    expect(other.failures).toEqual([])
    expect(broker.fetches).toBe(1)
  })

  test('when there is a fetcher for each split, then a quiet one does not hold the others up, and each is closed', async () => {
    const { reader, brokers, output } = open({ fetchers: 'one-per-split' })
    reader.addSplits([split('a'), split('b')])
    const [first, second] = brokers as [Broker, Broker]
    await second.give({ splits: [records('b', 1)] })
    await second.give({ splits: [records('b', 2)], finishedSplits: ['b'] })
    reader.pollNext(output, 9)
    await settled()
    expect(output.values).toEqual([1, 2])
    expect([first.calls, second.calls]).toEqual([[], ['close']])
    reader.pauseOrResumeSplits?.(['a'], [])
    await first.give({ splits: [records('a', 5)] })
    expect(first.isFetching).toBe(false)
    reader.pauseOrResumeSplits?.([], ['a'])
    expect(first.isFetching).toBe(true)
    await reader.close()
    expect(first.calls).toEqual(['close'])
  })

  test('when the split reader cannot pause splits, then neither can the reader', () => {
    expect(open().reader.pauseOrResumeSplits).toBeUndefined()
    expect(open({ fetchers: 'one-per-split' }).reader.pauseOrResumeSplits).toBeDefined()
  })

  test('when it is stopped anywhere and goes on from its snapshot, then each record comes once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 5 }), { maxLength: 12 }),
        fc.nat({ max: 30 }),
        async (sizes, stopAfter) => {
          let next = 0
          const batches = sizes.map((size) => Array.from({ length: size }, () => next++))
          const run = async (from: readonly Numbers[], recordsMax: number) => {
            const { reader, brokers, output } = open()
            reader.addSplits(from)
            for (const batch of batches) {
              const rest = batch.filter((record) => record >= (from[0]?.next ?? 0))
              await (brokers[0] as Broker).give({ splits: [records('a', ...rest)] })
              reader.pollNext(output, recordsMax - output.values.length)
            }
            await reader.close()
            return { values: output.values, snapshot: reader.snapshot() }
          }
          const first = await run([split('a')], stopAfter)
          const second = await run(first.snapshot, Number.POSITIVE_INFINITY)
          expect([...first.values, ...second.values]).toEqual(batches.flat())
        },
      ),
      { numRuns: 60 },
    )
  })
})
