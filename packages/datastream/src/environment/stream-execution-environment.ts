import {
  checkOptions,
  type Duration,
  MillraceError,
  show,
  type Source,
  Types,
  WatermarkStrategy,
} from '@millrace/core'
import {
  buildJobGraph,
  type CheckpointSettings,
  explainJobGraph,
  type JobClient,
  type JobExecutionResult,
  type JobExecutor,
  type JobSettings,
  type JobSubmission,
  type OperatorDefaults,
} from '@millrace/job-graph'
import { currentExecutor } from '../executor.ts'
import { checkMethods } from '../functions/check-function.ts'
import { asJson } from '../graph/as-json.ts'
import { type BuiltStreamGraph, buildStreamGraph } from '../graph/build-stream-graph.ts'
import { type DraftOperator, inputsFrom } from '../graph/draft-operator.ts'
import { checkParallelism } from '../graph/operator-settings.ts'
import { checkComplete, reachableOperators } from '../graph/reachable-operators.ts'
import { watermarkFunctions } from '../graph/watermark-functions.ts'
import { CollectedRecords } from '../sinks/collected-records.ts'
import { CollectSink } from '../sinks/collect-sink.ts'
import { CollectionSource } from '../sources/collection-source.ts'
import { type DataGeneratorOptions, DataGeneratorSource } from '../sources/data-generator-source.ts'
import { numberSequence } from '../sources/number-sequence.ts'
import { type SocketTextOptions, SocketTextSource } from '../sources/socket-source.ts'
import type { DataStream } from '../streams/data-stream.ts'
import { type OutputType, outputTypeOf } from '../streams/output-type.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import { EnvironmentStreams } from './environment-streams.ts'
import {
  type CheckpointingOptions,
  checkpointSettings,
  EXECUTION_OPTIONS,
  type ExecutionOptions,
  fixedSettings,
  type RestartOptions,
  restartSettings,
} from './execution-options.ts'

const DEFAULT_JOB_NAME = 'Millrace Streaming Job'

/**
 * Where a job begins: it makes the first streams, and executes what was built from them.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env
 *   .fromData(['to be or', 'not to be'])
 *   .flatMap((line) => line.split(' '))
 *   .map((word) => ({ word, count: 1 }))
 *   .keyBy((entry) => entry.word)
 *   .sum('count')
 *   .filter((entry) => entry.count > 1)
 *   .print()
 * await env.execute('word count')
 * // {"word":"to","count":2}
 * // {"word":"be","count":2}
 * ```
 */
export class StreamExecutionEnvironment {
  readonly #streams: EnvironmentStreams
  readonly #fixedSettings: Omit<JobSettings, 'checkpointing' | 'restart' | 'defaults'>
  readonly #executor: JobExecutor | undefined
  #parallelism: number
  #maxParallelism: number | undefined
  /** Those in force when the first operator of this program was added. */
  #firstDefaults: OperatorDefaults | undefined
  #checkpointing: CheckpointSettings | null = null
  #restart: RestartOptions | undefined

