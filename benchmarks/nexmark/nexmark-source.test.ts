import {
  CollectingSourceOutput,
  type SourceReader,
  type SourceSplit,
  type SplitEnumeratorContext,
} from 'millrace'
import { expect, test } from 'vitest'
import type { Event } from './model.ts'
import { NexmarkSource } from './nexmark-source.ts'
import { firstEvents } from './reference.ts'

const EVENTS = 1000
const source = new NexmarkSource({ events: EVENTS, seed: 3 })
const expected = [...firstEvents(EVENTS, { seed: 3 })]

test.each([1, 3, 7])(
  'when %i readers share the events, then each comes once, in order of each reader',
  async (readers) => {
    const splits = await splitsFor(readers)
    const shares = splits.map((split) => read(open([split])))
    expect(shares).toEqual(splits.map((_, n) => expected.filter((_, at) => at % readers === n)))
  },
)

test('when a reader has several splits, then it reads them in the order of the events', async () => {
  expect(read(open(await splitsFor(3)))).toEqual(expected)
})

test('when readers are restored into fewer readers, then these go on where those were', async () => {
  const before = (await splitsFor(3)).map((split) => open([split]))
  const readFirst = before.flatMap((reader, n) => readAtMost(reader, 10 * (n + 1)))
  const restored = open(before.flatMap((reader) => reader.snapshot()))
  const all = [...readFirst, ...read(restored)]
  expect(all).toHaveLength(EVENTS)
  expect(new Set(all.map((event) => JSON.stringify(event)))).toEqual(
    new Set(expected.map((event) => JSON.stringify(event))),
  )
})

test('when a reader has read all or has no split, then it says so without emitting', async () => {
  const reader = open(await splitsFor(1))
  read(reader)
  const output = new CollectingSourceOutput<Event>()
  expect(reader.pollNext(output, 10)).toBe('end')
  expect(open([]).pollNext(output, 10)).toBe('end')
  expect(output.values).toEqual([])
})

async function splitsFor(parallelism: number): Promise<readonly SourceSplit[]> {
  const context = { parallelism } as SplitEnumeratorContext
  const enumerator = source.createEnumerator(context as never, undefined)
  await enumerator.start()
  return enumerator.snapshotState(1) as unknown as readonly SourceSplit[]
}

function open(splits: readonly SourceSplit[]): SourceReader<Event> {
  const reader: SourceReader<Event> = source.createReader()
  reader.addSplits(splits)
  reader.notifyNoMoreSplits()
  return reader
}

function read(reader: SourceReader<Event>): Event[] {
  const output = new CollectingSourceOutput<Event>()
  while (reader.pollNext(output, 17) === 'more');
  return output.values
}

function readAtMost(reader: SourceReader<Event>, recordsMax: number): Event[] {
  const output = new CollectingSourceOutput<Event>()
  expect(reader.pollNext(output, recordsMax)).toBe('more')
  expect(output.values).toHaveLength(recordsMax)
  return output.values
}
