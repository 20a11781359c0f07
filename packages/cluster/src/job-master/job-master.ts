// Runs one job, as an actor: every message and every timer is handled to its end before the next; after each wait
// the handler looks whether its attempt still counts.
//
//   run ─> restore? ─> deploy all tasks ─> all opened ─> start ─> checkpoints … ─> all drained ─> final checkpoint
//                          ▲                                 │                      ─> all committed ─> finish
//                          └── restart delay ── all canceled ┴── failure

import { type CheckpointMetadata, nextCheckpointId } from '@millrace/checkpoint'
import { assert, MillraceError, type Platform, type Timer } from '@millrace/core'
import type { Barrier } from '@millrace/exchange'
import type {
  CheckpointFigures,
  CollectedPayload,
  JobClient,
  JobExecutionResult,
  JobMetrics,
  JobStatus,
  JobSubmission,
  SinkMessage,
} from '@millrace/job-graph'
import { CheckpointStorage } from '@millrace/runtime'
import type { ExecutorPool } from '../gateways/executor-pool.ts'
import { type ExecutorReport, type Placement, taskName } from '../gateways/messages.ts'
import { fromWireError, toWireError } from '../gateways/wire-error.ts'
import { CheckpointCoordinator } from './checkpoints/checkpoint-coordinator.ts'
import { decideRestart } from './failover/restart-decision.ts'
import { checkCachedFiles } from './check-cached-files.ts'
import { Executors } from './executors.ts'
import { JobFigures } from './job-figures.ts'
import { assertJobTransition } from './job-status.ts'
import { Roll } from './roll.ts'
import { planDeployments } from './scheduler/deployments.ts'
import { placeTasks } from './scheduler/placement.ts'
import { underPresentUids } from './scheduler/under-present-uids.ts'
import { SourceCoordinators } from './sources/source-coordinators.ts'

/** What a job master is made from. */
export interface JobMasterInit {
  readonly platform: Platform
  readonly submission: JobSubmission
  readonly pool: ExecutorPool
}

/** Somebody who waits for a checkpoint. */
interface AwaitedCheckpoint {
  readonly idMin: number
  readonly resolve: (metadata: CheckpointMetadata) => void
}

/** The master of one job. */
export class JobMaster implements JobClient {
  readonly jobId: string
  readonly jobName: string
  readonly #platform: Platform
  readonly #submission: JobSubmission
  readonly #pool: ExecutorPool
  readonly #storage: CheckpointStorage | undefined
  readonly #placement: Placement
  readonly #tasks: readonly string[]
  readonly #result = Promise.withResolvers<JobExecutionResult>()
  readonly #executors: Executors
  readonly #figures = new JobFigures()
  readonly #startedMs: number
  #status: JobStatus = 'created'
  #attempt = 0
  #latest: CheckpointMetadata | undefined
  #retained: readonly number[] = []
  #nextCheckpointId = 1
  /** Older checkpoints in the directory belong to earlier runs, and are left alone. */
  #oldestOwnId = 1
  #coordinator: CheckpointCoordinator | undefined
  /** Settles when the coordinator of the attempt before writes no metadata any more. */
  #coordinatorEnded: Promise<void> = Promise.resolve()
  #sources: SourceCoordinators | undefined
  #isProcessingBacklog = false
  /** Settles when the enumerators of the attempt before are closed. */
  #sourcesEnded: Promise<void> = Promise.resolve()
  #restartTimer: Timer | undefined
  #drained = new Set<string>()
  #opened = new Roll([])
  #committed = new Roll([])
  #finished = new Roll([])
  #canceled = new Roll([])
  #finalCheckpointId = -1
  /** An executor asked for another final checkpoint. */
  #isFinalRepeated = false
  #failure: MillraceError | undefined
  /** Who waits for a checkpoint with this id or a later one. */
  #checkpointsAwaited: readonly AwaitedCheckpoint[] = []
  #onCollected: ((payload: CollectedPayload) => void) | undefined

