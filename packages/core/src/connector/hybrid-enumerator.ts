import type { JsonValue } from '../types/json.ts'
import { checkRestored, isCount } from '../errors/check-restored.ts'
import {
  type HybridCommand,
  type HybridEvent,
  type HybridSplit,
  hybridSplit,
} from './hybrid-split.ts'
import type { SourceSplit } from './source-split.ts'
import type { Source } from './source.ts'
import type {
  EnumeratorSchedule,
  RegisteredReader,
  SplitEnumerator,
  SplitEnumeratorContext,
} from './split-enumerator.ts'

/** What a {@link HybridEnumerator} is made of. */
export interface HybridEnumeratorInit {
  readonly context: SplitEnumeratorContext<HybridSplit>
  readonly restored: JsonValue | undefined
  readonly sourceCount: number
  readonly sourceAt: (index: number, position: JsonValue) => Source<unknown>
  /** Where the source of an index begins, when the one before it has ended. */
  readonly positionFor: (index: number, previous: SplitEnumerator) => JsonValue
}

type State = { readonly index: number; readonly position: JsonValue; readonly inner: JsonValue }

/** Runs the enumerators of several sources one after the other. */
export class HybridEnumerator implements SplitEnumerator<HybridSplit> {
  readonly #init: HybridEnumeratorInit
  /** The readers that have read all of the current source. */
  readonly #finished = new Set<number>()
  #index: number
  #position: JsonValue
  #current: SplitEnumerator
  /** Whether the current source has its splits back after a restore. */
  #isReassigning = false
  /** The next enumerator is being started: what its readers say waits until it is. */
  #isSwitching = false
  readonly #early: { readonly json: JsonValue; readonly subtaskIndex: number }[] = []

  constructor(init: HybridEnumeratorInit) {
    this.#init = init
    const state = init.restored as State | undefined
    const { index = 0 } = (state ?? {}) as Partial<State>
    checkRestored(isCount(index) && index < init.sourceCount, 'the index of a source', state)
    this.#index = index
    this.#position = state?.position ?? null
    this.#current = this.#create(state?.inner)
  }

  async start(): Promise<void> {
    this.#tellBacklog()
    await this.#current.start()
  }

