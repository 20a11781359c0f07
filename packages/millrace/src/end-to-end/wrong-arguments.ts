// Every public method that takes something from the user, by what it takes: each is called with what it cannot use.

import {
  type AggregateFunction,
  aimdRateLimiting,
  AsyncDataStream,
  AsyncRetryStrategies,
  AsyncSink,
  ContinuousEventTimeTrigger,
  CountEvictor,
  CountTrigger,
  csv,
  csvEncoder,
  DataGeneratorSource,
  dateTimeBuckets,
  type DataStream,
  DeltaEvictor,
  DeltaTrigger,
  EventTimeSessionWindows,
  EventTimeTrigger,
  FileSink,
  FileSource,
  gzip,
  HybridSource,
  jsonArray,
  jsonLines,
  type KeyedStream,
  jsonLinesEncoder,
  OutputTag,
  ProcessingTimeoutTrigger,
  ProcessingTimeSessionWindows,
  PurgingTrigger,
  rateLimited,
  RateLimiterStrategy,
  rich,
  rollWhen,
  SlidingEventTimeWindows,
  SlidingProcessingTimeWindows,
  StreamExecutionEnvironment,
  TimeEvictor,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'

/** What an argument is. */
export type ArgumentKind =
  | 'function'
  | 'factory'
  | 'life-cycle'
  | 'options'
  | 'count'
  | 'duration'
  | 'stream'
  | 'assigner'
  | 'object'
  | 'text'

/** A method, and how to call it with one argument in question. */
export type Call = readonly [name: string, kind: ArgumentKind, call: (value: never) => unknown]

const sum: AggregateFunction<number, number, number> = {
  createAccumulator: () => 0,
  add: (accumulator, value) => accumulator + value,
  merge: (left, right) => left + right,
  getResult: (accumulator) => accumulator,
}

export function environment(): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment()
}

function numbers(): DataStream<number> {
  return environment().fromData([1, 2])
}

function keyed(): KeyedStream<number, number> {
  return numbers().keyBy((value) => value % 2)
}

function windows() {
  return keyed().window(TumblingEventTimeWindows.of('1 s'))
}

function allWindows() {
  return numbers().windowAll(TumblingEventTimeWindows.of('1 s'))
}

function twoStreams() {
  const one = numbers()
  return one.connect(one.map((value) => value))
}

function joining() {
  const one = numbers()
  return one.join(one.filter(() => true))
}

function coGrouping() {
  const one = numbers()
  return one.coGroup(one.filter(() => true))
}

const rules = { name: 'rules', keyType: Types.int, valueType: Types.int }
const selector = (value: number): number => value % 2
const wait = { timeout: '1 s' }

