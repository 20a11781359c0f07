import { MAX_WATERMARK, MIN_WATERMARK } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CombinedTime, type Rejoining } from './combined-time.ts'

/** What may happen to a member. */
type Step =
  | { readonly kind: 'advance'; readonly member: number; readonly watermark: number }
  | { readonly kind: 'idle' | 'active' | 'remove'; readonly member: number }
  | { readonly kind: 'add' }

interface Member {
  watermark: number
  isIdle: boolean
  /** Came back behind the others and is not waited for yet. */
  isLate: boolean
}

/** The same, the slow and obvious way: all is computed anew after each step. */
class NaiveTime {
  readonly members: (Member | undefined)[]
  readonly #rejoining: Rejoining
  watermark: number
  isIdle = false

  constructor(memberCount: number, rejoining: Rejoining, restored: number) {
    this.#rejoining = rejoining
    this.members = Array.from({ length: memberCount }, fresh)
    this.watermark = restored
  }

  apply(step: Step): void {
    if (step.kind === 'add') {
      const free = this.members.indexOf(undefined)
      this.members[free === -1 ? this.members.length : free] = fresh()
    } else if (step.kind === 'remove') this.members[step.member] = undefined
    else this.#change(this.members[step.member] as Member, step)
    this.#combine()
  }

  #change(member: Member, step: Step & { readonly member: number }): void {
    if (member.watermark === MAX_WATERMARK) return
    if (step.kind === 'idle') [member.isIdle, member.isLate] = [true, false]
    if (step.kind === 'active' && member.isIdle) {
      member.isIdle = false
      member.isLate = this.#rejoining === 'when-caught-up' && member.watermark < this.watermark
    }
    if (step.kind === 'advance') {
      member.watermark = Math.max(member.watermark, step.watermark)
      if (member.watermark >= this.watermark) member.isLate = false
    }
  }

  #combine(): void {
    const members = this.members.filter((member) => member !== undefined)
    const unfinished = members.filter(({ watermark }) => watermark < MAX_WATERMARK)
    const awaited = unfinished.filter(({ isIdle }) => !isIdle)
    const counting = awaited.filter(({ isLate }) => !isLate).map(({ watermark }) => watermark)
    this.isIdle = awaited.length === 0 && (unfinished.length > 0 || members.length === 0)
    let next = this.watermark
    if (counting.length > 0) next = Math.min(...counting)
    else if (awaited.length > 0) next = this.watermark
    else if (unfinished.length > 0) next = Math.max(...unfinished.map((member) => member.watermark))
    else if (members.length > 0) next = MAX_WATERMARK
    this.watermark = Math.max(this.watermark, next)
  }
}

function fresh(): Member {
  return { watermark: MIN_WATERMARK, isIdle: false, isLate: false }
}

function apply(time: CombinedTime, step: Step): boolean | undefined {
  switch (step.kind) {
    case 'advance':
      return time.advance(step.member, step.watermark)
    case 'idle':
    case 'active':
      return time.setIdle(step.member, step.kind === 'idle')
    case 'add':
      time.add()
      return undefined
    case 'remove':
      time.remove(step.member)
      return undefined
  }
}

/** Both take the step, and must agree. */
function takeStep(time: CombinedTime, naive: NaiveTime, step: Step): void {
  const before = [time.watermark, time.isIdle]
  const hasChanged = apply(time, step)
  naive.apply(step)
  const after = [time.watermark, time.isIdle]
  if (after[0] !== naive.watermark || after[1] !== naive.isIdle) {
    expect(after, JSON.stringify(step)).toEqual([naive.watermark, naive.isIdle])
  }
  const isOther = before[0] !== after[0] || before[1] !== after[1]
  if (hasChanged !== undefined && hasChanged !== isOther) expect(hasChanged).toBe(isOther)
}

const REJOININGS: readonly Rejoining[] = ['at-once', 'when-caught-up']

describe('the time of several members', () => {
  test.each(REJOININGS)(
    'when three members do all they can in four steps, then it is as computed anew (%s)',
    (rejoining) => {
      const steps = [0, 1, 2].flatMap((member): Step[] => [
        { kind: 'advance', member, watermark: 1 },
        { kind: 'advance', member, watermark: 2 },
        { kind: 'advance', member, watermark: MAX_WATERMARK },
        { kind: 'idle', member },
        { kind: 'active', member },
      ])
      let sequences = 0
      const explore = (path: readonly Step[], depth: number): void => {
        if (depth === 0) {
          sequences++
          const time = new CombinedTime({ memberCount: 3, rejoining })
          const naive = new NaiveTime(3, rejoining, MIN_WATERMARK)
          for (const step of path) takeStep(time, naive, step)
          return
        }
        for (const step of steps) explore([...path, step], depth - 1)
      }
      explore([], 4)
      expect(sequences).toBe(steps.length ** 4)
    },
  )

  test('when members come and go, advance, rest and return at random, then it is as computed anew', () => {
    const kinds = fc.constantFrom('advance', 'advance', 'idle', 'active', 'remove', 'add' as const)
    const choices = fc.array(
      fc.record({
        kind: kinds,
        pick: fc.nat(),
        watermark: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(MAX_WATERMARK)),
      }),
      { maxLength: 60, size: 'max' },
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...REJOININGS),
        fc.nat(3),
        fc.constantFrom(MIN_WATERMARK, 0),
        choices,
        (rejoining, memberCount, restored, all) => {
          const time = new CombinedTime({ memberCount, rejoining, restored })
          const naive = new NaiveTime(memberCount, rejoining, restored)
          for (const { kind, pick, watermark } of all) {
            const present = [...naive.members.keys()].filter((key) => naive.members[key])
            const member = present[pick % present.length]
            if (kind === 'add') takeStep(time, naive, { kind })
            else if (member !== undefined) {
              takeStep(time, naive, { kind, member, watermark } as Step)
            }
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('when it is restored, then time does not go back, and goes on once all are past it', () => {
    const time = new CombinedTime({ memberCount: 2, rejoining: 'when-caught-up', restored: 100 })
    expect(time.watermark).toBe(100)
    expect(time.advance(0, 150)).toBe(false)
    expect(time.advance(1, 90)).toBe(false)
    expect(time.watermark).toBe(100)
    expect(time.advance(1, 120)).toBe(true)
    expect(time.watermark).toBe(120)
  })
})
