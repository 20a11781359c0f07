import type { TaskCheckpointFigures } from '@millrace/checkpoint'
import {
  AccumulatorTotals,
  type Collector,
  type KeyedProcessContext,
  MAX_WATERMARK,
  type MillraceError,
  MIN_WATERMARK,
  type OnTimerContext,
  type ProcessContext,
  type RuntimeContext,
  type Source,
  Types,
} from '@millrace/core'
import {
  ForwardWriter,
  InputGate,
  LocalChannel,
  type RecordWriter,
  type StreamEvent,
} from '@millrace/exchange'
import { FunctionTable, type JobOperator, type OperatorKind } from '@millrace/job-graph'
import { ManualTime, Simulation } from '@millrace/testing'
import { describe, expect, test } from 'vitest'
import type { RestoredOperator } from '../operators/operator.ts'
import type { SourceEvent } from '../sources/source-messages.ts'
import { createTask, type TaskPlan } from './create-task.ts'
import { TaskLoop } from './task-loop.ts'
import type { Task } from './task.ts'

interface ChainLink {
  readonly kind: OperatorKind
  readonly functions: Readonly<Record<string, unknown>>
  readonly config?: JobOperator['config']
}

interface Setting {
  readonly chain: readonly ChainLink[]
  /** The input that each channel belongs to. Default: one channel of input 0. */
  readonly inputs?: readonly number[]
  readonly writer?: RecordWriter<unknown>
  readonly restored?: ReadonlyMap<string, RestoredOperator>
  readonly storeState?: TaskPlan['storeState']
}

/** A task between channels, with the loop and the clock of a test. */
class TaskOnBench {
  readonly time = new ManualTime()
  readonly loop: TaskLoop
  readonly task: Task
  readonly inputs: readonly LocalChannel<unknown>[]
  /** What the task told its listener, in order. */
  readonly told: string[] = []
  readonly failures: unknown[] = []
  /** What the acknowledged checkpoints took. */
  readonly figures: TaskCheckpointFigures[] = []
  readonly sourceEvents: SourceEvent[] = []
  /** The slots of each acknowledged checkpoint, as text. */
  readonly snapshots: Record<number, Record<string, string>> = {}
  readonly #output: LocalChannel<unknown>

