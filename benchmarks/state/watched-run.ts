import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { JobWatch } from './keyed-orders.ts'
import { type LongestStall, StallWatch } from './stall-watch.ts'

/** What is seen of one run of the job, in whose thread this lies. */
export class WatchedRun implements JobWatch {
  readonly checkpointsMs: number[] = []
  filledBytes = 0
  firstRecordMs = 0
  records = 0
  /** How long it was watched. */
  seconds = 0
  stall: LongestStall = { wallMs: 0, cpuMs: 0 }
  /** The job may be canceled. */
  readonly over: Promise<void>
  readonly #seconds: number
  readonly #settle: () => void
  readonly #barriers = new Map<number, number>()
  readonly #stalls = new StallWatch()
  #isOver = false
  #beganMs = 0

  constructor(seconds: number) {
    this.#seconds = seconds
    const { promise, resolve } = Promise.withResolvers<void>()
    this.over = promise
    this.#settle = resolve
  }

  onFilled(): void {
    // What the fill has left behind is not measured.
    setTimeout(() => {
      this.#barriers.clear()
      this.checkpointsMs.length = 0
      this.#stalls.begin()
      this.records = 0
      this.#beganMs = performance.now()
      setTimeout(() => this.#endWhenSeen(), this.#seconds * 1000)
    }, 500)
  }

  onFirstRecord(): void {
    this.firstRecordMs = performance.now()
    if (this.#seconds > 0) return
    // No checkpoint is on its way yet, and what was read is given up.
    this.filledBytes = usedBytes()
    this.#end()
  }

  onBarrier(checkpointId: number): void {
    this.#barriers.set(checkpointId, performance.now())
  }

  onComplete(checkpointId: number): void {
    const beganMs = this.#barriers.get(checkpointId)
    if (beganMs !== undefined && !this.#isOver) this.checkpointsMs.push(performance.now() - beganMs)
  }

  onPolled(records: number): void {
    this.records += records
  }

  /** Pauses of a checkpoint are seen in one that has begun and ended meanwhile. */
  #endWhenSeen(): void {
    if (this.checkpointsMs.length > 0) this.#end()
    else setTimeout(() => this.#endWhenSeen(), 100)
  }

  #end(): void {
    this.stall = this.#stalls.longest
    this.seconds = (performance.now() - this.#beganMs) / 1000
    this.#stalls.close()
    this.#isOver = true
    this.#settle()
  }
}

/** What is in use after everything unused was collected. */
export function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
