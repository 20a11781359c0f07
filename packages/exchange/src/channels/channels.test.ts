// One deal, two channels: what holds for records by reference must hold for encoded frames.

import { frameCodec, type MessageChannelPort, MIN_WATERMARK, Types } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StreamEvent } from '../events/stream-event.ts'
import {
  BATCH_RECORDS_MAX,
  CHANNEL_CREDITS,
  type InputChannel,
  type OutputChannel,
} from './channel.ts'
import { LocalChannel } from './local-channel.ts'
import { FRAME_BYTES, PortInputChannel, PortOutputChannel } from './port-channel.ts'

const Record = Types.record({ id: Types.int, text: Types.string })
type Record = { id: number; text: string }

/** Both ends of one channel, and how often each was woken. */
interface Ends {
  readonly output: OutputChannel<Record>
  readonly input: InputChannel<Record>
  /** Delivers what is under way between the ends. */
  readonly deliver: () => void
  inputWakes: number
  readyWakes: number
}

function localEnds(): Ends {
  const wakes = { inputWakes: 0, readyWakes: 0 }
  const channel = new LocalChannel<Record>({
    onInput: () => void wakes.inputWakes++,
    onReady: () => void wakes.readyWakes++,
  })
  return Object.assign(wakes, { output: channel, input: channel, deliver: () => {} })
}

function portEnds(): Ends & { readonly ports: TestPorts } {
  const wakes = { inputWakes: 0, readyWakes: 0 }
  const ports = new TestPorts()
  const codec = frameCodec<Record>(Record)
  return Object.assign(wakes, {
    ports,
    output: new PortOutputChannel(ports.left, codec, () => void wakes.readyWakes++),
    input: new PortInputChannel(ports.right, codec, () => void wakes.inputWakes++),
    deliver: () => ports.deliver(),
  })
}

/** Two connected ports: messages are copied when posted, and delivered when the test says so. */
class TestPorts {
  readonly #underWay: (() => void)[] = []
  readonly #handlers: ((message: unknown) => void)[] = []
  /** How many messages each port has sent. */
  readonly posted: [number, number] = [0, 0]
  readonly left: MessageChannelPort = this.#port(0)
  readonly right: MessageChannelPort = this.#port(1)
  readonly closed: number[] = []

  deliver(): void {
    for (const message of this.#underWay.splice(0)) message()
  }

  #port(own: 0 | 1): MessageChannelPort {
    return {
      post: (message, transfer = []) => {
        const copy: unknown = structuredClone(message, { transfer: [...transfer] as ArrayBuffer[] })
        this.posted[own]++
        this.#underWay.push(() => this.#handlers[1 - own]?.(copy))
      },
      onMessage: (handler) => {
        this.#handlers[own] = handler
      },
      close: () => void this.closed.push(own),
    }
  }
}

const record = (id: number, text = 'x'): Record => ({ id, text })

/** Takes all input, as the consuming task does. Records become their ids. */
function takeAll({ input, deliver }: Ends): (number | StreamEvent)[] {
  deliver()
  const taken: (number | StreamEvent)[] = []
  while (input.hasInput) {
    const item = input.poll()
    if (item === undefined) break
    if (item.kind !== 'records') taken.push(item)
    else {
      for (const { id } of item.records.slice(0, item.count)) taken.push(id)
      input.release(item)
    }
  }
  deliver()
  return taken
}

const barrier = (checkpointId: number): StreamEvent => ({
  kind: 'barrier',
  barrier: { kind: 'checkpoint', checkpointId, triggeredAtMs: 0, alignment: 'aligned' },
})
const watermark = (time: number): StreamEvent => ({ kind: 'watermark', watermark: time })

/** Adds `count` whole batches. */
function addBatches({ output }: Ends, count: number): void {
  for (let id = 0; id < count * BATCH_RECORDS_MAX; id++) output.add(record(id), id)
}

