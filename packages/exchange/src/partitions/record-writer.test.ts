import { type Key, keyGroupOf, subtaskForKeyGroup } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHANNEL_CREDITS, type OutputChannel } from '../channels/channel.ts'
import type { StreamEvent } from '../events/stream-event.ts'
import {
  AdaptiveRebalanceWriter,
  BroadcastWriter,
  CustomWriter,
  ForwardWriter,
  GlobalWriter,
  HashWriter,
  RebalanceWriter,
  type RecordWriter,
  ShuffleWriter,
} from './record-writer.ts'

/** A channel that notes what it gets. */
class NotingChannel implements OutputChannel<unknown> {
  readonly notes: unknown[] = []
  readonly isLocal: boolean
  isReadyNow = true
  backlog = 0
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

/** The first values of all records in all channels, sorted. */
const idsIn = (channels: readonly NotingChannel[]): readonly number[] =>
  channels.flatMap(({ notes }) => notes.map((note) => (note as [number])[0])).sort((a, b) => a - b)

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

describe('RebalanceWriter and its kin', () => {
  test('when any number of records is written to any number of channels, then their shares differ by one at most', () => {
    const count = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(count, count, fc.nat(500), (channelCount, subtaskIndex, records) => {
        const channels = channelsOf(channelCount)
        const writer = new RebalanceWriter(channels, subtaskIndex)
        for (let id = 0; id < records; id++) writer.processElement(id, id)
        const shares = channels.map(({ notes }) => notes.length)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
        expect(idsIn(channels)).toEqual(Array.from({ length: records }, (_, id) => id))
      }),
    )
  })
})

describe('GlobalWriter', () => {
  test('when records are written, then all go to the first channel, and events to all', () => {
    const channels = channelsOf(3)
    const writer = new GlobalWriter(channels)
    writer.processElement('a', 1)
    writer.processElement('b', 2)
    writer.event({ kind: 'end-of-data' })
    expect(notesOf(channels)).toEqual([
      [['a', 1], ['b', 2], 'end-of-data'],
      ['end-of-data'],
      ['end-of-data'],
    ])
  })
})

describe('ShuffleWriter', () => {
  test('when numbers are drawn, then they name the channels', () => {
    const drawn = [0, 0.34, 0.67, 0.999_999, 0.33]
    const channels = channelsOf(3)
    const writer = new ShuffleWriter(channels, { next: () => drawn.shift() ?? 0, id: () => '' })
    for (const id of [0, 1, 2, 3, 4]) writer.processElement(id, 0)
    expect(channels.map(({ notes }) => notes.map((note) => (note as [number])[0]))).toEqual([
      [0, 4],
      [1],
      [2, 3],
    ])
  })

  test('when many records are drawn by lot, then each channel gets about its share', () => {
    let seed = 42
    const next = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed / 2 ** 32
    }
    const channels = channelsOf(5)
    const writer = new ShuffleWriter(channels, { next, id: () => '' })
    for (let id = 0; id < 10_000; id++) writer.processElement(id, 0)
    for (const { notes } of channels) expect(Math.abs(notes.length - 2000)).toBeLessThan(200)
    expect(idsIn(channels).length).toBe(10_000)
  })
})

describe('CustomWriter', () => {
  test('when the function names a channel, then the record goes there', () => {
    const channels = channelsOf(3)
    const writer = new CustomWriter<number>(channels, (id) => (id * 2) % 3)
    for (const id of [0, 1, 2, 3]) writer.processElement(id, 0)
    expect(channels.map(({ notes }) => notes.map((note) => (note as [number])[0]))).toEqual([
      [0, 3],
      [2],
      [1],
    ])
  })
})

describe('AdaptiveRebalanceWriter', () => {
  test('when no channel is behind, then they take turns', () => {
    const channels = channelsOf(3)
    const writer = new AdaptiveRebalanceWriter(channels, 1)
    for (const id of [0, 1, 2, 3]) writer.processElement(id, 0)
    expect(channels.map(({ notes }) => notes.length)).toEqual([1, 2, 1])
  })

  test('when some are behind, then the least busy of the next four gets the record', () => {
    const channels = channelsOf(6)
    ;[3, 2, 5, 1, 0, 9].forEach(
      (backlog, index) => ((channels[index] as NotingChannel).backlog = backlog),
    )
    const writer = new AdaptiveRebalanceWriter(channels, 0)
    writer.processElement('a', 0)
    expect(channels.map(({ notes }) => notes.length)).toEqual([0, 0, 0, 1, 0, 0])
  })

  test('when all of the next four are full, then the search goes on', () => {
    const channels = channelsOf(6)
    for (const channel of channels) channel.backlog = CHANNEL_CREDITS
    ;(channels[5] as NotingChannel).backlog = CHANNEL_CREDITS - 1
    const writer = new AdaptiveRebalanceWriter(channels, 0)
    for (const id of [0, 1, 2]) writer.processElement(id, 0)
    expect(channels.map(({ notes }) => notes.length)).toEqual([0, 0, 0, 0, 0, 3])
  })

  test('when one channel has room, then it is ready, and it has asked all of them', () => {
    const channels = channelsOf(3)
    const writer = new AdaptiveRebalanceWriter(channels, 0)
    channels.forEach((channel, index) => (channel.isReadyNow = index === 1))
    expect(writer.isReady).toBe(true)
    expect(channels.map(({ asked }) => asked)).toEqual([1, 1, 1])
    ;(channels[1] as NotingChannel).isReadyNow = false
    expect(writer.isReady).toBe(false)
  })

  test('when readers are of any speed, then no record is lost and a full channel gets none while another has room', () => {
    const step = fc.record({ reader: fc.nat(4), taken: fc.nat(6) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.nat(4), (steps, subtaskIndex) => {
        const channels = channelsOf(5)
        const writer = new AdaptiveRebalanceWriter(channels, subtaskIndex)
        steps.forEach(({ reader, taken }, id) => {
          const before = channels.map(({ backlog }) => backlog)
          writer.processElement(id, 0)
          const chosen = channels.findIndex(
            ({ notes }) => (notes.at(-1) as [number] | undefined)?.[0] === id,
          )
          if (before.some((backlog) => backlog < CHANNEL_CREDITS)) {
            expect(before[chosen]).toBeLessThan(CHANNEL_CREDITS)
          }
          ;(channels[chosen] as NotingChannel).backlog++
          const slow = channels[reader] as NotingChannel
          slow.backlog = Math.max(0, slow.backlog - taken)
        })
        expect(idsIn(channels)).toEqual(steps.map((_, id) => id))
      }),
    )
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
