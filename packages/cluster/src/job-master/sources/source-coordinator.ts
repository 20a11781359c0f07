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
}

/** The coordinator of one source. After `close` nothing is heard, told or called any more. */
export class SourceCoordinator implements SplitEnumeratorContext {
  readonly platform: Platform
  readonly parallelism: number
  readonly registeredReaders: Map<number, RegisteredReader> = new Map()
  readonly #init: SourceCoordinatorInit
  readonly #timers = new Set<Timer>()
  readonly #complete = new Set<number>()
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
          return enumerator.handleSplitRequest?.(subtaskIndex)
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
    this.#init.send({ kind: 'add-splits', splits }, subtaskIndex)
  }

  signalNoMoreSplits(subtaskIndex: number): void {
    if (this.#isClosed || this.#complete.has(subtaskIndex)) return
    this.#checkIsRegistered(subtaskIndex)
    this.#complete.add(subtaskIndex)
    this.#init.send({ kind: 'no-more-splits' }, subtaskIndex)
  }

  sendEventToReader(event: JsonValue, subtaskIndex: number): void {
    if (this.#isClosed) return
    this.#checkIsRegistered(subtaskIndex)
    this.#init.send({ kind: 'custom', event }, subtaskIndex)
  }

  runAsync<R>(work: () => Promise<R>, handler: (result: R) => void): void {
    void this.#work(work, handler)
  }

  schedule<R>(
    work: () => Promise<R>,
    handler: (result: R) => void,
    { delayMs = 0, intervalMs }: EnumeratorSchedule,
  ): void {
    if (this.#isClosed) return
    const timer = this.platform.timers.after(delayMs, () => {
      this.#timers.delete(timer)
      void this.#work(work, handler).then(() => {
        if (intervalMs !== undefined)
          this.schedule(work, handler, { delayMs: intervalMs, intervalMs })
      })
    })
    this.#timers.add(timer)
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
    { splits, hasEnded }: SourceEvent & { readonly kind: 'register' },
    subtaskIndex: number,
  ): void {
    this.registeredReaders.set(subtaskIndex, { subtaskIndex, splits, hasEnded })
    this.#init.send({ kind: 'registered' }, subtaskIndex)
    if (this.#init.source.reassignsSplitsOnRecovery === true && splits.length > 0) {
      enumerator.addSplitsBack(splits, subtaskIndex)
    }
    enumerator.addReader(subtaskIndex)
  }

  async #work<R>(work: () => Promise<R>, handler: (result: R) => void): Promise<void> {
    if (this.#isClosed) return
    try {
      const result = await work()
      if (!this.#isClosed) handler(result)
    } catch (error) {
      this.fail(error)
    }
  }

  #run(what: string, call: (enumerator: SplitEnumerator) => void): void {
    if (this.#isClosed || this.#enumerator === undefined) return
    try {
      call(this.#enumerator)
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
