import type { Barrier } from '@millrace/exchange'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BarrierAligner, type BarrierDecision } from './barrier-aligner.ts'

const barrier = (checkpointId: number, changes: Partial<Barrier> = {}): Barrier => ({
  kind: 'checkpoint',
  checkpointId,
  triggeredAtMs: 0,
  alignment: 'aligned',
  ...changes,
})

const counted = (checkpointId: number): Barrier =>
  barrier(checkpointId, { alignment: 'at-least-once' })

const unaligned = (checkpointId: number): Barrier =>
  barrier(checkpointId, { alignment: 'unaligned' })

/** A task with channels that must not be overtaken. */
const inPlace = (count: number): BarrierAligner =>
  new BarrierAligner(Array.from({ length: count }, () => false))

const overtakable = (count: number): BarrierAligner =>
  new BarrierAligner(Array.from({ length: count }, () => true))

/** The decisions for barriers `[channel, checkpoint]` in the order in which they are taken, and who waits after them. */
function decide(
  aligner: BarrierAligner,
  arrivals: readonly (readonly [number, number])[],
): string[] {
  return arrivals.map(([channel, id]) => {
    const { kind } = aligner.onBarrier(channel, barrier(id))
    return `${kind} ${[...aligner.blocked].join()}`
  })
}

describe('barriers that are aligned', () => {
  test('when there is one channel, then each barrier is a cut at once', () => {
    const decisions = decide(inPlace(1), [
      [0, 1],
      [0, 2],
    ])
    expect(decisions).toEqual(['cut ', 'cut '])
  })

  test('when barriers come one by one, then the channels wait until the last one', () => {
    const aligner = inPlace(3)
    aligner.onBarrier(2, barrier(1))
    expect([...aligner.blocked]).toEqual([2])
    expect(aligner.awaited).toEqual(barrier(1))
    aligner.onBarrier(0, barrier(1))
    expect([...aligner.blocked]).toEqual([2, 0])
    const decision = aligner.onBarrier(1, barrier(1))
    expect(decision).toEqual({ kind: 'cut', barrier: barrier(1), overtaken: [] })
    expect([...aligner.blocked]).toEqual([])
    expect(aligner.awaited).toBeUndefined()
  })

  test('when a newer checkpoint begins, then the older one is given up', () => {
    const decisions = decide(inPlace(2), [
      [0, 1],
      [1, 2],
      [1, 1],
      [0, 2],
    ])
    expect(decisions).toEqual(['wait 0', 'wait 1', 'wait 1', 'cut '])
  })

  test('when a checkpoint skips numbers, then nothing is given up', () => {
    const decisions = decide(inPlace(2), [
      [0, 1],
      [1, 1],
      [0, 5],
      [1, 5],
    ])
    expect(decisions).toEqual(['wait 0', 'cut ', 'wait 0', 'cut '])
  })

  test('when a barrier comes twice on a channel, then it is a bug', () => {
    const twice = [
      [0, 1],
      [0, 1],
    ] as const
    expect(() => decide(inPlace(2), twice)).toThrow(
      /ASSERTION_FAILED.*one barrier of a checkpoint on each channel/,
    )
  })

  test('when every channel has every barrier, then each is cut in order, however they come', () => {
    const channels = fc.array(fc.nat(2), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(channels, (order) => {
        const aligner = inPlace(3)
        const next = [1, 1, 1]
        const cuts: number[] = []
        for (const channel of order) {
          if (aligner.blocked.has(channel)) continue
          const decision = aligner.onBarrier(channel, barrier((next[channel] as number)++))
          if (decision.kind === 'cut') cuts.push(decision.barrier.checkpointId)
        }
        expect(cuts).toEqual(cuts.map((_, index) => index + 1))
        expect(cuts.length).toBe(Math.min(...next) - 1)
      }),
    )
  })
})

describe('barriers that are only counted', () => {
  test('when they come one by one, then no channel waits, and the last one is the cut', () => {
    const aligner = overtakable(2)
    expect(aligner.onBarrier(1, counted(1))).toEqual({ kind: 'wait' })
    expect([...aligner.blocked]).toEqual([])
    const decision = aligner.onBarrier(0, counted(1))
    expect(decision).toEqual({ kind: 'cut', barrier: counted(1), overtaken: [] })
  })

  test('when several checkpoints are under way, then each is cut at its last barrier, and none that was given up', () => {
    const aligner = inPlace(2)
    const arrivals = [
      [0, 1],
      [0, 2],
      [0, 4],
      [1, 2],
      [1, 4],
      [1, 5],
      [0, 5],
    ] as const
    const cuts = arrivals.flatMap(([channel, id]) => {
      const decision = aligner.onBarrier(channel, counted(id))
      return decision.kind === 'cut' ? [decision.barrier.checkpointId] : []
    })
    expect(cuts).toEqual([2, 4, 5])
  })

  test('when a savepoint is aligned meanwhile, then it is not given up', () => {
    const aligner = inPlace(2)
    aligner.onBarrier(0, barrier(1))
    expect(aligner.onBarrier(1, counted(2))).toEqual({ kind: 'wait' })
    expect([...aligner.blocked]).toEqual([0])
    expect(aligner.onBarrier(1, barrier(1))).toMatchObject({ kind: 'cut' })
  })
})

