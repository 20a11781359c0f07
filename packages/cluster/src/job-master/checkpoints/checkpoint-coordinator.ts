// Takes the checkpoints of one attempt of a job: when to trigger, who has acknowledged, when one is complete.
//
//   idle ──interval, request──> triggered ──all acknowledged──> storing ──metadata durable──> completed: tell the tasks
//     ▲                            │  │                           │
//     ├──── declined, timed out ───┘  └── a newer one completed   │
//     └───────────────────────────────────────────────────────────┘ (a failure to store the metadata of a checkpoint fails the job:
//                                                                    it may or may not have become durable. A savepoint is no
//                                                                    restore point, so it is only given up)
//
// Up to `maxConcurrent` are under way at a time. They are stored one after another, so commits keep their order; when one is
// complete, older ones that are not are given up; when one fails, older ones too, since tasks forget all up to it. A savepoint is
// wanted for itself, so it is alone. What somebody asked for goes before what the interval wants, and waits for room like that.
//
// After the last record a `final` one is taken, so that the last results are committed. Without a directory, the last checkpoint
// is kept in memory.

import {
  assembleMetadata,
  type CheckpointKind,
  type CheckpointMetadata,
  type CompletedCheckpointFacts,
  type EnumeratorStates,
  type OperatorSnapshot,
  PendingCheckpoint,
  retentionDecision,
  type TaskCheckpointFigures,
} from '@millrace/checkpoint'
import { MillraceError, type Platform, type Timer } from '@millrace/core'
import type { Barrier } from '@millrace/exchange'
import type { CheckpointFigures, CheckpointSettings } from '@millrace/job-graph'
import { type CheckpointStorage, StoredCheckpoint } from '@millrace/runtime'
import { barrierAlignment } from './barrier-alignment.ts'
import type { CheckpointHistory } from './checkpoint-history.ts'
import type { JobRestorePoint, RetainedCheckpoint } from './restore-points.ts'

/** Of a request in a job that takes no checkpoints: that of `checkpointing` is not set. */
const TIMEOUT_MS_DEFAULT = 600_000

/** A checkpoint or savepoint that somebody asked for. One of the two is called, once. */
export interface CheckpointRequest {
  readonly kind: 'checkpoint' | 'savepoint'
  /** Of a savepoint: a directory of its own. */
  readonly directory?: string
  /** The job ends with it, in the middle of its input. */
  readonly isStopping?: true
  /** It is complete, or a newer checkpoint is. */
  readonly completed: (checkpointId: number) => void
  readonly failed: (cause: MillraceError) => void
}

/** Asked for by {@link CheckpointCoordinator.takeNow}. */
const ANY: CheckpointRequest = { kind: 'checkpoint', completed: () => {}, failed: () => {} }

/** What the coordinator asks of the job master. */
export interface CheckpointCalls {
  /** The states of the enumerators at this moment: called right before {@link trigger}. */
  readonly snapshotEnumerators: (checkpointId: number) => EnumeratorStates
  /** Sends the barrier to the sources. `isLast`: the job ends when it is committed. */
  readonly trigger: (barrier: Barrier, facts: { readonly isLast: boolean }) => void
  /** The checkpoint is durable, and what the job goes back to from now on. Not called for savepoints, but the one that ends the job. */
  readonly completed: (point: JobRestorePoint, figures: CheckpointFigures) => void
  /** A checkpoint failed; whether the job goes on is said by `fail`. */
  readonly aborted: (checkpointId: number, reason: string) => void
  /** A newer checkpoint was complete before this one, or failed: it is given up, too. */
  readonly overtaken: (checkpointId: number) => void
  /** A complete checkpoint is not needed any more: newer ones have taken its place. */
  readonly subsumed: (checkpointId: number) => void
  /** The job must restart. */
  readonly fail: (error: MillraceError) => void
}

