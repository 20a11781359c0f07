import type {
  Committer,
  JsonValue,
  RestoredSinkState,
  Sink,
  SinkRecordContext,
  SinkWriter,
  SinkWriterContext,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import { describe, expect, test } from 'vitest'

/** A sink that keeps what it writes, and commits when the test says so. */
class TestSink implements Sink<string> {
  readonly name = 'test'
  /** The restored states of each writer, in the order of opening. */
  readonly opened: RestoredSinkState[] = []
  readonly contexts: SinkRecordContext[] = []
  /** Without it, writers fail when event time goes on. */
  watermarks: number[] | undefined = []
  /** What the committer was asked for, in order. */
  readonly commits: (readonly JsonValue[])[] = []
  /** A commit waits for this. */
  gate: Promise<void> = Promise.resolve()
  isAvailable = true
  writerContext: SinkWriterContext | undefined

  describe(): JsonValue {
    return this.name
  }

  createWriter(context: SinkWriterContext): SinkWriter<string> {
    this.writerContext = context
    let written: string[] = []
    const isAvailable = (): boolean => this.isAvailable
    return {
      open: (restored) => void this.opened.push(restored),
      write: (value, recordContext) => {
        this.contexts.push({ ...recordContext })
        written.push(value)
      },
      writeWatermark: (watermark) => {
        if (this.watermarks === undefined) throw new Error('nowhere to keep it')
        this.watermarks.push(watermark)
      },
      get isAvailable() {
        return isAvailable()
      },
      prepareCommit: () => {
        const committables = written
        written = []
        return Promise.resolve(committables)
      },
      snapshotState: () => [`state of ${context.subtaskIndex}`],
      close: () => {},
    }
  }

  createCommitter(): Committer {
    return {
      commit: async (committables) => {
        this.commits.push(committables)
        await this.gate
      },
    }
  }
}

function sinkOperator(sink: object): OperatorHarnessOptions {
  return { kind: 'sink', name: 'test sink', functions: { sink } }
}

async function open(sink: TestSink = new TestSink()): Promise<{
  readonly sink: TestSink
  readonly harness: OperatorHarness
}> {
  return { sink, harness: await OperatorHarness.open(sinkOperator(sink)) }
}

/** Lets every promise go on that waits for nothing but promises. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('the writer of a sink', () => {
  test('when it writes, then it is told the time of the record', async () => {
    const { sink, harness } = await open()
    harness.processElement('a')
    harness.processWatermark(5)
    harness.processElement('b', 7)
    expect(sink.contexts).toEqual([
      { timestamp: undefined, currentWatermark: Number.MIN_SAFE_INTEGER },
      { timestamp: 7, currentWatermark: 5 },
    ])
  })

  test('when event time goes on, then it is told', async () => {
    const { sink, harness } = await open()
    for (const watermark of [3, 3, 5]) harness.processWatermark(watermark)
    expect([sink.watermarks, harness.watermarks]).toEqual([
      [3, 5],
      [3, 5],
    ])
    sink.watermarks = undefined
    expect(() => harness.processWatermark(6)).toThrow(/FUNCTION_FAILED.*writeWatermark method/)
  })

  test('when it is full, then the operator is', async () => {
    const { sink, harness } = await open()
    expect(harness.isAvailable).toBe(true)
    sink.isAvailable = false
    expect(harness.isAvailable).toBe(false)
  })

  test('when it fails outside of a call, then so does the job', async () => {
    const { sink, harness } = await open()
    sink.writerContext?.fail(new Error('disk full'))
    expect(() => harness.processElement('a')).toThrow('disk full')
  })

  test('when it hands something to the client, then that arrives', async () => {
    const { sink, harness } = await open()
    sink.writerContext?.sendToClient({ rows: 1 })
    expect(harness.sentToClient).toEqual([{ rows: 1 }])
  })

  test.each([
    [
      () => {
        throw new Error('boom')
      },
      /FUNCTION_FAILED.*sink writer of 'test sink'.*boom/,
    ],
    [() => Promise.reject(new Error('late')), /FUNCTION_RETURNED_PROMISE.*sink writer/],
  ])('when write does wrong, then the error names the sink (%#)', async (write, message) => {
    const harness = await OperatorHarness.open(
      sinkOperator({ createWriter: () => ({ open: () => {}, write }) }),
    )
    expect(() => harness.processElement('a')).toThrow(message)
  })
})

describe('the committer of a sink', () => {
  test('when a checkpoint is complete, then all up to it is committed, once', async () => {
    const { sink, harness } = await open()
    harness.processElement('a')
    await harness.snapshot()
    harness.processElement('b')
    await harness.snapshot()
    expect(sink.commits).toEqual([])
    await harness.notifyCheckpointComplete()
    await harness.notifyCheckpointComplete()
    expect(sink.commits).toEqual([['a', 'b']])
  })

  test('when checkpoints end, then the writer hears of it, of a complete one after the commit', async () => {
    const told: string[] = []
    const harness = await OperatorHarness.open(
      sinkOperator({
        createWriter: () => ({
          open: () => {},
          prepareCommit: () => Promise.resolve(['a']),
          snapshotState: () => [],
          notifyCheckpointComplete: (id: number) => told.push(`complete ${id}`),
          notifyCheckpointAborted: (id: number) => told.push(`aborted ${id}`),
          notifyCheckpointSubsumed: (id: number) => told.push(`subsumed ${id}`),
        }),
        createCommitter: () => ({ commit: async () => told.push('commit') }),
      }),
    )
    await harness.snapshot()
    await harness.notifyCheckpointComplete()
    harness.notifyCheckpointSubsumed()
    await harness.snapshot()
    harness.notifyCheckpointAborted()
    expect(told).toEqual(['commit', 'complete 1', 'subsumed 1', 'aborted 2'])
  })

  test('when a commit takes long, then the next waits for it, and the order stays', async () => {
    const { sink, harness } = await open()
    const first = Promise.withResolvers<void>()
    sink.gate = first.promise
    harness.processElement('a')
    await harness.snapshot()
    const notified = [harness.notifyCheckpointComplete()]
    harness.processElement('b')
    await harness.snapshot()
    notified.push(harness.notifyCheckpointComplete())
    await promisesSettled()
    expect(sink.commits).toEqual([['a']])
    first.resolve()
    await Promise.all(notified)
    expect(sink.commits).toEqual([['a'], ['b']])
  })

  test('when a checkpoint is taken while the last is being committed, then it still holds all', async () => {
    const { sink, harness } = await open()
    const never = Promise.withResolvers<void>()
    sink.gate = never.promise
    harness.processElement('a')
    await harness.snapshot()
    void harness.notifyCheckpointComplete()
    await promisesSettled()
    expect(sink.commits).toEqual([['a']])
    harness.processElement('b')
    const restored = [await harness.snapshot()]

    const after = new TestSink()
    await OperatorHarness.open({ ...sinkOperator(after), restored })
    expect(after.commits).toEqual([['a', 'b']])
    never.resolve()
  })

  test('when a commit has succeeded, then later checkpoints do not hold it', async () => {
    const { sink, harness } = await open()
    harness.processElement('a')
    await harness.snapshot()
    await harness.notifyCheckpointComplete()
    const restarted = await harness.restart()
    restarted.processElement('b')
    expect(sink.commits).toEqual([['a']])
    expect(sink.opened[1]).toEqual({ isRestored: true, states: ['state of 0'], committables: [] })
  })

  test('when a commit fails, then who told of the checkpoint learns of it', async () => {
    const { sink, harness } = await open()
    sink.gate = Promise.reject(new Error('permission denied'))
    harness.processElement('a')
    await harness.snapshot()
    await expect(harness.notifyCheckpointComplete()).rejects.toThrow('permission denied')
  })

  test('when it is restored, then it commits again before the writer opens', async () => {
    const { harness } = await open()
    harness.processElement('a')
    const restored = [await harness.snapshot()]

    const after = new TestSink()
    const gate = Promise.withResolvers<void>()
    after.gate = gate.promise
    const opening = OperatorHarness.open({ ...sinkOperator(after), restored })
    await promisesSettled()
    expect(after.commits).toEqual([['a']])
    expect(after.opened).toEqual([])
    gate.resolve()
    await opening
    expect(after.opened).toEqual([
      { isRestored: true, states: ['state of 0'], committables: ['a'] },
    ])
  })

  test('when the parallelism changes, then each committable is committed by one subtask', async () => {
    const old = await Promise.all(
      [0, 1, 2].map(async (subtaskIndex) => {
        const sink = sinkOperator(new TestSink())
        const harness = await OperatorHarness.open({ ...sink, subtaskIndex, parallelism: 3 })
        harness.processElement(`from ${subtaskIndex}`)
        return harness.snapshot()
      }),
    )
    const sinks = [new TestSink(), new TestSink()]
    for (const [subtaskIndex, sink] of sinks.entries()) {
      const place = { subtaskIndex, parallelism: 2, restored: old }
      await OperatorHarness.open({ ...sinkOperator(sink), ...place })
    }
    expect(sinks.map(({ commits }) => commits)).toEqual([[['from 0', 'from 2']], [['from 1']]])
    expect(
      sinks.flatMap(({ opened }) => opened.flatMap(({ states }) => states.map(String))).sort(),
    ).toEqual(['state of 0', 'state of 1', 'state of 2'])
  })
})
