// The committer of a sink, as an operator of its own.
//
//   batch from a writer ──────> its checkpoint is complete: commit      (one committer: when those of all writers are there)
//   batch from a stage ───────> held ── barrier m ── m complete ──> commit everything that came before barrier m
//   committed ────────────────> the batch goes on to the stages behind, if there are any
//
// What a stage made exists only in the stage's output: it may be committed when a checkpoint holds it, not before. What comes
// from a writer directly is held by a checkpoint already, and comes again, the same, after a restart.
//
// A batch stays in the state until it is committed and handed on, in one step. Commits run one after another.

import { type CommittableBatch, type Committer, type JsonValue, type Sink } from '@millrace/core'
import { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { encodeList, restoredList } from '../operators/restored-lists.ts'
import { functionFailure, namingOperator } from '../operators/user-function.ts'
import { CommitRun } from './commit-run.ts'
import { committableBatch, CommittableOutput } from './committable-output.ts'

/** A batch that is not done with. */
interface HeldBatch {
  readonly batch: CommittableBatch
  /** The first checkpoint whose barrier came after it. */
  coveredBy: number | undefined
  /** It was given to the committer, or is waiting for its turn. */
  isDue: boolean
  /** Committed, but not handed on yet. */
  committed: CommittableBatch | undefined
}

/** Commits what comes. */
export class CommitterOperator extends OneInputOperator<string> {
  readonly #run: CommitRun
  readonly #batches = new CommittableOutput(this.context, this.output)
  readonly #comesFromWriter: boolean
  readonly #handsOn: boolean
  #held: readonly HeldBatch[] = []
  #commits: Promise<void> = Promise.resolve()

  constructor(context: OperatorContext) {
    super(context)
    const { config, functions } = context.operator
    this.#comesFromWriter = config['comesFromWriter'] === true
    this.#handsOn = config['handsOn'] === true
    const sink = context.functions.resolve<Sink<unknown>>(functions['sink'])
    const committer: Committer = sink.createCommitter?.(context) ?? { commit: async () => {} }
    this.#run = new CommitRun(committer, context.platform, context.operator)
  }

  /** What the checkpoint holds is committed before the first record; it is handed on later, because opening may not emit. */
  override async open(): Promise<void> {
    const restored = restoredList(this.context, 'committer', 'whole')
    const held = restored.map((json) => newlyHeld(committableBatch(json as string)))
    if (held.length > 0) await this.#commit(held)
    if (this.#handsOn) this.#held = held
  }

  override processElement(json: string): void {
    const held = newlyHeld(committableBatch(json))
    this.#held = [...this.#held, held]
    if (!this.#comesFromWriter) return
    this.#startCommit(this.#withAllOfCheckpoint(held)).catch((error: unknown) => {
      const { operator, fail } = this.context
      fail(namingOperator(functionFailure(error, operator, 'commit'), operator))
    })
  }

  override snapshot(checkpointId: number): OperatorSnapshot {
    this.#batches.cut()
    for (const held of this.#held) held.coveredBy ??= checkpointId
    return {
      committer: encodeList(
        this.#held.map(({ batch, committed }) => JSON.stringify(committed ?? batch)),
      ),
    }
  }

  override notifyCheckpointComplete(checkpointId: number): Promise<void> {
    this.#handOn(this.#held.filter(({ committed }) => committed !== undefined))
    const covered = this.#held.filter((held) => (held.coveredBy ?? Infinity) <= checkpointId)
    return this.#startCommit(covered)
  }

  get needsCheckpoint(): boolean {
    const holdsSome = this.#held.some(({ batch }) => batch.committables.length > 0)
    return holdsSome || this.#batches.hasEmittedSinceCut
  }

  override async close(): Promise<void> {
    this.#batches.close()
    await this.#run.close()
  }

  /** A batch and those it must be committed with; nothing while some are missing. */
  #withAllOfCheckpoint(held: HeldBatch): readonly HeldBatch[] {
    if (this.context.parallelism > 1) return [held]
    const { checkpointId, subtaskCount } = held.batch
    const all = this.#held.filter(({ batch }) => batch.checkpointId === checkpointId)
    return all.length >= subtaskCount ? all : []
  }

  #startCommit(batches: readonly HeldBatch[]): Promise<void> {
    const due = batches.filter(({ isDue }) => !isDue)
    for (const held of due) held.isDue = true
    if (due.length > 0) {
      this.#commits = this.#commits.then(async () => {
        await this.#commit(due)
        this.#handOn(due)
      })
    }
    return this.#commits
  }

  async #commit(due: readonly HeldBatch[]): Promise<void> {
    const committables = due.flatMap(({ batch }) => batch.committables)
    const committed = committables.length === 0 ? [] : await this.#run.commit(committables)
    for (const held of due) held.committed = { ...held.batch, committables: [] }
    const [first] = due
    if (first !== undefined) first.committed = { ...first.batch, committables: committed }
  }

  /** The batches leave the state and go to whoever comes behind, in one step. */
  #handOn(batches: readonly HeldBatch[]): void {
    // A checkpoint may be complete between a commit and what follows it: then they have gone already.
    const done = batches.filter((held) => this.#held.includes(held))
    if (done.length === 0) return
    this.#held = this.#held.filter((held) => !done.includes(held))
    if (!this.#handsOn) return
    const committables: readonly JsonValue[] = done.flatMap(
      ({ committed }) => committed?.committables ?? [],
    )
    const { subtaskIndex, parallelism: subtaskCount } = this.context
    const checkpointId = Math.max(...done.map(({ batch }) => batch.checkpointId))
    this.#batches.emit({ checkpointId, subtaskIndex, subtaskCount, committables })
  }
}

function newlyHeld(batch: CommittableBatch): HeldBatch {
  return { batch, coveredBy: undefined, isDue: false, committed: undefined }
}
