import {
  type AsyncFlatMapFunction,
  type AsyncMapFunction,
  type AnyWindowAssigner,
  type FilterFunction,
  type FlatMapFunction,
  type FunctionFactory,
  GlobalWindows,
  type Key,
  type KeySelector,
  type MapFunction,
  type MapStateDescriptor,
  MillraceError,
  type Partitioner,
  type ProcessFunction,
  type RichFactory,
  type RichFilterFunction,
  type RichFlatMapFunction,
  type RichMapFunction,
  type RuntimeContext,
  show,
  type Sink,
  type TimeWindow,
  type TypeInfo,
  Types,
  type WatermarkStrategy,
} from '@millrace/core'
import { asyncStream, checkAsyncFunction } from '../async/async-data-stream.ts'
import { type AsyncMapOptions, checkAsyncOptions } from '../async/async-options.ts'
import { checkFactory, checkFunction, checkMethods } from '../functions/check-function.ts'
import { recordFunction } from '../functions/record-function.ts'
import { asJson } from '../graph/as-json.ts'
import {
  type Distribution,
  inputsFrom,
  type OperatorDescription,
  redistributed,
  type StreamOrigin,
} from '../graph/draft-operator.ts'
import { typeOfUnion } from '../graph/type-of-union.ts'
import { refuseAlignment, watermarkFunctions } from '../graph/watermark-functions.ts'
import { iterationHead, type IterationOptions } from '../iterations/iteration-head.ts'
import type { IterativeStream } from '../iterations/iterative-stream.ts'
import { PartitionWindowedStream } from '../partition/partition-windowed-stream.ts'
import type { CoGroupedStreams } from '../joins/co-grouped-streams.ts'
import type { JoinedStreams } from '../joins/joined-streams.ts'
import { DiscardSink } from '../sinks/discard-sink.ts'
import { PrintSink } from '../sinks/print-sink.ts'
import type { AllWindowedStream } from '../windows/all-windowed-stream.ts'
import { inCountWindows } from '../windows/count-windows.ts'
import { addSink } from '../sinks/sink-topology.ts'
import { type BroadcastConnectedStream, BroadcastStream } from './broadcast-stream.ts'
import { type CollectOptions, collectOptions, take } from './collect-options.ts'
import type { ConnectedStreams } from './connected-streams.ts'
import type { DataStreamSink } from './data-stream-sink.ts'
import type { KeyedStream } from './keyed-stream.ts'
import type { SingleOutputStreamOperator } from './single-output-stream-operator.ts'
import type { StreamContext } from './stream-context.ts'
import { type OutputType, outputTypeOf } from './output-type.ts'
import { isAdaptive, type RedistributionOptions } from './redistribution-options.ts'

/**
 * Records on their way. A stream is a description: nothing runs before the environment is executed.
 *
 * Each method that adds an operator answers the stream of what the operator emits, on which the operator can be given a
 * `uid`, a `name`, a parallelism and a type.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const lengths = env
 *   .fromData(['to', 'be', 'or', 'not', 'to', 'be'])
 *   .filter((word) => word !== 'or')
 *   .map((word) => word.length)
 * console.log(await lengths.executeAndCollect()) // [ 2, 2, 3, 2, 2 ]
 * ```
 */
export class DataStream<T> {
  /** Of the API's own use: the environment behind the stream. */
  readonly context: StreamContext
  /** Of the API's own use: the operators whose records these are. */
  readonly origins: readonly StreamOrigin[]
  readonly #type: TypeInfo<T> | undefined

  constructor(
    context: StreamContext,
    origins: readonly StreamOrigin[],
    type: TypeInfo<T> | undefined,
  ) {
    this.context = context
    this.origins = origins
    this.#type = type
  }

  /** The type of the records, or `undefined` if the program does not say: then it is `Types.any()`. */
  get type(): TypeInfo<T> | undefined {
    return this.#type
  }

  /**
   * One record in, one out: by a plain function, or by one with a life cycle, as `rich(() => new MyMapper())`.
   *
   * @throws MillraceError `FUNCTION_RETURNED_PROMISE` for an async function.
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * console.log(await env.fromData([1, 2, 3]).map((n) => n * 2).executeAndCollect()) // [ 2, 4, 6 ]
   * ```
   */
  map<OUT>(
    map: MapFunction<T, OUT> | RichFactory<RichMapFunction<T, OUT, RuntimeContext>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    return this.context.transform({
      kind: 'map',
      name: 'Map',
      inputs: inputsFrom(this.origins),
      ...this.functionOfRecords('map', map),
      outputType: outputTypeOf('map', options),
    })
  }

