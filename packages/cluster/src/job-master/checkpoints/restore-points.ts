// What a job can go back to: what it was restored from at its start, and its own checkpoints since.
//
//   start     restoreFrom ──> a savepoint or checkpoint of the user's, or the newest in the directory, or nothing
//   restart   the newest of its own in the directory; without one, what it began with
//
// Checkpoints of earlier runs in the directory are left alone: a job that starts fresh must never go back to them.

import { type CheckpointMetadata, claimedState, nextCheckpointId } from '@millrace/checkpoint'
import type { Platform } from '@millrace/core'
import type { JobGraph, RestoreSettings } from '@millrace/job-graph'
import {
  type CheckpointStorage,
  findRestorePoint,
  type RestorePoint,
  StoredCheckpoint,
} from '@millrace/runtime'
import { restoringJob } from '../scheduler/restoring-job.ts'
import { underPresentUids } from '../scheduler/under-present-uids.ts'

/** What a job can be restored from. */
export interface JobRestorePoint {
  readonly metadata: CheckpointMetadata
  /** Where its files are; `null` if all of it is in memory. */
  readonly directory: string | null
}

/** A complete checkpoint that belongs to the job, which removes it when newer ones have taken its place. */
export interface RetainedCheckpoint {
  readonly checkpointId: number
  /** `null` in memory. */
  readonly directory: string | null
}

/** What they are made from. */
export interface RestorePointsInit {
  readonly platform: Platform
  readonly graph: JobGraph
  readonly storage: CheckpointStorage | undefined
  readonly restoreFrom: RestoreSettings | null
  readonly onCancel: 'retain' | 'delete'
}

/** The restore points of one job. */
export class RestorePoints {
  readonly #init: RestorePointsInit
  #latest: JobRestorePoint | undefined
  /** Older checkpoints in the directory are of earlier runs: a restart must not go back to them. */
  #firstOfRunId = 1
  #oldestOwnId = 1
  #retained: readonly RetainedCheckpoint[] = []
  #nextCheckpointId = 1

  constructor(init: RestorePointsInit) {
    this.#init = init
  }

  /** The checkpoints that belong to this run and are still stored, oldest first. */
  get retained(): readonly RetainedCheckpoint[] {
    return this.#retained
  }

  /** The id of the first checkpoint of the next attempt. */
  get nextCheckpointId(): number {
    return this.#nextCheckpointId
  }

  /** The oldest checkpoint in the directory that can be the job's own: made by this run or by one that it continues. */
  get oldestOwnId(): number {
    return this.#oldestOwnId
  }

  /** What the next attempt begins with; `undefined`: fresh. */
  get latest(): JobRestorePoint | undefined {
    return this.#latest
  }

  /** A checkpoint of this run is complete. */
  completed(point: JobRestorePoint): void {
    this.#latest = point
  }

  /** An attempt has ended, and has left these. */
  attemptEnded({
    retained,
    nextCheckpointId,
  }: Pick<RestorePoints, 'retained' | 'nextCheckpointId'>): void {
    this.#retained = retained
    this.#nextCheckpointId = nextCheckpointId
  }

  /** Looks what the job begins with. Throws if that is missing, damaged or of another job. */
  async prepare(): Promise<void> {
    const { storage, restoreFrom } = this.#init
    await storage?.prepare()
    const highestId = await storage?.highestId()
    const found = restoreFrom === null ? undefined : await this.#find(restoreFrom)
    const restoredId = found?.metadata.checkpointId ?? 0
    this.#nextCheckpointId = nextCheckpointId(Math.max(highestId ?? 0, restoredId))
    this.#firstOfRunId = this.#nextCheckpointId
    this.#oldestOwnId = this.#nextCheckpointId
    if (found !== undefined && restoreFrom !== null) {
      this.#latest = this.#claimed(found, restoreFrom)
      if (restoreFrom.claimMode === 'claim') await this.#claim(found, restoreFrom)
    }
    if (restoreFrom?.path === 'latest') await this.discardUnfinished()
  }

  /**
   * Looks again, after a failure: the metadata of a checkpoint may have become durable although storing it failed, or while the job
   * was failing.
   */
  async refresh(): Promise<void> {
    const { storage } = this.#init
    const stored = await storage?.latest({ idMin: this.#firstOfRunId })
    await this.discardUnfinished()
    if (stored === undefined || storage === undefined) return
    const { checkpointId } = stored.metadata
    this.#latest = this.#underPresentUids(stored)
    const isKnown = this.#retained.some((one) => one.checkpointId === checkpointId)
    if (isKnown) return
    this.#retained = [
      ...this.#retained,
      { checkpointId, directory: storage.directoryOf(checkpointId) },
    ]
  }

  /** Removes the job's checkpoints if the user wants that of a canceled job. */
  async jobCanceled(): Promise<void> {
    const { onCancel, platform } = this.#init
    if (onCancel === 'retain') return
    for (const { directory } of this.#retained) {
      if (directory === null) continue
      try {
        await new StoredCheckpoint(platform.files, directory).discard()
      } catch (error) {
        platform.log.warn(`the checkpoint in ${directory} could not be removed`, { error })
      }
    }
    await this.discardUnfinished()
  }

  /** Removes what checkpoints that failed have left: nobody will ever read it. */
  async discardUnfinished(): Promise<void> {
    const { storage, platform } = this.#init
    try {
      await storage?.discardUnfinished()
    } catch (error) {
      platform.log.warn('unfinished checkpoints could not be removed', { error })
    }
  }

  /** What is restored belongs to the job from now on; of the latest in the directory, those that it was to take the place of, too. */
  async #claim({ metadata, directory }: RestorePoint, { path }: RestoreSettings): Promise<void> {
    const { storage } = this.#init
    const { checkpointId } = metadata
    if (path !== 'latest' || storage === undefined) {
      this.#retained = [{ checkpointId, directory }]
      return
    }
    const oldestOwnId = metadata.oldestOwnId ?? checkpointId
    this.#oldestOwnId = oldestOwnId
    // A run that was killed may have left more than one. In place of one there may be a savepoint of the user's, which stays.
    const ownIds = (await storage.completeIds()).filter((id) => id >= oldestOwnId)
    this.#retained = ownIds
      .toReversed()
      .map((id) => ({ checkpointId: id, directory: storage.directoryOf(id) }))
  }

  #find({ path }: RestoreSettings): Promise<RestorePoint | undefined> {
    const { storage, platform } = this.#init
    if (path !== 'latest') return findRestorePoint(platform.files, path)
    return storage?.latest() ?? Promise.resolve(undefined)
  }

  /** The restore point, without the state that nobody claims and the user is ready to lose. */
  #claimed(found: RestorePoint, { allowNonRestoredState }: RestoreSettings): JobRestorePoint {
    const { graph, platform } = this.#init
    const { metadata, directory } = this.#underPresentUids(found)
    if (!allowNonRestoredState) return { metadata, directory }
    const { claimed, unclaimed } = claimedState(metadata, restoringJob(graph))
    if (unclaimed.length > 0) {
      const names = unclaimed.map(({ uid, name }) => (uid === name ? uid : `${uid} (${name})`))
      platform.log.warn(
        `the state of operators that the job does not have is not restored: ${names.join(', ')}`,
        { job: graph.jobName, from: directory },
      )
    }
    return { metadata: claimed, directory }
  }

  #underPresentUids({ metadata, directory }: RestorePoint): RestorePoint {
    return { metadata: underPresentUids(metadata, this.#init.graph), directory }
  }
}
