import { expect, test } from 'vitest'
import { BarrierRound } from './barrier-round.ts'

test('when the barrier is back on all channels, then the round is complete', () => {
  const round = new BarrierRound(2)
  round.begin(1)
  expect(round.isUnderWay).toBe(true)
  expect(round.onReturn(1, 1)).toBe('block')
  expect(round.onReturn(0, 1)).toBe('complete')
  expect(round.isUnderWay).toBe(false)
})

test('when a newer barrier goes out, then the older one is passed over', () => {
  const round = new BarrierRound(2)
  round.begin(1)
  round.onReturn(0, 1)
  round.begin(2)
  expect(round.onReturn(1, 1)).toBe('ignore')
  expect(round.onReturn(1, 2)).toBe('block')
  expect(round.onReturn(0, 2)).toBe('complete')
  expect(round.onReturn(0, 2)).toBe('ignore')
})