describe.each([
  ['a local channel', localEnds],
  ['a port channel', portEnds],
] as const)('%s', (_, connect) => {
  test('when records and events are sent, then they arrive in order, with their timestamps', () => {
    const ends = connect()
    ends.output.add(record(1), 10)
    ends.output.add(record(2), 20)
    ends.output.event(barrier(1))
    ends.output.add(record(3), MIN_WATERMARK)
    ends.output.event({ kind: 'end-of-data' })
    ends.deliver()
    const first = ends.input.poll()
    expect(first).toMatchObject({ kind: 'records', count: 2 })
    if (first?.kind !== 'records') return
    expect(first.records.slice(0, 2)).toEqual([record(1), record(2)])
    expect([...first.timestamps.slice(0, 2)]).toEqual([10, 20])
    ends.input.release(first)
    expect(ends.input.poll()).toEqual(barrier(1))
    const second = ends.input.poll()
    expect(second?.kind === 'records' && second.timestamps[0]).toBe(MIN_WATERMARK)
    expect(ends.input.poll()).toEqual({ kind: 'end-of-data' })
    expect(ends.input.hasInput).toBe(false)
    expect(ends.input.poll()).toBeUndefined()
  })

  test('when records are added, then they wait for a full batch or a flush', () => {
    const ends = connect()
    for (let id = 1; id < BATCH_RECORDS_MAX; id++) ends.output.add(record(id), id)
    expect(takeAll(ends)).toEqual([])
    ends.output.add(record(0), 0)
    expect(takeAll(ends)).toHaveLength(BATCH_RECORDS_MAX)
    ends.output.add(record(7), 7)
    ends.output.flush()
    expect(takeAll(ends)).toEqual([7])
    ends.output.flush()
    expect(takeAll(ends)).toEqual([])
  })

  test('when watermarks follow each other, then the last goes out, before the next record', () => {
    const ends = connect()
    ends.output.watermark(1)
    ends.output.watermark(2)
    expect(takeAll(ends)).toEqual([])
    ends.output.add(record(1), 3)
    ends.output.watermark(3)
    ends.output.watermark(4)
    ends.output.event(barrier(1))
    ends.output.watermark(5)
    ends.output.flush()
    expect(takeAll(ends)).toEqual([watermark(2), 1, watermark(4), barrier(1), watermark(5)])
  })

  test('when the consumer is behind, then the producer is not ready, and is woken once half is taken', () => {
    const ends = connect()
    expect(ends.output.isReady).toBe(true)
    addBatches(ends, CHANNEL_CREDITS - 1)
    expect(ends.output.isReady).toBe(true)
    addBatches(ends, 1)
    expect(ends.output.isReady).toBe(false)
    ends.deliver()
    const wakes: number[] = []
    for (let taken = 1; taken <= CHANNEL_CREDITS; taken++) {
      const batch = ends.input.poll()
      if (batch?.kind === 'records') ends.input.release(batch)
      ends.deliver()
      wakes.push(ends.readyWakes)
    }
    const half = CHANNEL_CREDITS / 2
    expect(wakes).toEqual([
      ...Array.from({ length: half - 1 }, () => 0),
      ...Array.from({ length: half + 1 }, () => 1),
    ])
    expect(ends.output.isReady).toBe(true)
  })

  test('when nobody asked whether it is ready, then nobody is woken', () => {
    const ends = connect()
    addBatches(ends, CHANNEL_CREDITS)
    takeAll(ends)
    expect(ends.readyWakes).toBe(0)
  })

  test('when the producer overdraws, then all arrives, and it waits until that is worked off', () => {
    const ends = connect()
    addBatches(ends, 2 * CHANNEL_CREDITS)
    ends.output.event(barrier(1))
    expect(ends.output.isReady).toBe(false)
    ends.deliver()
    for (let taken = 0; taken < CHANNEL_CREDITS; taken++) {
      const batch = ends.input.poll()
      if (batch?.kind === 'records') ends.input.release(batch)
      ends.deliver()
      expect(ends.output.isReady).toBe(false)
    }
    const rest = takeAll(ends)
    expect(rest).toHaveLength(CHANNEL_CREDITS * BATCH_RECORDS_MAX + 1)
    expect(ends.readyWakes).toBe(1)
  })

  test('when input comes, then the consumer is woken once, until it has taken all', () => {
    const ends = connect()
    ends.output.event(barrier(1))
    ends.output.event(barrier(2))
    ends.deliver()
    expect(ends.inputWakes).toBe(1)
    takeAll(ends)
    ends.output.event(barrier(3))
    ends.deliver()
    expect(ends.inputWakes).toBe(2)
  })

  test('when it is closed, then no input is left', () => {
    const ends = connect()
    ends.output.event(barrier(1))
    ends.deliver()
    ends.input.close()
    expect(ends.input.hasInput).toBe(false)
  })

  test('when anything is sent in any rhythm, then it arrives as it was sent', () => {
    const action = fc.oneof(
      fc.integer({ min: 1, max: 400 }).map((count) => ({ kind: 'records', count }) as const),
      fc.integer({ min: 0, max: 50 }).map((time) => ({ kind: 'watermark', time }) as const),
      fc.constantFrom({ kind: 'flush' } as const, { kind: 'barrier' } as const),
      fc.constant({ kind: 'take' } as const),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30, size: 'max' }), (actions) => {
        const ends = connect()
        const sent: (number | StreamEvent)[] = []
        const taken: (number | StreamEvent)[] = []
        let id = 0
        for (const each of actions) {
          switch (each.kind) {
            case 'records':
              for (let n = 0; n < each.count; n++) {
                sent.push(id)
                ends.output.add(record(id), id++)
              }
              break
            case 'watermark': {
              // A later one takes the place of one that has not gone out, unless that was flushed.
              ends.output.watermark(each.time)
              sent.push(watermark(each.time))
              break
            }
            case 'barrier':
              ends.output.event(barrier(id))
              sent.push(barrier(id))
              break
            case 'flush':
              ends.output.flush()
              break
            case 'take':
              taken.push(...takeAll(ends))
          }
        }
        ends.output.flush()
        taken.push(...takeAll(ends))
        expect(withoutCoveredWatermarks(taken)).toEqual(withoutCoveredWatermarks(sent))
      }),
      { numRuns: 60 },
    )
  })
})

