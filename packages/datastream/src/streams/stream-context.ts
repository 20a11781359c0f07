// What a stream needs of the environment it belongs to. Streams of every kind make streams of the other kinds; they do it
// through this interface, so that no two of their modules import each other.

import type { AnyWindowAssigner, KeySelector, TimeWindow, TypeInfo } from '@millrace/core'
import type { OperatorDescription, StreamOrigin } from '../graph/draft-operator.ts'
import type { IterativeStream } from '../iterations/iterative-stream.ts'
import type { ConnectedStreams, KeyedConnectedStreams } from './connected-streams.ts'
import type {
  BroadcastConnectedStream,
  BroadcastStream,
  KeyedBroadcastConnectedStream,
} from './broadcast-stream.ts'
import type { DataStream } from './data-stream.ts'
import type { DataStreamSink } from './data-stream-sink.ts'
import type { KeyedStream } from './keyed-stream.ts'
import type { SingleOutputStreamOperator } from './single-output-stream-operator.ts'
import type { CoGroupedStreams } from '../joins/co-grouped-streams.ts'
import type { JoinedStreams } from '../joins/joined-streams.ts'
import type { AllWindowedStream } from '../windows/all-windowed-stream.ts'
import type { WindowedStream, WindowedStreamInit } from '../windows/windowed-stream.ts'

/** How streams add operators to the program and make each other. */
export interface StreamContext {
  /** Adds an operator and answers the stream of what it emits. */
  transform<OUT>(description: OperatorDescription): SingleOutputStreamOperator<OUT>
  /** Adds the head of a loop. */
  iterativeStream<T>(description: OperatorDescription): IterativeStream<T>
  /** Adds a sink. */
  sink(description: OperatorDescription): DataStreamSink
  /** Adds a sink of several operators, each of which reads the one before it. */
  sinkChain(chain: SinkChain): DataStreamSink
  dataStream<T>(origins: readonly StreamOrigin[], type: TypeInfo<T> | undefined): DataStream<T>
  keyedStream<K, T>(keyed: KeyedOrigins<K, T>): KeyedStream<K, T>
  windowedStream<K, T, W extends TimeWindow>(
    init: WindowedStreamInit<K, T, W>,
  ): WindowedStream<K, T, W>
  allWindowedStream<T, W extends TimeWindow>(
    stream: DataStream<T>,
    assigner: AnyWindowAssigner<T, W>,
  ): AllWindowedStream<T, W>
  joinedStreams<T1, T2>(first: DataStream<T1>, second: DataStream<T2>): JoinedStreams<T1, T2>
  coGroupedStreams<T1, T2>(first: DataStream<T1>, second: DataStream<T2>): CoGroupedStreams<T1, T2>
  connectedStreams<T1, T2>(first: DataStream<T1>, second: DataStream<T2>): ConnectedStreams<T1, T2>
  keyedConnectedStreams<K, T1, T2>(
    first: KeyedStream<K, T1>,
    second: KeyedStream<K, T2>,
  ): KeyedConnectedStreams<K, T1, T2>
  broadcastConnectedStream<T, B>(
    data: DataStream<T>,
    broadcast: BroadcastStream<B>,
  ): BroadcastConnectedStream<T, B>
  keyedBroadcastConnectedStream<K, T, B>(
    data: KeyedStream<K, T>,
    broadcast: BroadcastStream<B>,
  ): KeyedBroadcastConnectedStream<K, T, B>
  /** Runs the job with a sink that brings the records of the stream here, all at its end. */
  executeAndCollect<T>(stream: DataStream<T>, jobName: string | undefined): Promise<T[]>
  /** Runs the job with a sink that brings the records of the stream here, as they come. */
  executeAndIterate<T>(stream: DataStream<T>, jobName: string | undefined): AsyncIterableIterator<T>
}

/** The operators of a sink: the writer, and what its committables go through. Those after the first have no inputs yet. */
export type SinkChain = readonly OperatorDescription[]

/** A stream and the key of its records. */
export interface KeyedOrigins<K, T> {
  readonly origins: readonly StreamOrigin[]
  readonly type: TypeInfo<T> | undefined
  readonly keySelector: KeySelector<T, K>
  readonly keyType: TypeInfo<K>
}
