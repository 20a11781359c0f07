// The writer of an asynchronous sink.
//
//   send a batch when   it is full (by count or bytes), or its oldest request has waited long enough, or the input has ended
//           and when    fewer than the maximum are under way, the rate limiting agrees, and no pause is on
//
// A pause follows a batch of which a part came back, twice as long each time in a row: a service that throttles is left alone.

import { assert, MillraceError } from '../../errors/millrace-error.ts'
import type { Timer } from '../../platform/platform.ts'
import type { JsonValue } from '../../types/json.ts'
import type {
  RestoredSinkState,
  SinkRecordContext,
  SinkWriter,
  SinkWriterContext,
} from '../sink.ts'
import type { AsyncSinkSettings, BufferedRequest, RequestClient } from './async-sink-settings.ts'
import type { RateLimiting } from './rate-limiting.ts'

const FIRST_PAUSE_MS = 50
const PAUSE_MS_MAX = 10_000

/** What a writer is made of. */
export interface AsyncSinkWriterInit<T, R extends JsonValue> {
  readonly settings: AsyncSinkSettings<T, R>
  readonly context: SinkWriterContext
  readonly client: RequestClient<R>
  readonly rateLimiting: RateLimiting
}

/** A batch that was sent. */
interface Batch<R> {
  readonly requests: readonly BufferedRequest<R>[]
  readonly timeout: Timer
}

/** Buffers requests and sends them in batches. */
export class AsyncSinkWriter<T, R extends JsonValue> implements SinkWriter<T> {
  readonly #init: AsyncSinkWriterInit<T, R>
  readonly #waiting: BufferedRequest<R>[] = []
  #waitingBytes = 0
  readonly #inFlight = new Set<Batch<R>>()
  /** So many of those that wait have waited long enough. */
  #dueCount = 0
  #bufferTimer: Timer | undefined
  #pause: Timer | undefined
  #failuresInARow = 0
  #isTaskWaiting = false
  #isEndOfInput = false
  #isClosed = false
  /** Called when nothing waits and nothing is under way. */
  #onEmpty: (() => void)[] = []

  constructor(init: AsyncSinkWriterInit<T, R>) {
    this.#init = init
  }

  open({ states }: RestoredSinkState): void {
    for (const request of states as readonly R[]) this.#add(request)
    this.#send()
  }

  write(value: T, context: SinkRecordContext): void {
    this.#add(this.#init.settings.toRequest(value, context))
    this.#send()
  }

  get isAvailable(): boolean {
    this.#isTaskWaiting = this.#waiting.length >= this.#init.settings.bufferedRequestsMax
    return !this.#isTaskWaiting
  }

  flush(endOfInput: boolean): void {
    this.#isEndOfInput ||= endOfInput
    this.#send()
  }

  /** What waits or is under way goes into the state, so a checkpoint does not wait for it; the end of the input does. */
  async prepareCommit(): Promise<readonly JsonValue[]> {
    if (this.#isEndOfInput && this.#waiting.length + this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => this.#onEmpty.push(resolve))
    }
    return []
  }

