// Takes the checkpoints of one attempt of a job: when to trigger, who has acknowledged, when one is complete.
//
//   idle ──interval──> triggered ──all acknowledged──> storing ──metadata durable──> completed: tell the tasks
//     ▲                    │                              │
//     └────── declined, or timed out ─────────────────────┘ (a failure to store the metadata fails the job: it
//                                                            may or may not have become durable)
//
// One checkpoint is under way at a time. After the last record a `final` one is taken, so that the last results are
// committed. Without a directory, the last checkpoint is kept in memory.

import {
  assembleMetadata,
  type CheckpointKind,
  type CheckpointMetadata,
  type CompletedCheckpointFacts,
  type EnumeratorStates,
  type OperatorSnapshot,
  PendingCheckpoint,
  retentionDecision,
} from '@millrace/checkpoint'
import { MillraceError, type Platform, type Timer } from '@millrace/core'
import type { Barrier } from '@millrace/exchange'
import type { CheckpointFigures, CheckpointSettings } from '@millrace/job-graph'
import type { CheckpointStorage } from '@millrace/runtime'
import { barrierAlignment } from './barrier-alignment.ts'

/** What the coordinator asks of the job master. */
export interface CheckpointCalls {
  /** The states of the enumerators at this moment: called right before {@link trigger}. */
  readonly snapshotEnumerators: (checkpointId: number) => EnumeratorStates
  /** Sends the barrier to the sources. */
  readonly trigger: (barrier: Barrier) => void
  /** The checkpoint is durable. */
  readonly completed: (metadata: CheckpointMetadata, figures: CheckpointFigures) => void
  /** A checkpoint failed; whether the job goes on is said by `fail`. */
  readonly aborted: (checkpointId: number, reason: string) => void
  /** A complete checkpoint is not needed any more: newer ones have taken its place. */
  readonly subsumed: (checkpointId: number) => void
  /** The job must restart. */
  readonly fail: (error: MillraceError) => void
}

/** What a coordinator is made from. */
export interface CheckpointCoordinatorInit {
  readonly platform: Platform
  /** `null`: only the final checkpoint is taken. */
  readonly settings: CheckpointSettings | null
  readonly storage: CheckpointStorage | undefined
  readonly firstCheckpointId: number
  /** The checkpoints of this run that are still stored, oldest first. */
  readonly retained: readonly number[]
  readonly tasks: readonly string[]
  readonly job: Omit<CompletedCheckpointFacts, 'completedAtMs'>
  readonly calls: CheckpointCalls
}

/** Runs the checkpoints of one attempt. After `stop` nothing is triggered or told any more. */
export class CheckpointCoordinator {
  readonly #init: CheckpointCoordinatorInit
  #pending: PendingCheckpoint | undefined
  #isStoring = false
  /** What is being written or removed at this moment. None of it rejects. */
  readonly #underWay = new Set<Promise<void>>()
  #nextId: number
  #retained: readonly number[]
  /** Checkpoints that failed, of which state may be stored. */
  #failed: number[] = []
  #timer: Timer | undefined
  #timeout: Timer | undefined
  #isFinalWanted = false
  /** A checkpoint is to be taken as soon as none is under way. */
  #isWanted = false
  #isProcessingBacklog = false
  #isStopped = false
  #failuresInARow = 0
  /** When the last checkpoint was triggered; at first when the coordinator was made. */
  #triggeredMs: number

  constructor(init: CheckpointCoordinatorInit) {
    this.#init = init
    this.#nextId = init.firstCheckpointId
    this.#triggeredMs = init.platform.clock.monotonicMs()
    this.#retained = init.retained
  }

  /** The id that the next checkpoint will have. */
  get nextCheckpointId(): number {
    return this.#nextId
  }

  /** The checkpoints that are stored, oldest first. */
  get retained(): readonly number[] {
    return this.#retained
  }

  start(): void {
    const { settings } = this.#init
    if (settings !== null) this.#armNext(settings, 0)
  }

  /**
   * Sources have begun to work off a backlog, or have caught up: from now on the other interval counts, from the trigger of the
   * last checkpoint.
   */
  setProcessingBacklog(isProcessingBacklog: boolean): void {
    this.#isProcessingBacklog = isProcessingBacklog
    const isWaiting = this.#pending === undefined && !this.#isFinalWanted && !this.#isStopped
    if (!isWaiting) return
    this.#timer?.cancel()
    this.#next()
  }

  /**
   * Stops. Resolves when nothing is being written or removed any more: a checkpoint that becomes durable at this moment counts,
   * and who restores has to see it.
   */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#timeout?.cancel()
    await Promise.all(this.#underWay)
  }

