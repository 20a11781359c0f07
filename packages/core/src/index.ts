export {
  type Accumulator,
  AverageAccumulator,
  DoubleCounter,
  DoubleMaximum,
  DoubleMinimum,
  Histogram,
  IntCounter,
  IntMaximum,
  IntMinimum,
  ListAccumulator,
  LongCounter,
  LongMaximum,
  LongMinimum,
  ownAccumulator,
} from './functions/accumulators.ts'
export {
  type AccumulatorPart,
  type AccumulatorReport,
  AccumulatorTotals,
  twoKinds,
} from './functions/accumulator-totals.ts'
export type {
  CheckpointedFunction,
  CheckpointListener,
  FunctionInitializationContext,
  FunctionSnapshotContext,
  LifeCycle,
  OperatorStateStore,
} from './functions/checkpointed-function.ts'
export {
  type BroadcastAccess,
  type BroadcastProcessFunction,
  type Collector,
  type CoProcessFunction,
  type FilterFunction,
  type FlatMapFunction,
  type FunctionFactory,
  type Key,
  type KeyedBroadcastProcessFunction,
  type KeyedCoProcessFunction,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type KeyedState,
  type KeyedStateApplication,
  type KeySelector,
  type MapFunction,
  type OnTimerContext,
  type ProcessContext,
  type WatermarkHandlingResult,
  type ProcessFunction,
  type ReadOnlyBroadcastAccess,
  type RuntimeContext,
  type TimerService,
} from './functions/functions.ts'
export type { AggregateFunction, ReduceFunction } from './functions/fold-functions.ts'
export {
  migrateFrom,
  type StateEvolution,
  type StateMigration,
} from './functions/state-evolution.ts'
export type {
  AsyncContext,
  AsyncFlatMapFunction,
  AsyncFunction,
  AsyncMapFunction,
} from './functions/async-function.ts'
export type {
  IntervalJoinFunction,
  ProcessJoinContext,
  ProcessJoinFunction,
} from './functions/process-join-function.ts'
export type {
  AllWindowContext,
  AllWindowFunction,
  CoGroupFunction,
  FlatJoinFunction,
  JoinFunction,
  ProcessAllWindowContext,
  ProcessAllWindowFunction,
  ProcessWindowContext,
  ProcessWindowFunction,
  WindowContext,
  WindowFunction,
  WindowStates,
} from './functions/window-functions.ts'
export { checkOutputTag, OutputTag } from './functions/output-tag.ts'
export type { Partitioner } from './functions/partitioner.ts'
export {
  rich,
  type RichCoFlatMapFunction,
  type RichCoGroupFunction,
  type RichCoMapFunction,
  RichFactory,
  type RichFilterFunction,
  type RichFlatJoinFunction,
  type RichFlatMapFunction,
  type RichJoinFunction,
  type RichMapFunction,
  type RichReduceFunction,
} from './functions/rich-functions.ts'
export {
  type AggregatingState,
  type AggregatingStateDescriptor,
  broadcastEvolutionRole,
  type KeyedStateStore,
  type ListState,
  type ListStateDescriptor,
  type MapState,
  type MapStateDescriptor,
  type ReadOnlyMapState,
  type ReducingState,
  type ReducingStateDescriptor,
  type StateTtl,
  type StateTtlCleanup,
  type ValueState,
  type ValueStateDescriptor,
} from './functions/state.ts'
export { checkRestored, isCount } from './errors/check-restored.ts'
export { CollectingSourceOutput } from './connector/collecting-source-output.ts'
export { HybridSource, HybridSourceBuilder, type NextSource } from './connector/hybrid-source.ts'
export type { HybridSplit } from './connector/hybrid-split.ts'
export {
  SplitFetcherReader,
  type SplitFetcherReaderInit,
} from './connector/split-fetcher-reader.ts'
export type { FetchedBatch, SplitReader } from './connector/split-reader.ts'
export { rateLimited } from './connector/rate-limited-source.ts'
export {
  type RateLimiter,
  type RateLimiterConfig,
  RateLimiterStrategy,
} from './connector/rate-limiter-strategy.ts'
export { TokenBucket } from './connector/token-bucket.ts'
export type { Source } from './connector/source.ts'
export type { SourceSplit } from './connector/source-split.ts'
export type {
  PollResult,
  SourceOutput,
  SourceReader,
  SourceReaderContext,
  SplitOutput,
} from './connector/source-reader.ts'
export type {
  EnumeratorSchedule,
  RegisteredReader,
  SplitEnumerator,
  SplitEnumeratorContext,
} from './connector/split-enumerator.ts'
export {
  staticSplitEnumerator,
  type StaticSplitEnumeratorInit,
} from './connector/static-split-enumerator.ts'
export { AsyncSink, type AsyncSinkOptions } from './connector/async-sink/async-sink.ts'
export type {
  BatchLimits,
  BatchStrategy,
  BufferedRequest,
  RequestClient,
} from './connector/async-sink/async-sink-settings.ts'
export {
  aimdRateLimiting,
  type AimdOptions,
  type RateLimiting,
} from './connector/async-sink/rate-limiting.ts'
export type { Committer, CommitOutcome, CommitterContext } from './connector/committer.ts'
export type {
  CommitStage,
  CommitStageContext,
  CommitStageProcessor,
  CommittableBatch,
  CompletedStageCheckpoint,
} from './connector/commit-stage.ts'
export type { PreWriteStream } from './connector/pre-write-stream.ts'
export type {
  RestoredSinkState,
  Sink,
  SinkRecordContext,
  SinkWriter,
  SinkWriterContext,
} from './connector/sink.ts'
export type {
  DecoderState,
  MalformedPolicy,
  MalformedRecord,
  RecordDecoder,
  RecordEncoder,
  RecordFormat,
} from './connector/format.ts'
export { ByteWindow, MALFORMED_TEXT_CHARS_MAX, RECORD_BYTES_MAX } from './connector/byte-window.ts'
export { LineSplitter, type LineStep } from './connector/line-splitter.ts'
export { malformedReason } from './connector/malformed-reason.ts'
export {
  assert,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDomain,
  type ErrorFacts,
  MillraceError,
  type MillraceErrorInit,
  show,
} from './errors/millrace-error.ts'
export { makeDurableDirectory } from './platform/make-durable-directory.ts'
export type {
  Clock,
  Connection,
  DirectoryEntry,
  FileStatus,
  FileSystem,
  Log,
  LogFacts,
  MessageChannelPort,
  Network,
  Platform,
  PortPair,
  Random,
  ReadableFile,
  SocketAddress,
  Timer,
  Timers,
  WritableFile,
} from './platform/platform.ts'
export { FrameBuffer } from './serialization/frame-buffer.ts'
export { frameCodec } from './serialization/frame-codec.ts'
export type { FrameCodec } from './serialization/frame-coding.ts'
export {
  defaultMaxParallelism,
  type KeyGroupRange,
  keyGroupRangeFor,
  MAX_PARALLELISM_LIMIT,
  subtaskForKeyGroup,
} from './serialization/key-groups.ts'
export { assertKey, hashKey, keyGroupOf } from './serialization/key-hash.ts'
export { type RecordClass, recordClass } from './serialization/record-class.ts'
export {
  parserWithSchema,
  SchemaMismatchError,
  schemaReader,
} from './serialization/schema-reader.ts'
export { TypeMismatchError } from './serialization/type-mismatch.ts'
export { valueReader } from './serialization/value-reader.ts'
export type { ValueReader } from './serialization/value-reading.ts'
export { type Duration, durationMs } from './time/duration.ts'
export {
  type BooleanWatermarkDeclaration,
  booleanWatermark,
  checkWatermarkDeclaration,
  describeDeclaration,
  type GeneralizedWatermark,
  isSameDeclaration,
  isWatermarkOf,
  type LongWatermarkDeclaration,
  longWatermark,
  type WatermarkDeclaration,
  type WatermarkHandling,
  watermarkOf,
  type WatermarkOptions,
  type WatermarkValueOf,
  isGeneralizedWatermark,
  isValueOf,
  isWatermarkDeclaration,
} from './time/generalized-watermark.ts'
export { MAX_WATERMARK, MIN_WATERMARK, NO_TIMESTAMP } from './time/timestamps.ts'
export { timeText } from './time/time-text.ts'
export type { JsonObject, JsonValue } from './types/json.ts'
export { describeType, typesEqual } from './types/describe-type.ts'
export {
  type EvolvedType,
  evolveType,
  type TypeDifference,
  type TypeEvolution,
  type TypeMigration,
  type ValueConverter,
} from './types/type-evolution.ts'
export type {
  Infer,
  NumbersElement,
  OptionalTypeInfo,
  RecordField,
  RecordFields,
  RecordOf,
  TupleOf,
  TypeDescriptor,
  TypeInfo,
  UnionOf,
  UnionVariant,
} from './types/type-info.ts'
export type { CustomTypeOptions } from './types/custom-type.ts'
export { inferType } from './types/infer-type.ts'
export { Decimal, DECIMAL_PRECISION_MAX, type RoundingMode } from './types/decimal.ts'
export {
  checkSchema,
  type StandardSchema,
  type StandardSchemaIssue,
  type StandardSchemaResult,
} from './types/standard-schema.ts'
export { TYPE_CHOICES_MAX, Types } from './types/types.ts'
export { checkInteger, checkOptions } from './config/check-options.ts'
export { checkFactory, checkFunction, checkMethods } from './functions/check-function.ts'
export { Parameters, type ParameterValue } from './config/parameters.ts'
export {
  type TimestampAssigner,
  type WatermarkAlignment,
  type WatermarkEmission,
  type WatermarkGenerator,
  type WatermarkGeneratorConfig,
  type WatermarkOutput,
  WatermarkStrategy,
  type WatermarkStrategyConfig,
} from './time/watermark-strategy.ts'
export {
  type AnyEvictor,
  type BuiltInEvictor,
  CountEvictor,
  DeltaEvictor,
  type DeltaEvictorDescription,
  type Evictor,
  type EvictorContext,
  type PlainEvictorDescription,
  TimeEvictor,
  type TimestampedValue,
} from './windowing/evictors.ts'
export type { TaggedUnion } from './windowing/tagged-union.ts'
export {
  GLOBAL_WINDOW,
  type MergeCallback,
  TIME_WINDOW_TYPE,
  TimeWindow,
} from './windowing/time-window.ts'
export {
  type AnyTrigger,
  type BuiltInTrigger,
  checkTrigger,
  ContinuousEventTimeTrigger,
  ContinuousProcessingTimeTrigger,
  CountTrigger,
  type DeltaFunction,
  DeltaTrigger,
  type DeltaTriggerDescription,
  EventTimeTrigger,
  type OnMergeContext,
  type PlainTriggerDescription,
  ProcessingTimeoutTrigger,
  ProcessingTimeTrigger,
  PurgingTrigger,
  type PurgingTriggerDescription,
  type TimeoutTriggerDescription,
  type TimeoutTriggerOptions,
  type Trigger,
  type TriggerContext,
  TriggerResult,
} from './windowing/triggers.ts'
export type {
  AnyWindowAssigner,
  MergingWindowAssigner,
  WindowAssigner,
  WindowAssignerContext,
} from './windowing/window-assigner.ts'
export {
  type BuiltInWindowAssigner,
  type DynamicSessionWindowAssigner,
  EventTimeSessionWindows,
  type GlobalWindowAssigner,
  GlobalWindows,
  ProcessingTimeSessionWindows,
  type SessionWindowAssigner,
  type SessionWindowTimeGapExtractor,
  SlidingEventTimeWindows,
  SlidingProcessingTimeWindows,
  type SlidingWindowAssigner,
  type TimeDomain,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
  type TumblingWindowOptions,
  type WindowOffset,
  type WindowStagger,
} from './windowing/window-assigners.ts'
export type {
  EvictorPlan,
  PanePlan,
  TriggerPlan,
  WindowAssignerPlan,
  WindowPlan,
} from './windowing/window-plan.ts'
