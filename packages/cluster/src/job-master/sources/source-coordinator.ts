// Runs the enumerator of one source for one attempt of the job, as an actor: every message, every result of waiting work
// and every timer is handled to its end before the next.
//
//   readers ──SourceEvent──> coordinator ──> enumerator ──assignSplits …──> coordinator ──SourceCommand──> readers
//   checkpoint trigger ────> snapshot

import {
  type EnumeratorSchedule,
  type JsonValue,
  MillraceError,
  type Platform,
  type RegisteredReader,
  type Source,
  type SourceSplit,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  type Timer,
} from '@millrace/core'
import { functionFailure, type SourceCommand, type SourceEvent } from '@millrace/runtime'
import { AllAssignedEnumerator } from './all-assigned-enumerator.ts'

/** What the enumerator begins with. */
export type EnumeratorStart =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'restored'; readonly state: JsonValue }
  /** A checkpoint of metadata format 1: all splits were dealt out when that job began. */
  | { readonly kind: 'all-assigned' }

/** What a coordinator is made from. */
export interface SourceCoordinatorInit {
  readonly platform: Platform
  readonly source: Source<unknown>
  readonly uid: string
  /** The operator's, for messages. */
  readonly name: string
  readonly parallelism: number
  readonly start: EnumeratorStart
  /** Reaches the reader of a subtask, in the order of the calls. */
  readonly send: (command: SourceCommand, subtaskIndex: number) => void
  readonly fail: (error: MillraceError) => void
  /** Where a reader is, for sources that wait for each other. */
  readonly onWatermark: (subtaskIndex: number, report: WatermarkReport) => void
  readonly onBacklog: (isProcessingBacklog: boolean) => void
}

/** Where a reader is in time. */
export type WatermarkReport = SourceEvent & { readonly kind: 'watermark' }

