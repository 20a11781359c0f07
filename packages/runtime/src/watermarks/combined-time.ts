// The time of several members together: of the channels of an input, the inputs of an operator, the splits of a source.
//
//   active ──behind──> catching up ──caught up──> active       counts in the minimum: active
//     │  ▲                 ▲  │                                is waited for, but does not count: catching up
//     ▼  │                 │  ▼                                is not waited for: idle
//    idle ─────────────────┘ idle          any ──MAX_WATERMARK──> finished ──> never comes back
//
//   some active or catching up   not idle; the smallest watermark of the active ones
//   else some idle               idle; the largest watermark of the idle ones, so that the order in which they became idle
//                                does not show; finished ones do not count, or the end of one would be the end of time
//   else some finished           MAX_WATERMARK
//
// The watermark never falls: who lies behind it when it comes back does not pull it down. The rules are those of Flink's
// StatusWatermarkValve and CombinedWatermarkStatus after all their repairs, see flink-watermark-stalls.test.ts.

import { MAX_WATERMARK, MIN_WATERMARK } from '@millrace/core'

/**
 * What happens to a member that was idle, comes back and lies behind. `'at-once'`: it counts, and holds the watermark where
 * it is until it has caught up. `'when-caught-up'`: the others go on without it until then.
 */
export type Rejoining = 'at-once' | 'when-caught-up'

/** How a {@link CombinedTime} begins. */
export interface CombinedTimeInit {
  /** How many members it has. Default: 0. */
  readonly memberCount?: number
  readonly rejoining: Rejoining
  /** The watermark of the last checkpoint: time does not go back below it. Default: none. */
  readonly restored?: number
}

type MemberState = 'active' | 'catching-up' | 'idle' | 'finished' | 'absent'

/** Keeps the time of each member and the time of all of them. Pure: whoever changes it looks what became of it. */
export class CombinedTime {
  readonly #rejoining: Rejoining
  readonly #watermarks: number[]
  readonly #states: MemberState[]
  #watermark: number
  #isIdle = false

  constructor({ memberCount = 0, rejoining, restored = MIN_WATERMARK }: CombinedTimeInit) {
    this.#rejoining = rejoining
    this.#watermarks = Array.from({ length: memberCount }, () => MIN_WATERMARK)
    this.#states = Array.from({ length: memberCount }, () => 'active')
    this.#watermark = restored
  }

  /** The watermark of all members together. */
  get watermark(): number {
    return this.#watermark
  }

  /** Whether nothing is waited for: all members are idle or finished, and not all finished; or there is none. */
  get isIdle(): boolean {
    return this.#isIdle
  }

  /** Adds a member, which counts from now on. Answers its index; that of a removed one is used again. */
  add(watermark: number = MIN_WATERMARK): number {
    const free = this.#states.indexOf('absent')
    const member = free === -1 ? this.#states.length : free
    this.#watermarks[member] = watermark
    this.#states[member] = watermark === MAX_WATERMARK ? 'finished' : 'active'
    this.#combine()
    return member
  }

  /** Takes a member out, as if it had never been there; the watermark stays. */
  remove(member: number): void {
    this.#states[member] = 'absent'
    this.#combine()
  }

  /** The member's watermark has grown. Answers whether the time of all has changed. */
  advance(member: number, watermark: number): boolean {
    const before = this.#watermarks[member] as number
    if (watermark <= before || this.#states[member] === 'finished') return false
    this.#watermarks[member] = watermark
    const state = this.#states[member] as MemberState
    if (watermark === MAX_WATERMARK) this.#states[member] = 'finished'
    else if (state === 'catching-up' && watermark >= this.#watermark)
      this.#states[member] = 'active'
    // Who did not hold the minimum down before does not change it by growing.
    else if (state === 'catching-up' || (state === 'active' && before > this.#watermark))
      return false
    return this.#combine()
  }

  /** The member has become idle, or is waited for again. Answers whether the time of all has changed. */
  setIdle(member: number, isIdle: boolean): boolean {
    const state = this.#states[member]
    if (state === 'finished' || (state === 'idle') === isIdle) return false
    const isBehind = (this.#watermarks[member] as number) < this.#watermark
    if (isIdle) this.#states[member] = 'idle'
    else {
      const waits = isBehind && this.#rejoining === 'when-caught-up'
      this.#states[member] = waits ? 'catching-up' : 'active'
    }
    return this.#combine()
  }

  /** The watermark of all is at least this from now on. */
  raise(watermark: number): void {
    this.#watermark = Math.max(this.#watermark, watermark)
  }

  /** One that goes on from the same state, by itself. */
  copy(): CombinedTime {
    const copy = new CombinedTime({ rejoining: this.#rejoining, restored: this.#watermark })
    copy.#watermarks.push(...this.#watermarks)
    copy.#states.push(...this.#states)
    copy.#isIdle = this.#isIdle
    return copy
  }

  #combine(): boolean {
    let smallestActive = Number.POSITIVE_INFINITY
    let largestIdle = Number.NEGATIVE_INFINITY
    let isAnyWaitedFor = false
    let isAnyFinished = false
    for (let member = 0; member < this.#states.length; member++) {
      const watermark = this.#watermarks[member] as number
      switch (this.#states[member] as MemberState) {
        case 'active':
          isAnyWaitedFor = true
          if (watermark < smallestActive) smallestActive = watermark
          break
        case 'catching-up':
          isAnyWaitedFor = true
          break
        case 'idle':
          if (watermark > largestIdle) largestIdle = watermark
          break
        case 'finished':
          isAnyFinished = true
          break
        case 'absent':
      }
    }
    const hasIdle = largestIdle > Number.NEGATIVE_INFINITY
    const isIdle = !isAnyWaitedFor && (hasIdle || !isAnyFinished)
    let watermark = this.#watermark
    if (smallestActive < Number.POSITIVE_INFINITY) watermark = Math.max(watermark, smallestActive)
    else if (!isAnyWaitedFor && hasIdle) watermark = Math.max(watermark, largestIdle)
    else if (!isAnyWaitedFor && isAnyFinished) watermark = MAX_WATERMARK
    const hasChanged = watermark !== this.#watermark || isIdle !== this.#isIdle
    this.#watermark = watermark
    this.#isIdle = isIdle
    return hasChanged
  }
}