  constructor({ platform, submission, pool }: JobMasterInit) {
    this.#platform = platform
    this.#submission = submission
    this.#pool = pool
    this.jobId = platform.random.id()
    this.jobName = submission.graph.jobName
    this.#startedMs = platform.clock.monotonicMs()
    this.#placement = this.#place()
    this.#executors = new Executors({ pool, graph: submission.graph, placement: this.#placement })
    this.#tasks = submission.graph.vertices.flatMap(({ id, parallelism }) =>
      Array.from({ length: parallelism }, (_, subtask) => taskName(id, subtask)),
    )
    const directory = submission.settings.checkpointing?.directory ?? null
    this.#storage =
      directory === null ? undefined : new CheckpointStorage(platform.files, directory)
    // Somebody may only cancel and never ask for the result.
    this.#result.promise.catch(() => {})
  }

  /** Begins. Rejects if the job cannot even start: a bad checkpoint, a missing file. */
  async run(): Promise<void> {
    try {
      await this.#prepare()
      await this.#deploy(0)
    } catch (error) {
      await this.#end('failed', asMillraceError(error))
      throw error
    }
  }

  status(): JobStatus {
    return this.#status
  }

  metrics(): JobMetrics {
    return this.#figures.metrics()
  }

  async cancel(): Promise<void> {
    if (this.#isOver()) return
    if (this.#status !== 'canceling') {
      // The tasks of a failing job are being canceled already; their answers are waited for.
      const areCanceled = this.#status === 'failing'
      this.#moveTo('canceling')
      this.#failure = new MillraceError('JOB_CANCELED', {
        expected: `the job '${this.jobName}' to run to its end`,
        came: 'a call of cancel()',
        todo: 'Nothing: it was asked for.',
      })
      if (!areCanceled) this.#cancelTasks()
    }
    await this.#result.promise.catch(() => {})
  }

  result(): Promise<JobExecutionResult> {
    return this.#result.promise
  }

  /**
   * A checkpoint of the state that the job has now or a little later; of a job that has finished, the one of its end. Waits while
   * the job restarts. For tests that look at state.
   *
   * @throws MillraceError the cause, if the job fails or is canceled before.
   */
  takeCheckpoint(): Promise<CheckpointMetadata> {
    const { promise, resolve, reject } = Promise.withResolvers<CheckpointMetadata>()
    this.#result.promise.then(() => resolve(this.#lastMetadata()), reject)
    if (this.#isOver()) return promise
    const idMin = this.#coordinator?.nextCheckpointId ?? this.#nextCheckpointId
    this.#checkpointsAwaited = [...this.#checkpointsAwaited, { idMin, resolve }]
    this.#coordinator?.takeNow()
    return promise
  }

  onCollected(handler: (payload: CollectedPayload) => void): void {
    this.#onCollected = handler
  }

  #place(): Placement {
    const { placement, slotsAsked, groups } = placeTasks(this.#submission.graph, this.#pool.size)
    if (groups.length > 1 && this.#pool.size > 1 && slotsAsked > this.#pool.size) {
      this.#platform.log.warn(
        `the slot sharing groups ${groups.join(', ')} ask for ${slotsAsked} slots, and there are ${this.#pool.size} threads: ` +
          'some share one. Give the job more threads to keep them apart.',
        { job: this.jobName },
      )
    }
    return placement
  }

  sendToSink(message: SinkMessage): void {
    if (this.#isOver()) return
    const { uid, subtaskIndex } = message
    const vertex = this.#submission.graph.vertices.find(({ operators }) =>
      operators.some((operator) => operator.uid === uid),
    )
    const executor = vertex && this.#executors.of(vertex.id, subtaskIndex)
    if (executor === undefined) return
    executor.control.post({ kind: 'client-message', attempt: this.#attempt, ...message })
  }

  async #prepare(): Promise<void> {
    const { checkpointing, cachedFiles = {} } = this.#submission.settings
    await checkCachedFiles(this.#platform.files, cachedFiles)
    await this.#storage?.prepare()
    if (checkpointing?.restoreFrom === 'latest') {
      this.#latest = await this.#latestStored()
      if (this.#latest !== undefined) this.#retained = [this.#latest.checkpointId]
    }
    this.#nextCheckpointId = nextCheckpointId(await this.#storage?.highestId())
    if (checkpointing?.restoreFrom === 'latest') await this.#discardUnfinished()
    this.#oldestOwnId = this.#latest?.checkpointId ?? this.#nextCheckpointId
  }

  /** The newest checkpoint in the directory, read with the uids that operators have now. */
  async #latestStored(): Promise<CheckpointMetadata | undefined> {
    const stored = await this.#storage?.latest()
    return stored && underPresentUids(stored, this.#submission.graph)
  }

  /** Removes what checkpoints that failed have left: nobody will ever read it. */
  async #discardUnfinished(): Promise<void> {
    try {
      await this.#storage?.discardUnfinished()
    } catch (error) {
      this.#platform.log.warn('unfinished checkpoints could not be removed', { error })
    }
  }

  /** Starts the enumerators of an attempt, before there is any reader. */
  async #startSources(attempt: number): Promise<void> {
    const { graph, functions } = this.#submission
    this.#isProcessingBacklog = false
    this.#sources = new SourceCoordinators({
      platform: this.#platform,
      graph,
      functions,
      metadata: this.#latest,
      send: (vertexId, subtaskIndex, command) => {
        const executor = this.#executors.of(vertexId, subtaskIndex)
        const message = {
          kind: 'source-command',
          attempt,
          vertexId,
          subtaskIndex,
          command,
        } as const
        executor?.control.post(message)
      },
      fail: (error) => this.#onFailure(error),
      onBacklog: (isProcessingBacklog) => {
        this.#isProcessingBacklog = isProcessingBacklog
        this.#coordinator?.setProcessingBacklog(isProcessingBacklog)
      },
    })
    await this.#sources.start()
  }

  #closeSources(): void {
    if (this.#sources !== undefined) this.#sourcesEnded = this.#sources.close()
    this.#sources = undefined
  }

  /** Whether that attempt still waits to be deployed: the job was not canceled, and no executor was lost, meanwhile. */
  #isDeploying(attempt: number): boolean {
    return (
      attempt === this.#attempt && (this.#status === 'created' || this.#status === 'restarting')
    )
  }

  async #startExecutor(index: number): Promise<void> {
    const executor = await this.#pool.start(index)
    if (this.#isOver()) return this.#pool.close()
    this.#executors.add(executor)
    executor.control.onMessage((message) => this.#onReport(index, message as ExecutorReport))
    executor.onLost((error) => this.#onLost(index, error))
  }

  async #deploy(attempt: number): Promise<void> {
    if (!this.#isDeploying(attempt)) return
    await this.#startSources(attempt)
    for (const index of this.#executors.missing) {
      if (!this.#isDeploying(attempt)) return
      await this.#startExecutor(index)
    }
    if (!this.#isDeploying(attempt)) return
    const { graph, settings } = this.#submission
    const deployments = planDeployments(graph, this.#latest)
    this.#drained = new Set()
    this.#opened = this.#executors.roll()
    this.#executors.connectChannels(attempt)
    this.#executors.tellEach((index) => ({
      kind: 'deploy',
      attempt,
      runId: this.jobId,
      graph,
      settings,
      placement: this.#placement,
      checkpointId: this.#latest?.checkpointId ?? null,
      tasks: deployments.filter(
        ({ vertexId, subtaskIndex }) => this.#placement[vertexId]?.[subtaskIndex] === index,
      ),
    }))
  }

  #onReport(index: number, report: ExecutorReport): void {
    if (report.attempt !== this.#attempt || this.#isOver()) return
    switch (report.kind) {
      case 'opened':
        if (this.#opened.answer(index)) this.#start()
        return
      case 'source-event':
        return this.#sources?.onEvent(report.vertexId, report.subtaskIndex, report.event)
      case 'drained':
        return this.#onDrained(report.task)
      case 'acknowledged':
        return this.#coordinator?.acknowledge(report.checkpointId, report.task, report.snapshots)
      case 'declined':
        return this.#coordinator?.decline(
          report.checkpointId,
          report.task,
          fromWireError(report.error),
        )
      case 'failed':
        return this.#onFailure(fromWireError(report.error))
      case 'committed':
        if (report.checkpointId === this.#finalCheckpointId) {
          this.#onCommitted(index, report.needsCheckpoint)
        }
        return
      case 'finished':
        // An executor that was lost meanwhile may have had its say before.
        if (this.#status === 'running' && this.#finished.answer(index)) void this.#end('finished')
        return
      case 'canceled':
        if (this.#canceled.answer(index)) this.#onCanceled()
        return
      case 'figures':
        return this.#onFigures(index, report)
      case 'collected': {
        const { uid, subtaskIndex, payload } = report
        this.#onCollected?.({ uid, subtaskIndex, payload })
      }
    }
  }

  #onFigures(index: number, report: ExecutorReport & { kind: 'figures' }): void {
    const conflict = this.#figures.report(index, report)
    if (conflict !== undefined) this.#onFailure(conflict)
  }

  #start(): void {
    if (this.#status !== 'created' && this.#status !== 'restarting') return
    this.#moveTo('running')
    const attempt = this.#attempt
    const { graph, settings } = this.#submission
    this.#coordinator = new CheckpointCoordinator({
      platform: this.#platform,
      settings: settings.checkpointing,
      storage: this.#storage,
      firstCheckpointId: this.#nextCheckpointId,
      retained: this.#retained,
      tasks: this.#tasks,
      job: {
        jobName: this.jobName,
        graphHash: graph.hash,
        operators: graph.vertices.flatMap(({ operators, parallelism, maxParallelism }) =>
          operators.map(({ uid, name, kind }) => ({
            uid,
            name,
            kind,
            parallelism,
            maxParallelism,
          })),
        ),
      },
      calls: {
        snapshotEnumerators: (checkpointId) => this.#sources?.snapshot(checkpointId) ?? new Map(),
        trigger: (barrier) => this.#trigger(barrier),
        completed: (metadata, figures) => this.#onCheckpointComplete(metadata, figures),
        subsumed: (checkpointId) => this.#tellOf('checkpoint-subsumed', checkpointId),
        aborted: (checkpointId, reason) => {
          this.#figures.checkpointFailed()
          this.#tellOf('checkpoint-aborted', checkpointId)
          this.#platform.log.warn('checkpoint failed', { job: this.jobName, reason })
        },
        fail: (error) => this.#onFailure(error),
      },
    })
    this.#executors.broadcast({ kind: 'start', attempt })
    if (this.#isProcessingBacklog) this.#coordinator.setProcessingBacklog(true)
    else this.#coordinator.start()
    if (this.#checkpointsAwaited.length > 0) this.#coordinator.takeNow()
  }

  #trigger(barrier: Barrier): void {
    if (barrier.kind === 'final') {
      this.#finalCheckpointId = barrier.checkpointId
      this.#committed = this.#executors.roll()
      this.#isFinalRepeated = false
    }
    this.#executors.broadcast({ kind: 'trigger-checkpoint', attempt: this.#attempt, barrier })
  }

  #onCheckpointComplete(metadata: CheckpointMetadata, figures: CheckpointFigures): void {
    this.#latest = metadata
    this.#figures.checkpointCompleted(figures, this.#submission.settings.checkpointing !== null)
    const { checkpointId } = metadata
    this.#executors.broadcast({ kind: 'checkpoint-complete', attempt: this.#attempt, checkpointId })
    this.#sources?.notifyCheckpointComplete(checkpointId)
    const awaited = this.#checkpointsAwaited
    this.#checkpointsAwaited = awaited.filter(({ idMin }) => idMin > checkpointId)
    for (const { idMin, resolve } of awaited) if (idMin <= checkpointId) resolve(metadata)
  }

  #lastMetadata(): CheckpointMetadata {
    assert(this.#latest !== undefined, 'a finished job has taken its final checkpoint')
    return this.#latest
  }

  #tellOf(kind: 'checkpoint-aborted' | 'checkpoint-subsumed', checkpointId: number): void {
    this.#executors.broadcast({ kind, attempt: this.#attempt, checkpointId })
  }

  #onDrained(task: string): void {
    this.#drained.add(task)
    if (this.#drained.size === this.#tasks.length) this.#coordinator?.takeFinal()
  }

  /** When nobody has anything left, the job is done; until then final checkpoints follow each other. */
  #onCommitted(index: number, needsCheckpoint: boolean): void {
    if (needsCheckpoint) this.#isFinalRepeated = true
    if (!this.#committed.answer(index)) return
    if (this.#isFinalRepeated) this.#coordinator?.takeFinal()
    else this.#finishTasks()
  }

  #finishTasks(): void {
    this.#finished = this.#executors.roll()
    this.#executors.broadcast({ kind: 'finish', attempt: this.#attempt })
  }

  #onLost(index: number, error: unknown): void {
    if (this.#isOver()) return
    this.#executors.remove(index)
    this.#figures.executorLost(index)
    const failure = new MillraceError('WORKER_LOST', {
      expected: `worker ${index} to go on`,
      came: error instanceof Error ? error.message : String(error),
      todo: 'The job restarts from its last checkpoint if its restart strategy allows.',
      cause: error,
    })
    if (this.#status === 'failing' || this.#status === 'canceling') {
      if (this.#canceled.answer(index)) this.#onCanceled()
    } else this.#onFailure(failure)
  }

  #onFailure(error: MillraceError): void {
    if (this.#status === 'failing' || this.#status === 'canceling' || this.#isOver()) return
    this.#moveTo('failing')
    this.#failure = error
    this.#cancelTasks()
  }

  #cancelTasks(): void {
    const coordinator = this.#coordinator
    if (coordinator !== undefined) {
      this.#coordinatorEnded = coordinator.stop()
      this.#nextCheckpointId = coordinator.nextCheckpointId
      this.#retained = coordinator.retained
      this.#coordinator = undefined
    }
    this.#closeSources()
    this.#restartTimer?.cancel()
    this.#canceled = this.#executors.roll()
    if (this.#executors.count === 0) return this.#onCanceled()
    this.#executors.broadcast({ kind: 'cancel', attempt: this.#attempt })
  }

  #onCanceled(): void {
    const failure = this.#failure ?? asMillraceError(new Error('canceled'))
    if (this.#status === 'canceling') return void this.#end('canceled', failure)
    const decision = decideRestart({
      settings: this.#submission.settings.restart,
      restarts: this.#figures.restarts,
      isRetryable: failure.isRetryable,
    })
    if (decision.kind === 'fail') return void this.#end('failed', failure)
    this.#moveTo('restarting')
    this.#figures.restarted()
    this.#attempt++
    const attempt = this.#attempt
    this.#platform.log.warn(`restarting after: ${failure.message}`, {
      job: this.jobName,
      attempt,
      checkpoint: this.#latest?.checkpointId ?? 'none',
    })
    this.#restartTimer = this.#platform.timers.after(decision.delayMs, () => {
      void this.#redeploy(attempt)
    })
  }

  async #redeploy(attempt: number): Promise<void> {
    try {
      await this.#coordinatorEnded
      await this.#sourcesEnded
      const stored = await this.#latestStored()
      await this.#discardUnfinished()
      if (!this.#isDeploying(attempt)) return
      if (stored !== undefined) this.#restoreFrom(stored)
      await this.#deploy(attempt)
    } catch (error) {
      if (this.#isDeploying(attempt)) this.#onFailure(asMillraceError(error))
    }
  }

  /** The metadata of a checkpoint may have become durable although storing it failed, or while the job was failing. */
  #restoreFrom(stored: CheckpointMetadata): void {
    const { checkpointId } = stored
    if (checkpointId < this.#oldestOwnId) return
    this.#latest = stored
    if (!this.#retained.includes(checkpointId)) this.#retained = [...this.#retained, checkpointId]
  }

  async #end(status: 'finished' | 'canceled' | 'failed', failure?: MillraceError): Promise<void> {
    if (this.#isOver()) return
    if (status === 'failed' && this.#status === 'canceling') {
      return this.#end('canceled', this.#failure)
    }
    if (status === 'failed' && this.#status !== 'failing') this.#moveTo('failing')
    this.#moveTo(status)
    this.#closeSources()
    await this.#coordinator?.stop()
    await this.#coordinatorEnded
    await this.#sourcesEnded
    const result: JobExecutionResult = {
      jobId: this.jobId,
      jobName: this.jobName,
      runtimeMs: this.#platform.clock.monotonicMs() - this.#startedMs,
      ...this.metrics(),
    }
    await this.#pool.close()
    if (failure === undefined) this.#result.resolve(result)
    else this.#result.reject(failure)
  }

  #isOver(): boolean {
    return this.#status === 'finished' || this.#status === 'failed' || this.#status === 'canceled'
  }

  #moveTo(next: JobStatus): void {
    assertJobTransition(this.#status, next)
    this.#status = next
  }
}

function asMillraceError(error: unknown): MillraceError {
  return error instanceof MillraceError ? error : fromWireError(toWireError(error))
}
