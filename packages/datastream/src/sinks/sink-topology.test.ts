import type {
  CommitStage,
  CommittableBatch,
  Committer,
  JsonValue,
  Platform,
  PreWriteStream,
  Sink,
  SinkWriter,
  SinkWriterContext,
} from '@millrace/core'
import {
  SeededRandom,
  SimulatedExecutor,
  type SimulatedProgram,
  Simulation,
} from '@millrace/testing'
import { describe, expect, test } from 'vitest'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'

/** A batch of numbers under a name; the name of its file when it is committed. */
type Parcel = { readonly name: string; readonly numbers: readonly number[] }

/** What a test wants of the ledger. */
interface LedgerOptions {
  readonly commitParallelism?: number
  readonly preCommit?: readonly CommitStage[]
  readonly postCommit?: readonly CommitStage[]
  readonly onCommit?: (committables: readonly JsonValue[]) => void
}

/** Commits parcels of numbers as files in `/ledger`. Nothing is durable before: the checkpoint holds the numbers. */
class LedgerSink implements Sink<number> {
  readonly name = 'ledger'
  readonly commitParallelism?: number
  readonly preCommit: readonly CommitStage[]
  readonly postCommit: readonly CommitStage[]
  readonly #onCommit: ((committables: readonly JsonValue[]) => void) | undefined

  constructor({ commitParallelism, preCommit, postCommit, onCommit }: LedgerOptions = {}) {
    if (commitParallelism !== undefined) this.commitParallelism = commitParallelism
    this.preCommit = preCommit ?? []
    this.postCommit = postCommit ?? []
    this.#onCommit = onCommit
  }

  describe(): JsonValue {
    return this.name
  }

  createWriter(context: SinkWriterContext): SinkWriter<number> {
    const { runId, attempt, subtaskIndex } = context
    let numbers: number[] = []
    let count = 0
    return {
      isAvailable: true,
      open: () => {},
      write: (value) => void numbers.push(value),
      prepareCommit: async () => {
        if (numbers.length === 0) return []
        const parcel = { name: `${runId}-${attempt}-${subtaskIndex}-${count++}`, numbers }
        numbers = []
        return [parcel]
      },
      snapshotState: () => [],
      close: () => {},
    }
  }

  createCommitter({ platform }: { readonly platform: Platform }): Committer {
    return {
      commit: async (committables) => {
        this.#onCommit?.(committables)
        for (const { name, numbers } of committables as readonly Parcel[]) {
          await writeFile(platform, `/ledger/${name}`, JSON.stringify(numbers))
        }
      },
    }
  }
}

/** Joins the parcels that wait into one of a new name, a while after they came. */
function joining(parallelism?: number): CommitStage {
  return {
    name: 'joining',
    ...(parallelism !== undefined && { parallelism }),
    createProcessor: ({ emit, platform, runId, attempt, subtaskIndex }) => {
      let waiting: CommittableBatch[] = []
      let count = 0
      let working: Promise<void> = Promise.resolve()
      const join = (): void => {
        const [first] = waiting
        if (first === undefined) return
        const numbers = waiting.flatMap(({ committables }) =>
          (committables as readonly Parcel[]).flatMap((parcel) => parcel.numbers),
        )
        waiting = []
        const name = `joined-${runId}-${attempt}-${subtaskIndex}-${count++}`
        emit({ ...first, committables: [{ name, numbers }] })
      }
      return {
        open: (states) => void (waiting = states as unknown as CommittableBatch[]),
        process: (batch) => {
          if (batch.committables.length > 0) waiting.push(batch)
        },
        onCheckpointComplete: () => {
          working = new Promise((resolve) => {
            platform.timers.after(3, () => {
              join()
              resolve()
            })
          })
        },
        whenIdle: () => working,
        get isHolding() {
          return waiting.length > 0
        },
        snapshotState: () => waiting,
      }
    },
  }
}

