import { MAX_WATERMARK, Types } from '@millrace/core'
import { InputGate, LocalChannel, type StreamEvent } from '@millrace/exchange'
import { FunctionTable } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { OperatorStateBackend } from '@millrace/state'
import type { Input, OperatorContext, RestoredSlot } from '../operators/operator.ts'
import { IterationHeadOperator } from './iteration-head-operator.ts'

const StoredRecord = Types.record({ value: Types.string, timestamp: Types.long })

/** A head with feedback channels that a test fills. */
class HeadOnBench {
  readonly log: string[] = []
  readonly head: IterationHeadOperator<string, string>
  readonly #channels: readonly LocalChannel<unknown>[]

  constructor(channelCount = 1, restored: Readonly<Record<string, RestoredSlot[]>> = {}) {
    this.#channels = Array.from(
      { length: channelCount },
      () => new LocalChannel<unknown>({ onInput: () => {}, onReady: () => {} }),
    )
    const output: Input<unknown> = {
      processElement: (value, timestamp) => this.log.push(`${String(value)}@${timestamp}`),
      processWatermark: (watermark) => this.log.push(`watermark ${watermark}`),
      processWatermarkStatus: (isIdle) => this.log.push(isIdle ? 'idle' : 'active'),
      processGeneralizedWatermark: ({ declaration: { name }, value }) =>
        this.log.push(`${name} ${String(value)}`),
    }
    const context: Partial<OperatorContext> = {
      operator: {
        uid: 'loop',
        name: 'loop',
        kind: 'iteration-head',
        config: { feedbackType: { kind: 'string' }, feedbackTag: null, queuedRecordsMax: 4 },
        functions: {},
        outputType: Types.string,
        keyType: null,
        chainedTo: null,
      },
      functions: new FunctionTable(),
      subtaskIndex: 0,
      parallelism: 1,
      feedback: new InputGate(this.#channels.map((channel) => ({ channel, input: 1 }))),
      output,
      wake: () => {},
      restored: {
        isRestored: true,
        isFinished: false,
        parallelism: 1,
        checkpointId: undefined,
        slot: (name) => restored[name] ?? [],
      },
    }
    this.head = new IterationHeadOperator(context as OperatorContext)
    this.head.open()
  }

  enter(value: string, timestamp: number): void {
    ;(this.head.inputs[0] as Input<string>).processElement(value, timestamp)
  }

  watermark(watermark: number): void {
    ;(this.head.inputs[0] as Input<string>).processWatermark(watermark)
  }

  /** Sends records or events back, and lets the head read what it may. */
  feedBack(channelIndex: number, ...items: readonly (string | StreamEvent)[]): void {
    const channel = this.#channels[channelIndex] as LocalChannel<unknown>
    for (const item of items) {
      if (typeof item === 'string') channel.add(item, 1)
      else channel.event(item)
    }
    channel.flush()
    while (this.head.readFeedback());
  }

  /** The queue that a snapshot holds, once it is complete. */
  async queueIn(checkpointId: number): Promise<() => Promise<readonly string[]>> {
    const bytes = this.head.snapshot(checkpointId)['operator'] as Promise<Uint8Array>
    return async () => queued(await bytes)
  }
}

function queued(bytes: Uint8Array): readonly string[] {
  const state = new OperatorStateBackend({ subtaskIndex: 0, parallelism: 1, restored: [bytes] })
  const list = state.getListState({ name: 'queued', type: StoredRecord }).get()
  return list.map(({ value }) => value)
}

const barrier = (checkpointId: number): StreamEvent => ({
  kind: 'barrier',
  barrier: { kind: 'checkpoint', checkpointId, triggeredAtMs: 0 },
})
const marker = (quietRounds: number): StreamEvent => ({ kind: 'loop-marker', quietRounds })

