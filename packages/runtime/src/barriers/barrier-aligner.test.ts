import type { Barrier } from '@millrace/exchange'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BarrierAligner } from './barrier-aligner.ts'

const barrier = (checkpointId: number): Barrier => ({
  kind: 'checkpoint',
  checkpointId,
  triggeredAtMs: 0,
})

/** The decisions for barriers `[channel, checkpoint]` in the order in which they come. */
function decide(channelCount: number, arrivals: readonly (readonly [number, number])[]): string[] {
  const aligner = new BarrierAligner(channelCount)
  return arrivals.map(([channel, id]) => aligner.onBarrier(channel, barrier(id)).kind)
}

describe('BarrierAligner', () => {
  test('when there is one channel, then each barrier is aligned at once', () => {
    expect(
      decide(1, [
        [0, 1],
        [0, 2],
      ]),
    ).toEqual(['aligned', 'aligned'])
  })

  test('when barriers come one by one, then the channels wait until the last one', () => {
    const aligner = new BarrierAligner(3)
    expect(aligner.onBarrier(2, barrier(1))).toEqual({ kind: 'block' })
    expect(aligner.isAligning).toBe(true)
    expect(aligner.onBarrier(0, barrier(1))).toEqual({ kind: 'block' })
    expect(aligner.onBarrier(1, barrier(1))).toEqual({ kind: 'aligned', barrier: barrier(1) })
    expect(aligner.isAligning).toBe(false)
  })

  test('when a newer checkpoint begins, then the older one is given up', () => {
    expect(
      decide(2, [
        [0, 1],
        [1, 2],
        [1, 1],
        [0, 2],
      ]),
    ).toEqual(['block', 'restart', 'ignore', 'aligned'])
  })

  test('when a checkpoint skips numbers, then nothing is given up', () => {
    expect(
      decide(2, [
        [0, 1],
        [1, 1],
        [0, 5],
        [1, 5],
      ]),
    ).toEqual(['block', 'aligned', 'block', 'aligned'])
  })

  test('when a barrier comes twice on a channel, then it is a bug', () => {
    expect(() =>
      decide(2, [
        [0, 1],
        [0, 1],
      ]),
    ).toThrow(/ASSERTION_FAILED.*one barrier of a checkpoint on each channel/)
  })

  test('when every channel has every barrier, then each is aligned in order, however they come', () => {
    const channels = fc.array(fc.nat(2), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(channels, (order) => {
        const aligner = new BarrierAligner(3)
        const isBlocked = [false, false, false]
        const next = [1, 1, 1]
        const aligned: number[] = []
        for (const channel of order) {
          if (isBlocked[channel]) continue
          const decision = aligner.onBarrier(channel, barrier((next[channel] as number)++))
          if (decision.kind === 'aligned') {
            aligned.push(decision.barrier.checkpointId)
            isBlocked.fill(false)
          } else isBlocked[channel] = true
        }
        expect(aligned).toEqual(aligned.map((_, index) => index + 1))
        expect(aligned.length).toBe(Math.min(...next) - 1)
      }),
    )
  })
})