/** Writes down what was committed, one file for each batch. */
function noting(): CommitStage {
  return {
    name: 'noting',
    createProcessor: ({ platform, fail }) => {
      let open: JsonValue[] = []
      let working: Promise<void> = Promise.resolve()
      const note = async (parcel: Parcel): Promise<void> => {
        await writeFile(platform, `/noted/${parcel.name}`, JSON.stringify(parcel.numbers))
        open = open.filter((one) => one !== parcel)
      }
      const begin = (): void => {
        for (const parcel of open) {
          working = working.then(() => note(parcel as Parcel)).catch(fail)
        }
      }
      return {
        open: (states) => {
          open = [...states]
          begin()
        },
        process: ({ committables }) => {
          const known = open
          open = [...committables]
          begin()
          open = [...known, ...open]
        },
        whenIdle: () => working,
        get isHolding() {
          return open.length > 0
        },
        snapshotState: () => open,
      }
    },
  }
}

async function writeFile(platform: Platform, path: string, text: string): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf('/'))
  await platform.files.makeDirectory(folder)
  await platform.files.syncDirectory('/')
  const file = await platform.files.create(path)
  await file.write(new TextEncoder().encode(text))
  await file.sync()
  await file.close()
  await platform.files.syncDirectory(folder)
}

const COUNT = 200

/** How a ledger job is run. */
interface LedgerRun {
  readonly seed: number
  readonly threads: number
  /** The parallelism of each start, in turn. */
  readonly parallelisms?: readonly [number, ...number[]]
  readonly hasCrashes?: boolean
}

/** A job that writes the numbers below COUNT within half a second. */
function ledgerProgram(
  sink: () => Sink<number>,
  { threads, parallelism }: { readonly threads: number; readonly parallelism: number },
): SimulatedProgram<unknown> {
  return (executor) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads,
      parallelism,
      checkpointing: { interval: '40 ms', directory: '/checkpoints', restoreFrom: 'latest' },
      restart: { strategy: 'fixed-delay', attempts: 1000, delay: 10 },
    })
    env
      .generate({ count: COUNT, recordsPerSecond: 400, generator: (index) => index })
      .sinkTo(sink())
    return env.execute()
  }
}

/** Runs the job to its end, whatever crashes. Answers the numbers in the files of a folder, sorted. */
async function runLedger(
  sink: () => Sink<number>,
  { seed, threads, parallelisms = [2], hasCrashes = false }: LedgerRun,
): Promise<(folder: string) => readonly number[]> {
  const crashes = {
    count: { min: 1, max: 4 },
    withinMs: { min: 0, max: 900 },
    downMs: { min: 1, max: 50 },
  }
  const simulation = new Simulation({ seed, faults: hasCrashes ? { crashes } : {} })
  let isOver = false
  let starts = 0
  simulation.supervise('program', async (process) => {
    const parallelism = parallelisms[starts++ % parallelisms.length] as number
    const program = ledgerProgram(sink, { threads, parallelism })
    await program(new SimulatedExecutor({ simulation, process, program }))
    if (process.isAlive) isOver = true
  })
  await simulation.run(() => isOver, { simulatedMsMax: 60_000 })
  const disk = simulation.disk('program')
  return (folder) =>
    disk
      .paths()
      .filter((path) => path.startsWith(folder))
      .flatMap((path) => JSON.parse(new TextDecoder().decode(disk.contentOf(path))) as number[])
      .sort((a, b) => a - b)
}

const ALL = Array.from({ length: COUNT }, (_, index) => index)