/** What a coordinator is made from. */
export interface CheckpointCoordinatorInit {
  readonly platform: Platform
  /** `null`: only the final checkpoint is taken, and what is asked for. */
  readonly settings: CheckpointSettings | null
  readonly storage: CheckpointStorage | undefined
  readonly firstCheckpointId: number
  /** The checkpoints that belong to this run and are still stored, oldest first. */
  readonly retained: readonly RetainedCheckpoint[]
  readonly tasks: readonly string[]
  readonly job: Omit<CompletedCheckpointFacts, 'completedAtMs'>
  readonly history: CheckpointHistory
  readonly calls: CheckpointCalls
}

/** What a task says about its part. */
export interface TaskAcknowledgement {
  readonly snapshots: readonly OperatorSnapshot[]
  readonly figures: TaskCheckpointFigures
}

interface UnderWay {
  readonly checkpoint: PendingCheckpoint
  readonly triggeredMs: number
  readonly request: CheckpointRequest | undefined
  /** The job ends when it is committed. */
  readonly isLast: boolean
  readonly timeout: Timer | undefined
  isStoring: boolean
}

/** Runs the checkpoints of one attempt. After `stop` nothing is triggered or told any more. */
export class CheckpointCoordinator {
  readonly #init: CheckpointCoordinatorInit
  /** Oldest first. */
  #underWay: readonly UnderWay[] = []
  #requests: readonly CheckpointRequest[] = []
  /** What is being written or removed at this moment. None of it rejects. */
  readonly #writing = new Set<Promise<void>>()
  #storing: Promise<void> | undefined
  #nextId: number
  #retained: readonly RetainedCheckpoint[]
  /** Where checkpoints have failed of which state may be stored. */
  #failedDirectories: string[] = []
  #timer: Timer | undefined
  /** Whether all input has ended, and if so, whether what follows from it was triggered. */
  #final: 'no' | 'wanted' | 'taken' = 'no'
  #finalRequest: CheckpointRequest | undefined
  /** The savepoint that ends the job in the middle of its input is complete. */
  #isJobStopped = false
  #isProcessingBacklog = false
  #isStopped = false
  #failuresInARow = 0
  /** When the interval last began: at the trigger of a checkpoint, at first when the coordinator was made. */
  #triggeredMs: number
  /** When the last checkpoint ended. */
  #endedMs: number

  constructor(init: CheckpointCoordinatorInit) {
    this.#init = init
    this.#nextId = init.firstCheckpointId
    this.#triggeredMs = init.platform.clock.monotonicMs()
    this.#endedMs = this.#triggeredMs
    this.#retained = init.retained
  }

  /** The id that the next checkpoint will have. */
  get nextCheckpointId(): number {
    return this.#nextId
  }

  /** The checkpoints that are stored, oldest first. */
  get retained(): readonly RetainedCheckpoint[] {
    return this.#retained
  }

  start(): void {
    this.#next()
  }

  /**
   * Sources have begun to work off a backlog, or have caught up: from now on the other interval counts, from the trigger of the
   * last checkpoint.
   */
  setProcessingBacklog(isProcessingBacklog: boolean): void {
    this.#isProcessingBacklog = isProcessingBacklog
    this.#next()
  }