describe('the head of a loop', () => {
  test('when records come back, then they wait until the output takes them, in order', () => {
    const bench = new HeadOnBench()
    bench.enter('a', 5)
    bench.feedBack(0, 'b', 'c')
    expect(bench.log).toEqual(['a@5'])
    expect(bench.head.emitQueued()).toBe(true)
    expect(bench.head.emitQueued()).toBe(false)
    expect(bench.log).toEqual(['a@5', 'b@1', 'c@1'])
  })

  test('when more wait than may, then the job fails and the option is named', () => {
    const bench = new HeadOnBench()
    bench.feedBack(0, 'a', 'b', 'c', 'd')
    expect(() => bench.feedBack(0, 'e')).toThrow(/ITERATION_INVALID.*at most 4.*queuedRecordsMax/)
  })

  test('when a barrier goes round, then the snapshot has what comes back before it, and nothing after', async () => {
    const bench = new HeadOnBench(2)
    bench.feedBack(0, 'before')
    const complete = await bench.queueIn(1)
    expect(bench.head.emitQueued()).toBe(false)
    bench.feedBack(0, 'during', barrier(1), 'after')
    bench.feedBack(1, 'also')
    expect(bench.head.emitQueued()).toBe(false)
    bench.feedBack(1, barrier(1))
    expect(await complete()).toEqual(['before', 'during', 'also'])
    bench.head.emitQueued()
    expect(bench.log).toEqual(['before@1', 'during@1', 'also@1', 'after@1'])
  })

  test('when a newer barrier goes out before one is back, then the older snapshot is given up', async () => {
    const bench = new HeadOnBench(2)
    const first = await bench.queueIn(1)
    bench.feedBack(0, barrier(1), 'a')
    const second = await bench.queueIn(2)
    await expect(first()).rejects.toThrow('newer checkpoint')
    bench.feedBack(0, 'b', barrier(2))
    bench.feedBack(1, 'c', barrier(1), barrier(2))
    expect(await second()).toEqual(['a', 'b', 'c'])
  })

  test('when the checkpoint is given up, then what came back goes round again', async () => {
    const bench = new HeadOnBench(2)
    const complete = await bench.queueIn(1)
    bench.feedBack(0, 'a', barrier(1), 'b')
    expect(bench.head.emitQueued()).toBe(false)
    bench.head.notifyCheckpointAborted(1)
    await expect(complete()).rejects.toThrow('given up')
    bench.feedBack(0, 'c')
    bench.head.emitQueued()
    expect(bench.log).toEqual(['a@1', 'b@1', 'c@1'])
  })

  test('when it is restored, then the queue goes round again, and time is where it was', async () => {
    const bench = new HeadOnBench(1)
    bench.watermark(7)
    bench.feedBack(0, 'a')
    const slots = bench.head.snapshot(1)
    bench.feedBack(0, barrier(1))
    const restored = Object.fromEntries(
      await Promise.all(
        Object.entries(slots).map(async ([slot, bytes]) => [
          slot,
          [{ subtaskIndex: 0, bytes: await bytes }],
        ]),
      ),
    )
    const after = new HeadOnBench(1, restored)
    after.head.emitQueued()
    expect(after.log).toEqual(['watermark 7', 'a@1'])
  })

  test('when the inputs have ended, then markers go round until two rounds were quiet, and the last watermark follows', () => {
    const bench = new HeadOnBench()
    bench.enter('a', 1)
    bench.watermark(MAX_WATERMARK)
    expect(bench.head.takeMarker()).toBeUndefined()
    bench.head.finish()
    expect(bench.head.takeMarker()).toBe(0)
    expect(bench.head.takeMarker()).toBeUndefined()
    bench.feedBack(0, 'b', marker(0))
    expect(bench.head.takeMarker()).toBeUndefined()
    bench.head.emitQueued()
    expect(bench.head.takeMarker()).toBe(0)
    bench.feedBack(0, marker(0))
    expect(bench.head.takeMarker()).toBe(1)
    expect(bench.head.isDrained).toBe(false)
    bench.feedBack(0, marker(1))
    expect(bench.head.takeMarker()).toBeUndefined()
    expect(bench.head.isDrained).toBe(true)
    expect(bench.log).toEqual(['a@1', 'b@1', `watermark ${MAX_WATERMARK}`])
  })

  test('when another head was not quiet, then this one goes on', () => {
    const bench = new HeadOnBench()
    bench.head.finish()
    expect(bench.head.takeMarker()).toBe(1)
    bench.feedBack(0, marker(0))
    expect(bench.head.takeMarker()).toBe(1)
  })

  test('when something comes back after the end, then it is not lost silently', () => {
    const bench = new HeadOnBench()
    bench.head.finish()
    bench.head.takeMarker()
    bench.feedBack(0, marker(1))
    expect(bench.head.takeMarker()).toBeUndefined()
    expect(bench.head.isDrained).toBe(true)
    expect(() => bench.feedBack(0, 'a')).toThrow(/ITERATION_INVALID.*after its loop has ended/)
  })
})