/** Of watermarks that follow each other only the last. */
function withoutCoveredWatermarks(items: readonly (number | StreamEvent)[]): unknown[] {
  const isWatermark = (item: number | StreamEvent | undefined): boolean =>
    typeof item === 'object' && item.kind === 'watermark'
  return items.filter((item, index) => !(isWatermark(item) && isWatermark(items[index + 1])))
}

describe('a port channel', () => {
  test('when nobody polls, then frames stay encoded and their buffers here', () => {
    const ends = portEnds()
    addBatches(ends, 2)
    const broken = new Uint8Array(64).fill(255).buffer
    ends.ports.left.post(broken, [broken])
    ends.deliver()
    expect(ends.input.hasInput).toBe(true)
    expect(ends.ports.posted).toEqual([3, 0])
    ends.input.poll()
    ends.input.poll()
    expect(ends.ports.posted).toEqual([3, 2])
    expect(() => ends.input.poll()).toThrow(/FRAME_CORRUPT/)
  })

  test('when records are large, then a frame holds fewer of them', () => {
    const ends = portEnds()
    const text = 'x'.repeat(FRAME_BYTES / 8)
    for (let id = 0; id < 3 * BATCH_RECORDS_MAX; id++) ends.output.add(record(id, text), id)
    ends.output.flush()
    ends.deliver()
    const counts: number[] = []
    while (ends.input.hasInput) {
      const batch = ends.input.poll()
      if (batch?.kind !== 'records') continue
      counts.push(batch.count)
      ends.input.release(batch)
    }
    // The first frame is filled before the size of a record is known.
    expect(counts[0]).toBe(BATCH_RECORDS_MAX)
    expect(new Set(counts.slice(1, -1))).toEqual(new Set([7]))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3 * BATCH_RECORDS_MAX)
    // Small ones again: frames grow back.
    for (let id = 0; id < 3 * BATCH_RECORDS_MAX; id++) ends.output.add(record(id), id)
    ends.output.flush()
    ends.deliver()
    ends.input.poll()
    expect(ends.input.poll()).toMatchObject({ count: BATCH_RECORDS_MAX })
  })

  test('when a record is larger than a frame, then it still arrives', () => {
    const ends = portEnds()
    ends.output.add(record(1, 'x'.repeat(3 * FRAME_BYTES)), 1)
    ends.output.flush()
    ends.output.add(record(2), 2)
    ends.output.flush()
    expect(takeAll(ends)).toEqual([1, 2])
  })

  test('when a record does not fit its type, then the flush says which field', () => {
    const ends = portEnds()
    ends.output.add({ id: 1.5, text: 'x' }, 1)
    expect(() => ends.output.flush()).toThrow(/TYPE_MISMATCH.*id/)
  })

  test('when the consumer closes, then so does its port', () => {
    const { ports, input } = portEnds()
    input.close()
    expect(ports.closed).toEqual([1])
  })
})
