import type { SourceReader, SourceSplit, SplitEnumeratorContext } from 'millrace'
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
  expect(reader.pollNext(refuse, 10)).toBe('end')
  expect(open([]).pollNext(refuse, 10)).toBe('end')
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
  const events: Event[] = []
  while (reader.pollNext({ collect: (event) => events.push(event) }, 17) === 'more');
  return events
}

function readAtMost(reader: SourceReader<Event>, recordsMax: number): Event[] {
  const events: Event[] = []
  expect(reader.pollNext({ collect: (event) => events.push(event) }, recordsMax)).toBe('more')
  expect(events).toHaveLength(recordsMax)
  return events
}

const refuse = {
  collect(): void {
    throw new Error('no event was expected')
  },
}