/** All calls. */
export const CALLS: readonly Call[] = [
  // Environment
  [
    'getExecutionEnvironment',
    'options',
    (value) => StreamExecutionEnvironment.getExecutionEnvironment(value),
  ],
  [
    'createLocalEnvironment',
    'count',
    (value) => StreamExecutionEnvironment.createLocalEnvironment(value),
  ],
  [
    'createLocalEnvironment',
    'options',
    (value) => StreamExecutionEnvironment.createLocalEnvironment(1, value),
  ],
  ['env.setParallelism', 'count', (value) => environment().setParallelism(value)],
  ['env.setMaxParallelism', 'count', (value) => environment().setMaxParallelism(value)],
  ['env.setBufferTimeout', 'duration', (value) => environment().setBufferTimeout(value)],
  ['env.setGlobalJobParameters', 'object', (value) => environment().setGlobalJobParameters(value)],
  ['registerCachedFile path', 'text', (value) => environment().registerCachedFile(value, 'name')],
  ['registerCachedFile name', 'text', (value) => environment().registerCachedFile('path', value)],
  ['registerJobListener', 'object', (value) => environment().registerJobListener(value)],
  ['enableCheckpointing', 'duration', (value) => environment().enableCheckpointing(value)],
  ['enableCheckpointing', 'options', (value) => environment().enableCheckpointing('1 s', value)],
  ['setRestartStrategy', 'options', (value) => environment().setRestartStrategy(value)],
  ['fromData', 'object', (value) => environment().fromData(value)],
  ['fromData', 'options', (value) => environment().fromData([1], value)],
  ['fromCollection', 'object', (value) => environment().fromCollection(value)],
  ['fromCollection', 'options', (value) => environment().fromCollection([1], value)],
  ['fromSequence from', 'count', (value) => environment().fromSequence(value, 3)],
  ['fromSequence to', 'count', (value) => environment().fromSequence(1, value)],
  ['generate', 'options', (value) => environment().generate(value)],
  ['generate generator', 'function', (generator) => environment().generate({ generator })],
  [
    'generate count',
    'count',
    (count) => environment().generate({ generator: (index) => index, count }),
  ],
  [
    'generate recordsPerSecond',
    'count',
    (recordsPerSecond) => environment().generate({ generator: (index) => index, recordsPerSecond }),
  ],
  ['DataGeneratorSource', 'options', (value) => new DataGeneratorSource(value)],
  [
    'fromSource source',
    'object',
    (value) => environment().fromSource(value, WatermarkStrategy.noWatermarks(), 'source'),
  ],
  [
    'fromSource strategy',
    'object',
    (value) =>
      environment().fromSource(
        new DataGeneratorSource({ generator: (index) => index }),
        value,
        'source',
      ),
  ],
  [
    'fromSource name',
    'text',
    (value) =>
      environment().fromSource(
        new DataGeneratorSource({ generator: (index) => index }),
        WatermarkStrategy.noWatermarks(),
        value,
      ),
  ],
  ['socketTextStream host', 'text', (value) => environment().socketTextStream(value, 1)],
  ['socketTextStream port', 'count', (value) => environment().socketTextStream('host', value)],
  ['socketTextStream', 'options', (value) => environment().socketTextStream('host', 1, value)],
  // Functions of one record
  ['map', 'function', (value) => numbers().map(value)],
  ['map', 'options', (value) => numbers().map((n) => n, value)],
  ['flatMap', 'function', (value) => numbers().flatMap(value)],
  ['flatMap', 'options', (value) => numbers().flatMap(() => [], value)],
  ['filter', 'function', (value) => numbers().filter(value)],
  ['process', 'factory', (value) => numbers().process(value)],
  ['process', 'options', (value) => numbers().process(() => ({ processElement() {} }), value)],
  ['rich', 'factory', (value) => rich(value)],
  ['keyBy', 'function', (value) => numbers().keyBy(value)],
  ['keyBy', 'options', (value) => numbers().keyBy(selector, value)],
  ['keyed map', 'function', (value) => keyed().map(value)],
  ['keyed flatMap', 'function', (value) => keyed().flatMap(value)],
  ['keyed filter', 'function', (value) => keyed().filter(value)],
  ['keyed process', 'factory', (value) => keyed().process(value)],
  ['reduce', 'function', (value) => keyed().reduce(value)],
  ['sum', 'text', (value) => keyed().sum(value)],
  ['min', 'text', (value) => keyed().min(value)],
  ['max', 'text', (value) => keyed().max(value)],
  ['minBy', 'text', (value) => keyed().minBy(value)],
  ['maxBy', 'text', (value) => keyed().maxBy(value)],
  ['mapAsync', 'life-cycle', (value) => numbers().mapAsync(value, wait)],
  ['mapAsync', 'options', (value) => numbers().mapAsync(async (n) => n, value)],
  ['flatMapAsync', 'life-cycle', (value) => numbers().flatMapAsync(value, wait)],
  ['orderedWait', 'life-cycle', (value) => AsyncDataStream.orderedWait(numbers(), value, wait)],
  ['unorderedWait', 'life-cycle', (value) => AsyncDataStream.unorderedWait(numbers(), value, wait)],
  [
    'unorderedWait',
    'stream',
    (value) => AsyncDataStream.unorderedWait(value, async () => [], wait),
  ],
  [
    'unorderedWait timeout',
    'duration',
    (timeout) => AsyncDataStream.unorderedWait(numbers(), async () => [], { timeout }),
  ],
  [
    'unorderedWait capacity',
    'count',
    (capacity) => AsyncDataStream.unorderedWait(numbers(), async () => [], { ...wait, capacity }),
  ],
  [
    'unorderedWait retry',
    'object',
    (retry) => AsyncDataStream.unorderedWait(numbers(), async () => [], { ...wait, retry }),
  ],
  ['fixedDelay', 'options', (value) => AsyncRetryStrategies.fixedDelay(value)],
  ['exponentialBackoff', 'options', (value) => AsyncRetryStrategies.exponentialBackoff(value)],
  [
    'assignTimestampsAndWatermarks',
    'object',
    (value) => numbers().assignTimestampsAndWatermarks(value),
  ],
  // Partitions and streams
  ['union', 'stream', (value) => numbers().union(value)],
  ['connect', 'stream', (value) => numbers().connect(value)],
  ['broadcast', 'object', (value) => numbers().broadcast(value)],
  ['rebalance', 'options', (value) => numbers().rebalance(value)],
  ['rescale', 'options', (value) => numbers().rescale(value)],
  [
    'partitionCustom partitioner',
    'function',
    (value) => numbers().partitionCustom(value, selector),
  ],
  ['partitionCustom selector', 'function', (value) => numbers().partitionCustom(() => 0, value)],
  ['iterate', 'options', (value) => numbers().iterate(value)],
  ['closeWith', 'stream', (value) => numbers().iterate().closeWith(value)],
  ['withFeedbackType', 'options', (value) => numbers().iterate().withFeedbackType(value)],
  ['mapPartition', 'function', (value) => numbers().fullWindowPartition().mapPartition(value)],
  [
    'mapPartition',
    'options',
    (value) =>
      numbers()
        .fullWindowPartition()
        .mapPartition(() => [], value),
  ],
  [
    'sortPartition order',
    'text',
    (value) =>
      numbers()
        .fullWindowPartition()
        .sortPartition((n) => n, value),
  ],
  ['partition reduce', 'function', (value) => numbers().fullWindowPartition().reduce(value)],
  ['partition aggregate', 'object', (value) => numbers().fullWindowPartition().aggregate(value)],
  ['connected map1', 'function', (value) => twoStreams().map(value, (n: number) => n)],
  ['connected map2', 'function', (value) => twoStreams().map((n: number) => n, value)],
  ['connected flatMap1', 'function', (value) => twoStreams().flatMap(value, () => [])],
  ['connected flatMap2', 'function', (value) => twoStreams().flatMap(() => [], value)],
  ['connected process', 'factory', (value) => twoStreams().process(value)],
  ['connected keyBy 1', 'function', (value) => twoStreams().keyBy(value, selector)],
  ['connected keyBy 2', 'function', (value) => twoStreams().keyBy(selector, value)],
  [
    'keyed connected process',
    'factory',
    (value) => twoStreams().keyBy(selector, selector).process(value),
  ],
  [
    'broadcast process',
    'factory',
    (value) => numbers().connect(numbers().broadcast(rules)).process(value),
  ],
  [
    'keyed broadcast process',
    'factory',
    (value) => keyed().connect(numbers().broadcast(rules)).process(value),
  ],
  ['intervalJoin', 'stream', (value) => keyed().intervalJoin(value)],
  ['between lower', 'duration', (value) => keyed().intervalJoin(keyed()).between(value, '1 s')],
  ['between upper', 'duration', (value) => keyed().intervalJoin(keyed()).between('-1 s', value)],
  [
    'interval join late',
    'object',
    (value) => keyed().intervalJoin(keyed()).between(0, 1).sideOutputLeftLateData(value),
  ],
  [
    'interval join process',
    'life-cycle',
    (value) => keyed().intervalJoin(keyed()).between(0, 1).process(value),
  ],
  [
    'getSideOutput',
    'object',
    (value) =>
      numbers()
        .map((n) => n)
        .getSideOutput(value),
  ],
  // Settings
  [
    'uid',
    'text',
    (value) =>
      numbers()
        .map((n) => n)
        .uid(value),
  ],
  [
    'setUidHash',
    'text',
    (value) =>
      numbers()
        .map((n) => n)
        .setUidHash(value),
  ],
  [
    'name',
    'text',
    (value) =>
      numbers()
        .map((n) => n)
        .name(value),
  ],
  [
    'setDescription',
    'text',
    (value) =>
      numbers()
        .map((n) => n)
        .setDescription(value),
  ],
  [
    'setParallelism',
    'count',
    (value) =>
      numbers()
        .map((n) => n)
        .setParallelism(value),
  ],
  [
    'setMaxParallelism',
    'count',
    (value) =>
      numbers()
        .map((n) => n)
        .setMaxParallelism(value),
  ],
  [
    'slotSharingGroup',
    'text',
    (value) =>
      numbers()
        .map((n) => n)
        .slotSharingGroup(value),
  ],
  [
    'setBufferTimeout',
    'duration',
    (value) =>
      numbers()
        .map((n) => n)
        .setBufferTimeout(value),
  ],
  [
    'returns',
    'object',
    (value) =>
      numbers()
        .map((n) => n)
        .returns(value),
  ],
  ['sink uid', 'text', (value) => numbers().discard().uid(value)],
  ['sink setParallelism', 'count', (value) => numbers().discard().setParallelism(value)],
  ['sinkTo', 'object', (value) => numbers().sinkTo(value)],
  ['print', 'text', (value) => numbers().print(value)],
  // Windows
  ['window', 'assigner', (value) => keyed().window(value)],
  ['windowAll', 'assigner', (value) => numbers().windowAll(value)],
  ['countWindow', 'count', (value) => keyed().countWindow(value)],
  ['countWindow slide', 'count', (value) => keyed().countWindow(3, value)],
  ['countWindowAll', 'count', (value) => numbers().countWindowAll(value)],
  ['trigger', 'assigner', (value) => windows().trigger(value)],
  ['evictor', 'assigner', (value) => windows().evictor(value)],
  ['allowedLateness', 'duration', (value) => windows().allowedLateness(value)],
  ['sideOutputLateData', 'object', (value) => windows().sideOutputLateData(value)],
  ['window reduce', 'function', (value) => windows().reduce(value)],
  ['window reduce window', 'life-cycle', (value) => windows().reduce((left) => left, value)],
  ['window aggregate', 'object', (value) => windows().aggregate(value)],
  ['window aggregate window', 'life-cycle', (value) => windows().aggregate(sum, value)],
  ['window process', 'life-cycle', (value) => windows().process(value)],
  ['window apply', 'life-cycle', (value) => windows().apply(value)],
  ['window sum', 'text', (value) => windows().sum(value)],
  ['all trigger', 'assigner', (value) => allWindows().trigger(value)],
  ['all evictor', 'assigner', (value) => allWindows().evictor(value)],
  ['all allowedLateness', 'duration', (value) => allWindows().allowedLateness(value)],
  ['all reduce', 'function', (value) => allWindows().reduce(value)],
  ['all aggregate', 'object', (value) => allWindows().aggregate(value)],
  ['all process', 'life-cycle', (value) => allWindows().process(value)],
  ['join', 'stream', (value) => numbers().join(value)],
  ['join where', 'function', (value) => joining().where(value)],
  ['join equalTo', 'function', (value) => joining().where(selector).equalTo(value)],
  ['join window', 'assigner', (value) => joining().where(selector).equalTo(selector).window(value)],
  [
    'join apply',
    'function',
    (value) =>
      joining()
        .where(selector)
        .equalTo(selector)
        .window(TumblingEventTimeWindows.of(1))
        .apply(value),
  ],
  [
    'join flatApply',
    'function',
    (value) =>
      joining()
        .where(selector)
        .equalTo(selector)
        .window(TumblingEventTimeWindows.of(1))
        .flatApply(value),
  ],
  ['coGroup', 'stream', (value) => numbers().coGroup(value)],
  ['coGroup where', 'function', (value) => coGrouping().where(value)],
  [
    'coGroup apply',
    'function',
    (value) =>
      coGrouping()
        .where(selector)
        .equalTo(selector)
        .window(TumblingEventTimeWindows.of(1))
        .apply(value),
  ],
  ['tumbling', 'duration', (value) => TumblingEventTimeWindows.of(value)],
  ['tumbling', 'options', (value) => TumblingEventTimeWindows.of(1, value)],
  ['tumbling processing time', 'duration', (value) => TumblingProcessingTimeWindows.of(value)],
  ['sliding size', 'duration', (value) => SlidingEventTimeWindows.of(value, 1)],
  ['sliding slide', 'duration', (value) => SlidingEventTimeWindows.of(10, value)],
  ['sliding', 'options', (value) => SlidingEventTimeWindows.of(10, 1, value)],
  ['sliding processing time', 'duration', (value) => SlidingProcessingTimeWindows.of(10, value)],
  ['session gap', 'duration', (value) => EventTimeSessionWindows.withGap(value)],
  ['session dynamic gap', 'function', (value) => EventTimeSessionWindows.withDynamicGap(value)],
  [
    'session gap of processing time',
    'duration',
    (value) => ProcessingTimeSessionWindows.withGap(value),
  ],
  ['CountTrigger', 'count', (value) => CountTrigger.of(value)],
  ['ContinuousEventTimeTrigger', 'duration', (value) => ContinuousEventTimeTrigger.of(value)],
  ['PurgingTrigger', 'assigner', (value) => PurgingTrigger.of(value)],
  ['DeltaTrigger threshold', 'count', (value) => DeltaTrigger.of(value, () => 1)],
  ['DeltaTrigger', 'function', (value) => DeltaTrigger.of(1, value)],
  [
    'ProcessingTimeoutTrigger',
    'duration',
    (value) => ProcessingTimeoutTrigger.of(EventTimeTrigger.create(), value),
  ],
  [
    'ProcessingTimeoutTrigger',
    'options',
    (value) => ProcessingTimeoutTrigger.of(EventTimeTrigger.create(), 1, value),
  ],
  ['CountEvictor', 'count', (value) => CountEvictor.of(value)],
  ['TimeEvictor', 'duration', (value) => TimeEvictor.of(value)],
  ['DeltaEvictor', 'function', (value) => DeltaEvictor.of(1, value)],
  // Time
  [
    'forBoundedOutOfOrderness',
    'duration',
    (value) => WatermarkStrategy.forBoundedOutOfOrderness(value),
  ],
  [
    'forBoundedOutOfOrderness',
    'options',
    (value) => WatermarkStrategy.forBoundedOutOfOrderness(1, value),
  ],
  [
    'forMonotonousTimestamps',
    'options',
    (value) => WatermarkStrategy.forMonotonousTimestamps(value),
  ],
  ['forGenerator', 'factory', (value) => WatermarkStrategy.forGenerator(value)],
  [
    'withTimestampAssigner',
    'function',
    (value) => WatermarkStrategy.noWatermarks().withTimestampAssigner(value),
  ],
  ['withIdleness', 'duration', (value) => WatermarkStrategy.noWatermarks().withIdleness(value)],
  // Sources and sinks
  ['OutputTag', 'text', (value) => new OutputTag(value)],
  ['FileSource', 'options', (value) => FileSource.of(value)],
  ['FileSource path', 'text', (path) => FileSource.of({ path, format: jsonLines() })],
  ['FileSource format', 'object', (format) => FileSource.of({ path: 'in', format })],
  [
    'FileSource bufferBytes',
    'count',
    (bufferBytes) => FileSource.of({ path: 'in', format: jsonLines(), bufferBytes }),
  ],
  [
    'FileSource splitBytes',
    'count',
    (splitBytes) => FileSource.of({ path: 'in', format: jsonLines(), splitBytes }),
  ],
  [
    'FileSource monitorInterval',
    'duration',
    (monitorInterval) => FileSource.of({ path: 'in', format: jsonLines(), monitorInterval }),
  ],
  [
    'FileSource filter',
    'function',
    (filter) => FileSource.of({ path: 'in', format: jsonLines(), filter }),
  ],
  ['FileSink', 'options', (value) => FileSink.of(value)],
  ['FileSink path', 'text', (path) => FileSink.of({ path, encoder: jsonLinesEncoder() })],
  ['FileSink encoder', 'object', (encoder) => FileSink.of({ path: 'out', encoder })],
  ['FileSink bulkFormat', 'object', (bulkFormat) => FileSink.of({ path: 'out', bulkFormat })],
  [
    'FileSink rolling',
    'object',
    (rolling) => FileSink.of({ path: 'out', encoder: jsonLinesEncoder(), rolling }),
  ],
  [
    'FileSink checkInterval',
    'duration',
    (checkInterval) => FileSink.of({ path: 'out', encoder: jsonLinesEncoder(), checkInterval }),
  ],
  [
    'FileSink compaction',
    'options',
    (compaction) => FileSink.of({ path: 'out', encoder: jsonLinesEncoder(), compaction }),
  ],
  ['rollWhen', 'options', (value) => rollWhen(value)],
  ['dateTimeBuckets', 'options', (value) => dateTimeBuckets(value)],
  ['gzip', 'object', (value) => gzip(value)],
  ['gzip', 'options', (value) => gzip(jsonLinesEncoder(), value)],
  ['csv', 'options', (value) => csv(value)],
  ['csvEncoder', 'options', (value) => csvEncoder(value)],
  ['jsonLines', 'options', (value) => jsonLines(value)],
  ['jsonArray', 'options', (value) => jsonArray(value)],
  ['AsyncSink', 'options', (value) => AsyncSink.of(value)],
  ['aimdRateLimiting', 'options', (value) => aimdRateLimiting(value)],
  ['HybridSource', 'object', (value) => HybridSource.builder(value)],
  ['rateLimited source', 'object', (value) => rateLimited(value, RateLimiterStrategy.perSecond(1))],
  [
    'rateLimited strategy',
    'object',
    (value) => rateLimited(new DataGeneratorSource({ generator: (index) => index }), value),
  ],
  ['perSecond', 'count', (value) => RateLimiterStrategy.perSecond(value)],
  ['perCheckpoint', 'count', (value) => RateLimiterStrategy.perCheckpoint(value)],
  // Types
  ['Types.record', 'object', (value) => Types.record(value)],
  ['Types.array', 'object', (value) => Types.array(value)],
  ['Types.map', 'object', (value) => Types.map(Types.string, value)],
]
