/** How long a thread was away. */
export interface LongestStall {
  /** By the clock: with what other processes took meanwhile. */
  readonly wallMs: number
  /** By the processor time of the thread: what it did itself in one go. */
  readonly cpuMs: number
}

/** Looks once a millisecond, and notes how long it had to wait. */
export class StallWatch {
  #wallMs = 0
  #cpuMs = 0
  #lastWallMs = performance.now()
  #lastCpuMs = threadCpuMs()
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#look(), 1)
  }

  /** Forgets what was; what follows counts. */
  begin(): void {
    this.#look()
    this.#wallMs = 0
    this.#cpuMs = 0
  }

  get longest(): LongestStall {
    this.#look()
    return { wallMs: round(this.#wallMs), cpuMs: round(this.#cpuMs) }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const wallMs = performance.now()
    const cpuMs = threadCpuMs()
    this.#wallMs = Math.max(this.#wallMs, wallMs - this.#lastWallMs)
    this.#cpuMs = Math.max(this.#cpuMs, cpuMs - this.#lastCpuMs)
    this.#lastWallMs = wallMs
    this.#lastCpuMs = cpuMs
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