  private constructor(options: ExecutionOptions) {
    const { parallelism = 1, maxParallelism, checkpointing, restart, executor } = options
    this.#fixedSettings = fixedSettings(options)
    this.#executor = executor
    this.#parallelism = checkParallelism('parallelism', parallelism)
    if (maxParallelism !== undefined) this.setMaxParallelism(maxParallelism)
    if (checkpointing !== undefined) this.enableCheckpointing(checkpointing.interval, checkpointing)
    if (restart !== undefined) this.setRestartStrategy(restart)
    this.#streams = new EnvironmentStreams({
      defaults: () => {
        this.#firstDefaults ??= this.#defaults()
        return { parallelism: this.#parallelism, maxParallelism: this.#maxParallelism }
      },
      executeAndCollect: (stream, jobName) => this.#executeAndCollect(stream, jobName),
    })
  }

  /**
   * A new environment.
   *
   * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID` or `DURATION_INVALID`
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment({
   *   parallelism: 2,
   *   checkpointing: { interval: '1 s' },
   *   restart: { strategy: 'fixed-delay', attempts: 5, delay: '100 ms' },
   * })
   * console.log(env.parallelism) // 2
   * ```
   */
  static getExecutionEnvironment(options: ExecutionOptions = {}): StreamExecutionEnvironment {
    checkOptions('getExecutionEnvironment', options, EXECUTION_OPTIONS)
    return new StreamExecutionEnvironment(options)
  }

  /** Subtasks of each operator that is added from now on and not given a number of its own. */
  get parallelism(): number {
    return this.#parallelism
  }

  /** Sets {@link parallelism} for the operators that are added from now on. */
  setParallelism(parallelism: number): this {
    this.#parallelism = checkParallelism('parallelism', parallelism)
    return this
  }

  /** Sets the number of key groups for the operators that are added from now on. */
  setMaxParallelism(maxParallelism: number): this {
    this.#maxParallelism = checkParallelism('max parallelism', maxParallelism)
    return this
  }

  /** Takes a checkpoint every `interval`, so that a job that fails goes on from the last one. */
  enableCheckpointing(interval: Duration, options: CheckpointingOptions = {}): this {
    this.#checkpointing = checkpointSettings(interval, options)
    return this
  }

  /**
   * What happens when a task fails. Default: with checkpoints 3 attempts, 1 s apart; without them the job fails at once. (A
   * delay that grows with each attempt is planned to become the default.)
   */
  setRestartStrategy(restart: RestartOptions): this {
    restartSettings(restart, false)
    this.#restart = restart
    return this
  }

  /**
   * The values of an array, copied now. With a `type`, each value is checked when it is read and becomes a record of the engine,
   * with the fields of the type and no others.
   *
   * Parallelism 1, which keeps the order; it can be raised.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment, Types } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const Bid = Types.record({ auction: Types.int, price: Types.double })
   * const prices = env.fromData([{ auction: 1, price: 9.5 }], { type: Bid }).map((bid) => bid.price)
   * console.log(await prices.executeAndCollect()) // [ 9.5 ]
   * ```
   */
  fromData<T>(values: readonly T[], options: OutputType<T> = {}): SingleOutputStreamOperator<T> {
    if (!Array.isArray(values)) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'an array of values for fromData',
        came: show(values),
        todo: 'Write fromData([1, 2, 3]).',
      })
    }
    const source = new CollectionSource<T>(values, outputTypeOf('fromData', options))
    return this.#source(source, WatermarkStrategy.noWatermarks(), source.name).setParallelism(1)
  }

  /**
   * The whole numbers `from` to `to`, both included. Parallel subtasks take turns.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * console.log(await env.fromSequence(1, 4).executeAndCollect()) // [ 1, 2, 3, 4 ]
   * ```
   */
  fromSequence(from: number, to: number): SingleOutputStreamOperator<number> {
    const source = numberSequence(from, to)
    return this.#source(source, WatermarkStrategy.noWatermarks(), source.name)
  }

  /**
   * Records made by a function of their index; see {@link DataGeneratorSource}.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const words = env.generate({ count: 3, generator: (index) => `word ${index}` })
   * console.log(await words.executeAndCollect()) // [ 'word 0', 'word 1', 'word 2' ]
   * ```
   */
  generate<T>(options: DataGeneratorOptions<T>): SingleOutputStreamOperator<T> {
    const source = new DataGeneratorSource(options)
    return this.#source(source, WatermarkStrategy.noWatermarks(), source.name)
  }

  /** What a source reads, with event time by a watermark strategy. */
  fromSource<T>(
    source: Source<T>,
    watermarkStrategy: WatermarkStrategy<T>,
    name: string,
  ): SingleOutputStreamOperator<T> {
    checkMethods('fromSource', source, ['describe', 'createEnumerator', 'createReader'])
    return this.#source(source, watermarkStrategy, name)
  }

  /**
   * Lines of UTF-8 text from a TCP server, such as `nc -lk 9999`. For trying things out: a socket cannot be asked again for what it
   * sent, so after a failure, lines that were read since the last checkpoint are lost.
   *
   * The stream ends when the server ends the connection. The job fails with `SOCKET_FAILED` when it cannot be opened or breaks,
   * after `maxRetries`.
   */
  socketTextStream(
    host: string,
    port: number,
    options: SocketTextOptions = {},
  ): SingleOutputStreamOperator<string> {
    const source = new SocketTextSource({ host, port }, options)
    return this.#source(source, WatermarkStrategy.noWatermarks(), source.name).setParallelism(1)
  }

  /**
   * Runs what was built since the last execution, and settles when it has ended. Afterwards the environment begins a new program.
   *
   * @throws MillraceError `JOB_EMPTY`, `JOB_WITHOUT_SINK`, `UID_DUPLICATE`, or the cause of the job's failure.
   */
  async execute(jobName?: string): Promise<JobExecutionResult> {
    const client = await this.executeAsync(jobName)
    return client.result()
  }

  /**
   * Starts what was built since the last execution and answers a handle on the running job.
   *
   * @throws MillraceError `JOB_EMPTY`, `JOB_WITHOUT_SINK` or `UID_DUPLICATE`
   */
  async executeAsync(jobName?: string): Promise<JobClient> {
    const { submission } = this.#build(this.#streams.added, jobName)
    const executor = this.#executor ?? currentExecutor()
    this.#forget()
    return executor.submit(submission)
  }

  /**
   * The plan as text: which operators run together, and how records travel between them.
   *
   * @throws MillraceError `JOB_EMPTY` or `UID_DUPLICATE`
   */
  explain(jobName: string = DEFAULT_JOB_NAME): string {
    const operators = reachableOperators(this.#streams.added)
    if (operators.length === 0) checkComplete(operators)
    return explainJobGraph(buildJobGraph(buildStreamGraph(operators, jobName).graph))
  }

  async #executeAndCollect<T>(stream: DataStream<T>, jobName: string | undefined): Promise<T[]> {
    const { type } = stream
    const sink = new CollectSink<T>(type ?? Types.any())
    const collect = this.#streams.draft({
      kind: 'sink',
      name: `Sink: ${sink.name}`,
      inputs: inputsFrom(stream.origins),
      config: { sink: sink.describe() },
      functions: { sink },
      // As many as before it: records need not travel to be collected.
      parallelism: stream.origins[0]?.operator.parallelism ?? 1,
    })
    const { submission, uidOf } = this.#build([...this.#streams.added, collect], jobName)
    const executor = this.#executor ?? currentExecutor()
    this.#forget()
    const client = await executor.submit(submission)
    const uid = uidOf.get(collect)
    const collected = new CollectedRecords<T>(type)
    client.onCollected((payload) => {
      if (payload.uid === uid) collected.accept(payload)
    })
    await client.result()
    return collected.records()
  }

  #source<T>(
    source: Source<T>,
    watermarkStrategy: WatermarkStrategy<T>,
    name: string,
  ): SingleOutputStreamOperator<T> {
    return this.#streams.transform({
      kind: 'source',
      name: `Source: ${name}`,
      inputs: [],
      config: asJson({
        source: source.describe(),
        boundedness: source.boundedness,
        watermarks: watermarkStrategy.config,
      }),
      functions: { source, ...watermarkFunctions('fromSource', watermarkStrategy) },
      outputType: source.type,
    })
  }

  #build(
    added: readonly DraftOperator[],
    jobName: string = DEFAULT_JOB_NAME,
  ): { readonly submission: JobSubmission; readonly uidOf: BuiltStreamGraph['uidOf'] } {
    const operators = reachableOperators(added)
    checkComplete(operators)
    const { graph, functions, uidOf } = buildStreamGraph(operators, jobName)
    return {
      submission: { graph: buildJobGraph(graph), functions, settings: this.#settings() },
      uidOf,
    }
  }

  #settings(): JobSettings {
    return {
      ...this.#fixedSettings,
      checkpointing: this.#checkpointing,
      restart: restartSettings(this.#restart, this.#checkpointing !== null),
      defaults: this.#firstDefaults ?? this.#defaults(),
    }
  }

  #defaults(): OperatorDefaults {
    return { parallelism: this.#parallelism, maxParallelism: this.#maxParallelism ?? null }
  }

  /** The next operator begins a new program. */
  #forget(): void {
    this.#streams.forget()
    this.#firstDefaults = undefined
  }
}