  constructor({ chain, inputs = [0], writer, restored = new Map(), storeState }: Setting) {
    const platform = {
      ...new Simulation({ seed: 1 }).process('task'),
      clock: this.time,
      timers: this.time,
    }
    this.loop = new TaskLoop(platform)
    this.#output = new LocalChannel({ onInput: () => {}, onReady: () => this.loop.wake(this.task) })
    this.inputs = inputs.map(
      () => new LocalChannel({ onInput: () => this.loop.wake(this.task), onReady: () => {} }),
    )
    const functions = new FunctionTable()
    const operators = chain.map((link, index) => jobOperator(link, index, functions))
    const last = operators.at(-1)?.uid ?? ''
    const edge = {
      id: 'edge',
      fromVertex: 'operator 0',
      fromOperator: last,
      outputTag: null,
      toVertex: 'next',
      toInput: 0,
      partitioner: { kind: 'forward' },
      type: Types.any(),
    } as const
    this.task = createTask({
      platform,
      loop: this.loop,
      functions,
      jobName: 'a job',
      vertex: { id: 'operator 0', name: 'Chain', parallelism: 1, maxParallelism: 128, operators },
      subtaskIndex: 0,
      attempt: 0,
      runId: 'run',
      autoWatermarkIntervalMs: 200,
      bufferTimeoutMs: 10,
      hasCheckpoints: true,
      gate: new InputGate(
        chain[0]?.kind === 'source'
          ? []
          : this.inputs.map((channel, index) => ({ channel, input: inputs[index] ?? 0 })),
      ),
      writers: [{ edge, writer: writer ?? new ForwardWriter(this.#output) }],
      restored,
      listener: {
        onDrained: () => this.told.push('drained'),
        onAcknowledged: (id, { snapshots, figures }) => {
          this.figures.push(figures)
          this.told.push(
            `acknowledged ${id}${snapshots.every(({ isFinished }) => isFinished) ? ', finished' : ''}`,
          )
        },
        onDeclined: (id, error) => this.told.push(`declined ${id}: ${(error as Error).message}`),
        onFailed: (error) => {
          this.told.push('failed')
          this.failures.push(error)
        },
      },
      storeState:
        storeState ??
        (async ({ checkpointId, uid, slot, bytes }) => {
          const slots = (this.snapshots[checkpointId] ??= {})
          slots[`${uid} ${slot}`] = new TextDecoder().decode(bytes)
          return { kind: 'inline', bytes }
        }),
      sendToClient: () => {},
      sendSourceEvent: (event) => this.sourceEvents.push(event),
    })
  }

  async open(): Promise<void> {
    await this.task.open()
  }

  async start(): Promise<void> {
    await this.open()
    this.task.start()
    this.run()
  }

  /** Runs the loop until it has nothing to do. */
  run(): void {
    while (this.time.runTurn());
  }

  /** Sends records, or events, on a channel, and lets the task work. */
  send(channelIndex: number, ...items: readonly unknown[]): void {
    const channel = this.inputs[channelIndex] as LocalChannel<unknown>
    for (const item of items) {
      if (typeof item === 'object' && item !== null && 'kind' in item)
        channel.event(item as StreamEvent)
      else channel.add(item, 0)
    }
    channel.flush()
    this.run()
  }

  /** Takes what the task has sent: records, and the kinds of events. */
  received(): unknown[] {
    const received: unknown[] = []
    for (let item = this.#output.poll(); item !== undefined; item = this.#output.poll()) {
      if (item.kind === 'records') {
        received.push(...item.records.slice(0, item.count))
        this.#output.release(item)
      } else if (item.kind === 'watermark') received.push(`watermark ${item.watermark}`)
      else if (item.kind === 'barrier') received.push(`barrier ${item.barrier.checkpointId}`)
      else if (item.kind === 'watermark-status') received.push(item.isIdle ? 'idle' : 'active')
      else received.push(item.kind)
    }
    return received
  }
}

function jobOperator(link: ChainLink, index: number, table: FunctionTable): JobOperator {
  const uid = `operator ${index}`
  const refs = Object.entries(link.functions).map(
    ([role, value]) => [role, table.register(uid, role, value)] as const,
  )
  return {
    uid,
    name: uid,
    kind: link.kind,
    config: link.config ?? {},
    functions: Object.fromEntries(refs),
    outputType: Types.any(),
    keyType: null,
    chainedTo: index === 0 ? null : { uid: `operator ${index - 1}`, outputTag: null },
  }
}

const barrier = (checkpointId: number): StreamEvent => ({
  kind: 'barrier',
  barrier: { kind: 'checkpoint', checkpointId, triggeredAtMs: 0 },
})
const endOfData: StreamEvent = { kind: 'end-of-data' }
const watermark = (time: number): StreamEvent => ({ kind: 'watermark', watermark: time })

const identity: ChainLink = { kind: 'map', functions: { map: (value: unknown) => value } }

function processing(process: object): ChainLink {
  return { kind: 'process', functions: { process: () => process } }
}

/** Waits for promises, such as those of stored snapshots. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('a task whose operator is not drained at the end of input', () => {
  /** An async operator that answers when it is told to, and an operator behind it that says when it has ended. */
  function waiting(): {
    readonly chain: readonly ChainLink[]
    readonly answer: () => Promise<void>
  } {
    const answers: ((results: unknown[]) => void)[] = []
    const async: ChainLink = {
      kind: 'async',
      config: {
        isOrdered: true,
        capacity: 2,
        timeoutMs: 1_000,
        retry: null,
        inputType: { kind: 'any' },
      },
      functions: {
        invoke: () => ({
          asyncInvoke: (value: unknown) =>
            new Promise((resolve) => answers.push(() => resolve([value]))),
        }),
      },
    }
    return {
      chain: [async, identity],
      answer: async () => {
        answers.shift()?.([])
        await promisesSettled()
      },
    }
  }

  test('when the answer comes, then the end follows the results', async () => {
    const { chain, answer } = waiting()
    const bench = new TaskOnBench({ chain })
    await bench.start()
    bench.send(0, 'a', watermark(MAX_WATERMARK), endOfData)
    expect(bench.received()).toEqual([])
    expect(bench.task.state).toBe('running')
    await answer()
    bench.run()
    expect(bench.received()).toEqual(['a', `watermark ${MAX_WATERMARK}`, 'end-of-data'])
    expect(bench.told).toEqual(['drained'])
  })

  test('when a barrier comes meanwhile, then the snapshot has what is in flight, and is not of a finished task', async () => {
    const { chain, answer } = waiting()
    const bench = new TaskOnBench({ chain })
    await bench.start()
    bench.send(0, 'a', endOfData, barrier(1))
    await promisesSettled()
    bench.run()
    expect(bench.received()).toEqual(['barrier 1'])
    expect(bench.told).toEqual(['acknowledged 1'])
    await answer()
    bench.run()
    expect(bench.received()).toEqual(['a', 'end-of-data'])
  })

  test('when it is canceled meanwhile, then nothing more comes', async () => {
    const { chain, answer } = waiting()
    const bench = new TaskOnBench({ chain })
    await bench.start()
    bench.send(0, 'a', endOfData)
    await bench.task.cancel()
    await answer()
    bench.run()
    expect(bench.received()).toEqual([])
    expect(bench.task.state).toBe('canceled')
  })

  test('when the answer never comes, then the task fails when the time is over', async () => {
    const bench = new TaskOnBench({ chain: waiting().chain })
    await bench.start()
    bench.send(0, 'a', endOfData)
    bench.time.advanceTo(1_000)
    bench.run()
    expect(bench.failures).toEqual([expect.objectContaining({ code: 'ASYNC_TIMED_OUT' })])
  })
})

describe('the life of a task', () => {
  test('when it is opened, then the last operator is first, and nothing is read before the start', async () => {
    const opened: string[] = []
    const bench = new TaskOnBench({
      chain: ['first', 'last'].map((name) =>
        processing({
          open: () => opened.push(name),
          processElement: (value: unknown, _: ProcessContext, out: Collector<unknown>) =>
            out.collect(value),
        }),
      ),
    })
    await bench.open()
    expect(opened).toEqual(['last', 'first'])
    bench.send(0, 'a')
    expect(bench.received()).toEqual([])
    bench.task.start()
    bench.run()
    expect(bench.received()).toEqual(['a'])
  })

  test('when all channels have ended, then it is drained, and finishes when told', async () => {
    const bench = new TaskOnBench({ chain: [identity], inputs: [0, 0] })
    await bench.start()
    bench.send(0, 1, endOfData)
    expect(bench.told).toEqual([])
    bench.send(1, 2, endOfData)
    expect(bench.received()).toEqual([1, 2, 'end-of-data'])
    expect(bench.told).toEqual(['drained'])
    expect(bench.task.state).toBe('drained')
    await bench.task.finish()
    expect(bench.task.state).toBe('finished')
  })

  test('when a function throws, then it fails once and does nothing any more', async () => {
    const bench = new TaskOnBench({
      chain: [
        {
          kind: 'map',
          functions: {
            map: (value: number) => {
              if (value === 2) throw new Error('boom')
              return value
            },
          },
        },
      ],
    })
    await bench.start()
    bench.send(0, 1, 2, 3)
    bench.send(0, 4, barrier(1))
    expect(bench.received()).toEqual([])
    expect(bench.told).toEqual(['failed'])
    expect((bench.failures[0] as MillraceError).code).toBe('FUNCTION_FAILED')
    expect(bench.task.state).toBe('failed')
    await bench.task.cancel()
    expect(bench.task.state).toBe('canceled')
  })

  test('when an operator cannot open, then the task fails', async () => {
    const open = (): never => {
      throw new Error('no table')
    }
    const bench = new TaskOnBench({ chain: [identity, processing({ open })] })
    await bench.open()
    expect(bench.told).toEqual(['failed'])
    expect((bench.failures[0] as MillraceError).message).toContain('no table')
    bench.task.start()
    bench.send(0, 'x')
    expect(bench.task.state).toBe('failed')
    expect(bench.received()).toEqual([])
  })

  test('when it is canceled while it opens, then the opening operator is waited for, none follows, and all are closed', async () => {
    const closed: string[] = []
    const opening = Promise.withResolvers<void>()
    const sink = {
      createWriter: () => ({
        open: () => opening.promise,
        isAvailable: true,
        close: () => void closed.push('sink'),
      }),
    }
    const opened: string[] = []
    const bench = new TaskOnBench({
      chain: [
        processing({ open: () => opened.push('process'), close: () => closed.push('process') }),
        { kind: 'sink', functions: { sink } },
      ],
    })
    const isOpen = bench.open()
    const isCanceled = bench.task.cancel()
    await promisesSettled()
    expect(bench.task.state).toBe('canceled')
    expect(closed).toEqual([])
    opening.resolve()
    await Promise.all([isOpen, isCanceled])
    expect(opened).toEqual([])
    expect(closed).toEqual(['process', 'sink'])
    await bench.task.cancel()
    expect(closed).toHaveLength(2)
  })

  test('when an operator cannot close, then the finish fails, and the others are closed', async () => {
    const closed: string[] = []
    const bench = new TaskOnBench({
      chain: [
        processing({
          close: () => {
            throw new Error('still busy')
          },
        }),
        processing({ close: () => closed.push('second') }),
      ],
    })
    await bench.start()
    bench.send(0, endOfData)
    await expect(bench.task.finish()).rejects.toThrow(/FUNCTION_FAILED.*still busy/)
    expect(closed).toEqual(['second'])
  })

  test('when a timer throws, then the task fails', async () => {
    const bench = new TaskOnBench({
      chain: [
        {
          kind: 'keyed-process',
          functions: {
            keySelector: () => 'key',
            process: () => ({
              processElement: (_: unknown, { timerService }: KeyedProcessContext<string>) =>
                timerService.registerProcessingTimeTimer(5),
              onTimer: () => {
                throw new Error('boom')
              },
            }),
          },
        },
      ],
    })
    await bench.start()
    bench.send(0, 'x')
    bench.time.advanceTo(5)
    expect(bench.told).toEqual([])
    bench.run()
    expect(bench.told).toEqual(['failed'])
  })

  test('when the input has ended, then timers of processing time do not fire any more', async () => {
    const bench = new TaskOnBench({
      chain: [
        {
          kind: 'keyed-process',
          functions: {
            keySelector: () => 'key',
            process: () => ({
              processElement: (_: unknown, { timerService }: KeyedProcessContext<string>) =>
                timerService.registerProcessingTimeTimer(5),
              onTimer: (_: number, __: OnTimerContext<string>, out: Collector<string>) =>
                out.collect('too late'),
            }),
          },
        },
      ],
    })
    await bench.start()
    bench.send(0, 'x', endOfData)
    bench.time.advanceTo(50)
    bench.run()
    expect(bench.received()).toEqual(['end-of-data'])
  })
})

/** Counts its records in an accumulator, which is part of each snapshot. */
const counting = processing(
  new (class {
    #seen: { add(amount: number): void } | undefined

    open(context: { getAccumulator(name: string): { add(amount: number): void } }): void {
      this.#seen = context.getAccumulator('seen')
    }

    processElement(value: unknown, _: ProcessContext, out: Collector<unknown>): void {
      this.#seen?.add(1)
      out.collect(value)
    }
  })(),
)

describe('checkpoints of a task', () => {
  test('when barriers come, then the snapshot holds what came before them, on every channel', async () => {
    const bench = new TaskOnBench({ chain: [counting], inputs: [0, 0] })
    await bench.start()
    bench.send(0, 1, barrier(1), 2, 3)
    expect(bench.received()).toEqual([1])
    expect(bench.inputs[0]?.hasInput).toBe(true)
    bench.send(1, 4, barrier(1), 5)
    await promisesSettled()
    expect(bench.received()).toEqual([4, 'barrier 1', 2, 3, 5])
    expect(bench.snapshots[1]?.['operator 0 accumulators']).toBe(
      '[{"name":"seen","kind":"double-counter","snapshots":[2]}]',
    )
    expect(bench.told).toEqual(['acknowledged 1'])
  })

  test('when a channel comes later than the other, then the acknowledgement says how long that took', async () => {
    const bench = new TaskOnBench({ chain: [counting], inputs: [0, 0] })
    await bench.start()
    bench.send(0, 'a', barrier(1))
    bench.time.advanceTo(30)
    bench.send(1, barrier(1))
    await promisesSettled()
    const [figures] = bench.figures
    expect(figures).toMatchObject({ alignmentMs: 30, syncMs: 0, asyncMs: 0, inFlightBytes: 0 })
    const bytes = Object.values(bench.snapshots[1] ?? {}).join('').length
    expect(figures?.stateBytes).toBe(bytes)
  })

  test('when an accumulator of the user throws while figures are taken, then the task fails with its operator', async () => {
    const accumulator = {
      kind: 'mine',
      add: () => {},
      getLocalValue: () => 0,
      resetLocal: () => {},
      merge: () => {},
      snapshot: (): never => {
        throw new Error('boom')
      },
    }
    const broken = processing({
      open: (context: RuntimeContext) => context.addAccumulator('mine', accumulator),
      processElement: () => {},
    })
    const bench = new TaskOnBench({ chain: [broken] })
    await bench.start()
    bench.task.addAccumulatorsInto(new AccumulatorTotals())
    expect(String(bench.failures[0])).toMatch(/FUNCTION_FAILED.*accumulator of 'operator 0'.*boom/)
  })

  test('when a checkpoint was aborted while its barrier is on the way, then the barrier goes on and no state is cut', async () => {
    const told: string[] = []
    const listening = processing({
      processElement: (value: unknown, _: ProcessContext, out: Collector<unknown>) =>
        out.collect(value),
      snapshotState: ({ checkpointId }: { checkpointId: number }) =>
        told.push(`snapshot ${checkpointId}`),
      notifyCheckpointAborted: (checkpointId: number) => told.push(`aborted ${checkpointId}`),
      notifyCheckpointComplete: (checkpointId: number) => told.push(`complete ${checkpointId}`),
      notifyCheckpointSubsumed: (checkpointId: number) => told.push(`subsumed ${checkpointId}`),
    })
    const bench = new TaskOnBench({ chain: [identity, listening] })
    await bench.start()
    bench.task.notifyCheckpointAborted(2)
    bench.send(0, barrier(1), 'a', barrier(2), 'b', barrier(3))
    await promisesSettled()
    await bench.task.notifyCheckpointComplete(3)
    bench.task.notifyCheckpointSubsumed(1)
    expect(bench.received()).toEqual(['barrier 1', 'a', 'barrier 2', 'b', 'barrier 3'])
    expect(told).toEqual(['aborted 2', 'snapshot 3', 'complete 3', 'subsumed 1'])
    expect(bench.told).toEqual(['acknowledged 3'])
  })

  test('when a newer checkpoint begins before the last was aligned, then the channel that waited goes on', async () => {
    const bench = new TaskOnBench({ chain: [counting], inputs: [0, 0] })
    await bench.start()
    bench.send(0, barrier(1), 1, barrier(2), 2)
    bench.send(1, barrier(2), 3)
    await promisesSettled()
    expect(bench.received()).toEqual([1, 'barrier 2', 3, 2])
    expect(bench.told).toEqual(['acknowledged 2'])
  })

  test('when the input has ended, then it still takes part, as finished', async () => {
    const bench = new TaskOnBench({ chain: [counting], inputs: [0, 0] })
    await bench.start()
    bench.send(0, 1, endOfData, barrier(1))
    bench.send(1, barrier(1), endOfData)
    await promisesSettled()
    bench.send(0, barrier(2))
    bench.send(1, barrier(2))
    await promisesSettled()
    expect(bench.received()).toEqual([1, 'barrier 1', 'end-of-data', 'barrier 2'])
    expect(bench.told).toEqual(['drained', 'acknowledged 1', 'acknowledged 2, finished'])
  })

  test('when the snapshot cannot be stored, then it is declined, and the task goes on', async () => {
    const bench = new TaskOnBench({
      chain: [counting],
      storeState: () => Promise.reject(new Error('disk full')),
    })
    await bench.start()
    bench.send(0, 1, barrier(1), 2)
    await promisesSettled()
    expect(bench.told).toEqual(['declined 1: disk full'])
    expect(bench.received()).toEqual([1, 'barrier 1', 2])
  })

  test('when it is over, then a trigger and a completion do nothing', async () => {
    const bench = new TaskOnBench({ chain: [counting] })
    await bench.start()
    await bench.task.cancel()
    bench.task.triggerCheckpoint({ kind: 'checkpoint', checkpointId: 1, triggeredAtMs: 0 })
    await bench.task.notifyCheckpointComplete(1)
    await promisesSettled()
    expect(bench.told).toEqual([])
  })

  test('when a task has a source, then the trigger comes from outside', async () => {
    let next = 0
    const source: Partial<Source<number>> = {
      boundedness: 'unbounded',
      createReader: ({ wake }) => ({
        start: () => {},
        addSplits: () => {},
        notifyNoMoreSplits: () => {},
        pollNext: (output, recordsMax) => {
          for (let count = 0; count < recordsMax; count++) output.collect(next++)
          if (next < 300) return 'more'
          wake()
          return 'nothing-now'
        },
        snapshot: () => [{ splitId: 'all', next }],
        close: () => {},
      }),
    }
    const bench = new TaskOnBench({
      chain: [
        { kind: 'source', functions: { source }, config: { watermarks: { generator: 'none' } } },
      ],
    })
    await bench.open()
    bench.task.start()
    bench.time.runTurn()
    bench.task.triggerCheckpoint({ kind: 'checkpoint', checkpointId: 7, triggeredAtMs: 0 })
    await promisesSettled()
    const received = bench.received()
    const count = received.indexOf('barrier 7')
    expect(count).toBeGreaterThan(0)
    expect(bench.snapshots[7]?.['operator 0 splits']).toBe(`[{"splitId":"all","next":${count}}]`)
    expect(bench.sourceEvents).toEqual([
      { kind: 'register', splits: [], hasEnded: false, requestsSplit: false },
    ])
    expect(bench.task.sourceRecords).toEqual({ uid: 'operator 0', count: next })
  })
})

describe('a task behind a stopping barrier', () => {
  const stopping: StreamEvent = {
    kind: 'barrier',
    barrier: { kind: 'savepoint', checkpointId: 1, triggeredAtMs: 0, isStopping: true },
  }
  const alarm: ChainLink = {
    kind: 'keyed-process',
    functions: {
      keySelector: () => 'key',
      process: () => ({
        processElement: (_: unknown, { timerService }: KeyedProcessContext<string>) =>
          timerService.registerProcessingTimeTimer(5),
        onTimer: (_: number, __: OnTimerContext<string>, out: Collector<string>) =>
          out.collect('timer'),
      }),
    },
  }

  test('when a timer is due, then it fires only if the barrier is given up', async () => {
    const bench = new TaskOnBench({ chain: [alarm] })
    await bench.start()
    bench.send(0, 'x', stopping)
    bench.time.advanceTo(5)
    bench.run()
    expect(bench.received()).toEqual(['barrier 1'])
    bench.task.runCommand(() => bench.task.notifyCheckpointAborted(1))
    bench.run()
    expect(bench.received()).toEqual(['timer'])
  })

  test('when it was given up before it came, then nothing is held', async () => {
    const bench = new TaskOnBench({ chain: [alarm] })
    await bench.start()
    bench.task.notifyCheckpointAborted(1)
    bench.send(0, 'x', stopping)
    bench.time.advanceTo(5)
    bench.run()
    expect(bench.received()).toEqual(['barrier 1', 'timer'])
  })

  test('when the job is stopped, then the task finishes without having drained', async () => {
    const bench = new TaskOnBench({ chain: [identity], inputs: [0, 0] })
    await bench.start()
    bench.send(0, endOfData, stopping)
    bench.send(1, 'a', stopping)
    expect(bench.received()).toEqual(['a', 'barrier 1'])
    await promisesSettled()
    await bench.task.finish()
    expect(bench.task.state).toBe('finished')
    expect(bench.told).toEqual(['acknowledged 1'])
  })

  test('when it has a source, then that emits nothing more, or goes on where it was', async () => {
    const bench = new TaskOnBench({ chain: [countingSource()] })
    await bench.start()
    bench.received()
    bench.task.triggerCheckpoint({
      kind: 'savepoint',
      checkpointId: 1,
      triggeredAtMs: 0,
      isStopping: true,
    })
    bench.task.handleSourceCommand({ kind: 'custom', event: 300 })
    bench.run()
    expect(bench.received()).toEqual(['barrier 1'])
    bench.task.runCommand(() => bench.task.notifyCheckpointAborted(1))
    bench.run()
    expect(bench.received()).toEqual([300])
  })
})

describe('a task whose source is told to end', () => {
  test('when there is more to read, then it drains without, and takes no further splits', async () => {
    const bench = new TaskOnBench({ chain: [countingSource({ last: 1_000_000 })] })
    await bench.open()
    bench.task.start()
    bench.time.runTurn()
    bench.task.endInput()
    bench.run()
    const received = bench.received()
    expect(received.slice(-2)).toEqual([`watermark ${MAX_WATERMARK}`, 'end-of-data'])
    expect(received.length).toBeLessThan(1_000_000)
    bench.task.handleSourceCommand({ kind: 'add-splits', splits: [{ splitId: 'more' }] })
    expect(bench.told).toEqual(['drained'])
  })
})

/** Emits the numbers before `last`, then those up to the one that its enumerator tells it. */
function countingSource({ last } = { last: 300 }): ChainLink {
  let next = 0
  const source: Partial<Source<number>> = {
    boundedness: 'unbounded',
    createReader: ({ wake }) => ({
      start: () => {},
      addSplits: () => {},
      notifyNoMoreSplits: () => {},
      handleSourceEvent: (event) => {
        last = Number(event) + 1
        wake()
      },
      pollNext: (output, recordsMax) => {
        for (let count = 0; count < recordsMax && next < last; count++) output.collect(next++)
        return next < last ? 'more' : 'nothing-now'
      },
      snapshot: () => [{ splitId: 'all', next }],
      close: () => {},
    }),
  }
  return { kind: 'source', functions: { source }, config: { watermarks: { generator: 'none' } } }
}

describe('time in a task', () => {
  test('when a channel is idle, then the others go on without it, and wait for it again when it has caught up', async () => {
    const bench = new TaskOnBench({ chain: [identity], inputs: [0, 0] })
    await bench.start()
    bench.send(0, watermark(10))
    bench.send(1, { kind: 'watermark-status', isIdle: true })
    expect(bench.received()).toEqual(['watermark 10'])
    bench.send(0, { kind: 'watermark-status', isIdle: true })
    bench.send(1, { kind: 'watermark-status', isIdle: false })
    expect(bench.received()).toEqual(['idle', 'active'])
    bench.send(0, { kind: 'watermark-status', isIdle: false })
    bench.send(0, watermark(20))
    bench.send(1, watermark(15))
    bench.send(1, watermark(30))
    expect(bench.received()).toEqual(['watermark 20'])
    bench.send(0, watermark(40))
    expect(bench.received()).toEqual(['watermark 30'])
  })

  test('when channels have watermarks, then operators see the smallest of their input', async () => {
    const bench = new TaskOnBench({ chain: [identity], inputs: [0, 0] })
    await bench.start()
    bench.send(0, watermark(10))
    expect(bench.received()).toEqual([])
    bench.send(1, watermark(7))
    bench.send(1, watermark(MAX_WATERMARK))
    expect(bench.received()).toEqual(['watermark 7', 'watermark 10'])
  })

  test('when it is restored, then readers learn how far time had come, and it does not go back', async () => {
    const time = new TextEncoder().encode('[50]')
    const restored: RestoredOperator = {
      isRestored: true,
      checkpointId: 7,
      isFinished: false,
      parallelism: 1,
      slot: (name) => (name === 'time' ? [{ subtaskIndex: 0, bytes: time }] : []),
    }
    const bench = new TaskOnBench({
      chain: [identity],
      restored: new Map([['operator 0', restored]]),
    })
    await bench.open()
    expect(bench.received()).toEqual(['watermark 50'])
    bench.task.start()
    bench.send(0, watermark(30))
    bench.send(0, 'record', watermark(60))
    expect(bench.received()).toEqual(['record', 'watermark 60'])
  })

  test('when a checkpoint is taken, then it holds the watermark of each input', async () => {
    const bench = new TaskOnBench({
      chain: [{ kind: 'co-process', functions: { process: () => ({}) } }],
      inputs: [0, 1],
    })
    await bench.start()
    bench.send(0, watermark(5), barrier(1))
    bench.send(1, barrier(1))
    await promisesSettled()
    expect(bench.snapshots[1]?.['operator 0 time']).toBe(JSON.stringify([5, MIN_WATERMARK]))
  })
})

/** A writer to another thread, which notes what it is told. */
class FarWriter implements RecordWriter<unknown> {
  readonly isLocal = false
  readonly notes: unknown[] = []
  isReady = true