describe('a sink of several operators', () => {
  test.each([0, 2])(
    'when nothing fails, then all is committed and noted once (%i processes)',
    async (threads) => {
      const sink = () => new LedgerSink({ preCommit: [joining(1)], postCommit: [noting()] })
      const numbersIn = await runLedger(sink, { seed: 1, threads })
      expect(numbersIn('/ledger/')).toEqual(ALL)
      expect(numbersIn('/noted/')).toEqual(ALL)
    },
  )

  test('when there is one committer, then it commits what all writers wrote in one call', async () => {
    const calls: number[] = []
    const sink = () =>
      new LedgerSink({
        commitParallelism: 1,
        onCommit: (committables) => calls.push(committables.length),
      })
    const numbersIn = await runLedger(sink, { seed: 1, threads: 0 })
    expect(numbersIn('/ledger/')).toEqual(ALL)
    expect(calls.length).toBeGreaterThan(3)
    // Both writers have something in most checkpoints.
    expect(calls.filter((count) => count === 2).length).toBeGreaterThan(calls.length / 2)
  })

  test('when the program crashes again and again and its parallelism changes, then each number is there once', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed).fork('ledger')
      const any = (): number => random.integer({ min: 1, max: 3 })
      const hasPreCommit = random.chance(0.6)
      const hasPostCommit = random.chance(0.6)
      const hasCommitParallelism = !(hasPreCommit || hasPostCommit) || random.chance(0.5)
      const stageParallelism = random.chance(0.5) ? any() : undefined
      const commitParallelism = any()
      const sink = (): LedgerSink =>
        new LedgerSink({
          preCommit: hasPreCommit ? [joining(stageParallelism)] : [],
          postCommit: hasPostCommit ? [noting()] : [],
          ...(hasCommitParallelism && { commitParallelism }),
        })
      const threads = random.integer({ min: 0, max: 2 })
      const parallelisms = [any(), any(), any()] as const
      const numbersIn = await runLedger(sink, {
        seed,
        threads,
        parallelisms: [...parallelisms],
        hasCrashes: true,
      })
      expect(numbersIn('/ledger/'), `committed, seed ${seed}`).toEqual(ALL)
      if (hasPostCommit) expect(numbersIn('/noted/'), `noted, seed ${seed}`).toEqual(ALL)
    }
  })

  test('when stages stand without a committer, or options are wrong, then the program is refused', () => {
    const plan = (changes: object): void => {
      const env = StreamExecutionEnvironment.getExecutionEnvironment()
      env.fromData([1]).sinkTo(Object.assign(new LedgerSink(), changes))
    }
    const stages = { preCommit: [joining()] }
    expect(() => plan({ ...stages, createCommitter: undefined })).toThrow(/OPTION_INVALID.*ledger/)
    expect(() => plan({ commitParallelism: 0 })).toThrow(/OPTION_INVALID.*commitParallelism/)
    expect(() => plan({ preCommit: [{ name: 'x' }] })).toThrow(/FUNCTION_INVALID.*createProcessor/)
    expect(() => plan({ preWrite: () => 5 })).toThrow(/FUNCTION_INVALID.*preWrite/)
  })

  test('when a sink prepares its records, then the plan shows all its operators and follows its parallelism', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 })
    const sink: Sink<number> = Object.assign(
      new LedgerSink({ preCommit: [joining(1)], postCommit: [noting()] }),
      {
        preWrite: (numbers: PreWriteStream<number>) => numbers.keyBy((value) => value % 7),
      },
    )
    env.fromSequence(1, 4).sinkTo(sink).setParallelism(3)
    expect(env.explain()).toMatchInlineSnapshot(`
      "Job 'Millrace Streaming Job' (eddbff395f357404)

      1. Source: Sequence Source  [parallelism 2]
           source 'Source: Sequence Source'  uid source-6441832d  emits long
           => 2 by hash of key

      2. Sink: ledger  [parallelism 3]
           sink-writer 'Sink: ledger'  uid sink-writer-a2826732  emits string
           => 3 by rebalance

      3. Sink: ledger: joining -> Sink: ledger: Committer -> Sink: ledger: noting  [parallelism 1]
           commit-stage 'Sink: ledger: joining'  uid commit-stage-1572484b  emits string
           committer 'Sink: ledger: Committer'  uid committer-a14c06d5  emits string
           commit-stage 'Sink: ledger: noting'  uid commit-stage-0c1e352b  emits string"
    `)
  })
})
