// A whole job under test: the real environment, job master and tasks, in one thread of a simulation. Time is virtual, so
// hours of timers pass in milliseconds, and two runs of a test are the same.
//
//   source.emit … ──> [ the job ] ──> output.records
//                        ▲  runToEnd, runFor, runToWatermark, runUntil: only these let time pass
//
// Between two calls of the test the job stands still.

import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  MillraceError,
  show,
  type TypeInfo,
  WatermarkStrategy,
} from '@millrace/core'
import {
  type DataStream,
  type ExecutionOptions,
  StreamExecutionEnvironment,
} from '@millrace/datastream'
import type { JobExecutionResult, JobOperator } from '@millrace/job-graph'
import { CheckpointStorage } from '@millrace/runtime'
import type { SimulatedDisk } from '../simulator/disk/simulated-disk.ts'
import { type RunLimits, Simulation } from '../simulator/simulation.ts'
import { MINI_LIMITS, MiniExecutor, type MiniJob } from './mini-executor.ts'
import { MiniOutput } from './mini-output.ts'
import { type ScriptEntry, ScriptSource, scriptedWatermarks } from './mini-source.ts'
import { MiniSource } from './mini-source-handle.ts'
import { stateOfCheckpoint } from './state-of-checkpoint.ts'

/** Options of a {@link MiniEnvironment}: those of every environment but where it runs, and those of its world. */
export interface MiniEnvironmentOptions extends Omit<
  ExecutionOptions,
  'executor' | 'threads' | 'module'
> {
  /** Decides whatever is left to chance: other seeds, other interleavings. Default: 0. */
  readonly seed?: number
  /** What the calendar shows at the start, in milliseconds since 1970. Default: 2024-01-01, midnight UTC. */
  readonly startMs?: number
}

/** Options of {@link MiniEnvironment.source}. */
export interface MiniSourceOptions<T> {
  /** Shown in plans. Default: `mini source 1` and so on. */
  readonly name?: string
  /** The type of the records. Default: none, as of a stream that the program gives no type. */
  readonly type?: TypeInfo<T>
  /** Splits, each with a time of its own; see {@link MiniSource.split}. Default: 1. */
  readonly splits?: number
  /** Subtasks, which share the splits. Default: 1. */
  readonly parallelism?: number
}

/**
 * A job of a test, on a clock that the test turns.
 *
 * @example
 * ```ts
 * import { TumblingEventTimeWindows, Types } from 'millrace'
 * import { MiniEnvironment } from 'millrace/testing'
 *
 * const mini = new MiniEnvironment({ checkpointing: { interval: '1 s' } })
 * const words = mini.source<string>({ type: Types.string })
 * const counts = mini.collect(
 *   words.stream
 *     .map((word) => ({ word, count: 1 }))
 *     .keyBy(({ word }) => word)
 *     .window(TumblingEventTimeWindows.of('1 min'))
 *     .sum('count'),
 * )
 *
 * words.emit('to', 1_000).emit('be', 2_000).emit('to', 3_000).watermark(59_999)
 * await mini.runToWatermark(59_999)
 * console.log(counts.values) // [ { word: 'to', count: 2 }, { word: 'be', count: 1 } ]
 * await mini.close()
 * ```
 *
 * @example
 * A task that fails, and the state behind it:
 *
 * ```ts
 * import { type Collector, type KeyedRuntimeContext, Types, type ValueState } from 'millrace'
 * import { MiniEnvironment } from 'millrace/testing'
 *
 * class Count {
 *   #count!: ValueState<number>
 *   open(context: KeyedRuntimeContext): void {
 *     this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
 *   }
 *   processElement(word: string, _context: unknown, out: Collector<string>): void {
 *     this.#count.update(this.#count.value() + 1)
 *     out.collect(`${word} ${this.#count.value()}`)
 *   }
 * }
 *
 * const mini = new MiniEnvironment({ checkpointing: { interval: '1 s' } })
 * const words = mini.source<string>()
 * const counts = mini.collect(words.stream.keyBy((word) => word).process(() => new Count()).uid('count'))
 *
 * words.emit('to').emit('be')
 * await mini.runFor('2 s')
 * mini.failTask('count')
 * words.emit('to')
 * await mini.runFor('2 s')
 * console.log(counts.values) // [ 'to 1', 'be 1', 'to 2' ]
 * console.log(await mini.state('count', 'count')) // Map(2) { 'to' => 2, 'be' => 1 }
 * await mini.close()
 * ```
 */