  /** All input has ended: takes the last checkpoint as soon as none is under way. */
  takeFinal(): void {
    this.#isFinalWanted = true
    this.#timer?.cancel()
    if (this.#pending === undefined) this.#trigger('final')
  }

  /** Takes a checkpoint now, or right after the one that is under way. */
  takeNow(): void {
    if (this.#isStopped || this.#isFinalWanted) return
    this.#isWanted = true
    if (this.#pending !== undefined) return
    this.#timer?.cancel()
    this.#trigger('checkpoint')
  }

  acknowledge(checkpointId: number, task: string, snapshots: readonly OperatorSnapshot[]): void {
    const pending = this.#pending
    if (pending?.checkpointId !== checkpointId || this.#isStopped) return
    pending.acknowledge(task, snapshots)
    if (pending.isFullyAcknowledged && !this.#isStoring) this.#track(this.#store(pending))
  }

  decline(checkpointId: number, task: string, error: MillraceError): void {
    if (this.#pending?.checkpointId !== checkpointId || this.#isStopped) return
    this.#abort(`${task}: ${error.message}`, error)
  }

  #trigger(kind: CheckpointKind): void {
    const { platform, tasks, calls, settings } = this.#init
    const barrier: Barrier = {
      kind,
      checkpointId: this.#nextId++,
      triggeredAtMs: platform.clock.now(),
      ...barrierAlignment(kind, settings),
    }
    this.#triggeredMs = platform.clock.monotonicMs()
    this.#isWanted = false
    let enumerators: EnumeratorStates
    try {
      enumerators = calls.snapshotEnumerators(barrier.checkpointId)
    } catch (error) {
      return calls.fail(asFailure(barrier.checkpointId, error))
    }
    this.#pending = new PendingCheckpoint({ ...barrier, subtasks: tasks, enumerators })
    if (settings !== null) {
      this.#timeout = platform.timers.after(settings.timeoutMs, () =>
        this.#abort(`not complete after ${settings.timeoutMs} ms`),
      )
    }
    calls.trigger(barrier)
  }

  async #store(pending: PendingCheckpoint): Promise<void> {
    const { platform, storage, job, calls } = this.#init
    this.#isStoring = true
    this.#timeout?.cancel()
    let metadata: CheckpointMetadata
    try {
      metadata = assembleMetadata(pending, { ...job, completedAtMs: platform.clock.now() })
      await storage?.complete(metadata)
    } catch (cause) {
      if (!this.#isStopped) calls.fail(failed(`storing checkpoint ${pending.checkpointId}`, cause))
      return
    }
    if (this.#isStopped) return
    pending.complete()
    this.#isStoring = false
    this.#pending = undefined
    this.#failuresInARow = 0
    calls.completed(metadata, {
      checkpointId: pending.checkpointId,
      durationMs: platform.clock.monotonicMs() - this.#triggeredMs,
      stateBytes: stateBytes(metadata),
    })
    this.#retain(pending.checkpointId)
    if (pending.kind !== 'final') this.#next()
  }

  #abort(reason: string, cause?: MillraceError): void {
    const pending = this.#pending
    if (pending === undefined || this.#isStoring || this.#isStopped) return
    this.#timeout?.cancel()
    pending.abort(reason)
    this.#failed.push(pending.checkpointId)
    this.#pending = undefined
    this.#failuresInARow++
    const { calls, settings } = this.#init
    calls.aborted(pending.checkpointId, reason)
    // What a user has to mend, a record that does not fit its type, will not be better in the next checkpoint.
    if (cause !== undefined && !cause.isRetryable) return calls.fail(cause)
    const isTolerated =
      pending.kind !== 'final' && this.#failuresInARow <= (settings?.tolerableFailures ?? 0)
    if (isTolerated) this.#next()
    else calls.fail(failed(`checkpoint ${pending.checkpointId}`, cause ?? new Error(reason)))
  }

  #next(): void {
    const { settings, platform } = this.#init
    if (this.#isFinalWanted) return this.#trigger('final')
    if (this.#isWanted) return this.#trigger('checkpoint')
    if (settings === null) return
    this.#armNext(settings, platform.clock.monotonicMs() - this.#triggeredMs)
  }

  #armNext(settings: CheckpointSettings, sinceTriggerMs: number): void {
    const { intervalMs, intervalDuringBacklogMs, minPauseMs } = settings
    const currentMs = this.#isProcessingBacklog ? intervalDuringBacklogMs : intervalMs
    // During a backlog there may be none at all.
    if (currentMs > 0) this.#arm(Math.max(currentMs - sinceTriggerMs, minPauseMs, 0))
  }

  #arm(delayMs: number): void {
    this.#timer = this.#init.platform.timers.after(delayMs, () => {
      if (!this.#isStopped && this.#pending === undefined) this.#trigger('checkpoint')
    })
  }

  /** Keeps the checkpoint, in place of older ones. In memory there is room for one. */
  #retain(completedId: number): void {
    const { storage, settings, calls } = this.#init
    if (settings === null) return
    const completed = [...this.#retained, completedId]
    const retainedMax = storage === undefined ? 1 : settings.retained
    const old = retentionDecision({ completed, retainedMax })
    this.#retained = completed.filter((id) => !old.includes(id))
    for (const id of old) calls.subsumed(id)
    const discarded = [...this.#failed, ...old]
    this.#failed = []
    if (storage !== undefined) for (const id of discarded) this.#track(this.#discard(storage, id))
  }

  /**
   * Removes a checkpoint that is not needed any more: an older one, or the state of one that failed, which every task has left
   * behind by now. A leftover does no harm, so a failure is only reported.
   */
  async #discard(storage: CheckpointStorage, checkpointId: number): Promise<void> {
    try {
      await storage.discard(checkpointId)
    } catch (error) {
      this.#init.platform.log.warn(`checkpoint ${checkpointId} could not be removed`, { error })
    }
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work)
    void work.then(() => this.#underWay.delete(work))
  }
}

function asFailure(checkpointId: number, error: unknown): MillraceError {
  return error instanceof MillraceError ? error : failed(`checkpoint ${checkpointId}`, error)
}

function failed(what: string, cause: unknown): MillraceError {
  return new MillraceError('CHECKPOINT_FAILED', {
    expected: `${what} to succeed`,
    came: (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, ''),
    todo: 'Look at the cause; more failures are tolerated with the checkpointing option tolerableFailures.',
    cause,
    ...(cause instanceof MillraceError ? { isRetryable: cause.isRetryable } : {}),
  })
}

function stateBytes(metadata: CheckpointMetadata): number {
  let bytes = 0
  for (const { subtasks } of metadata.operators) {
    for (const { slots } of subtasks) {
      for (const handle of Object.values(slots)) {
        bytes += handle.kind === 'inline' ? handle.bytes.length : handle.sizeBytes
      }
    }
  }
  return bytes
}