  /**
   * One record in, any number out: returned as an iterable, or handed to the collector. Only with a returned iterable can
   * the type of the new stream be inferred. The function is a plain one, or one with a life cycle, as
   * `rich(() => new MyFlatMapper())`.
   *
   * @throws MillraceError `FUNCTION_RETURNED_PROMISE` for an async function.
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const words = env.fromData(['to be', 'or not']).flatMap((line) => line.split(' '))
   * console.log(await words.executeAndCollect()) // [ 'to', 'be', 'or', 'not' ]
   * ```
   */
  flatMap<OUT>(
    flatMap: FlatMapFunction<T, OUT> | RichFactory<RichFlatMapFunction<T, OUT, RuntimeContext>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    return this.context.transform({
      kind: 'flat-map',
      name: 'Flat Map',
      inputs: inputsFrom(this.origins),
      ...this.functionOfRecords('flatMap', flatMap),
      outputType: outputTypeOf('flatMap', options),
    })
  }

  /**
   * One record in, one out, by way of a promise: for asking a database or a service. Up to `capacity` requests of a subtask are
   * under way at once. Requests whose answers are out at a checkpoint are made again after a restore.
   *
   * For functions with a life cycle or a timeout handler see {@link AsyncDataStream}.
   *
   * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID` or `FUNCTION_INVALID`; while the job runs,
   * `ASYNC_TIMED_OUT` if an answer takes longer than `timeout`.
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const ask = async (id: number): Promise<string> => `user ${id}`
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const users = env.fromData([1, 2]).mapAsync(ask, { timeout: '5 s' })
   * console.log(await users.executeAndCollect()) // [ 'user 1', 'user 2' ]
   * ```
   */
  mapAsync<OUT>(
    ask: AsyncMapFunction<T, OUT>,
    options: AsyncMapOptions<OUT>,
  ): SingleOutputStreamOperator<OUT> {
    checkAsyncFunction('mapAsync', ask)
    return this.#async('mapAsync', async (value, context) => [await ask(value, context)], options)
  }

  /**
   * One record in, any number out, by way of a promise of all of them; otherwise like {@link mapAsync}.
   *
   * @throws MillraceError as {@link mapAsync}.
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const friends = async (name: string): Promise<string[]> => (name === 'ann' ? ['bob', 'cid'] : [])
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const all = env.fromData(['ann', 'bob']).flatMapAsync(friends, { timeout: '5 s', capacity: 10 })
   * console.log(await all.executeAndCollect()) // [ 'bob', 'cid' ]
   * ```
   */
  flatMapAsync<OUT>(
    ask: AsyncFlatMapFunction<T, OUT>,
    options: AsyncMapOptions<OUT>,
  ): SingleOutputStreamOperator<OUT> {
    return this.#async('flatMapAsync', checkAsyncFunction('flatMapAsync', ask), options)
  }

  /**
   * Keeps the records for which `filter` is true; with a type guard, narrows their type. The function is a plain one, or one with
   * a life cycle, as `rich(() => new MyFilter())`.
   *
   * @throws MillraceError `FUNCTION_RETURNED_PROMISE` for an async function.
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * console.log(await env.fromSequence(1, 6).filter((n) => n % 2 === 0).executeAndCollect()) // [ 2, 4, 6 ]
   * ```
   */
  filter<S extends T>(filter: (value: T) => value is S): SingleOutputStreamOperator<S>
  filter(
    filter: FilterFunction<T> | RichFactory<RichFilterFunction<T, RuntimeContext>>,
  ): SingleOutputStreamOperator<T>
  filter(
    filter: FilterFunction<T> | RichFactory<RichFilterFunction<T, RuntimeContext>>,
  ): SingleOutputStreamOperator<T> {
    return this.context.transform({
      kind: 'filter',
      name: 'Filter',
      inputs: inputsFrom(this.origins),
      ...this.functionOfRecords('filter', filter),
      outputType: this.type,
    })
  }