export class MiniEnvironment {
  /** A real environment: build the job with it. Its `execute` runs the job to the end, in virtual time. */
  readonly env: StreamExecutionEnvironment
  readonly #simulation: Simulation
  readonly #executor: MiniExecutor
  readonly #process: ReturnType<Simulation['process']>
  readonly #sources: { end(): unknown }[] = []
  readonly #outputs: { readonly watermark: number }[] = []

  /** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID` or `DURATION_INVALID` */
  constructor(options: MiniEnvironmentOptions = {}) {
    checkOptions('MiniEnvironment', options, KNOWN_OPTIONS)
    const { seed = 0, startMs, ...execution } = options
    this.#simulation = new Simulation({ seed, ...(startMs !== undefined && { startMs }) })
    this.#process = this.#simulation.process(PROCESS)
    this.#executor = new MiniExecutor(this.#simulation, this.#process)
    this.env = StreamExecutionEnvironment.getExecutionEnvironment({
      ...execution,
      executor: this.#executor,
    })
  }

  /** A source that emits what the test says; its records are in `.stream`. */
  source<T>(options: MiniSourceOptions<T> = {}): MiniSource<T> {
    checkOptions('source', options, ['name', 'type', 'splits', 'parallelism'])
    const { name = `mini source ${this.#sources.length + 1}`, type } = options
    const splits = checkInteger('splits', options.splits ?? 1, { min: 1, max: SPLITS_MAX })
    const script = new ScriptSource<T>(name, splits)
    const entries = this.env
      .fromSource<ScriptEntry<T>>(script, WatermarkStrategy.forGenerator(scriptedWatermarks), name)
      .setParallelism(options.parallelism ?? 1)
    const stream = entries
      .flatMap((entry) => (entry.kind === 'record' ? [entry.value] : []), type && { type })
      .name(`${name}: values`)
      .setParallelism(options.parallelism ?? 1)
    const source = new MiniSource<T>(stream, script)
    this.#sources.push(source)
    return source
  }

  /** Collects the records of a stream; also of a side output. Call it while the job is being built. */
  collect<T>(stream: DataStream<T>): MiniOutput<T> {
    const output = new MiniOutput<T>()
    stream.sinkTo(output.sink()).setParallelism(stream.origins[0]?.operator.parallelism ?? 1)
    this.#outputs.push(output)
    return output
  }

  /** The files that sources, sinks and checkpoints of the job see. */
  get disk(): SimulatedDisk {
    return this.#simulation.disk(PROCESS)
  }

  /** What the calendar of the job shows, in milliseconds since 1970. */
  get now(): number {
    return this.#process.clock.now()
  }

  /** What the job printed. */
  get printedLines(): readonly string[] {
    return this.#process.printedLines
  }

  /** The job, once it has started: its status and figures. */
  get job(): MiniJob | undefined {
    return this.#executor.job
  }

  /** The accumulators whose result is a number, as the tasks last told: up to 100 ms of virtual time old. */
  get accumulators(): Readonly<Record<string, number>> {
    return this.job?.metrics().accumulators ?? {}
  }