  /**
   * Stops because of `reason`. Answers the requests that were not triggered; those that were have failed. Resolves when nothing is
   * being written or removed any more: a checkpoint that becomes durable at this moment counts, and who restores has to see it.
   */
  stop(reason: MillraceError): {
    readonly ended: Promise<void>
    readonly untriggered: readonly CheckpointRequest[]
  } {
    this.#isStopped = true
    this.#timer?.cancel()
    const underWay = this.#underWay
    this.#underWay = []
    for (const { checkpoint, timeout, request } of underWay) {
      timeout?.cancel()
      this.#init.history.failed(checkpoint.checkpointId, reason.message)
      request?.failed(reason)
    }
    return { ended: Promise.all(this.#writing).then(() => {}), untriggered: this.#requests }
  }

  /** All input has ended: takes the last checkpoint as soon as none is under way; a savepoint, if one is asked for. */
  takeFinal(request?: CheckpointRequest): void {
    this.#final = 'wanted'
    this.#finalRequest = request
    this.#next()
  }

  /** Takes what is asked for now, or as soon as there is room. */
  take(request: CheckpointRequest): void {
    this.#requests = [...this.#requests, request]
    this.#next()
  }

  /** Takes a checkpoint as soon as there is room, for whoever is content with any that comes. */
  takeNow(): void {
    if (this.#final === 'no' && !this.#requests.includes(ANY)) this.take(ANY)
  }

  acknowledge(
    checkpointId: number,
    task: string,
    { snapshots, figures }: TaskAcknowledgement,
  ): void {
    const entry = this.#find(checkpointId)
    if (entry === undefined) return
    const { checkpoint } = entry
    if (checkpoint.acknowledge(task, snapshots) === 'accepted') {
      this.#init.history.acknowledged(checkpointId, task, figures)
    }
    if (!checkpoint.isFullyAcknowledged || entry.isStoring) return
    entry.isStoring = true
    entry.timeout?.cancel()
    const storing = this.#storing?.then(() => this.#store(entry)) ?? this.#store(entry)
    this.#storing = storing
    this.#track(storing)
    void storing.then(() => {
      if (this.#storing === storing) this.#storing = undefined
    })
  }

  decline(checkpointId: number, task: string, error: MillraceError): void {
    const entry = this.#find(checkpointId)
    if (entry !== undefined && !entry.isStoring) {
      this.#abort(entry, `${task}: ${error.message}`, error)
    }
  }

  #find(checkpointId: number): UnderWay | undefined {
    return this.#underWay.find(({ checkpoint }) => checkpoint.checkpointId === checkpointId)
  }

  /** Triggers what is due and there is room for. */
  #next(): void {
    this.#timer?.cancel()
    if (this.#isStopped || this.#isJobStopped || !this.#hasRoom) return
    const [request, ...others] = this.#requests
    if (request !== undefined && this.#final !== 'taken') {
      if (request.kind === 'savepoint' && this.#underWay.length > 0) return
      this.#requests = others
      this.#trigger(request.kind, request)
      return this.#next()
    }
    if (this.#final === 'no') return this.#arm()
    if (this.#final === 'taken' || this.#underWay.length > 0) return
    this.#final = 'taken'
    const kind = this.#finalRequest?.kind ?? 'final'
    this.#trigger(kind, this.#finalRequest, { isLast: true })
  }

  get #hasRoom(): boolean {
    const maxConcurrent = this.#init.settings?.maxConcurrent ?? 1
    const isAlone = this.#underWay.some(({ checkpoint }) => checkpoint.kind !== 'checkpoint')
    return this.#underWay.length < maxConcurrent && !isAlone
  }

  #trigger(
    kind: CheckpointKind,
    request?: CheckpointRequest,
    { isLast } = { isLast: request?.isStopping === true },
  ): void {
    const { platform, tasks, calls, settings, history } = this.#init
    const checkpointId = this.#nextId++
    const barrier: Barrier = {
      kind,
      checkpointId,
      triggeredAtMs: platform.clock.now(),
      ...barrierAlignment(kind, settings),
      ...(request?.isStopping && { isStopping: true }),
      ...(request?.directory !== undefined && { savepointDirectory: request.directory }),
    }
    const triggeredMs = platform.clock.monotonicMs()
    if (kind !== 'savepoint') this.#triggeredMs = triggeredMs
    let enumerators: EnumeratorStates
    try {
      enumerators = calls.snapshotEnumerators(checkpointId)
    } catch (error) {
      const failure = asFailure(checkpointId, error)
      request?.failed(failure)
      return calls.fail(failure)
    }
    const entry: UnderWay = {
      checkpoint: new PendingCheckpoint({ ...barrier, subtasks: tasks, enumerators }),
      triggeredMs,
      request,
      isLast,
      timeout: settings === null && isLast ? undefined : this.#timeoutOf(checkpointId),
      isStoring: false,
    }
    this.#underWay = [...this.#underWay, entry]
    history.triggered(barrier)
    calls.trigger(barrier, { isLast })
  }

  #timeoutOf(checkpointId: number): Timer {
    const { platform, settings } = this.#init
    const timeoutMs = settings?.timeoutMs ?? TIMEOUT_MS_DEFAULT
    return platform.timers.after(timeoutMs, () => {
      const entry = this.#find(checkpointId)
      if (entry !== undefined) this.#abort(entry, `not complete after ${timeoutMs} ms`)
    })
  }

  async #store(entry: UnderWay): Promise<void> {
    const { platform, storage, job, calls } = this.#init
    const { checkpoint, request, isLast } = entry
    const { checkpointId } = checkpoint
    const directory = request?.directory
    let metadata: CheckpointMetadata
    try {
      metadata = assembleMetadata(checkpoint, { ...job, completedAtMs: platform.clock.now() })
      if (directory === undefined) await storage?.complete(metadata)
      else {
        if (!(await this.#storeSavepoint(entry, directory, metadata))) return
        if (isLast) await storage?.completeBySavepoint(checkpointId, directory)
      }
    } catch (cause) {
      if (!this.#isStopped) calls.fail(failed(`storing checkpoint ${checkpointId}`, cause))
      return
    }
    if (this.#isStopped) return
    const path = directory ?? storage?.directoryOf(checkpointId) ?? null
    this.#complete(entry, { metadata, directory: path })
  }

  /**
   * Whether the savepoint is whole. If not, or if nobody waits for it any more, what there is of it is removed: no sink has made
   * visible what belongs to it.
   */
  async #storeSavepoint(
    entry: UnderWay,
    directory: string,
    metadata: CheckpointMetadata,
  ): Promise<boolean> {
    const stored = new StoredCheckpoint(this.#init.platform.files, directory)
    try {
      await stored.complete(metadata)
      if (!this.#isStopped) return true
    } catch (cause) {
      if (!this.#isStopped) {
        const failure = asFailure(metadata.checkpointId, cause)
        this.#abort(entry, `storing it: ${failure.message}`, failure)
      }
    }
    await this.#discard(directory)
    return false
  }

  #complete(entry: UnderWay, point: JobRestorePoint): void {
    const { platform, calls, history } = this.#init
    const { checkpoint, request, isLast } = entry
    const { checkpointId, kind } = checkpoint
    this.#remove(entry)
    checkpoint.complete()
    const isRestorePoint = kind !== 'savepoint' || isLast
    const bytes = stateBytes(point.metadata)
    history.completed(checkpointId, { path: point.directory, stateBytes: bytes, isRestorePoint })
    if (isRestorePoint) {
      this.#failuresInARow = 0
      const durationMs = platform.clock.monotonicMs() - entry.triggeredMs
      calls.completed(point, { checkpointId, durationMs, stateBytes: bytes })
      this.#retain(checkpointId)
      // Only now: what was stored of them is removed after the next one, when no task writes any more.
      this.#giveUpOlder(checkpointId)
    }
    if (request?.isStopping) this.#isJobStopped = true
    request?.completed(checkpointId)
    this.#next()
  }

  /** What an older checkpoint was to hold, the newer one holds too. */
  #giveUpOlder(completedId: number): void {
    for (const entry of this.#olderThan(completedId)) {
      const { checkpoint, request } = entry
      this.#remove(entry)
      checkpoint.subsume()
      this.#noteFailedDirectory(entry)
      this.#init.history.subsumed(checkpoint.checkpointId)
      this.#init.calls.overtaken(checkpoint.checkpointId)
      request?.completed(completedId)
    }
  }

  #olderThan(checkpointId: number): readonly UnderWay[] {
    return this.#underWay.filter(({ checkpoint }) => checkpoint.checkpointId < checkpointId)
  }

  #abort(entry: UnderWay, reason: string, cause?: MillraceError): void {
    if (this.#isStopped) return
    const { checkpoint, request, isLast } = entry
    const { checkpointId } = checkpoint
    this.#remove(entry)
    checkpoint.abort(reason)
    this.#noteFailedDirectory(entry)
    const { calls, settings, history } = this.#init
    history.failed(checkpointId, reason)
    calls.aborted(checkpointId, reason)
    const failure = failed(`checkpoint ${checkpointId}`, cause ?? new Error(reason))
    request?.failed(failure)
    for (const older of this.#olderThan(checkpointId)) {
      if (!older.isStoring) this.#abortWith(older, failure)
    }
    // The job does not need a savepoint, unless all of its input has ended for it.
    if (checkpoint.kind === 'savepoint' && !(isLast && this.#final === 'taken')) {
      return this.#next()
    }
    // What a user has to mend, a record that does not fit its type, will not be better in the next checkpoint.
    if (cause !== undefined && !cause.isRetryable) return calls.fail(cause)
    this.#failuresInARow++
    const isTolerated = !isLast && this.#failuresInARow <= (settings?.tolerableFailures ?? 0)
    if (isTolerated) this.#next()
    else calls.fail(failure)
  }

  /** One that could have gone on, but for a newer one that failed. */
  #abortWith(entry: UnderWay, failure: MillraceError): void {
    const { checkpointId } = entry.checkpoint
    this.#remove(entry)
    entry.checkpoint.abort(failure.message)
    this.#noteFailedDirectory(entry)
    this.#init.history.failed(checkpointId, failure.message)
    this.#init.calls.overtaken(checkpointId)
    entry.request?.failed(failure)
  }

  #remove(entry: UnderWay): void {
    entry.timeout?.cancel()
    this.#underWay = this.#underWay.filter((other) => other !== entry)
    this.#endedMs = this.#init.platform.clock.monotonicMs()
  }

  #noteFailedDirectory({ checkpoint, request }: UnderWay): void {
    const directory = request?.directory ?? this.#init.storage?.directoryOf(checkpoint.checkpointId)
    if (directory !== undefined) this.#failedDirectories.push(directory)
  }

  /** Sets the timer of the interval. */
  #arm(): void {
    const { settings, platform } = this.#init
    if (settings === null) return
    const { intervalMs, intervalDuringBacklogMs, minPauseMs } = settings
    const currentMs = this.#isProcessingBacklog ? intervalDuringBacklogMs : intervalMs
    // During a backlog there may be none at all.
    if (currentMs === 0) return
    const nowMs = platform.clock.monotonicMs()
    const delayMs = Math.max(
      currentMs - (nowMs - this.#triggeredMs),
      minPauseMs - (nowMs - this.#endedMs),
      0,
    )
    this.#timer = platform.timers.after(delayMs, () => {
      if (this.#isStopped || !this.#hasRoom) return
      this.#trigger('checkpoint')
      this.#next()
    })
  }

  /** Keeps the checkpoint, in place of older ones. In memory there is room for one. */
  #retain(completedId: number): void {
    const { storage, settings, calls } = this.#init
    if (settings === null) return
    const directory = storage?.directoryOf(completedId) ?? null
    const kept = [...this.#retained, { checkpointId: completedId, directory }]
    const old = retentionDecision({
      completed: kept.map(({ checkpointId }) => checkpointId),
      retainedMax: storage === undefined ? 1 : settings.retained,
    })
    this.#retained = kept.filter(({ checkpointId }) => !old.includes(checkpointId))
    for (const checkpointId of old) calls.subsumed(checkpointId)
    const discarded = kept.flatMap((one) =>
      old.includes(one.checkpointId) && one.directory !== null ? [one.directory] : [],
    )
    for (const path of [...this.#failedDirectories, ...discarded]) this.#track(this.#discard(path))
    this.#failedDirectories = []
  }

  /**
   * Removes a checkpoint that is not needed any more: an older one, or the state of one that failed, which every task has left
   * behind by now. A leftover does no harm, so a failure is only reported.
   */
  async #discard(directory: string): Promise<void> {
    const { files, log } = this.#init.platform
    try {
      await new StoredCheckpoint(files, directory).discard()
    } catch (error) {
      log.warn(`the checkpoint in ${directory} could not be removed`, { error })
    }
  }

  #track(work: Promise<void>): void {
    this.#writing.add(work)
    void work.then(() => this.#writing.delete(work))
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
