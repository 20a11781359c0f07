// The environment's side of its streams: makes streams of every kind, and keeps the operators they add.

import { type AnyWindowAssigner, assert, type TimeWindow, type TypeInfo } from '@millrace/core'
import {
  type DraftOperator,
  inputsFrom,
  type OperatorDescription,
  type StreamOrigin,
} from '../graph/draft-operator.ts'
import {
  BroadcastConnectedStream,
  type BroadcastStream,
  KeyedBroadcastConnectedStream,
} from '../streams/broadcast-stream.ts'
import { IterativeStream } from '../iterations/iterative-stream.ts'
import { ConnectedStreams, KeyedConnectedStreams } from '../streams/connected-streams.ts'
import { DataStream } from '../streams/data-stream.ts'
import { DataStreamSink } from '../streams/data-stream-sink.ts'
import { KeyedStream } from '../streams/keyed-stream.ts'
import { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import type { KeyedOrigins, SinkChain, StreamContext } from '../streams/stream-context.ts'
import { CoGroupedStreams } from '../joins/co-grouped-streams.ts'
import { JoinedStreams } from '../joins/joined-streams.ts'
import { AllWindowedStream } from '../windows/all-windowed-stream.ts'
import { WindowedStream, type WindowedStreamInit } from '../windows/windowed-stream.ts'

/** What an environment gives its streams. */
export interface EnvironmentStreamsInit {
  /** What a new operator has, unless its description says otherwise. */
  readonly defaults: () => Pick<DraftOperator, 'parallelism' | 'maxParallelism'>
  readonly executeAndCollect: <T>(
    stream: DataStream<T>,
    jobName: string | undefined,
  ) => Promise<T[]>
  readonly executeAndIterate: <T>(
    stream: DataStream<T>,
    jobName: string | undefined,
  ) => AsyncIterableIterator<T>
}

/** The stream context of one environment. */
export class EnvironmentStreams implements StreamContext {
  readonly #init: EnvironmentStreamsInit
  #added: DraftOperator[] = []

  constructor(init: EnvironmentStreamsInit) {
    this.#init = init
  }

  /** The operators added since the last {@link forget}, in the order of adding. */
  get added(): readonly DraftOperator[] {
    return this.#added
  }

  /** The next operator begins a new program. */
  forget(): void {
    this.#added = []
  }

  /** An operator that is not part of the program yet. */
  draft(description: OperatorDescription): DraftOperator {
    const { kind, name, inputs, config, functions, outputType, keyType } = description
    const { parallelism, maxParallelism } = this.#init.defaults()
    return {
      kind,
      name,
      uid: undefined,
      parallelism: description.parallelism ?? parallelism,
      maxParallelism: description.maxParallelism ?? maxParallelism,
      config: config ?? {},
      functions,
      inputs,
      outputType,
      keyType: keyType ?? null,
      description: undefined,
      uidHash: undefined,
      chaining: undefined,
      slotSharingGroup: undefined,
      bufferTimeoutMs: undefined,
      declaredWatermarks: [],
    }
  }

  transform<OUT>(description: OperatorDescription): SingleOutputStreamOperator<OUT> {
    return new SingleOutputStreamOperator<OUT>(this, this.#add(description))
  }

  iterativeStream<T>(description: OperatorDescription): IterativeStream<T> {
    return new IterativeStream<T>(this, this.#add(description))
  }

  sink(description: OperatorDescription): DataStreamSink {
    return new DataStreamSink(this.#add(description))
  }

  sinkChain(chain: SinkChain): DataStreamSink {
    let writer: DraftOperator | undefined
    let last: DraftOperator | undefined
    const followers: DraftOperator[] = []
    for (const link of chain) {
      const inputs =
        last === undefined
          ? link.inputs
          : inputsFrom([{ operator: last, outputTag: null, distribution: { kind: 'default' } }])
      // Without a parallelism of its own a link has that of the one before it.
      const parallelism = link.parallelism ?? last?.parallelism
      const isFollower: boolean =
        link.parallelism === undefined &&
        (last === undefined || last === writer || followers.includes(last))
      last = this.#add({ ...link, inputs, ...(parallelism !== undefined && { parallelism }) })
      if (writer === undefined) writer = last
      else if (isFollower) followers.push(last)
    }
    assert(writer !== undefined, 'a sink has a writer')
    return new DataStreamSink(writer, followers)
  }

  dataStream<T>(origins: readonly StreamOrigin[], type: TypeInfo<T> | undefined): DataStream<T> {
    return new DataStream(this, origins, type)
  }

  keyedStream<K, T>(keyed: KeyedOrigins<K, T>): KeyedStream<K, T> {
    return new KeyedStream(this, keyed)
  }

  windowedStream<K, T, W extends TimeWindow>(
    init: WindowedStreamInit<K, T, W>,
  ): WindowedStream<K, T, W> {
    return new WindowedStream(init)
  }

  allWindowedStream<T, W extends TimeWindow>(
    stream: DataStream<T>,
    assigner: AnyWindowAssigner<T, W>,
  ): AllWindowedStream<T, W> {
    return AllWindowedStream.of(stream, assigner)
  }

  joinedStreams<T1, T2>(first: DataStream<T1>, second: DataStream<T2>): JoinedStreams<T1, T2> {
    return new JoinedStreams(first, second)
  }

  coGroupedStreams<T1, T2>(
    first: DataStream<T1>,
    second: DataStream<T2>,
  ): CoGroupedStreams<T1, T2> {
    return new CoGroupedStreams(first, second)
  }

  connectedStreams<T1, T2>(
    first: DataStream<T1>,
    second: DataStream<T2>,
  ): ConnectedStreams<T1, T2> {
    return new ConnectedStreams(first, second)
  }

  keyedConnectedStreams<K, T1, T2>(
    first: KeyedStream<K, T1>,
    second: KeyedStream<K, T2>,
  ): KeyedConnectedStreams<K, T1, T2> {
    return new KeyedConnectedStreams(first, second)
  }

  broadcastConnectedStream<T, B>(
    data: DataStream<T>,
    broadcast: BroadcastStream<B>,
  ): BroadcastConnectedStream<T, B> {
    return new BroadcastConnectedStream(data, broadcast)
  }

  keyedBroadcastConnectedStream<K, T, B>(
    data: KeyedStream<K, T>,
    broadcast: BroadcastStream<B>,
  ): KeyedBroadcastConnectedStream<K, T, B> {
    return new KeyedBroadcastConnectedStream(data, broadcast)
  }

  executeAndCollect<T>(stream: DataStream<T>, jobName: string | undefined): Promise<T[]> {
    return this.#init.executeAndCollect(stream, jobName)
  }

  executeAndIterate<T>(
    stream: DataStream<T>,
    jobName: string | undefined,
  ): AsyncIterableIterator<T> {
    return this.#init.executeAndIterate(stream, jobName)
  }

  #add(description: OperatorDescription): DraftOperator {
    const operator = this.draft(description)
    this.#added.push(operator)
    return operator
  }
}
