import { type Key, keyGroupOf, subtaskForKeyGroup } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OutputChannel } from '../channels/channel.ts'
import type { StreamEvent } from '../events/stream-event.ts'
import {
  BroadcastWriter,
  ForwardWriter,
  HashWriter,
  RebalanceWriter,
  type RecordWriter,
} from './record-writer.ts'

/** A channel that notes what it gets. */
class NotingChannel implements OutputChannel<unknown> {
  readonly notes: unknown[] = []
  readonly isLocal: boolean
  isReadyNow = true
  /** How often somebody asked whether it is ready. */
  asked = 0

  constructor(isLocal = true) {
    this.isLocal = isLocal
  }

  get isReady(): boolean {
    this.asked++
    return this.isReadyNow
  }

  add(record: unknown, timestamp: number): void {
    this.notes.push([record, timestamp])
  }

  watermark(watermark: number): void {
    this.notes.push(`watermark ${watermark}`)
  }

  event({ kind }: StreamEvent): void {
    this.notes.push(kind)
  }

  flush(): void {
    this.notes.push('flush')
  }
}

const channelsOf = (count: number): NotingChannel[] =>
  Array.from({ length: count }, () => new NotingChannel())

const notesOf = (channels: readonly NotingChannel[]): unknown[][] =>
  channels.map(({ notes }) => notes)

describe('ForwardWriter', () => {
  test('when records are written, then all go to the one channel', () => {
    const [channel] = channelsOf(1) as [NotingChannel]
    const writer = new ForwardWriter(channel)
    writer.processElement('a', 1)
    writer.processElement('b', 2)
    expect(channel.notes).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })
})

describe('RebalanceWriter', () => {
  test('when records are written, then the channels take turns, and each subtask begins with another', () => {
    const counts = [0, 1, 2, 3].map((subtaskIndex) => {
      const channels = channelsOf(3)
      const writer = new RebalanceWriter(channels, subtaskIndex)
      for (const id of [0, 1, 2, 3]) writer.processElement(id, 0)
      return channels.map(({ notes }) => notes.map((note) => (note as [number])[0]))
    })
    expect(counts).toEqual([
      [[0, 3], [1], [2]],
      [[2], [0, 3], [1]],
      [[1], [2], [0, 3]],
      [[0, 3], [1], [2]],
    ])
  })
})

describe('BroadcastWriter', () => {
  test('when a record is written, then it goes to every channel', () => {
    const channels = channelsOf(3)
    new BroadcastWriter(channels).processElement('a', 1)
    expect(notesOf(channels)).toEqual([[['a', 1]], [['a', 1]], [['a', 1]]])
  })
})

describe('HashWriter', () => {
  test('when a record is written, then it goes to the owner of the key group of its key', () => {
    const key: fc.Arbitrary<Key> = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.bigInt(),
    )
    fc.assert(
      fc.property(
        key,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 20, max: 300 }),
        (value, channelCount, maxParallelism) => {
          const channels = channelsOf(channelCount)
          const writer = new HashWriter<Key>(channels, (each) => each, maxParallelism)
          writer.processElement(value, 7)
          const owner = subtaskForKeyGroup(
            keyGroupOf(value, maxParallelism),
            channelCount,
            maxParallelism,
          )
          expect(notesOf(channels)).toEqual(
            channels.map((_, index) => (index === owner ? [[value, 7]] : [])),
          )
        },
      ),
    )
  })

  test('when there are many keys, then every channel gets its share', () => {
    const channels = channelsOf(4)
    const writer = new HashWriter<string>(channels, (key) => key, 128)
    for (let id = 0; id < 4_000; id++) writer.processElement(`key ${id}`, 0)
    for (const { notes } of channels) expect(notes.length).toBeGreaterThan(700)
  })
})

describe.each<readonly [string, (channels: readonly NotingChannel[]) => RecordWriter<unknown>]>([
  ['rebalance', (channels) => new RebalanceWriter(channels, 0)],
  ['broadcast', (channels) => new BroadcastWriter(channels)],
  ['hash', (channels) => new HashWriter(channels, () => 'key', 128)],
])('a %s writer', (_, create) => {
  test('when time passes or an event comes, then all channels learn of it', () => {
    const channels = channelsOf(3)
    const writer = create(channels)
    writer.processWatermark(5)
    writer.event({ kind: 'end-of-data' })
    writer.flush()
    const expected = ['watermark 5', 'end-of-data', 'flush']
    expect(notesOf(channels)).toEqual([expected, expected, expected])
  })

  test('when one channel is behind, then the writer is, and each channel knows that somebody waits', () => {
    const channels = channelsOf(3)
    const writer = create(channels)
    expect(writer.isReady).toBe(true)
    for (const channel of channels.slice(0, 2)) channel.isReadyNow = false
    expect(writer.isReady).toBe(false)
    expect(channels.map(({ asked }) => asked)).toEqual([2, 2, 2])
  })

  test('when one channel leads to another thread, then a flush costs something', () => {
    expect(create(channelsOf(2)).isLocal).toBe(true)
    expect(create([new NotingChannel(), new NotingChannel(false)]).isLocal).toBe(false)
  })
})
