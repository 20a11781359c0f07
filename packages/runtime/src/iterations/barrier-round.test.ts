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

test('when a barrier is back before the own one goes out, then its channel waits, and counts', () => {
  const round = new BarrierRound(2)
  expect(round.onReturn(0, 1)).toBe('block')
  expect(round.isUnderWay).toBe(false)
  expect(round.begin(1)).toBe(false)
  expect([...round.blocked]).toEqual([0])
  expect(round.onReturn(1, 1)).toBe('complete')
})

test('when a barrier is back early, but another one goes out, then its channel goes on', () => {
  const round = new BarrierRound(2)
  round.onReturn(0, 1)
  expect(round.begin(2)).toBe(false)
  expect([...round.blocked]).toEqual([])
  expect(round.onReturn(0, 2)).toBe('block')
})

test('when all barriers are back before the own one goes out, then the round is complete at once', () => {
  const round = new BarrierRound(2)
  round.onReturn(0, 1)
  round.onReturn(1, 1)
  expect(round.begin(1)).toBe(true)
  expect(round.isUnderWay).toBe(false)
  expect([...round.blocked]).toEqual([])
})

test('when a checkpoint is given up, then nobody waits for its barriers, early or late', () => {
  const round = new BarrierRound(2)
  round.begin(1)
  round.onReturn(0, 1)
  round.abort(1)
  expect(round.isUnderWay).toBe(false)
  expect([...round.blocked]).toEqual([])
  expect(round.onReturn(1, 1)).toBe('ignore')
  round.onReturn(0, 2)
  round.abort(2)
  expect([...round.blocked]).toEqual([])
  expect(round.onReturn(1, 2)).toBe('ignore')
  round.begin(3)
  expect(round.onReturn(0, 3)).toBe('block')
  round.abort(2)
  expect(round.isUnderWay).toBe(true)
  expect(round.onReturn(1, 3)).toBe('complete')
})
