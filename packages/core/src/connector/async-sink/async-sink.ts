// A sink for services that take requests, many in one call, and answer later: the base of most connectors.
//
//   record ──toRequest──> buffer ──batch──> client.send ──> done
//                           ▲                   │
//                           └──── at the head ──┘ what the service turned down
//
// At least once: what a checkpoint finds in the buffer or under way is its state, and is sent again after a restart.

import { checkInteger, checkOptions } from '../../config/check-options.ts'
import { MillraceError, show } from '../../errors/millrace-error.ts'
import { type Duration, durationMs } from '../../time/duration.ts'
import type { JsonValue } from '../../types/json.ts'
import type { Sink, SinkRecordContext, SinkWriter, SinkWriterContext } from '../sink.ts'
import type {
  AsyncSinkSettings,
  BatchLimits,
  BatchStrategy,
  BufferedRequest,
  RequestClient,
} from './async-sink-settings.ts'
import { AsyncSinkWriter } from './async-sink-writer.ts'
import { aimdRateLimiting, type RateLimiting } from './rate-limiting.ts'

/** What an asynchronous sink sends, where to, and how much at once. */
export interface AsyncSinkOptions<T, R extends JsonValue> {
  /** Shown in plans. */
  readonly name: string
  /** What makes this sink differ from another, as data: part of the plan and its hash. Default: the name. */
  readonly description?: JsonValue
  /** What is sent for a record. Plain JSON, because it may have to wait in a checkpoint. */
  readonly toRequest: (value: T, context: SinkRecordContext) => R
  readonly createClient: (context: SinkWriterContext) => RequestClient<R>
  /** How many bytes a request counts as. Default: the length of its JSON. */
  readonly requestBytes?: (request: R) => number
  /** Default: 500. */
  readonly batchRequests?: number
  /** Default: 5 MiB. */
  readonly batchBytes?: number
  /** A larger request fails the job. Default: 1 MiB. */
  readonly requestBytesMax?: number
  /** How long a request may wait for its batch to be full. Default: `5 s`. */
  readonly timeInBuffer?: Duration
  /** Batches under way at once. Default: 50. */
  readonly batchesInFlight?: number
  /** With so many requests waiting the writer takes no more records. Default: 10 000. */
  readonly bufferedRequests?: number
  /** After this a batch without an answer is sent again. Default: `10 min`. */
  readonly requestTimeout?: Duration
  /** One for each writer. Default: {@link aimdRateLimiting} up to `batchRequests` times `batchesInFlight`. */
  readonly createRateLimiting?: () => RateLimiting
  /** Default: the first that wait, in their order. */
  readonly batching?: BatchStrategy<R>
}

/**
 * A sink over a service that takes batches of requests. Each record is written at least once.
 *
 * @example
 * ```ts
 * import { AsyncSink, StreamExecutionEnvironment } from 'millrace'
 *
 * const received: number[] = []
 * const sink = AsyncSink.of({
 *   name: 'Collecting service',
 *   toRequest: (n: number) => n * 10,
 *   createClient: () => ({
 *     send: async (requests) => {
 *       received.push(...requests)
 *     },
 *   }),
 * })
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env.fromData([1, 2, 3]).sinkTo(sink)
 * await env.execute()
 * console.log(received) // [ 10, 20, 30 ]
 * ```
 */
export class AsyncSink<T, R extends JsonValue> implements Sink<T> {
  readonly name: string
  readonly #description: JsonValue
  readonly #settings: AsyncSinkSettings<T, R>
  readonly #createClient: (context: SinkWriterContext) => RequestClient<R>
  readonly #createRateLimiting: () => RateLimiting

  private constructor(options: AsyncSinkOptions<T, R>) {
    this.name = options.name
    this.#description = options.description ?? options.name
    this.#settings = settingsOf(options)
    this.#createClient = checkFunction('createClient', options.createClient)
    const { limits, batchesInFlightMax } = this.#settings
    const requestsMax = limits.requestsMax * batchesInFlightMax
    this.#createRateLimiting = checkFunction(
      'createRateLimiting',
      options.createRateLimiting ?? (() => aimdRateLimiting({ requestsMax })),
    )
  }

  /** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`, `DURATION_INVALID` */
  static of<T, R extends JsonValue>(options: AsyncSinkOptions<T, R>): AsyncSink<T, R> {
    checkOptions('AsyncSink.of', options, KNOWN_OPTIONS)
    return new AsyncSink(options)
  }

  describe(): JsonValue {
    return { sink: 'async', description: this.#description }
  }

  createWriter(context: SinkWriterContext): SinkWriter<T> {
    return new AsyncSinkWriter({
      settings: this.#settings,
      context,
      client: this.#createClient(context),
      rateLimiting: this.#createRateLimiting(),
    })
  }
}

const KNOWN_OPTIONS = [
  'name',
  'description',
  'toRequest',
  'createClient',
  'requestBytes',
  'batchRequests',
  'batchBytes',
  'requestBytesMax',
  'timeInBuffer',
  'batchesInFlight',
  'bufferedRequests',
  'requestTimeout',
  'createRateLimiting',
  'batching',
] as const satisfies readonly (keyof AsyncSinkOptions<never, never>)[]

function settingsOf<T, R extends JsonValue>(
  options: AsyncSinkOptions<T, R>,
): AsyncSinkSettings<T, R> {
  const count = (name: string, value: number): number =>
    checkInteger(name, value, { min: 1, max: Number.MAX_SAFE_INTEGER })
  const { requestBytes = (request: R) => JSON.stringify(request).length } = options
  return {
    name: options.name,
    toRequest: checkFunction('toRequest', options.toRequest),
    requestBytes: checkFunction('requestBytes', requestBytes),
    limits: {
      requestsMax: count('batchRequests', options.batchRequests ?? 500),
      bytesMax: count('batchBytes', options.batchBytes ?? 5 * 1024 * 1024),
    },
    requestBytesMax: count('requestBytesMax', options.requestBytesMax ?? 1024 * 1024),
    timeInBufferMs: count(
      'timeInBuffer in milliseconds',
      durationMs(options.timeInBuffer ?? '5 s'),
    ),
    batchesInFlightMax: count('batchesInFlight', options.batchesInFlight ?? 50),
    bufferedRequestsMax: count('bufferedRequests', options.bufferedRequests ?? 10_000),
    requestTimeoutMs: count(
      'requestTimeout in milliseconds',
      durationMs(options.requestTimeout ?? '10 min'),
    ),
    batching: checkFunction('batching', options.batching ?? firstOnes),
  }
}

/** The first ones, as many as the limits allow. */
function firstOnes<R>(
  waiting: BufferedRequest<R>[],
  { requestsMax, bytesMax }: BatchLimits,
): readonly BufferedRequest<R>[] {
  let bytes = 0
  let count = 0
  for (const one of waiting) {
    bytes += one.bytes
    if (count === requestsMax || (count > 0 && bytes > bytesMax)) break
    count += 1
  }
  return waiting.splice(0, count)
}

function checkFunction<F>(option: string, value: F): F {
  if (typeof value === 'function') return value
  throw new MillraceError('OPTION_INVALID', {
    expected: `a function as ${option}`,
    came: show(value),
    todo: 'See the description of the options of AsyncSink.of.',
  })
}