/** The coordinator of one source. After `close` nothing is heard, told or called any more. */
export class SourceCoordinator implements SplitEnumeratorContext {
  readonly platform: Platform
  readonly parallelism: number
  readonly registeredReaders: Map<number, RegisteredReader> = new Map()
  readonly #init: SourceCoordinatorInit
  readonly #timers = new Set<Timer>()
  readonly #complete = new Set<number>()
  /** The readers whose registration or request has not been answered yet. */
  readonly #awaiting = new Set<number>()
  /** Work that may lead to an answer: what `runAsync` does, and what a schedule does at once. */
  #worksUnderWay = 0
  #enumerator: SplitEnumerator | undefined
  #starting: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(init: SourceCoordinatorInit) {
    this.#init = init
    this.platform = init.platform
    this.parallelism = init.parallelism
  }

  /** Rejects if the enumerator cannot start. */
  start(): Promise<void> {
    this.#starting = this.#start()
    return this.#starting
  }

  /** What the operator of a subtask says. */
  onEvent(event: SourceEvent, subtaskIndex: number): void {
    this.#run('handle what a reader said', (enumerator) => {
      switch (event.kind) {
        case 'register':
          return this.#register(enumerator, event, subtaskIndex)
        case 'request-split':
          this.#awaiting.add(subtaskIndex)
          return enumerator.handleSplitRequest?.(subtaskIndex)
        case 'watermark':
          return this.#init.onWatermark(subtaskIndex, event)
        case 'custom':
          return enumerator.handleSourceEvent?.(event.event, subtaskIndex)
      }
    })
  }

  /** The state of the enumerator at this moment; `undefined` if it has none to keep. Throws what the enumerator throws. */
  snapshot(checkpointId: number): JsonValue | undefined {
    if (this.#enumerator === undefined || this.#init.start.kind === 'all-assigned') return undefined
    try {
      // A copy: the checkpoint may stay in memory, and the enumerator goes on.
      return JSON.parse(JSON.stringify(this.#enumerator.snapshotState(checkpointId))) as JsonValue
    } catch (error) {
      throw this.#failure(error, 'snapshot')
    }
  }

  notifyCheckpointComplete(checkpointId: number): void {
    this.#run('be told of a checkpoint', (enumerator) =>
      enumerator.notifyCheckpointComplete?.(checkpointId),
    )
  }

  /** Waits for a start that is under way. Never rejects: what fails at the end is only reported. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const timer of this.#timers) timer.cancel()
    try {
      await this.#starting.catch(() => {})
      await this.#enumerator?.close()
    } catch (error) {
      this.platform.log.warn(`the enumerator of '${this.#init.name}' did not close`, { error })
    }
  }

  assignSplits(splits: readonly SourceSplit[], subtaskIndex: number): void {
    if (this.#isClosed || splits.length === 0) return
    this.#checkTakesSplits(splits, subtaskIndex)
    this.#awaiting.delete(subtaskIndex)
    this.#init.send({ kind: 'add-splits', splits }, subtaskIndex)
  }

  signalNoMoreSplits(subtaskIndex: number): void {
    if (this.#isClosed || this.#complete.has(subtaskIndex)) return
    this.#checkIsRegistered(subtaskIndex)
    this.#complete.add(subtaskIndex)
    this.#awaiting.delete(subtaskIndex)
    this.#init.send({ kind: 'no-more-splits' }, subtaskIndex)
  }

  sendEventToReader(event: JsonValue, subtaskIndex: number): void {
    if (this.#isClosed) return
    this.#checkIsRegistered(subtaskIndex)
    this.#init.send({ kind: 'custom', event }, subtaskIndex)
  }

  runAsync<R>(work: () => Promise<R>, handler: (result: R) => void): void {
    void this.#workThatAnswers(work, handler)
  }

  schedule<R>(
    work: () => Promise<R>,
    handler: (result: R) => void,
    { delayMs = 0, intervalMs }: EnumeratorSchedule,
  ): void {
    if (this.#isClosed) return
    if (delayMs === 0) {
      void this.#workThatAnswers(work, handler).then(() => {
        if (intervalMs !== undefined)
          this.schedule(work, handler, { delayMs: intervalMs, intervalMs })
      })
      return
    }
    const timer = this.platform.timers.after(delayMs, () => {
      this.#timers.delete(timer)
      void this.#work(work, handler).then(() => {
        if (intervalMs !== undefined)
          this.schedule(work, handler, { delayMs: intervalMs, intervalMs })
      })
    })
    this.#timers.add(timer)
  }

  setIsProcessingBacklog(isProcessingBacklog: boolean): void {
    if (!this.#isClosed) this.#init.onBacklog(isProcessingBacklog)
  }

  fail(error: unknown): void {
    if (!this.#isClosed) this.#init.fail(this.#failure(error, 'go on'))
  }

  async #start(): Promise<void> {
    const { source, start } = this.#init
    try {
      this.#enumerator =
        start.kind === 'all-assigned'
          ? new AllAssignedEnumerator(this)
          : source.createEnumerator(
              this,
              start.kind === 'restored' ? structuredClone(start.state) : undefined,
            )
      await this.#enumerator.start()
    } catch (error) {
      throw this.#failure(error, 'start')
    }
  }

  #register(
    enumerator: SplitEnumerator,
    { splits, hasEnded, requestsSplit }: SourceEvent & { readonly kind: 'register' },
    subtaskIndex: number,
  ): void {
    this.registeredReaders.set(subtaskIndex, { subtaskIndex, splits, hasEnded })
    this.#init.send({ kind: 'registered' }, subtaskIndex)
    if (this.#init.source.reassignsSplitsOnRecovery === true && splits.length > 0) {
      enumerator.addSplitsBack(splits, subtaskIndex)
    }
    if (!hasEnded) this.#awaiting.add(subtaskIndex)
    enumerator.addReader(subtaskIndex)
    if (requestsSplit && !hasEnded) enumerator.handleSplitRequest?.(subtaskIndex)
  }

  async #workThatAnswers<R>(work: () => Promise<R>, handler: (result: R) => void): Promise<void> {
    this.#worksUnderWay++
    await this.#work(work, handler)
    this.#worksUnderWay--
    this.#answer()
  }

  /**
   * Tells the readers that wait for an answer and got no split that there is none now, once all readers are there and all is
   * done that may find some: so nobody's time goes on before the first splits are with the readers.
   */
  #answer(): void {
    const areAllThere = this.registeredReaders.size === this.parallelism
    if (this.#isClosed || !areAllThere || this.#worksUnderWay > 0) return
    for (const subtaskIndex of this.#awaiting)
      this.#init.send({ kind: 'no-splits-now' }, subtaskIndex)
    this.#awaiting.clear()
  }

  async #work<R>(work: () => Promise<R>, handler: (result: R) => void): Promise<void> {
    if (this.#isClosed) return
    try {
      const result = await work()
      const hasStarted = await this.#starting.then(
        () => true,
        () => false,
      )
      if (hasStarted && !this.#isClosed) handler(result)
    } catch (error) {
      this.fail(error)
    }
  }

  #run(what: string, call: (enumerator: SplitEnumerator) => void): void {
    if (this.#isClosed || this.#enumerator === undefined) return
    try {
      call(this.#enumerator)
      this.#answer()
    } catch (error) {
      this.#init.fail(this.#failure(error, what))
    }
  }

  #checkTakesSplits(splits: readonly SourceSplit[], subtaskIndex: number): void {
    this.#checkIsRegistered(subtaskIndex)
    const hasEnded = this.registeredReaders.get(subtaskIndex)?.hasEnded === true
    if (!hasEnded && !this.#complete.has(subtaskIndex)) return
    throw this.#misuse(
      'splits to be assigned to readers that wait for more',
      `the split '${splits[0]?.splitId}' for reader ${subtaskIndex}, which ${hasEnded ? 'had ended before the restart' : 'was told of no more splits'}`,
    )
  }

  #checkIsRegistered(subtaskIndex: number): void {
    if (this.registeredReaders.has(subtaskIndex)) return
    throw this.#misuse(
      `one of the registered readers, ${[...this.registeredReaders.keys()].join(', ') || 'of which there is none yet'}`,
      `reader ${subtaskIndex}`,
    )
  }

  #misuse(expected: string, came: string): MillraceError {
    return new MillraceError('FUNCTION_FAILED', {
      expected,
      came: `${came}, from the split enumerator of '${this.#init.name}'`,
      todo: 'Look at registeredReaders, and assign before signalNoMoreSplits.',
      ids: { uid: this.#init.uid },
      isRetryable: false,
    })
  }

  #failure(error: unknown, what: string): MillraceError {
    const { uid, name } = this.#init
    return functionFailure(error, { uid, name }, `split enumerator, asked to ${what},`)
  }
}