describe('barriers that overtake', () => {
  test('when the first one has come, then it is a cut, and the others mean nothing any more', () => {
    const aligner = overtakable(3)
    expect(aligner.onArrival(unaligned(1))).toEqual({
      kind: 'cut',
      barrier: unaligned(1),
      overtaken: [0, 1, 2],
    })
    expect(aligner.onArrival(unaligned(1))).toEqual({ kind: 'wait' })
    for (const channel of [0, 1, 2]) {
      expect(aligner.onBarrier(channel, unaligned(1))).toEqual({ kind: 'wait' })
      expect([...aligner.blocked]).toEqual([])
    }
  })

  test('when a channel must not be overtaken, then the cut waits for its barrier in place', () => {
    const aligner = new BarrierAligner([true, false, true])
    expect(aligner.onArrival(unaligned(1))).toEqual({ kind: 'wait' })
    expect(aligner.onBarrier(2, unaligned(1))).toEqual({ kind: 'wait' })
    expect([...aligner.blocked]).toEqual([2])
    expect(aligner.onBarrier(1, unaligned(1))).toEqual({
      kind: 'cut',
      barrier: unaligned(1),
      overtaken: [0],
    })
    expect([...aligner.blocked]).toEqual([])
  })

  test('when an aligned barrier has waited for too long, then it overtakes, and goes on as one that does', () => {
    const aligner = overtakable(2)
    aligner.onBarrier(0, barrier(1))
    expect(aligner.onTimeout(1)).toEqual({ kind: 'cut', barrier: unaligned(1), overtaken: [1] })
    expect(aligner.onTimeout(1)).toEqual({ kind: 'wait' })
  })

  test('when a barrier in place is still missing as the time is over, then it is the cut', () => {
    const aligner = new BarrierAligner([true, false])
    aligner.onArrival(barrier(1))
    expect(aligner.onTimeout(1)).toEqual({ kind: 'wait' })
    expect(aligner.onBarrier(1, barrier(1))).toMatchObject({ kind: 'cut', overtaken: [0] })
  })

  test('when it overtakes upstream, then it does so here, though it began aligned', () => {
    const aligner = overtakable(2)
    aligner.onBarrier(0, barrier(1))
    expect(aligner.onArrival(unaligned(1))).toMatchObject({ kind: 'cut', overtaken: [1] })
  })

  test('when the time of an older checkpoint is over, then nothing happens', () => {
    const aligner = overtakable(2)
    aligner.onBarrier(0, barrier(1))
    aligner.onBarrier(1, barrier(2))
    expect(aligner.onTimeout(1)).toEqual({ kind: 'wait' })
    expect([...aligner.blocked]).toEqual([1])
  })

  test('when a barrier of an older checkpoint comes, then nothing happens', () => {
    const aligner = overtakable(2)
    aligner.onArrival(unaligned(2))
    expect(aligner.onArrival(unaligned(1))).toEqual({ kind: 'wait' })
    expect(aligner.onBarrier(0, unaligned(1))).toEqual({ kind: 'wait' })
  })

  test('when channels of both kinds have barriers in any order, then the cut comes with the last in place', () => {
    const kinds = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 })
    const order = fc.array(fc.nat(9), { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(kinds, order, (canBeOvertaken, moves) => {
        const aligner = new BarrierAligner(canBeOvertaken)
        const taken = new Set<number>()
        let cut: (BarrierDecision & { kind: 'cut' }) | undefined
        let hasArrived = false
        for (const move of moves) {
          const channel = (move >> 1) % canBeOvertaken.length
          const isArrival = move % 2 === 0 && canBeOvertaken[channel] === true
          if (!isArrival && taken.has(channel)) continue
          hasArrived = true
          if (!isArrival) taken.add(channel)
          const decision = isArrival
            ? aligner.onArrival(unaligned(1))
            : aligner.onBarrier(channel, unaligned(1))
          if (decision.kind === 'cut') {
            expect(cut).toBeUndefined()
            cut = decision
            const left = canBeOvertaken.flatMap((_, index) => (taken.has(index) ? [] : [index]))
            expect(decision.overtaken).toEqual(left)
          }
          const isDue = canBeOvertaken.every((can, index) => can || taken.has(index))
          expect(cut !== undefined).toBe(hasArrived && isDue)
          expect([...aligner.blocked]).toEqual(cut === undefined ? [...taken] : [])
        }
      }),
    )
  })
})