  addReader(subtaskIndex: number): void {
    if (this.#init.context.registeredReaders.get(subtaskIndex)?.hasEnded === true) return
    this.#greet(subtaskIndex)
    // Who comes while the next source starts is added with all the others.
    if (!this.#isSwitching) this.#current.addReader(subtaskIndex)
  }

  addSplitsBack(splits: readonly HybridSplit[], subtaskIndex: number): void {
    const ofCurrent = splits.filter(({ sourceIndex }) => sourceIndex === this.#index)
    // Another one of the sources reassigns its splits; those of this one stay with the reader that came with them.
    if (!this.#isReassigning) return this.#init.context.assignSplits(ofCurrent, subtaskIndex)
    this.#current.addSplitsBack(
      ofCurrent.map(({ split }) => split),
      subtaskIndex,
    )
  }

  handleSourceEvent(json: JsonValue, subtaskIndex: number): void {
    const event = json as HybridEvent
    if (event.index !== this.#index) return
    if (this.#isSwitching) return void this.#early.push({ json, subtaskIndex })
    switch (event.kind) {
      case 'finished':
        return this.#onFinished(subtaskIndex)
      case 'request-split':
        return this.#current.handleSplitRequest?.(subtaskIndex)
      case 'custom':
        return this.#current.handleSourceEvent?.(event.event, subtaskIndex)
    }
  }

  snapshotState(checkpointId: number): JsonValue {
    const inner = this.#isSwitching ? null : this.#current.snapshotState(checkpointId)
    return {
      index: this.#index,
      position: this.#position,
      // A source that is just being started starts fresh after a restore too.
      ...(!this.#isSwitching && { inner }),
    }
  }

  notifyCheckpointComplete(checkpointId: number): void {
    this.#current.notifyCheckpointComplete?.(checkpointId)
  }

  close(): void | Promise<void> {
    return this.#current.close()
  }

  get #isLast(): boolean {
    return this.#index === this.#init.sourceCount - 1
  }

  #tellBacklog(): void {
    this.#init.context.setIsProcessingBacklog(!this.#isLast)
  }

  #create(restored: JsonValue | undefined): SplitEnumerator {
    const source = this.#init.sourceAt(this.#index, this.#position)
    this.#isReassigning = source.reassignsSplitsOnRecovery === true
    return source.createEnumerator(this.#innerContext(this.#index), restored)
  }

  #greet(subtaskIndex: number): void {
    this.#command({ kind: 'switch', index: this.#index, position: this.#position }, subtaskIndex)
  }

  #command(command: HybridCommand, subtaskIndex: number): void {
    this.#init.context.sendEventToReader(command as unknown as JsonValue, subtaskIndex)
  }

  #onFinished(subtaskIndex: number): void {
    this.#finished.add(subtaskIndex)
    const { context, positionFor } = this.#init
    if (this.#isLast || this.#finished.size < context.parallelism) return
    this.#finished.clear()
    const previous = this.#current
    this.#position = positionFor(this.#index + 1, previous)
    this.#index++
    this.#current = this.#create(undefined)
    this.#isSwitching = true
    for (const reader of context.registeredReaders.keys()) this.#greet(reader)
    const next = this.#current
    context.runAsync(
      async () => {
        await previous.close()
        await next.start()
      },
      () => this.#begin(),
    )
  }

  #begin(): void {
    this.#isSwitching = false
    this.#tellBacklog()
    const readers = [...this.#init.context.registeredReaders.keys()]
    for (const reader of readers) this.#current.addReader(reader)
    for (const { json, subtaskIndex } of this.#early.splice(0)) {
      this.handleSourceEvent(json, subtaskIndex)
    }
  }

  /** What the enumerator of one source acts through; nothing of it is heard once the next one is there. */
  #innerContext(index: number): SplitEnumeratorContext {
    const { context } = this.#init
    const isCurrent = (): boolean => this.#index === index
    const guarded =
      <R>(handler: (result: R) => void) =>
      (result: R): void => {
        if (isCurrent()) handler(result)
      }
    const readersOf = (): ReadonlyMap<number, RegisteredReader> => this.#readers(index)
    return {
      platform: context.platform,
      parallelism: context.parallelism,
      get registeredReaders(): ReadonlyMap<number, RegisteredReader> {
        return readersOf()
      },
      assignSplits: (splits: readonly SourceSplit[], subtaskIndex) =>
        context.assignSplits(
          splits.map((split) => hybridSplit(index, split)),
          subtaskIndex,
        ),
      signalNoMoreSplits: (subtaskIndex) => {
        if (index === this.#init.sourceCount - 1) context.signalNoMoreSplits(subtaskIndex)
        else this.#command({ kind: 'no-more-splits', index }, subtaskIndex)
      },
      sendEventToReader: (event, subtaskIndex) =>
        this.#command({ kind: 'custom', index, event }, subtaskIndex),
      runAsync: (work, handler) => context.runAsync(work, guarded(handler)),
      schedule: (work, handler, schedule: EnumeratorSchedule) =>
        context.schedule(work, guarded(handler), schedule),
      setIsProcessingBacklog: (isProcessingBacklog) => {
        if (isCurrent() && this.#isLast) context.setIsProcessingBacklog(isProcessingBacklog)
      },
      fail: (error) => context.fail(error),
    }
  }

  #readers(index: number): ReadonlyMap<number, RegisteredReader> {
    return new Map(
      [...this.#init.context.registeredReaders].map(([subtaskIndex, { splits, hasEnded }]) => {
        const own = splits.filter(({ sourceIndex }) => sourceIndex === index)
        return [subtaskIndex, { subtaskIndex, hasEnded, splits: own.map(({ split }) => split) }]
      }),
    )
  }
}
