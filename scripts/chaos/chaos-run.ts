// Lets the job live and die as planned, and looks at what it left behind after each death:
//
//   start ─> worker threads end … ─> the moment aimed at ─> SIGKILL ─> audit ─> start from the latest checkpoint …
//                                                                       last: ─> start, run to the end ─> audit

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  auditCheckpoints,
  completeIds,
  leakedAtEnd,
  slotsOf,
  unfinishedIds,
} from './checkpoint-audit.ts'
import type { ChaosJobOptions } from './job.ts'
import {
  committedLines,
  type Difference,
  differenceOf,
  hiddenFiles,
  OutputWatch,
} from './output-files.ts'
import type { Aim, PlannedKill } from './plan.ts'
import { RunningJob } from './running-job.ts'

/** What is run, and what must come out. */
export interface ChaosRunOptions {
  readonly job: ChaosJobOptions
  readonly plan: readonly PlannedKill[]
  readonly expected: readonly string[]
  readonly onKill: (kill: KillReport) => void
}

/** One kill and what was found after it. */
export interface KillReport {
  /** Since the start of the process. */
  readonly atMs: number
  readonly aim: Aim
  /** What the process did at that moment, by what it had said and left on disk. */
  readonly during: string
  /** 0 if there is none. */
  readonly newestCheckpoint: number
  readonly workerDeaths: number
  readonly committedRows: number
  /** Rows that are committed and must not be. */
  readonly duplicates: number
  readonly missingFiles: readonly string[]
}

/** What all of it came to. */
export interface ChaosReport extends Difference {
  readonly rows: number
  readonly kills: number
  readonly workerDeaths: number
  /** How often tasks ran again after a kill or the end of a worker thread. */
  readonly recoveries: number
  /** From the start of the process to the first new visible file. */
  readonly firstOutputMs: readonly number[]
  /** The same from the end of a worker thread on. */
  readonly firstOutputAfterWorkerMs: readonly number[]
  readonly duplicatesMeanwhile: number
  readonly missingFiles: readonly string[]
  readonly leakedFiles: readonly string[]
}

/** Runs the plan, and the job to its end. */
export async function runChaos(options: ChaosRunOptions): Promise<ChaosReport> {
  const run = new ChaosRun(options)
  try {
    return await run.run()
  } finally {
    await run.close()
  }
}

/** The end of a worker thread: output of the next attempt shows that it was survived. */
interface WorkerDeath {
  readonly atMs: number
  readonly nextAttempt: number
}

class ChaosRun {
  readonly #options: ChaosRunOptions
  readonly #output: string
  readonly #checkpoints: string
  readonly #watch: OutputWatch
  readonly #kills: KillReport[] = []
  readonly #firstOutputMs: number[] = []
  readonly #firstOutputAfterWorkerMs: number[] = []
  #attempts = 0
  #job: RunningJob | undefined

  constructor(options: ChaosRunOptions) {
    this.#options = options
    this.#output = join(options.job.folder, 'out')
    this.#checkpoints = join(options.job.folder, 'checkpoints')
    this.#watch = new OutputWatch(this.#output)
  }

  async run(): Promise<ChaosReport> {
    for (const planned of this.#options.plan) await this.#liveAndDie(planned)
    // Nobody is waited for any more: what is left comes as fast as it can.
    const last = this.#start({ ...this.#options.job, rate: 0 })
    await last.finish()
    this.#noteRecoveries(last, [])
    return this.#report()
  }

  async close(): Promise<void> {
    this.#watch.close()
    await this.#job?.abandon()
  }

  #start(options: ChaosJobOptions): RunningJob {
    this.#job = new RunningJob(options)
    return this.#job
  }

