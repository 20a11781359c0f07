// The records of a running job, one after the other, for `for await`.
//
//   next()    submits the job at the first call; then answers records as they come, and waits when there are none
//   return()  cancels the job: the loop was left before its end
//
// A frame counts as used once all its records were asked for; the sink holds back when too many are not.

import type { TypeInfo } from '@millrace/core'
import type { CollectedPayload, JobClient } from '@millrace/job-graph'
import type { FrameUsed } from './collect-sink.ts'
import { CollectedRecords } from './collected-records.ts'

/** What a {@link CollectIterator} is made from. */
export interface CollectIteratorInit<T> {
  /** The uid of the job's collect sink. */
  readonly uid: string
  readonly type: TypeInfo<T> | undefined
  readonly submit: () => Promise<JobClient>
  /** Settles when the job has ended. */
  readonly ended: (client: JobClient) => Promise<unknown>
}

/** Runs a job and hands out what its collect sink sends. */
export class CollectIterator<T> implements AsyncIterableIterator<T> {
  readonly #init: CollectIteratorInit<T>
  readonly #collected: CollectedRecords<T>
  #job: Promise<JobClient> | undefined
  #end: 'running' | 'finished' | { readonly error: unknown } = 'running'
  #records: readonly T[] = []
  #used = 0
  /** Tells that the frame at hand is used; undefined when there is none. */
  #tellUsed: (() => void) | undefined
  #wake: (() => void) | undefined

  constructor(init: CollectIteratorInit<T>) {
    this.#init = init
    this.#collected = new CollectedRecords<T>(init.type)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#job === undefined && this.#end === 'finished') return { done: true, value: undefined }
    this.#job ??= this.#submit()
    const client = await this.#job
    for (;;) {
      if (this.#used < this.#records.length) {
        return { done: false, value: this.#records[this.#used++] as T }
      }
      if (this.#takeFrame(client)) continue
      if (this.#end === 'finished') return { done: true, value: undefined }
      if (this.#end !== 'running') throw this.#end.error
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const client = await this.#job
    this.#records = []
    if (this.#end === 'running') this.#end = 'finished'
    await client?.cancel()
    return { done: true, value: undefined }
  }

  async #submit(): Promise<JobClient> {
    const { uid, submit, ended } = this.#init
    const client = await submit()
    client.onCollected((payload: CollectedPayload) => {
      if (payload.uid !== uid) return
      this.#collected.accept(payload)
      this.#wake?.()
    })
    ended(client).then(
      () => this.#over('finished'),
      (error: unknown) => this.#over({ error }),
    )
    return client
  }

  /** Goes on to the next frame, if one has come. */
  #takeFrame(client: JobClient): boolean {
    this.#tellUsed?.()
    this.#tellUsed = undefined
    const frame = this.#collected.take()
    if (frame === undefined) return false
    const { subtaskIndex, attempt, records } = frame
    this.#records = records
    this.#used = 0
    this.#tellUsed = () => tellFrameUsed(client, { uid: this.#init.uid, subtaskIndex, attempt })
    return true
  }

  #over(end: 'finished' | { readonly error: unknown }): void {
    // A job that was canceled by `return` has ended as it should.
    if (this.#end === 'running') this.#end = end
    this.#wake?.()
  }
}

/** Lets a collect sink send another frame. */
export function tellFrameUsed(
  client: JobClient,
  frame: { readonly uid: string; readonly subtaskIndex: number; readonly attempt: number },
): void {
  const { uid, subtaskIndex, attempt } = frame
  client.sendToSink({ uid, subtaskIndex, message: { attempt } satisfies FrameUsed })
}