  /**
   * A function with a life cycle, and side outputs. State of keys needs keys, see {@link keyBy}; state of the subtask it gets in
   * `initializeState`, see {@link CheckpointedFunction}.
   *
   * @throws MillraceError `FUNCTION_INVALID` for a function object or class in place of a factory.
   * @example
   * ```ts
   * import { type Collector, type ProcessContext, type ProcessFunction, StreamExecutionEnvironment } from 'millrace'
   *
   * class Number implements ProcessFunction<string, string> {
   *   #count = 0
   *
   *   processElement(line: string, _context: ProcessContext, out: Collector<string>): void {
   *     out.collect(`${++this.#count} ${line}`)
   *   }
   * }
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const numbered = env.fromData(['a', 'b']).process(() => new Number())
   * console.log(await numbered.executeAndCollect()) // [ '1 a', '2 b' ]
   * ```
   */
  process<OUT>(
    factory: FunctionFactory<ProcessFunction<T, OUT>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    return this.context.transform({
      kind: 'process',
      name: 'Process',
      inputs: inputsFrom(this.origins),
      functions: { process: checkFactory('process', factory) },
      outputType: outputTypeOf('process', options),
    })
  }

  /**
   * Begins a loop: the records of this stream, and those that {@link IterativeStream.closeWith} feeds back.
   *
   * @throws MillraceError `OPTION_INVALID` or `OPTION_UNKNOWN`; when the job is built, `ITERATION_INVALID` for a loop that is not
   * closed.
   */
  iterate(options: IterationOptions = {}): IterativeStream<T> {
    return this.context.iterativeStream(iterationHead(this, options))
  }

  /**
   * Processes whole partitions when the input has ended: all records of each subtask, of a bounded stream; see
   * {@link PartitionWindowedStream}.
   */
  fullWindowPartition(): PartitionWindowedStream<T> {
    return new PartitionWindowedStream(this, undefined)
  }

  /**
   * Brings the records of a key together in one subtask, which is what state, timers and windows need. `keySelector` must give
   * the same string, number, boolean or bigint at every call for a record. With a `type`, keys are stored compactly.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment, Types } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const counts = env
   *   .fromData([{ word: 'be', count: 1 }, { word: 'or', count: 1 }, { word: 'be', count: 1 }])
   *   .keyBy((entry) => entry.word, { type: Types.string })
   *   .sum('count')
   *   .map(({ word, count }) => `${word} ${count}`)
   * console.log(await counts.executeAndCollect()) // [ 'be 1', 'or 1', 'be 2' ]
   * ```
   */
  keyBy<K extends Key>(
    keySelector: KeySelector<T, K>,
    options: OutputType<K> = {},
  ): KeyedStream<K, T> {
    return this.context.keyedStream({
      origins: this.origins,
      type: this.type,
      keySelector: checkFunction('keyBy', keySelector),
      keyType: outputTypeOf('keyBy', options) ?? Types.any(),
    })
  }

  /**
   * The records of all streams, in no particular order between them.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const all = await env.fromData([1, 2]).union(env.fromData([3])).executeAndCollect()
   * console.log(all.sort()) // [ 1, 2, 3 ]
   * ```
   */
  union(...others: readonly DataStream<T>[]): DataStream<T> {
    const streams = [this, ...others]
    for (const stream of others) this.#checkSameEnvironment('union', stream)
    return this.context.dataStream(
      streams.flatMap((stream) => stream.origins),
      typeOfUnion(streams.map((stream) => stream.type)),
    )
  }

  /** Reads two streams with one operator; see {@link ConnectedStreams} and {@link BroadcastConnectedStream}. */
  connect<B>(other: BroadcastStream<B>): BroadcastConnectedStream<T, B>
  connect<T2>(other: DataStream<T2>): ConnectedStreams<T, T2>
  connect<T2>(
    other: DataStream<T2> | BroadcastStream<T2>,
  ): ConnectedStreams<T, T2> | BroadcastConnectedStream<T, T2> {
    this.#checkSameEnvironment('connect', other)
    return other instanceof BroadcastStream
      ? this.context.broadcastConnectedStream(this, other)
      : this.context.connectedStreams(this, other)
  }

