import type { StateHandle, TaskCheckpointFigures } from '@millrace/checkpoint'
import { frameCodec, FrameBuffer, longWatermark, Types, watermarkOf } from '@millrace/core'
import {
  type Barrier,
  InputGate,
  LocalChannel,
  type RecordWriter,
  type StreamEvent,
} from '@millrace/exchange'
import { decodeTape } from '@millrace/state'
import { ManualTime } from '@millrace/testing'
import { describe, expect, test } from 'vitest'
import { GateWatermarks } from '../generalized-watermarks/gate-watermarks.ts'
import { TaskReplays } from '../in-flight/task-replays.ts'
import type { Input, Operator, RestoredOperator } from '../operators/operator.ts'
import { ProcessingTimeService } from '../timers/processing-time-service.ts'
import { AccumulatorSet } from './accumulator-set.ts'
import { TaskCheckpoints } from './task-checkpoints.ts'
import { TaskTime } from './task-time.ts'

const unaligned = (checkpointId: number): Barrier => ({
  kind: 'checkpoint',
  checkpointId,
  triggeredAtMs: 0,
  alignment: 'unaligned',
})

const codec = frameCodec<unknown>(Types.int)

const FRESH: RestoredOperator = {
  isRestored: false,
  checkpointId: undefined,
  isFinished: false,
  parallelism: 0,
  slot: () => [],
}

/** The checkpoints of a task whose operator remembers the records it has seen. */
class CheckpointsOnBench {
  readonly clock = new ManualTime()
  readonly channels: readonly LocalChannel<unknown>[]
  readonly gate: InputGate
  readonly seen: unknown[] = []
  /** What went to the readers, and what the listener was told. */
  readonly notes: string[] = []
  /** By checkpoint: what was seen at the cut, and what was in flight. */
  readonly stored: Record<number, { seen?: string; inFlight?: readonly (number | string)[] }> = {}
  readonly figures: Record<number, TaskCheckpointFigures> = {}
  readonly checkpoints: TaskCheckpoints
  readonly #time: TaskTime
  readonly #mail: (() => void)[] = []

  /** By channel, whether barriers may overtake its records. */
  constructor(canBeOvertaken: readonly boolean[]) {
    this.channels = canBeOvertaken.map(
      () => new LocalChannel({ onInput: () => {}, onReady: () => {} }),
    )
    this.gate = new InputGate(
      this.channels.map((channel, index) => ({
        channel,
        input: 0,
        ...(canBeOvertaken[index] === true && { overtaken: { id: 'edge', codec } }),
      })),
    )
    const input: Input<unknown> = {
      processElement: (value) => void this.seen.push(value),
      processWatermark: (watermark) => void this.notes.push(`watermark ${watermark}`),
      processWatermarkStatus: () => {},
      processGeneralizedWatermark: () => {},
    }
    this.#time = new TaskTime([input], this.gate.channels, [])
    const enqueue = (mail: () => void): void => void this.#mail.push(mail)
    const operator = {
      inputs: [input],
      snapshot: () => ({ seen: new TextEncoder().encode(this.seen.join()) }),
    } as unknown as Operator
    const processingTime = new ProcessingTimeService(this.clock, this.clock, enqueue)
    const chained = {
      uid: 'operator',
      name: 'operator',
      operator,
      accumulators: new AccumulatorSet(),
      snapshots: { begin: () => {}, abort: () => {}, close: () => {} },
      processingTime,
    }
    const writer = {
      event: (event: StreamEvent) => {
        if (event.kind === 'barrier')
          this.notes.push(`${event.barrier.alignment} ${event.barrier.checkpointId}`)
      },
    } as unknown as RecordWriter<unknown>
    this.checkpoints = new TaskCheckpoints({
      subtaskIndex: 0,
      clock: this.clock,
      chain: [chained],
      gate: this.gate,
      writers: [writer],
      listener: {
        onAcknowledged: (id, { figures }) => {
          this.notes.push(`acknowledged ${id}`)
          this.figures[id] = figures
        },
        onDeclined: (id) => this.notes.push(`declined ${id}`),
      },
      storeState: async ({ checkpointId, slot, bytes }): Promise<StateHandle> => {
        const checkpoint = (this.stored[checkpointId] ??= {})
        if (slot === 'seen') checkpoint.seen = new TextDecoder().decode(bytes)
        if (slot === 'channels') checkpoint.inFlight = contentOf(bytes)
        return { kind: 'inline', bytes }
      },
      time: this.#time,
      generalizedWatermarks: new GateWatermarks({
        channels: this.gate.channels,
        head: input,
        subtaskIndex: 0,
        restored: FRESH,
      }),
      replays: new TaskReplays({ behindHead: [], head: undefined }),
      processingTime,
      enqueue,
      wake: () => {},
      isFinished: () => false,
      onStopping: () => {},
    })
  }