  processElement(value: unknown): void {
    this.notes.push(value)
  }

  processWatermark(time: number): void {
    this.notes.push(`watermark ${time}`)
  }

  processWatermarkStatus(isIdle: boolean): void {
    this.notes.push(isIdle ? 'idle' : 'active')
  }

  processGeneralizedWatermark(): void {
    this.notes.push('generalized watermark')
  }

  event({ kind }: StreamEvent): void {
    this.notes.push(kind)
  }

  flush(): void {
    this.notes.push('flush')
  }
}

describe('the output of a task', () => {
  test('when the reader is behind, then no input is taken until it has caught up', async () => {
    const writer = new FarWriter()
    const bench = new TaskOnBench({ chain: [identity], writer })
    await bench.start()
    writer.isReady = false
    bench.send(0, 1)
    expect(writer.notes).not.toContain(1)
    expect(bench.inputs[0]?.hasInput).toBe(true)
    writer.isReady = true
    bench.loop.wake(bench.task)
    bench.run()
    expect(writer.notes).toContain(1)
  })

  test('when a sink is full, then no input is taken until it wakes the task', async () => {
    const written: unknown[] = []
    const state = { isAvailable: false, wake: () => {} }
    const sink = {
      createWriter: ({ wake }: { wake: () => void }) => {
        state.wake = wake
        return {
          open: () => {},
          write: (value: unknown) => void written.push(value),
          get isAvailable() {
            return state.isAvailable
          },
        }
      },
    }
    const bench = new TaskOnBench({ chain: [{ kind: 'sink', functions: { sink } }] })
    await bench.start()
    bench.send(0, 1)
    expect(written).toEqual([])
    state.isAvailable = true
    state.wake()
    bench.run()
    expect(written).toEqual([1])
  })

  test('when nothing more comes, then what waits in a frame goes out after the buffer timeout, whatever the calendar does', async () => {
    const writer = new FarWriter()
    const bench = new TaskOnBench({ chain: [identity], writer })
    bench.time.advanceBy(1_000)
    await bench.start()
    bench.send(0, 0)
    writer.notes.length = 0
    bench.send(0, 1)
    expect(writer.notes).toEqual([1])
    bench.time.setCalendar(-1_000_000)
    bench.time.advanceBy(9)
    bench.run()
    expect(writer.notes).toEqual([1])
    bench.time.advanceBy(1)
    bench.run()
    expect(writer.notes).toEqual([1, 'flush'])
  })

  test('when a timer emits and no input comes, then it is sent all the same, and then nothing goes on', async () => {
    const periodic = { generator: 'bounded', delayMs: 0, emit: 'periodic' }
    const chain: readonly ChainLink[] = [
      {
        kind: 'timestamps-watermarks',
        config: { watermarks: periodic },
        functions: { timestampAssigner: () => 10 },
      },
    ]
    const near = new TaskOnBench({ chain })
    await near.start()
    near.send(0, 1)
    expect(near.received()).toEqual([1])
    near.time.advanceBy(200)
    near.run()
    expect(near.received()).toEqual(['watermark 9'])

    const writer = new FarWriter()
    const far = new TaskOnBench({ chain, writer })
    await far.start()
    far.send(0, 1)
    far.time.advanceBy(199)
    far.run()
    writer.notes.length = 0
    far.time.advanceBy(1)
    far.run()
    far.time.advanceBy(10)
    far.run()
    expect(writer.notes).toEqual(['watermark 9', 'flush'])
    far.time.advanceBy(150)
    far.run()
    expect(writer.notes).toEqual(['watermark 9', 'flush'])
  })

  test('when the reader is in the same thread, then nothing waits', async () => {
    const bench = new TaskOnBench({ chain: [identity] })
    await bench.start()
    bench.send(0, 1)
    expect(bench.received()).toEqual([1])
    bench.send(0, 2)
    expect(bench.received()).toEqual([2])
  })
})