  /**
   * Sends each record to every subtask of the reader. With state descriptors, answers a stream to `connect` another one with,
   * whose function keeps these states: rules, configuration, small tables.
   */
  broadcast(): DataStream<T>
  broadcast<UK, UV>(
    state: MapStateDescriptor<UK, UV>,
    ...states: readonly MapStateDescriptor<unknown, unknown>[]
  ): BroadcastStream<T>
  broadcast(
    ...states: readonly MapStateDescriptor<unknown, unknown>[]
  ): DataStream<T> | BroadcastStream<T> {
    const origins = redistributed(this.origins, { kind: 'broadcast' })
    return states.length === 0
      ? this.context.dataStream(origins, this.type)
      : new BroadcastStream(this.context, origins, states)
  }

  /**
   * Deals the records out to the subtasks of the reader in turn, against skew.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const squares = env.fromData([1, 2, 3]).rebalance().map((n) => n * n).setParallelism(2)
   * console.log((await squares.executeAndCollect()).sort()) // [ 1, 4, 9 ]
   * ```
   */
  rebalance(options: RedistributionOptions = {}): DataStream<T> {
    return this.#redistributed({ kind: 'rebalance', isAdaptive: isAdaptive('rebalance', options) })
  }

  /**
   * Deals the records of each subtask out to a few subtasks of the reader, in turn: with 2 subtasks before 4, to two each. Cheaper
   * than {@link rebalance}, as fewer subtasks are connected, and blind to skew between the subtasks before.
   */
  rescale(options: RedistributionOptions = {}): DataStream<T> {
    return this.#redistributed({ kind: 'rescale', isAdaptive: isAdaptive('rescale', options) })
  }

  /** Sends each record to a subtask of the reader drawn by lot. */
  shuffle(): DataStream<T> {
    return this.#redistributed({ kind: 'shuffle' })
  }

  /** Sends all records to the first subtask of the reader. */
  global(): DataStream<T> {
    return this.#redistributed({ kind: 'global' })
  }

  /**
   * Sends the records of each subtask to the subtask of the same number. Without it that is so, too, when the reader has the same
   * parallelism; with it another parallelism is refused when the job is executed, with `OPTION_INVALID`.
   */
  forward(): DataStream<T> {
    return this.#redistributed({ kind: 'forward' })
  }