  send(channel: number, ...records: readonly number[]): void {
    for (const record of records) this.channels[channel]?.add(record, 0)
    this.channels[channel]?.flush()
  }

  event(channel: number, event: StreamEvent): void {
    this.channels[channel]?.event(event)
  }

  barrier(channel: number, barrier: Barrier): void {
    this.event(channel, { kind: 'barrier', barrier })
  }

  /** Runs what barriers and timers ask for, but reads nothing. */
  async runMail(): Promise<void> {
    while (this.clock.runTurn());
    for (const mail of this.#mail.splice(0)) mail()
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Reads all that may be read. */
  async read(): Promise<void> {
    await this.runMail()
    for (let index = this.gate.next(); index >= 0; index = this.gate.next()) {
      const item = this.gate.poll(index)
      if (item?.kind === 'records') {
        this.seen.push(...item.records.slice(0, item.count))
        this.channels[index]?.release(item)
      } else if (item?.kind === 'barrier') this.checkpoints.onBarrier(index, item.barrier)
      else if (item?.kind === 'watermark') this.#time.onWatermark(index, item.watermark)
    }
    await this.runMail()
  }
}

/** The records of a tape, and the steps of time between them. */
function contentOf(bytes: Uint8Array): readonly (number | string)[] {
  return decodeTape(bytes).items.flatMap((item): readonly (number | string)[] => {
    if (item.kind === 'time') return [`time ${item.watermark}`]
    if (item.kind === 'generalized') {
      return [
        `${item.watermark.declaration.name} ${String(item.watermark.value)} of ${item.writer}`,
      ]
    }
    const frame = new FrameBuffer(item.bytes.slice().buffer)
    const records: unknown[] = []
    codec.decode(frame, 0, records, new Float64Array(frame.countAt(0)))
    return records as number[]
  })
}

describe('a barrier that overtakes', () => {
  test('when it comes behind records that were not read, then it goes on at once, and they are stored and still read', async () => {
    const bench = new CheckpointsOnBench([true])
    bench.send(0, 1, 2)
    await bench.read()
    bench.send(0, 3)
    bench.barrier(0, unaligned(1))
    bench.send(0, 4)
    await bench.runMail()
    expect(bench.notes).toEqual(['unaligned 1', 'acknowledged 1'])
    expect(bench.stored[1]).toEqual({ seen: '1,2', inFlight: [3] })
    await bench.read()
    expect(bench.seen).toEqual([1, 2, 3, 4])
    expect(bench.notes).toEqual(['unaligned 1', 'acknowledged 1'])
  })

  test('when it has not come on another channel, then what still comes there before it is stored, and waited for', async () => {
    const bench = new CheckpointsOnBench([true, true])
    bench.send(0, 1)
    bench.barrier(0, unaligned(1))
    bench.send(0, 2)
    bench.send(1, 3)
    await bench.runMail()
    expect(bench.notes).toEqual(['unaligned 1'])
    bench.send(1, 4)
    await bench.read()
    bench.send(1, 5)
    bench.clock.advanceBy(30)
    bench.barrier(1, unaligned(1))
    bench.send(1, 6)
    await bench.read()
    expect(bench.notes).toEqual(['unaligned 1', 'acknowledged 1'])
    expect(bench.stored[1]).toEqual({ seen: '', inFlight: [1, 3, 4, 5] })
    const { alignmentMs, inFlightBytes = 0, stateBytes = 0 } = bench.figures[1] ?? {}
    expect(alignmentMs).toBe(30)
    expect(inFlightBytes).toBeGreaterThan(100)
    expect(stateBytes).toBeGreaterThan(inFlightBytes)
    expect(bench.seen.toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('when watermarks are in flight, then the tape has the steps that the time of the input would make', async () => {
    const bench = new CheckpointsOnBench([true, true])
    const watermark = (channel: number, at: number): void =>
      bench.event(channel, { kind: 'watermark', watermark: at })
    watermark(0, 10)
    watermark(1, 5)
    await bench.read()
    bench.send(0, 1)
    watermark(0, 20)
    bench.send(1, 2)
    watermark(1, 15)
    bench.send(1, 3)
    bench.event(1, { kind: 'watermark-status', isIdle: true })
    bench.barrier(0, unaligned(1))
    bench.barrier(1, unaligned(1))
    await bench.runMail()
    expect(bench.stored[1]?.inFlight).toEqual([1, 2, 'time 15', 3, 'time 20'])
    expect(bench.notes.filter((note) => note.startsWith('watermark'))).toEqual(['watermark 5'])
  })

  test("when a watermark of the user's own kind is in flight, then the tape has it, and from whom it is", async () => {
    const bench = new CheckpointsOnBench([true, true])
    const watermark = watermarkOf(longWatermark('rows'), 7)
    bench.send(1, 1)
    bench.event(1, { kind: 'generalized-watermark', watermark })
    bench.barrier(1, unaligned(1))
    bench.barrier(0, unaligned(1))
    await bench.runMail()
    expect(bench.stored[1]?.inFlight).toEqual([1, 'rows 7 of 1'])
  })

  test('when a channel must not be overtaken, then its records are read first', async () => {
    const bench = new CheckpointsOnBench([true, false])
    bench.send(0, 1)
    bench.barrier(0, unaligned(1))
    bench.send(1, 2)
    bench.barrier(1, unaligned(1))
    await bench.runMail()
    expect(bench.notes).toEqual([])
    await bench.read()
    expect(bench.notes).toEqual(['unaligned 1', 'acknowledged 1'])
    expect(bench.stored[1]?.seen).toBe('1,2')
  })

  test('when it has waited for as long as an aligned one may, then it overtakes, and goes on as one that does', async () => {
    const bench = new CheckpointsOnBench([true, true])
    bench.barrier(0, { ...unaligned(1), alignment: 'aligned', alignedTimeoutMs: 50 })
    bench.send(1, 7)
    await bench.runMail()
    bench.clock.advanceBy(49)
    await bench.runMail()
    expect(bench.notes).toEqual([])
    bench.clock.advanceBy(1)
    await bench.runMail()
    await bench.runMail()
    expect(bench.notes).toEqual(['unaligned 1'])
    bench.barrier(1, { ...unaligned(1), alignment: 'aligned', alignedTimeoutMs: 50 })
    await bench.read()
    expect(bench.notes).toEqual(['unaligned 1', 'acknowledged 1'])
    expect(bench.stored[1]).toEqual({ seen: '', inFlight: [7] })
  })

  test('when it is aligned in time, then nothing is in flight, and the time that is over means nothing', async () => {
    const bench = new CheckpointsOnBench([true, true])
    const barrier: Barrier = { ...unaligned(1), alignment: 'aligned', alignedTimeoutMs: 50 }
    bench.send(0, 1)
    bench.barrier(0, barrier)
    await bench.read()
    bench.clock.advanceBy(20)
    bench.barrier(1, barrier)
    await bench.read()
    expect(bench.figures[1]).toMatchObject({ alignmentMs: 20, inFlightBytes: 0 })
    bench.clock.advanceBy(100)
    await bench.runMail()
    expect(bench.notes).toEqual(['aligned 1', 'acknowledged 1'])
    expect(bench.stored[1]).toEqual({ seen: '1' })
  })

  test('when the checkpoint is given up, then nothing is recorded any more, and the next one is whole', async () => {
    const bench = new CheckpointsOnBench([true, true])
    bench.barrier(0, unaligned(1))
    await bench.runMail()
    bench.checkpoints.abort(1)
    await bench.runMail()
    expect(bench.notes).toEqual(['unaligned 1', 'declined 1'])
    bench.send(1, 1)
    bench.barrier(1, unaligned(1))
    bench.send(1, 2)
    bench.barrier(1, unaligned(2))
    bench.barrier(0, unaligned(2))
    await bench.runMail()
    expect(bench.notes.slice(2)).toEqual(['unaligned 2', 'acknowledged 2'])
    expect(bench.stored[2]?.inFlight).toEqual([1, 2])
  })

  test('when a newer one comes first, then the older checkpoint is given up', async () => {
    const bench = new CheckpointsOnBench([true, true])
    bench.barrier(0, unaligned(1))
    await bench.runMail()
    bench.barrier(0, unaligned(2))
    bench.barrier(1, unaligned(2))
    await bench.runMail()
    expect(bench.notes).toEqual(['unaligned 1', 'unaligned 2', 'declined 1', 'acknowledged 2'])
  })
})

describe('a barrier that is only counted', () => {
  test('when it has come on one channel, then that goes on, and the cut is at the last one', async () => {
    const bench = new CheckpointsOnBench([false, false])
    const counted: Barrier = { ...unaligned(1), alignment: 'at-least-once' }
    bench.barrier(0, counted)
    bench.send(0, 1)
    await bench.read()
    expect(bench.seen).toEqual([1])
    bench.send(1, 2)
    bench.barrier(1, counted)
    await bench.read()
    expect(bench.stored[1]).toEqual({ seen: '1,2' })
    expect(bench.notes).toEqual(['at-least-once 1', 'acknowledged 1'])
  })
})