  async #liveAndDie(planned: PlannedKill): Promise<void> {
    const job = this.#start(this.#options.job)
    const deaths = await this.#endWorkers(job, planned)
    await this.#aim(job, planned)
    const { report } = job
    const atMs = performance.now() - job.startedMs
    await job.kill()
    this.#noteRecoveries(job, deaths)
    const kill = this.#findings(planned.aim, report.status, { atMs, workerDeaths: deaths.length })
    this.#kills.push(kill)
    this.#options.onKill(kill)
  }

  async #endWorkers(
    job: RunningJob,
    { workerDeaths, runMs }: PlannedKill,
  ): Promise<readonly WorkerDeath[]> {
    const deaths: WorkerDeath[] = []
    if (runMs === 0) return deaths
    await job.until('the tasks ran', () => job.runningForMs > 0)
    for (const { afterMs, worker } of workerDeaths) {
      await job.until('a worker thread was to end', () => job.runningForMs >= afterMs)
      deaths.push({ atMs: performance.now(), nextAttempt: job.report.attempt + 1 })
      job.endWorker(worker)
    }
    await job.until('the moment of the kill', () => job.runningForMs >= runMs)
    return deaths
  }

  /** Waits for what the kill is aimed at, and a little longer. */
  async #aim(job: RunningJob, { aim, delayMs }: PlannedKill): Promise<void> {
    if (aim === 'restore') {
      await job.until('worker threads', () => job.report.status !== 'starting')
    }
    if (aim === 'checkpoint') {
      const before = this.#newestUnfinished()
      await job.until('a checkpoint', () => this.#newestUnfinished() > before)
    }
    if (aim === 'commit') {
      const [before = 0] = completeIds(this.#checkpoints)
      await job.until('metadata', () => (completeIds(this.#checkpoints)[0] ?? 0) > before)
    }
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
  }

  #newestUnfinished(): number {
    return unfinishedIds(this.#checkpoints)[0] ?? 0
  }

  #noteRecoveries(job: RunningJob, deaths: readonly WorkerDeath[]): void {
    this.#attempts += job.attempts
    const { jobId } = job.report
    const first = this.#watch.firstSeenMs(jobId, 0)
    // Before the first life there was nothing to recover from.
    if (first !== undefined && this.#kills.length > 0) {
      this.#firstOutputMs.push(first - job.startedMs)
    }
    for (const { atMs, nextAttempt } of deaths) {
      const seenMs = this.#watch.firstSeenMs(jobId, nextAttempt)
      if (seenMs !== undefined) this.#firstOutputAfterWorkerMs.push(seenMs - atMs)
    }
  }

  #findings(
    aim: Aim,
    status: string,
    facts: Pick<KillReport, 'atMs' | 'workerDeaths'>,
  ): KillReport {
    const { complete, unfinishedIds: unfinished, missing } = auditCheckpoints(this.#checkpoints)
    const committed = committedLines(this.#output)
    const newestCheckpoint = complete[0]?.checkpointId ?? 0
    return {
      ...facts,
      aim,
      during: this.#during(status, newestCheckpoint, unfinished[0] ?? 0),
      newestCheckpoint,
      committedRows: committed.length,
      duplicates: differenceOf(this.#options.expected, committed).duplicates,
      missingFiles: missing,
    }
  }

  /** What the process did: what it said last, and while tasks ran, what it had begun on the disk. */
  #during(status: string, newestId: number, unfinishedId: number): string {
    if (status !== 'running') return status
    const hidden = this.#hiddenPartsOfNewest()
    if (hidden > 0) return `commit of ${newestId}, ${hidden} files hidden`
    return unfinishedId > newestId ? `checkpoint ${unfinishedId}` : 'records'
  }

  /** How many of the files that belong to the newest complete checkpoint are not visible yet. */
  #hiddenPartsOfNewest(): number {
    const [newest] = auditCheckpoints(this.#checkpoints).complete
    if (newest === undefined) return 0
    return slotsOf(this.#checkpoints, newest, { uid: 'files', slot: 'sink-committables' })
      .flatMap((bytes) => JSON.parse(Buffer.from(bytes).toString()) as { pending: string }[])
      .filter(({ pending }) => existsSync(pending)).length
  }

  #report(): ChaosReport {
    const rows = committedLines(this.#output)
    const audit = auditCheckpoints(this.#checkpoints)
    return {
      ...differenceOf(this.#options.expected, rows),
      rows: rows.length,
      kills: this.#kills.length,
      workerDeaths: this.#kills.reduce((sum, { workerDeaths }) => sum + workerDeaths, 0),
      recoveries: this.#attempts - 1,
      firstOutputMs: this.#firstOutputMs,
      firstOutputAfterWorkerMs: this.#firstOutputAfterWorkerMs,
      duplicatesMeanwhile: this.#kills.reduce((sum, { duplicates }) => sum + duplicates, 0),
      missingFiles: [...this.#kills.flatMap(({ missingFiles }) => missingFiles), ...audit.missing],
      leakedFiles: [...leakedAtEnd(audit), ...hiddenFiles(this.#output)],
    }
  }
}
