// Runs an asynchronous function. At most `capacity` requests are under way; further records of the slice wait, and the task
// takes no more input meanwhile.
//
//   processElement ──> waiting ──capacity──> under way ──answer──> AsyncQueue ──order──> output
//                                    ▲           │
//                                    └──retry────┘            timeout: the handler's results, or the job fails
//
// Answers come from promises, so they enter by the task's mailbox. A snapshot holds the records that have not gone out; after
// a restore they are asked again, in order, with the time they came in. The last watermark that went out is in the snapshot
// too: the watermark of the input may be ahead of it, and must not pass the records.

import {
  type AsyncContext,
  type AsyncFunction,
  type GeneralizedWatermark,
  MillraceError,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  type ListStateDescriptor,
  show,
  type Timer,
  type TypeDescriptor,
  type TypeInfo,
} from '@millrace/core'
import { OperatorStateBackend } from '@millrace/state'
import { forwardWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { restoredTimes } from '../operators/restored-values.ts'
import { runtimeContext } from '../operators/runtime-context.ts'
import { functionFailure, type NamedOperator } from '../operators/user-function.ts'
import { type AsyncEntry, AsyncQueue } from './async-queue.ts'
import { type RetryConfig, retryDelayMs } from './retry-delay.ts'
import {
  ASYNC_WATERMARKS_SLOT,
  encodeAsyncWatermarks,
  restoredAsyncWatermarks,
} from './waiting-watermarks.ts'

/** The configuration of an async operator, as the API writes it into the plan. */
export interface AsyncConfig {
  readonly isOrdered: boolean
  readonly capacity: number
  readonly timeoutMs: number
  readonly retry: RetryConfig | null
  readonly inputType: TypeDescriptor
}

/** The slot of the last watermark that went out. */
const EMITTED_TIME_SLOT = 'async-time'

const IN_FLIGHT = 'in-flight'

/** A record under way, as its snapshot holds it. */
interface StoredRequest<IN> {
  readonly value: IN
  readonly timestamp: number
  readonly watermarkBefore: number
}

/** What the function is told; the controller is made for those who ask. */
class RequestContext implements AsyncContext {
  readonly timestamp: number | undefined
  #controller: AbortController | undefined

  constructor(timestamp: number) {
    this.timestamp = timestamp === NO_TIMESTAMP ? undefined : timestamp
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  abort(): void {
    this.#controller?.abort()
  }
}

/** One record and what is done about it. */
class AsyncRequest<IN, OUT> implements AsyncEntry<OUT> {
  readonly kind = 'record'
  readonly value: IN
  readonly timestamp: number
  readonly watermarkBefore: number
  readonly context: RequestContext
  results: readonly OUT[] | undefined = undefined
  isOut = false
  /** Grows with each call of the function: the answer to an older call does not count any more. */
  callNumber = 0
  retries = 0
  timeout: Timer | undefined = undefined
  retryTimer: Timer | undefined = undefined

  constructor({ value, timestamp, watermarkBefore }: StoredRequest<IN>) {
    this.value = value
    this.timestamp = timestamp
    this.watermarkBefore = watermarkBefore
    this.context = new RequestContext(timestamp)
  }

  /** Nobody waits for it any more. */
  cancel(): void {
    this.callNumber++
    this.timeout?.cancel()
    this.retryTimer?.cancel()
  }
}

/** Runs an `AsyncFunction`. */
export class AsyncOperator<IN, OUT> extends OneInputOperator<IN> {
  readonly #config: AsyncConfig
  readonly #function: AsyncFunction<IN, OUT>
  readonly #retriesResult: ((results: readonly OUT[]) => boolean) | undefined
  readonly #retriesError: ((error: unknown) => boolean) | undefined
  readonly #queue: AsyncQueue<OUT, AsyncRequest<IN, OUT>>
  /** Records for which there was no capacity, in order. */
  #waiting: AsyncRequest<IN, OUT>[] = []
  /** The last watermark of each of the user's own kinds that came, by name. */
  readonly #latest = new Map<string, GeneralizedWatermark>()
  #underWay = 0
  #watermark = MIN_WATERMARK
  #emittedWatermark = MIN_WATERMARK
  #isClosed = false

  constructor(context: OperatorContext) {
    super(context)
    const { operator, functions } = context
    this.#config = operator.config as unknown as AsyncConfig
    const { invoke, retryIfResult, retryIfError } = operator.functions
    this.#function = functions.resolve<() => AsyncFunction<IN, OUT>>(invoke)()
    this.#retriesResult = retryIfResult && functions.resolve(retryIfResult)
    this.#retriesError = retryIfError && functions.resolve(retryIfError)
    this.#queue = new AsyncQueue(this.#config.isOrdered, {
      record: (request) => this.#emit(request),
      watermark: (watermark) => this.#emitWatermark(watermark),
      status: (isIdle) => this.output.processWatermarkStatus(isIdle),
      generalizedWatermark: (watermark) => forwardWatermark(this.output, watermark),
    })
  }

  override async open(): Promise<void> {
    await this.#function.open?.(runtimeContext(this.context))
    const times = restoredTimes(this.context.restored, EMITTED_TIME_SLOT)
    if (times.length > 0) this.processWatermark(Math.min(...times))
    const requests = this.#restoredRequests()
    const { waiting, latest } = restoredAsyncWatermarks(this.context, requests.length)
    for (const watermark of latest) this.#latest.set(watermark.declaration.name, watermark)
    const waitingBehind = Map.groupBy(waiting, ({ recordsBefore }) => recordsBefore)
    for (let count = 0; count <= requests.length; count++) {
      for (const { watermark } of waitingBehind.get(count) ?? []) {
        this.#queue.addGeneralizedWatermark(watermark)
      }
      const stored = requests[count]
      if (stored === undefined) continue
      this.processWatermark(stored.watermarkBefore)
      this.processElement(stored.value, stored.timestamp)
    }
  }

  override processElement(value: IN, timestamp: number): void {
    const request = new AsyncRequest<IN, OUT>({
      value,
      timestamp,
      watermarkBefore: this.#watermark,
    })
    this.#queue.addRecord(request)
    if (this.#underWay < this.#config.capacity) this.#begin(request)
    else this.#waiting.push(request)
  }

  /** One that came before the restart, and is told again, has its place already. */
  override processWatermark(watermark: number): void {
    if (watermark <= this.#watermark) return
    this.#watermark = watermark
    this.#queue.addWatermark(watermark)
  }

  override processWatermarkStatus(isIdle: boolean): void {
    this.#queue.addStatus(isIdle)
  }

  override processGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    this.#latest.set(watermark.declaration.name, watermark)
    this.#queue.addGeneralizedWatermark(watermark)
  }

  override get isAvailable(): boolean {
    return this.#underWay < this.#config.capacity
  }

  override get isDrained(): boolean {
    return this.#queue.isEmpty
  }

  override snapshot(): OperatorSnapshot {
    const { subtaskIndex, parallelism } = this.context
    const state = new OperatorStateBackend({ subtaskIndex, parallelism })
    state.getListState(this.#stateDescriptor()).update(this.#queue.records())
    return {
      operator: state.snapshot(),
      [EMITTED_TIME_SLOT]: new TextEncoder().encode(String(this.#emittedWatermark)),
      ...(this.#latest.size > 0 && {
        [ASYNC_WATERMARKS_SLOT]: encodeAsyncWatermarks({
          waiting: this.#queue.waitingWatermarks(),
          latest: [...this.#latest.values()],
        }),
      }),
    }
  }

  override async close(): Promise<void> {
    this.#isClosed = true
    for (const request of this.#queue.records()) {
      request.cancel()
      request.context.abort()
    }
    await this.#function.close?.()
  }

  #restoredRequests(): readonly StoredRequest<IN>[] {
    const { subtaskIndex, parallelism, restored } = this.context
    const snapshots = restored.slot('operator').map(({ bytes }) => bytes)
    const state = new OperatorStateBackend({ subtaskIndex, parallelism, restored: snapshots })
    return state.getListState(this.#stateDescriptor()).get()
  }

  #stateDescriptor(): ListStateDescriptor<StoredRequest<IN>> {
    const type: TypeDescriptor = {
      kind: 'record',
      fields: [
        { name: 'value', type: this.#config.inputType },
        { name: 'timestamp', type: { kind: 'long' } },
        { name: 'watermarkBefore', type: { kind: 'long' } },
      ],
    }
    return { name: IN_FLIGHT, type: type as TypeInfo<StoredRequest<IN>> }
  }

  /** The time of a request begins here and covers its retries. */
  #begin(request: AsyncRequest<IN, OUT>): void {
    this.#underWay++
    const { timeoutMs } = this.#config
    request.timeout = this.context.processingTime.after(timeoutMs, () => this.#onTimeout(request))
    this.#call(request, () => this.#function.asyncInvoke(request.value, request.context))
  }

  /** Calls the function; its answer comes as mail. */
  #call(request: AsyncRequest<IN, OUT>, call: () => unknown, isLast = false): void {
    const callNumber = ++request.callNumber
    const inTask = (handle: () => void): void => {
      this.context.enqueue(() => {
        if (!this.#isClosed && request.callNumber === callNumber) handle()
      })
    }
    promiseOf(call).then(
      (results) => inTask(() => this.#onResults(request, results, isLast)),
      (error: unknown) => inTask(() => this.#onError(request, error, isLast)),
    )
  }

  #onResults(request: AsyncRequest<IN, OUT>, answer: unknown, isLast: boolean): void {
    const { operator } = this.context
    let results: readonly OUT[]
    let isUnwanted: boolean
    try {
      results = asResults<OUT>(answer, operator)
      isUnwanted = !isLast && this.#retriesResult?.(results) === true
    } catch (error) {
      throw functionFailure(error, operator, 'async function')
    }
    if (isUnwanted && this.#retryLater(request)) return
    this.#complete(request, results)
  }

  #onError(request: AsyncRequest<IN, OUT>, error: unknown, isLast: boolean): void {
    const { operator } = this.context
    let isPassing: boolean
    try {
      isPassing = !isLast && this.#retriesError?.(error) === true
    } catch (predicateError) {
      throw functionFailure(predicateError, operator, 'retry predicate')
    }
    if (isPassing && this.#retryLater(request)) return
    throw functionFailure(error, operator, isLast ? 'timeout handler' : 'async function')
  }

  /** False if there is no retry left. */
  #retryLater(request: AsyncRequest<IN, OUT>): boolean {
    const { retry } = this.#config
    const delayMs = retry === null ? undefined : retryDelayMs(retry, request.retries + 1)
    if (delayMs === undefined) return false
    request.retries++
    request.retryTimer = this.context.processingTime.after(delayMs, () =>
      this.#call(request, () => this.#function.asyncInvoke(request.value, request.context)),
    )
    return true
  }

  #onTimeout(request: AsyncRequest<IN, OUT>): void {
    request.cancel()
    request.context.abort()
    const { name, uid } = this.context.operator
    if (this.#function.timeout === undefined) {
      throw new MillraceError('ASYNC_TIMED_OUT', {
        expected: `the async function of '${name}' to answer within ${this.#config.timeoutMs} ms`,
        came: `no answer for ${show(request.value)}`,
        todo: 'Raise the option timeout, or give the AsyncFunction a method timeout that answers in its place.',
        ids: { uid },
      })
    }
    this.#call(request, () => this.#function.timeout?.(request.value, request.context), true)
  }

  #complete(request: AsyncRequest<IN, OUT>, results: readonly OUT[]): void {
    request.cancel()
    this.#underWay--
    this.#queue.complete(request, results)
    const next = this.#waiting.shift()
    if (next !== undefined) this.#begin(next)
    this.context.wake()
  }

  #emit({ results, timestamp }: AsyncRequest<IN, OUT>): void {
    for (const result of results ?? []) this.output.processElement(result, timestamp)
  }

  #emitWatermark(watermark: number): void {
    this.#emittedWatermark = watermark
    this.output.processWatermark(watermark)
  }
}

/** What a call answers, as a promise; one that throws is one that rejects. */
async function promiseOf(call: () => unknown): Promise<unknown> {
  return call()
}

function asResults<OUT>(answer: unknown, { name, uid }: NamedOperator): readonly OUT[] {
  if (Array.isArray(answer)) return answer
  const isIterable = typeof answer === 'object' && answer !== null && Symbol.iterator in answer
  if (isIterable) return Array.from(answer as Iterable<OUT>)
  throw new MillraceError('FUNCTION_INVALID', {
    expected: `a promise of an array of results from the async function of '${name}'`,
    came: show(answer),
    todo: 'Answer [result], or [] for none; or use mapAsync, whose function answers the one result.',
    ids: { uid },
  })
}
