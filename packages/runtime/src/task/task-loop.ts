// The mailbox of one slot: one loop, for all tasks of the slot. Control mail first, then the tasks that can do
// something, in turn, a slice each, until a millisecond has passed; then the event loop has its turn.
//
//   mail ──┐
//          ├──> turn: mail … slice slice slice … (1 ms), slice beside ──soon──> turn …      nothing to do: no turn at all
//   wake ──┘
//
// What is done beside the tasks, writing large state, gets one slice at the end of each turn: half of a busy thread, all of an idle one.
//
// Yielding by `soon` (setImmediate) lets timers, ports and files in. A loop of message ports would starve them.

import type { Platform } from '@millrace/core'

/** How long a turn lasts: long enough that yielding costs 0.1 %, short enough that control mail is prompt. */
const TURN_MS = 1

/** What the loop runs. */
export interface LoopTask {
  /** Does a bounded amount of work. True if there may be more to do at once. Must not throw. */
  runSlice(nowMs: number): boolean
}

/** Runs tasks and mail cooperatively. */
export class TaskLoop {
  readonly #platform: Pick<Platform, 'clock' | 'timers'>
  readonly #mail: (() => void)[] = []
  readonly #ready: LoopTask[] = []
  readonly #isReady = new Set<LoopTask>()
  readonly #beside: LoopTask[] = []
  #isScheduled = false

  constructor(platform: Pick<Platform, 'clock' | 'timers'>) {
    this.#platform = platform
  }

  /** Runs `mail` in the next turn, before any task. It must not throw. */
  enqueue(mail: () => void): void {
    this.#mail.push(mail)
    this.#schedule()
  }

  /** The task may have something to do. Any number of times. */
  wake(task: LoopTask): void {
    if (this.#isReady.has(task)) return
    this.#isReady.add(task)
    this.#ready.push(task)
    this.#schedule()
  }

  /** Gives `work` slices beside the tasks, one in each turn, until it has nothing more to do. Any number of times. */
  wakeBeside(work: LoopTask): void {
    if (this.#beside.includes(work)) return
    this.#beside.push(work)
    this.#schedule()
  }

  /** Forgets a task. */
  remove(task: LoopTask): void {
    if (!this.#isReady.delete(task)) return
    this.#ready.splice(this.#ready.indexOf(task), 1)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#platform.timers.soon(() => this.#turn())
  }

  #turn(): void {
    const { clock } = this.#platform
    let nowMs = clock.monotonicMs()
    const endMs = nowMs + TURN_MS
    do {
      for (let mail = this.#mail.shift(); mail !== undefined; mail = this.#mail.shift()) mail()
      const task = this.#ready.shift()
      if (task === undefined) break
      this.#isReady.delete(task)
      if (task.runSlice(nowMs)) this.wake(task)
      nowMs = clock.monotonicMs()
    } while (nowMs < endMs)
    const beside = this.#beside.shift()
    if (beside?.runSlice(nowMs) === true) this.#beside.push(beside)
    this.#isScheduled = false
    if (this.#mail.length > 0 || this.#ready.length > 0 || this.#beside.length > 0) this.#schedule()
  }
}