  /**
   * Sends each record to the subtask that `partitioner` names for its key, a whole number from 0 up to, but not including, the number
   * of subtasks. Write down the type of the key that the partitioner takes. State needs {@link keyBy}: this only decides who works on a record.
   *
   * @throws MillraceError `FUNCTION_FAILED` at run time, when `partitioner` names another number.
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const readings = env
   *   .fromData([{ floor: 0, celsius: 20 }, { floor: 1, celsius: 18 }])
   *   .partitionCustom((floor: number, numPartitions) => floor % numPartitions, (reading) => reading.floor)
   *   .map((reading) => reading.celsius)
   *   .setParallelism(2)
   * console.log((await readings.executeAndCollect()).sort()) // [ 18, 20 ]
   * ```
   */
  partitionCustom<K>(partitioner: Partitioner<K>, keySelector: KeySelector<T, K>): DataStream<T> {
    return this.#redistributed({
      kind: 'custom',
      partitioner: checkFunction('partitionCustom', partitioner),
      keySelector: checkFunction('partitionCustom', keySelector),
    })
  }

  /**
   * Puts all records into windows, whatever their keys: one subtask has them all. See {@link AllWindowedStream}.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment, TumblingEventTimeWindows, WatermarkStrategy } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const counts = env
   *   .fromData([1, 2, 11])
   *   .assignTimestampsAndWatermarks(
   *     WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n),
   *   )
   *   .windowAll(TumblingEventTimeWindows.of('10 ms'))
   *   .process(({ window }, numbers) => [`until ${window.end}: ${numbers.length}`])
   * console.log(await counts.executeAndCollect()) // [ 'until 10: 2', 'until 20: 1' ]
   * ```
   */
  windowAll<W extends TimeWindow = TimeWindow>(
    assigner: AnyWindowAssigner<T, W>,
  ): AllWindowedStream<T, W> {
    return this.context.allWindowedStream(this, assigner)
  }

  /** Windows of so many records; with a slide, the last `size` records after each `slide` of them. One subtask has them all. */
  countWindowAll(size: number, slide?: number): AllWindowedStream<T> {
    return inCountWindows(this.windowAll(GlobalWindows.create()), size, slide)
  }

  /**
   * Joins the records of two streams that have the same key and lie in the same window: each pair makes a record.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment, TumblingEventTimeWindows, WatermarkStrategy } from 'millrace'
   *
   * type Reading = { sensor: string; at: number; value: number }
   *
   * const time = WatermarkStrategy.forMonotonousTimestamps<Reading>().withTimestampAssigner(
   *   (reading) => reading.at,
   * )
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const degrees = env
   *   .fromData<Reading>([{ sensor: 'a', at: 1, value: 20 }, { sensor: 'a', at: 12, value: 22 }])
   *   .assignTimestampsAndWatermarks(time)
   * const percents = env
   *   .fromData<Reading>([{ sensor: 'a', at: 3, value: 50 }, { sensor: 'b', at: 4, value: 60 }])
   *   .assignTimestampsAndWatermarks(time)
   * const both = degrees
   *   .join(percents)
   *   .where((reading) => reading.sensor)
   *   .equalTo((reading) => reading.sensor)
   *   .window(TumblingEventTimeWindows.of('10 ms'))
   *   .apply((degree, percent) => `${degree.sensor}: ${degree.value} degrees, ${percent.value} %`)
   * console.log(await both.executeAndCollect()) // [ 'a: 20 degrees, 50 %' ]
   * ```
   */
  join<T2>(other: DataStream<T2>): JoinedStreams<T, T2> {
    this.#checkSameEnvironment('join', other)
    return this.context.joinedStreams(this, other)
  }

  /**
   * Brings the records of two streams together that have the same key and lie in the same window: all of one and all of the
   * other, of which one side may be empty. So it can be any join: inner, outer, of sets.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment, TumblingEventTimeWindows, WatermarkStrategy } from 'millrace'
   *
   * const time = WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n)
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const asked = env.fromData([1, 2, 3]).assignTimestampsAndWatermarks(time)
   * const answered = env.fromData([2]).assignTimestampsAndWatermarks(time)
   * const open = asked
   *   .coGroup(answered)
   *   .where((n) => n)
   *   .equalTo((n) => n)
   *   .window(TumblingEventTimeWindows.of('1 min'))
   *   .apply((questions, answers) => (answers.length === 0 ? questions : []))
   * console.log(await open.executeAndCollect()) // [ 1, 3 ]
   * ```
   */
  coGroup<T2>(other: DataStream<T2>): CoGroupedStreams<T, T2> {
    this.#checkSameEnvironment('coGroup', other)
    return this.context.coGroupedStreams(this, other)
  }

  /**
   * Gives the records event time, replacing what the source gave.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment, TumblingEventTimeWindows, WatermarkStrategy } from 'millrace'
   *
   * type Click = { at: number; n: number }
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const perMinute = env
   *   .fromData<Click>([{ at: 1_000, n: 1 }, { at: 2_000, n: 1 }, { at: 61_000, n: 1 }])
   *   .assignTimestampsAndWatermarks(
   *     WatermarkStrategy.forMonotonousTimestamps<Click>().withTimestampAssigner((click) => click.at),
   *   )
   *   .keyBy(() => 'all')
   *   .window(TumblingEventTimeWindows.of('1 min'))
   *   .sum('n')
   *   .map((clicks) => clicks.n)
   * console.log(await perMinute.executeAndCollect()) // [ 2, 1 ]
   * ```
   */
  assignTimestampsAndWatermarks(strategy: WatermarkStrategy<T>): SingleOutputStreamOperator<T> {
    refuseAlignment(strategy)
    return this.context.transform({
      kind: 'timestamps-watermarks',
      name: 'Timestamps/Watermarks',
      inputs: inputsFrom(this.origins),
      config: asJson({ watermarks: strategy.config }),
      functions: watermarkFunctions('assignTimestampsAndWatermarks', strategy),
      outputType: this.type,
    })
  }

  /** Writes the records to a sink. */
  sinkTo<W>(sink: Sink<T, W>): DataStreamSink {
    checkMethods('sinkTo', sink, ['describe', 'createWriter'])
    // What `preWrite` is given is a data stream, and so is what its methods answer.
    const records = (sink.preWrite?.(this) ?? this) as unknown as DataStream<unknown>
    checkMethods('preWrite of a sink', records, ['sinkTo'])
    return addSink(this.context, records.origins, sink)
  }

  /**
   * Prints each record on a line of standard output: text as it is, anything else as JSON. With a parallelism above 1,
   * `subtask> ` stands before it, counted from 1; with a `prefix`, also that.
   */
  print(prefix?: string): DataStreamSink {
    return this.sinkTo(new PrintSink<T>(prefix))
  }

  /** Prints each record on a line of standard error; otherwise as {@link print}. */
  printToErr(prefix?: string): DataStreamSink {
    return this.sinkTo(new PrintSink<T>(prefix, { toStdErr: true }))
  }

  /** Throws the records away: for measuring, and for streams that only have side outputs of interest. */
  discard(): DataStreamSink {
    return this.sinkTo(new DiscardSink<T>())
  }

  /**
   * Executes the job and answers the records of this stream, which are held in memory. The promise settles when the job ends, or
   * when there are as many records as the `limit` says: an unbounded stream needs one. With checkpoints each record comes exactly
   * once, whatever fails.
   *
   * @throws MillraceError `JOB_EMPTY` or `UID_DUPLICATE`, or the cause of the job's failure.
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * console.log(await env.fromSequence(1, 3).executeAndCollect()) // [ 1, 2, 3 ]
   *
   * const endless = env.generate({ generator: (index) => index * index })
   * console.log(await endless.executeAndCollect({ limit: 4 })) // [ 0, 1, 4, 9 ]
   * ```
   */
  async executeAndCollect(options: CollectOptions | string = {}): Promise<T[]> {
    const { jobName, limit } = collectOptions(options)
    if (limit === undefined) return this.context.executeAndCollect(this, jobName)
    return take(this.context.executeAndIterate(this, jobName), limit)
  }

  /**
   * Executes the job and hands out the records of this stream as they come, for `for await`. A loop that takes its time slows the job
   * down; leaving it cancels the job. With checkpoints, records come when the checkpoint after them is complete, each exactly once,
   * whatever fails; without them at once, and a restart hands them out again.
   *
   * @throws MillraceError `JOB_EMPTY` or `UID_DUPLICATE`; the loop throws the cause of the job's failure.
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const endless = env.generate({ generator: (index) => index * index })
   * for await (const square of endless.executeAndIterate()) {
   *   console.log(square)
   *   if (square > 3) break
   * }
   * // 0
   * // 1
   * // 4
   * ```
   */
  executeAndIterate(jobName?: string): AsyncIterableIterator<T> {
    return this.context.executeAndIterate(this, jobName)
  }

  #redistributed(distribution: Distribution): DataStream<T> {
    return this.context.dataStream(redistributed(this.origins, distribution), this.type)
  }

  #async<OUT>(
    call: string,
    asyncInvoke: AsyncFlatMapFunction<T, OUT>,
    options: AsyncMapOptions<OUT>,
  ): SingleOutputStreamOperator<OUT> {
    const checked = checkAsyncOptions(call, options, ['order'])
    const { order = 'ordered' } = options
    if (order !== 'ordered' && order !== 'unordered') {
      throw new MillraceError('OPTION_INVALID', {
        expected: `'ordered' or 'unordered' as the order of ${call}`,
        came: show(order),
        todo: 'Choose one of the two; the default is ordered.',
      })
    }
    return asyncStream(this, () => ({ asyncInvoke }), {
      ...checked,
      isOrdered: order === 'ordered',
    })
  }

  /** What an operator needs to run a function of one record. A keyed stream adds the key for one that may have state. */
  protected functionOfRecords(
    call: 'map' | 'flatMap' | 'filter',
    value: unknown,
  ): Pick<OperatorDescription, 'functions' | 'keyType'> {
    return { functions: recordFunction(call, value) }
  }

  #checkSameEnvironment(call: string, other: { readonly context: StreamContext }): void {
    if (other?.context === this.context) return
    throw new MillraceError('OPTION_INVALID', {
      expected: `a stream of the same environment for ${call}`,
      came: other?.context === undefined ? show(other) : 'a stream of another environment',
      todo: 'Build all streams of a job with one StreamExecutionEnvironment.',
    })
  }
}
