import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../seeded-random.ts'
import { Periods } from './periods.ts'

describe('Periods', () => {
  test('when time goes on, then trouble comes and goes as often and as long as planned', () => {
    const periods = new Periods(
      { everyMs: { min: 80, max: 120 }, forMs: { min: 10, max: 30 } },
      new SeededRandom(1),
    )
    const states = Array.from({ length: 12_000 }, (_, nowMs) => periods.isActive(nowMs))
    const startCount = states.filter((isActive, index) => isActive && !states[index - 1]).length
    const activeMs = states.filter(Boolean).length
    expect(states.slice(0, 80)).not.toContain(true)
    expect(startCount).toBeGreaterThan(85)
    expect(startCount).toBeLessThan(115)
    expect(activeMs / startCount).toBeGreaterThan(15)
    expect(activeMs / startCount).toBeLessThan(25)
  })

  test('when it is asked seldom, then it answers as if it had been asked all the time', () => {
    const options = { everyMs: { min: 5, max: 20 }, forMs: { min: 5, max: 20 } }
    const often = new Periods(options, new SeededRandom(1))
    const seldom = new Periods(options, new SeededRandom(1))
    for (let nowMs = 0; nowMs < 5000; nowMs++) {
      const isActive = often.isActive(nowMs)
      if (nowMs % 97 === 0) expect(seldom.isActive(nowMs)).toBe(isActive)
    }
  })
})
