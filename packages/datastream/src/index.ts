export { AsyncDataStream, type AsyncFunctionOrFactory } from './async/async-data-stream.ts'
export type { AsyncMapOptions, AsyncOptions } from './async/async-options.ts'
export {
  type AsyncRetryConditions,
  AsyncRetryStrategies,
  type AsyncRetryStrategy,
  type ExponentialBackoffRetryOptions,
  type FixedDelayRetryOptions,
} from './async/async-retry-strategy.ts'
export type { CheckpointingOptions, ExecutionOptions } from './environment/execution-options.ts'
export type { JobListener } from './environment/job-listener.ts'
export type {
  ExponentialDelayRestartOptions,
  FailureRateRestartOptions,
  FixedDelayRestartOptions,
  RestartOptions,
} from './environment/restart-options.ts'
export type { RestoreOptions } from './environment/restore-options.ts'
export { StreamExecutionEnvironment } from './environment/stream-execution-environment.ts'
export { IntervalJoin, IntervalJoined } from './joins/interval-join.ts'
export { currentExecutor, installExecutor } from './executor.ts'
export type { NumericField, OrderedField, PickByOptions } from './functions/field-functions.ts'
export type { IterationOptions } from './iterations/iteration-head.ts'
export { ConnectedIterativeStreams, IterativeStream } from './iterations/iterative-stream.ts'
export type { MapPartitionFunction, SortOrder } from './partition/partition-folds.ts'
export { PartitionWindowedStream } from './partition/partition-windowed-stream.ts'
export {
  CoGroupedStreams,
  CoGroupEqualTo,
  CoGroupWhere,
  WindowedCoGroup,
} from './joins/co-grouped-streams.ts'
export { JoinedStreams, JoinEqualTo, JoinWhere, WindowedJoin } from './joins/joined-streams.ts'
export type { LatePair } from './joins/windowed-pair.ts'
export { DiscardSink } from './sinks/discard-sink.ts'
export { PrintSink } from './sinks/print-sink.ts'
export {
  type DataGeneratorOptions,
  DataGeneratorSource,
  type ValidatedGeneratorOptions,
} from './sources/data-generator-source.ts'
export type { SchemaOptions, ValidationOptions } from './sources/schema-gate.ts'
export { type SocketTextOptions, SocketTextSource } from './sources/socket-source.ts'
export {
  BroadcastConnectedStream,
  BroadcastStream,
  KeyedBroadcastConnectedStream,
} from './streams/broadcast-stream.ts'
export { ConnectedStreams, KeyedConnectedStreams } from './streams/connected-streams.ts'
export type { CollectOptions } from './streams/collect-options.ts'
export { DataStream } from './streams/data-stream.ts'
export { DataStreamSink } from './streams/data-stream-sink.ts'
export { KeyedStream } from './streams/keyed-stream.ts'
export type { OutputType } from './streams/output-type.ts'
export type { RedistributionOptions } from './streams/redistribution-options.ts'
export { SingleOutputStreamOperator } from './streams/single-output-stream-operator.ts'
export { AllWindowedStream } from './windows/all-windowed-stream.ts'
export { WindowedStream } from './windows/windowed-stream.ts'
