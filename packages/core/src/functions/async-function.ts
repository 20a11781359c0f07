// What users write to ask somebody else about each record: a database, a service.

import type { RuntimeContext } from './functions.ts'

/** What an asynchronous function is told about the record. */
export interface AsyncContext {
  /** The record's event time, or `undefined` if it has none. */
  readonly timestamp: number | undefined
  /** Aborted when nobody waits for the answer any more: it took too long, or the task was closed. Hand it to `fetch`. */
  readonly signal: AbortSignal
}

/** Asks about one record. The promise is of all results: none, one or several. */
export type AsyncFlatMapFunction<IN, OUT> = (
  value: IN,
  context: AsyncContext,
) => Promise<Iterable<OUT>>

/** Asks about one record. The promise is of the one result. */
export type AsyncMapFunction<IN, OUT> = (value: IN, context: AsyncContext) => Promise<OUT>

/** An asynchronous function with a life cycle: one that holds a client or a pool of connections. */
export interface AsyncFunction<IN, OUT> {
  /** Called once before the first record; waited for. */
  open?(context: RuntimeContext): void | Promise<void>
  /** Called for each record, and again for records that were under way at a checkpoint that is restored. */
  asyncInvoke: AsyncFlatMapFunction<IN, OUT>
  /**
   * The results for a record whose answer took too long. Without it the job fails with `ASYNC_TIMED_OUT`. Called once for each such
   * record; is itself not limited in time.
   */
  timeout?(value: IN, context: AsyncContext): Iterable<OUT> | Promise<Iterable<OUT>>
  /** Called once at the end, also after a failure; waited for. */
  close?(): void | Promise<void>
}
