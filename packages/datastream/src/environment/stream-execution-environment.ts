import {
  checkOptions,
  type Duration,
  MillraceError,
  Parameters,
  type ParameterValue,
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
  type OperatorDefaults,
} from '@millrace/job-graph'
import { currentExecutor } from '../executor.ts'
import { checkMethods } from '../functions/check-function.ts'
import { asJson } from '../graph/as-json.ts'
import { type BuiltStreamGraph, buildStreamGraph } from '../graph/build-stream-graph.ts'
import { type DraftOperator, inputsFrom } from '../graph/draft-operator.ts'
import { bufferTimeoutMs, checkParallelism } from '../graph/operator-settings.ts'
import { checkComplete, reachableOperators } from '../graph/reachable-operators.ts'
import { checkStrategy, watermarkFunctions } from '../graph/watermark-functions.ts'
import { CollectedRecords } from '../sinks/collected-records.ts'
import { CollectIterator, tellFrameUsed } from '../sinks/collect-iterator.ts'
import { type CollectPayload, CollectSink } from '../sinks/collect-sink.ts'
import { CollectionSource } from '../sources/collection-source.ts'
import {
  type DataGeneratorOptions,
  DataGeneratorSource,
  type ValidatedGeneratorOptions,
} from '../sources/data-generator-source.ts'
import { numberSequence } from '../sources/number-sequence.ts'
import {
  checkSchemaOptions,
  type SchemaOptions,
  type ValidationOptions,
} from '../sources/schema-gate.ts'
import { type SocketTextOptions, SocketTextSource } from '../sources/socket-source.ts'
import { sourceOperatorName } from '../sources/source-name.ts'
import type { DataStream } from '../streams/data-stream.ts'
import { checkType, type OutputType } from '../streams/output-type.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import { EnvironmentStreams } from './environment-streams.ts'
import {
  checkBoolean,
  type CheckpointingOptions,
  checkpointSettings,
  checkText,
  EXECUTION_OPTIONS,
  type ExecutionOptions,
  type FixedSettings,
  fixedSettings,
} from './execution-options.ts'
import { checkJobListener, type JobListener, jobResult, submitJob } from './job-listener.ts'
import { type RestartOptions, restartSettings } from './restart-options.ts'

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
  readonly #fixedSettings: FixedSettings
  readonly #executor: JobExecutor | undefined
  readonly #listeners: JobListener[] = []
  readonly #cachedFiles = new Map<string, string>()
  #parallelism: number
  #maxParallelism: number | undefined
  /** Those in force when the first operator of this program was added. */
  #firstDefaults: OperatorDefaults | undefined
  #checkpointing: CheckpointSettings | null = null
  #restart: RestartOptions | undefined
  #bufferTimeoutMs: number
  #chaining: boolean
  #globalJobParameters: Parameters | undefined

  private constructor(options: ExecutionOptions) {
    const { parallelism = 1, maxParallelism, checkpointing, restart, executor } = options
    const { bufferTimeout = 10, operatorChaining = true } = options
    this.#fixedSettings = fixedSettings(options)
    this.#executor = executor
    this.#parallelism = checkParallelism('parallelism', parallelism)
    this.#bufferTimeoutMs = bufferTimeoutMs(bufferTimeout)
    this.#chaining = checkBoolean('operatorChaining', operatorChaining)
    if (maxParallelism !== undefined) this.setMaxParallelism(maxParallelism)
    if (checkpointing !== undefined) this.enableCheckpointing(checkpointing.interval, checkpointing)
    if (restart !== undefined) this.setRestartStrategy(restart)
    this.#streams = new EnvironmentStreams({
      defaults: () => {
        this.#firstDefaults ??= this.#defaults()
        return { parallelism: this.#parallelism, maxParallelism: this.#maxParallelism }
      },
      executeAndCollect: (stream, jobName) => this.#executeAndCollect(stream, jobName),
      executeAndIterate: (stream, jobName) => this.#executeAndIterate(stream, jobName),
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

  /**
   * A new environment whose jobs run in this process.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.createLocalEnvironment(4)
   * console.log(env.parallelism) // 4
   * ```
   */
  static createLocalEnvironment(
    parallelism: number = 1,
    options: Omit<ExecutionOptions, 'parallelism'> = {},
  ): StreamExecutionEnvironment {
    checkOptions('createLocalEnvironment', options, EXECUTION_OPTIONS)
    return new StreamExecutionEnvironment({ ...options, parallelism })
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

  /** How long records wait for others to be sent with; see {@link ExecutionOptions.bufferTimeout}. Operators can be given their own. */
  setBufferTimeout(timeout: Duration): this {
    this.#bufferTimeoutMs = bufferTimeoutMs(timeout)
    return this
  }

  /** Runs every operator in a task of its own: to see in figures and logs which one is slow. */
  disableOperatorChaining(): this {
    this.#chaining = false
    return this
  }

  /**
   * Parameters that every function with a life cycle sees as `context.globalJobParameters`. Replaces those set before.
   *
   * @example
   * ```ts
   * import { Parameters, type RuntimeContext, StreamExecutionEnvironment } from 'millrace'
   *
   * class Scale {
   *   #factor = 1
   *   open(context: RuntimeContext): void {
   *     this.#factor = context.globalJobParameters.getNumber('factor')
   *   }
   *   processElement(n: number, _context: unknown, out: { collect(n: number): void }): void {
   *     out.collect(n * this.#factor)
   *   }
   * }
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * env.setGlobalJobParameters(Parameters.fromArgs(['--factor', '10']))
   * console.log(await env.fromData([1, 2]).process<number>(() => new Scale()).executeAndCollect()) // [ 10, 20 ]
   * ```
   */
  setGlobalJobParameters(
    parameters: Parameters | Readonly<Record<string, ParameterValue | undefined>>,
  ): this {
    if (typeof parameters !== 'object' || parameters === null) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'parameters, or an object of them, for setGlobalJobParameters',
        came: show(parameters),
        todo: "Write for example { factor: 10 }, or Parameters.fromArgs(['--factor', '10']).",
      })
    }
    this.#globalJobParameters =
      parameters instanceof Parameters ? parameters : Parameters.fromObject(parameters)
    return this
  }

  /**
   * Makes a file, or a folder, known to all functions with a life cycle, which ask `context.getCachedFile(name)` for its path where
   * they run. A file that is not there fails the job when it is submitted, with `FILE_MISSING`.
   *
   * @throws MillraceError `OPTION_INVALID` for a name that another file has.
   */
  registerCachedFile(path: string, name: string): this {
    checkText('path', path)
    checkText('name', name)
    if (this.#cachedFiles.has(name)) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'a name that no other cached file has',
        came: `${show(name)} a second time`,
        todo: 'Give each file a name of its own.',
      })
    }
    this.#cachedFiles.set(name, path)
    return this
  }

  /**
   * Tells `listener` about the jobs of this environment.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * env.registerJobListener({
   *   onJobSubmitted: (client) => console.log('submitted', client?.jobName),
   *   onJobExecuted: (result) => console.log('executed', result?.jobName),
   * })
   * env.fromData([1, 2, 3]).discard()
   * await env.execute('numbers')
   * // submitted numbers
   * // executed numbers
   * ```
   */
  registerJobListener(listener: JobListener): this {
    this.#listeners.push(checkJobListener(listener))
    return this
  }

  /** Forgets all listeners. */
  clearJobListeners(): this {
    this.#listeners.length = 0
    return this
  }

  /** Takes a checkpoint every `interval`, so that a job that fails goes on from the last one. */
  enableCheckpointing(interval: Duration, options: CheckpointingOptions = {}): this {
    this.#checkpointing = checkpointSettings(interval, options)
    return this
  }

  /**
   * What happens when a task fails. Default: with checkpoints restarts without end, after pauses that grow from a second to a minute
   * (`exponential-delay`); without them the job fails at once.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment().enableCheckpointing('1 s')
   * env.setRestartStrategy({ strategy: 'failure-rate', attempts: 3, interval: '5 min', delay: '10 ms' })
   * let failures = 0
   * const numbers = env.fromData([1, 2, 3]).map((n) => {
   *   if (n === 3 && failures++ < 2) throw new Error('not yet')
   *   return n
   * })
   * console.log(await numbers.executeAndCollect(), failures) // [ 1, 2, 3 ] 3
   * ```
   */
  setRestartStrategy(restart: RestartOptions): this {
    restartSettings(restart, false)
    this.#restart = restart
    return this
  }

  /**
   * The values of an array, copied now. With a `type`, each value is checked when it is read and becomes a record of the engine,
   * with the fields of the type and no others. With a `schema` of a validation library, records are what that makes of them.
   * Without either, plain objects that all have the same fields are read as records of a class of their own: the same data,
   * but no longer the same objects.
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
  fromData<T>(
    values: readonly unknown[],
    options: OutputType<T> & ValidationOptions<T>,
  ): SingleOutputStreamOperator<T>
  fromData<T>(values: readonly T[], options?: OutputType<T>): SingleOutputStreamOperator<T>
  fromData<T>(
    values: readonly T[],
    options: OutputType<T> & SchemaOptions<T> = {},
  ): SingleOutputStreamOperator<T> {
    if (!Array.isArray(values)) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'an array of values for fromData',
        came: show(values),
        todo: 'Write fromData([1, 2, 3]).',
      })
    }
    checkOptions('fromData', options, ['type', 'schema', 'onMalformed'])
    const source = new CollectionSource<T>({
      values,
      type: options.type && checkType('fromData', options.type),
      check: checkSchemaOptions('fromData', options),
    })
    return this.#source(source, WatermarkStrategy.noWatermarks(), source.name).setParallelism(1)
  }

  /**
   * The given values. {@link fromData} does the same for an array.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * console.log(await env.fromElements('a', 'b').executeAndCollect()) // [ 'a', 'b' ]
   * ```
   */
  fromElements<T>(...values: readonly T[]): SingleOutputStreamOperator<T> {
    return this.fromData(values)
  }

  /**
   * The values of anything that can be iterated, a `Set` or a generator, read to its end now. See {@link fromData}.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const names = env.fromCollection(new Map([['a', 1], ['b', 2]]).keys())
   * console.log(await names.executeAndCollect()) // [ 'a', 'b' ]
   * ```
   */
  fromCollection<T>(
    values: Iterable<T>,
    options: OutputType<T> = {},
  ): SingleOutputStreamOperator<T> {
    if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'an array, set or other iterable of values for fromCollection',
        came: show(values),
        todo: 'Write fromCollection(new Set([1, 2, 3])).',
      })
    }
    return this.fromData([...values], options)
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
  generate<T>(options: ValidatedGeneratorOptions<T>): SingleOutputStreamOperator<T>
  generate<T>(options: DataGeneratorOptions<T>): SingleOutputStreamOperator<T>
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
    checkText('name', name)
    checkStrategy('fromSource', watermarkStrategy)
    return this.#source(source, watermarkStrategy, name)
  }

  /**
   * Lines of UTF-8 text from a TCP server, such as `nc -lk 9999`. For trying things out: a socket cannot be asked again for what it
   * sent, so after a failure, lines that were read since the last checkpoint are lost.
   *
   * With a `schema`, the records are what it makes of the lines.
   *
   * The stream ends when the server ends the connection. The job fails with `SOCKET_FAILED` when it cannot be opened or breaks,
   * after `maxRetries`.
   */
  socketTextStream<T = string>(
    host: string,
    port: number,
    options: SocketTextOptions<T> = {},
  ): SingleOutputStreamOperator<T> {
    const source = new SocketTextSource<T>({ host, port }, options)
    return this.#source(source, WatermarkStrategy.noWatermarks(), source.name).setParallelism(1)
  }

  /**
   * Runs what was built since the last execution, and settles when it has ended. Afterwards the environment begins a new program.
   *
   * @throws MillraceError `JOB_EMPTY`, `JOB_WITHOUT_SINK`, `UID_DUPLICATE`, or the cause of the job's failure.
   */
  async execute(jobName?: string): Promise<JobExecutionResult> {
    const client = await this.executeAsync(jobName)
    return jobResult(client, this.#listeners)
  }

  /**
   * Starts what was built since the last execution and answers a handle on the running job.
   *
   * @throws MillraceError `JOB_EMPTY`, `JOB_WITHOUT_SINK` or `UID_DUPLICATE`
   */
  async executeAsync(jobName?: string): Promise<JobClient> {
    return this.#build(this.#streams.added, jobName).submit()
  }

  /**
   * The plan as text: which operators run together, and how records travel between them.
   *
   * @throws MillraceError `JOB_EMPTY` or `UID_DUPLICATE`
   */
  explain(jobName: string = DEFAULT_JOB_NAME): string {
    const operators = reachableOperators(this.#streams.added)
    if (operators.length === 0) checkComplete(operators)
    const { graph } = buildStreamGraph(operators, { jobName, chaining: this.#chaining })
    return explainJobGraph(buildJobGraph(graph))
  }

  async #executeAndCollect<T>(stream: DataStream<T>, jobName: string | undefined): Promise<T[]> {
    const { submit, uid } = this.#buildCollecting(stream, jobName)
    const client = await submit()
    const collected = new CollectedRecords<T>(stream.type)
    client.onCollected((payload) => {
      if (payload.uid !== uid) return
      collected.accept(payload)
      const { attempt, frame } = payload.payload as CollectPayload
      if (frame !== '') tellFrameUsed(client, { ...payload, attempt })
    })
    await jobResult(client, this.#listeners)
    return collected.records()
  }

  #executeAndIterate<T>(
    stream: DataStream<T>,
    jobName: string | undefined,
  ): AsyncIterableIterator<T> {
    const { submit, uid } = this.#buildCollecting(stream, jobName)
    return new CollectIterator<T>({
      uid,
      type: stream.type,
      submit,
      ended: (client) => jobResult(client, this.#listeners),
    })
  }

  /** The job with a sink that collects a stream, and the sink's uid. */
  #buildCollecting<T>(
    stream: DataStream<T>,
    jobName: string | undefined,
  ): { readonly submit: BuiltJob['submit']; readonly uid: string } {
    const sink = new CollectSink<T>(stream.type ?? Types.any())
    const collect = this.#streams.draft({
      kind: 'sink',
      name: `Sink: ${sink.name}`,
      inputs: inputsFrom(stream.origins),
      config: { sink: sink.describe() },
      functions: { sink },
      // As many as before it: records need not travel to be collected.
      parallelism: stream.origins[0]?.operator.parallelism ?? 1,
    })
    const { submit, uidOf } = this.#build([...this.#streams.added, collect], jobName)
    return { submit, uid: uidOf.get(collect) as string }
  }

  #source<T>(
    source: Source<T>,
    watermarkStrategy: WatermarkStrategy<T>,
    name: string,
  ): SingleOutputStreamOperator<T> {
    return this.#streams.transform({
      kind: 'source',
      name: sourceOperatorName(name),
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

  /** Builds the job, and begins a new program. Nothing has happened if it throws. */
  #build(added: readonly DraftOperator[], jobName: string = DEFAULT_JOB_NAME): BuiltJob {
    const operators = reachableOperators(added)
    checkComplete(operators)
    const chaining = this.#chaining
    const { graph, functions, uidOf } = buildStreamGraph(operators, { jobName, chaining })
    const submission = { graph: buildJobGraph(graph), functions, settings: this.#settings() }
    const executor = this.#executor ?? currentExecutor()
    this.#forget()
    return { submit: () => submitJob(executor, submission, this.#listeners), uidOf }
  }

  #settings(): JobSettings {
    return {
      ...this.#fixedSettings,
      bufferTimeoutMs: this.#bufferTimeoutMs,
      checkpointing: this.#checkpointing,
      restart: restartSettings(this.#restart, this.#checkpointing !== null),
      defaults: {
        ...(this.#firstDefaults ?? this.#defaults()),
        ...(!this.#chaining && { chaining: false }),
      },
      ...(this.#globalJobParameters !== undefined && {
        globalJobParameters: this.#globalJobParameters.toObject(),
      }),
      ...(this.#cachedFiles.size > 0 && { cachedFiles: Object.fromEntries(this.#cachedFiles) }),
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

/** A job that is ready to run. */
interface BuiltJob {
  readonly submit: () => Promise<JobClient>
  readonly uidOf: BuiltStreamGraph['uidOf']
}
