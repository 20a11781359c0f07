// The enumerator of sources whose splits are known at the start: when all readers have registered, the splits are dealt
// out in turn, and that was all.

import type { JsonValue } from '../types/json.ts'
import { areSplits, checkRestored } from '../errors/check-restored.ts'
import type { SourceSplit } from './source-split.ts'
import type { SplitEnumerator, SplitEnumeratorContext } from './split-enumerator.ts'

/** What a static enumerator is made of. */
export interface StaticSplitEnumeratorInit<S extends SourceSplit> {
  /** As given to `createEnumerator`. */
  readonly context: SplitEnumeratorContext<S>
  /** As given to `createEnumerator`. */
  readonly restored: JsonValue | undefined
  /** Called at a fresh start only. What it throws keeps the job from starting. */
  readonly findSplits: () => readonly S[] | Promise<readonly S[]>
}

/**
 * An enumerator for splits that are known at the start. Split `i` goes to reader `i` modulo their number. With
 * `reassignsSplitsOnRecovery` it deals the splits of a checkpoint out in the same way, so that no reader has more than one
 * split more than another.
 *
 * @example
 * ```ts
 * import { type SplitEnumeratorContext, staticSplitEnumerator } from '@millrace/core'
 *
 * const assigned: string[] = []
 * const context = {
 *   parallelism: 1,
 *   registeredReaders: new Map([[0, { subtaskIndex: 0, splits: [], hasEnded: false }]]),
 *   assignSplits: (splits) => void assigned.push(...splits.map(({ splitId }) => splitId)),
 *   signalNoMoreSplits: (subtaskIndex) => void assigned.push(`no more for ${subtaskIndex}`),
 * } as Partial<SplitEnumeratorContext> as SplitEnumeratorContext
 * const findSplits = () => [{ splitId: 'a' }, { splitId: 'b' }]
 * const enumerator = staticSplitEnumerator({ context, restored: undefined, findSplits })
 * await enumerator.start()
 * enumerator.addReader(0)
 * console.log(assigned) // [ 'a', 'b', 'no more for 0' ]
 * ```
 */
export function staticSplitEnumerator<S extends SourceSplit>(
  init: StaticSplitEnumeratorInit<S>,
): SplitEnumerator<S> {
  return new StaticSplitEnumerator(init)
}

class StaticSplitEnumerator<S extends SourceSplit> implements SplitEnumerator<S> {
  readonly #init: StaticSplitEnumeratorInit<S>
  #unassigned: readonly S[]

  constructor(init: StaticSplitEnumeratorInit<S>) {
    this.#init = init
    const { restored = [] } = init
    checkRestored(areSplits(restored), 'the splits that were not assigned', restored)
    this.#unassigned = restored as unknown as readonly S[]
  }

  async start(): Promise<void> {
    const { restored, findSplits } = this.#init
    if (restored === undefined) this.#unassigned = await findSplits()
  }

  addReader(): void {
    const { parallelism, registeredReaders } = this.#init.context
    if (registeredReaders.size === parallelism) this.#dealOut()
  }

  addSplitsBack(splits: readonly S[]): void {
    this.#unassigned = [...this.#unassigned, ...splits]
  }

  snapshotState(): JsonValue {
    return this.#unassigned as unknown as JsonValue
  }

  close(): void {}

  #dealOut(): void {
    const { context } = this.#init
    const indices = [...context.registeredReaders.keys()].toSorted((left, right) => left - right)
    const takers = indices.filter(
      (index) => context.registeredReaders.get(index)?.hasEnded === false,
    )
    const splits = this.#unassigned
    this.#unassigned = []
    takers.forEach((subtaskIndex, turn) => {
      const own = splits.filter((_, index) => index % takers.length === turn)
      if (own.length > 0) context.assignSplits(own, subtaskIndex)
    })
    for (const subtaskIndex of takers) context.signalNoMoreSplits(subtaskIndex)
  }
}