  snapshotState(): readonly JsonValue[] {
    const sent = [...this.#inFlight].flatMap(({ requests }) => requests)
    return [...sent, ...this.#waiting].map(({ request }) => request)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#bufferTimer?.cancel()
    this.#pause?.cancel()
    for (const { timeout } of this.#inFlight) timeout.cancel()
    await this.#init.client.close?.()
  }

  #add(request: R): void {
    const { requestBytes, requestBytesMax, name } = this.#init.settings
    const bytes = requestBytes(request)
    if (bytes > requestBytesMax) {
      throw new MillraceError('RECORD_MALFORMED', {
        expected: `requests of at most ${requestBytesMax} bytes for the sink '${name}'`,
        came: `one of ${bytes} bytes`,
        todo: 'Raise requestBytesMax if the service takes it, or filter such records before the sink.',
      })
    }
    this.#waiting.push({ request, bytes })
    this.#waitingBytes += bytes
  }

  /** Sends as many batches as are due and allowed. */
  #send(): void {
    while (this.#isBatchDue() && this.#canSend()) this.#sendBatch()
    this.#armBufferTimer()
  }

  #isBatchDue(): boolean {
    const { limits } = this.#init.settings
    const count = this.#waiting.length
    if (count === 0) return false
    const { batchRequestsMax } = this.#init.rateLimiting
    const isFull =
      count >= Math.min(limits.requestsMax, batchRequestsMax) ||
      this.#waitingBytes >= limits.bytesMax
    return isFull || this.#dueCount > 0 || this.#isEndOfInput
  }

  #canSend(): boolean {
    const { settings, rateLimiting } = this.#init
    if (this.#isClosed || this.#pause !== undefined) return false
    if (this.#inFlight.size >= settings.batchesInFlightMax) return false
    return rateLimiting.canSend(Math.min(this.#waiting.length, this.#requestsMax))
  }

  get #requestsMax(): number {
    const { settings, rateLimiting } = this.#init
    return Math.max(1, Math.min(settings.limits.requestsMax, rateLimiting.batchRequestsMax))
  }

  #sendBatch(): void {
    const { settings, context, client, rateLimiting } = this.#init
    const { bytesMax } = settings.limits
    const requests = settings.batching(this.#waiting, { requestsMax: this.#requestsMax, bytesMax })
    assert(requests.length > 0, 'a batch strategy takes at least one request')
    for (const { bytes } of requests) this.#waitingBytes -= bytes
    this.#dueCount = Math.max(0, this.#dueCount - requests.length)
    const batch: Batch<R> = {
      requests,
      timeout: context.platform.timers.after(settings.requestTimeoutMs, () => {
        context.platform.log.warn('a batch got no answer in time and is sent again', {
          sink: settings.name,
          requests: requests.length,
        })
        this.#onAnswer(batch, requests)
      }),
    }
    this.#inFlight.add(batch)
    rateLimiting.onSent(requests.length)
    this.#answerOf(client, requests).then(
      (retried) => this.#onAnswer(batch, retried),
      (error: unknown) => this.#onFailure(batch, error),
    )
  }

  async #answerOf(
    client: RequestClient<R>,
    requests: readonly BufferedRequest<R>[],
  ): Promise<readonly BufferedRequest<R>[]> {
    const retried = (await client.send(requests.map(({ request }) => request))) ?? []
    const { requestBytes } = this.#init.settings
    return retried.map((request) => ({ request, bytes: requestBytes(request) }))
  }

  /** A batch is answered once: what comes after its timeout is too late, and it is sent again. */
  #onAnswer(batch: Batch<R>, retried: readonly BufferedRequest<R>[]): void {
    if (this.#isClosed || !this.#inFlight.delete(batch)) return
    batch.timeout.cancel()
    this.#init.rateLimiting.onAnswered(batch.requests.length, retried.length)
    if (retried.length === 0) this.#failuresInARow = 0
    else this.#putBack(retried)
    this.#guarded(() => this.#send())
    this.#wake()
  }

  #putBack(retried: readonly BufferedRequest<R>[]): void {
    this.#waiting.unshift(...retried)
    for (const { bytes } of retried) this.#waitingBytes += bytes
    // They have waited once already.
    this.#dueCount += retried.length
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failuresInARow, PAUSE_MS_MAX)
    this.#failuresInARow += 1
    this.#pause ??= this.#init.context.platform.timers.after(pauseMs, () => {
      this.#pause = undefined
      this.#guarded(() => this.#send())
    })
  }

  #onFailure(batch: Batch<R>, error: unknown): void {
    batch.timeout.cancel()
    if (!this.#isClosed) this.#init.context.fail(error)
  }

  /** Tells whoever waits for room, or for the end. */
  #wake(): void {
    const { settings, context } = this.#init
    if (this.#isTaskWaiting && this.#waiting.length <= settings.bufferedRequestsMax / 2) {
      this.#isTaskWaiting = false
      context.wake()
    }
    if (this.#waiting.length + this.#inFlight.size > 0) return
    for (const resolve of this.#onEmpty.splice(0)) resolve()
  }

  #armBufferTimer(): void {
    if (this.#bufferTimer !== undefined || this.#waiting.length === 0 || this.#isClosed) return
    const { settings, context } = this.#init
    this.#bufferTimer = context.platform.timers.after(settings.timeInBufferMs, () => {
      this.#bufferTimer = undefined
      this.#dueCount = this.#waiting.length
      this.#guarded(() => this.#send())
    })
  }

  /** Nobody catches what is thrown outside of a call of the task. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#init.context.fail(error)
    }
  }
}
