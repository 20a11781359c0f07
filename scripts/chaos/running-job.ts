// One life of the killed process, as its parent sees it.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { JobStatus } from 'millrace'
import type { ChaosJobOptions } from './job.ts'

/** What the process says when its job has changed. */
export interface JobReport {
  readonly status: JobStatus | 'starting' | 'restoring'
  /** How often the job was restarted within the process. */
  readonly attempt: number
  readonly jobId: string
}

/** What the process is asked: to end one of its worker threads. */
export interface WorkerOrder {
  readonly endWorker: number
}

/** A process that makes no step for so long hangs. */
const LIVENESS_MS = 90_000
const STDERR_CHARS_MAX = 4000
const COMPILE_CACHE = new URL('../compile-cache.ts', import.meta.url).href
const PROGRAM = fileURLToPath(new URL('./run-job.ts', import.meta.url))

/** A process with the job in it. */
export class RunningJob {
  readonly startedMs: number = performance.now()
  readonly #process: ChildProcess
  readonly #ended: Promise<void>
  #hasEnded = false
  #signal: NodeJS.Signals | null = null
  #exitCode: number | null = null
  #stderr = ''
  #report: JobReport = { status: 'starting', attempt: 0, jobId: '' }
  #runningSinceMs: number | undefined
  /** Of the attempts that came to run, all of one run. */
  readonly #attempts = new Set<number>()

  constructor({ folder, threads, parallelism, rate }: ChaosJobOptions) {
    const options = { folder, threads, parallelism, rate }
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    const nodeOptions = ['--conditions=source', `--import=${COMPILE_CACHE}`]
    this.#process = spawn(process.execPath, [...nodeOptions, PROGRAM, ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-STDERR_CHARS_MAX)
    })
    this.#process.on('message', (report: JobReport) => {
      if (report.status === 'running') {
        this.#runningSinceMs ??= performance.now()
        this.#attempts.add(report.attempt)
      }
      this.#report = report
    })
    this.#ended = new Promise((resolve, reject) => {
      this.#process.on('error', reject)
      this.#process.on('close', (exitCode, signal) => {
        this.#hasEnded = true
        this.#exitCode = exitCode
        this.#signal = signal
        resolve()
      })
    })
  }

  /** The last report. */
  get report(): JobReport {
    return this.#report
  }

  /** How many attempts came to run. */
  get attempts(): number {
    return this.#attempts.size
  }

  /** How long ago the tasks ran for the first time; 0 before. */
  get runningForMs(): number {
    return this.#runningSinceMs === undefined ? 0 : performance.now() - this.#runningSinceMs
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /**
   * Waits until something is true, looking each millisecond.
   *
   * @throws if the process ends before, or hangs.
   */
  async until(what: string, isTrue: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + LIVENESS_MS
    while (!isTrue()) {
      if (this.#hasEnded) throw new Error(`the process ended before ${what}: ${this.#end()}`)
      if (performance.now() > deadlineMs) {
        throw new Error(`${LIVENESS_MS} ms without ${what}:\n${this.#stderr}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  endWorker(index: number): void {
    this.#process.send({ endWorker: index } satisfies WorkerOrder)
  }

  /** Kills the process, if it has not ended, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
    if (this.#signal !== 'SIGKILL') throw new Error(`the process ended by itself: ${this.#end()}`)
  }

  /** Waits for the end of the job. */
  async finish(): Promise<void> {
    await this.until('the end of the job', () => this.#hasEnded)
    if (this.#exitCode !== 0) throw new Error(`the job failed: ${this.#end()}`)
  }

  /** Ends the process whatever it does; for when all has gone wrong. */
  async abandon(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  #end(): string {
    return `exit code ${this.#exitCode}, signal ${this.#signal}\n${this.#stderr}`
  }
}