  /**
   * Starts the job if it does not run yet, ends the sources of the test, and runs until the job has ended. Rejects with the
   * cause if it fails, and with `SIMULATION_FAILED` if it takes more than `limits`, by default a day of virtual time.
   */
  async runToEnd(limits: RunLimits = MINI_LIMITS): Promise<JobExecutionResult> {
    const job = await this.#started()
    for (const source of this.#sources) source.end()
    await this.#simulation.run(() => job.isOver, limits)
    return job.result()
  }

  /** Lets so much virtual time pass. Starts the job if it does not run yet. Rejects if the job fails meanwhile. */
  async runFor(duration: Duration): Promise<void> {
    const job = await this.#started()
    await this.#simulation.runFor(durationMs(duration))
    if (job.status() === 'failed') await job.result()
  }

  /** Runs until event time has come to `watermark` at the end of every collected stream. */
  async runToWatermark(watermark: number, limits: RunLimits = MINI_LIMITS): Promise<void> {
    if (this.#outputs.length === 0) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'a collected stream whose watermark to look at',
        came: 'a mini environment without one',
        todo: 'Call collect(stream) while the job is being built.',
      })
    }
    const hasCome = (): boolean => this.#outputs.every((output) => output.watermark >= watermark)
    await this.runUntil(hasCome, limits)
  }

  /** Runs until `condition` holds. It is asked again and again, and must not change anything. */
  async runUntil(condition: () => boolean, limits: RunLimits = MINI_LIMITS): Promise<void> {
    const job = await this.#started()
    await this.#simulation.run(() => job.isOver || condition(), limits)
    if (job.status() === 'failed') await job.result()
    if (condition()) return
    throw new MillraceError('TEST_FAILED', {
      expected: 'the condition of runUntil to hold, or the watermark of runToWatermark to come',
      came: `a job that is ${job.status()}`,
      todo: 'Look at the outputs: the sources may have ended, or a watermark may be missing.',
    })
  }

  /**
   * Lets the task of an operator fail now. By its restart strategy, the job then goes back to its last checkpoint; the test
   * lets the time for that pass.
   *
   * @throws MillraceError `OPTION_INVALID` if no job runs, or none of its operators has this uid or name.
   */
  failTask(uidOrName: string): void {
    const job = this.#running()
    const { name } = operatorOf(job, uidOrName)
    const todo = 'Nothing: it was asked for.'
    const came = 'a call of failTask()'
    const ids = { operator: name }
    job.failTask(
      new MillraceError('FUNCTION_FAILED', {
        expected: `the task of '${name}' to go on`,
        came,
        todo,
        ids,
        isRetryable: true,
      }),
    )
  }

  /**
   * A state as a checkpoint has it that is taken now; after the end of the job, as its last one. By key if it is keyed, with a
   * list as an array and a map as a `Map`; by its own keys if it was broadcast; by subtask index if it is a list of no key.
   *
   * @throws MillraceError `OPTION_INVALID` if there is no such operator, `STATE_ACCESS_INVALID` if it has no such state.
   */
  async state<K = unknown, V = unknown>(
    uidOrName: string,
    stateName: string,
  ): Promise<ReadonlyMap<K, V>> {
    const job = await this.#started()
    const { uid } = operatorOf(job, uidOrName)
    const metadata = await job.takeCheckpoint()
    const directory = job.submission.settings.checkpointing?.directory ?? null
    const storage = new CheckpointStorage(this.#process.files, directory ?? '/')
    const state = stateOfCheckpoint(
      {
        metadata,
        readBytes: (handle) => storage.readState(metadata.checkpointId, handle),
      },
      uid,
      stateName,
    )
    return (await this.#simulation.resultOf(state)) as ReadonlyMap<K, V>
  }

  /** Cancels the job if it still runs. */
  async close(): Promise<void> {
    await this.job?.cancel()
  }

  async #started(): Promise<MiniJob> {
    if (this.job === undefined) await this.env.executeAsync()
    return this.#running()
  }

  #running(): MiniJob {
    if (this.job !== undefined) return this.job
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a job that runs',
      came: 'one that has not been started',
      todo: "Call one of the run methods before, such as await mini.runFor('1 s').",
    })
  }
}

const KNOWN_OPTIONS = [
  'seed',
  'startMs',
  'parallelism',
  'maxParallelism',
  'checkpointing',
  'restart',
  'autoWatermarkInterval',
  'bufferTimeout',
  'operatorChaining',
] as const satisfies readonly (keyof MiniEnvironmentOptions)[]

/** The one process of the simulation, and its disk. */
const PROCESS = 'mini'

/** More splits than any test can tell apart. */
const SPLITS_MAX = 1024

function operatorOf({ submission }: MiniJob, uidOrName: string): JobOperator {
  const operators = submission.graph.vertices.flatMap((vertex) => vertex.operators)
  const found =
    operators.find(({ uid }) => uid === uidOrName) ??
    operators.find(({ name }) => name === uidOrName)
  if (found !== undefined) return found
  throw new MillraceError('OPTION_INVALID', {
    expected: `the uid or name of an operator: ${operators.map(({ name }) => `'${name}'`).join(', ')}`,
    came: show(uidOrName),
    todo: 'Give the operator a uid, and use it here.',
  })
}
