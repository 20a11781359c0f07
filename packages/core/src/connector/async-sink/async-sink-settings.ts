// What an asynchronous sink and its writers talk about: requests, batches, and the service that takes them.

import type { JsonValue } from '../../types/json.ts'
import type { SinkRecordContext } from '../sink.ts'

/** Sends requests to a service. One for each writer. */
export interface RequestClient<R> {
  /**
   * Sends a batch. Resolves with the requests that should be sent again, or with nothing if all are done; a rejection is
   * final and fails the job.
   */
  send(requests: readonly R[]): Promise<readonly R[] | void>
  close?(): void | Promise<void>
}

/** A request that waits, and how large it is. */
export interface BufferedRequest<R> {
  readonly request: R
  readonly bytes: number
}

/** How large a batch may be. */
export interface BatchLimits {
  readonly requestsMax: number
  readonly bytesMax: number
}

/**
 * Takes the requests of the next batch out of those that wait, and answers them: at least one, at most what the limits allow. A
 * strategy that leaves some out changes their order.
 */
export type BatchStrategy<R> = (
  waiting: BufferedRequest<R>[],
  limits: BatchLimits,
) => readonly BufferedRequest<R>[]

/** The options, checked and complete. */
export interface AsyncSinkSettings<T, R extends JsonValue> {
  readonly name: string
  readonly toRequest: (value: T, context: SinkRecordContext) => R
  readonly requestBytes: (request: R) => number
  readonly limits: BatchLimits
  readonly requestBytesMax: number
  readonly timeInBufferMs: number
  readonly batchesInFlightMax: number
  readonly bufferedRequestsMax: number
  readonly requestTimeoutMs: number
  readonly batching: BatchStrategy<R>
}
