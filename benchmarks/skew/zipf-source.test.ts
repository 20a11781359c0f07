import { describe, expect, test } from 'vitest'
import { drawKeys } from './zipf-source.ts'

/** How often a key was drawn, as a part of all. */
function shareOf(keys: Int32Array, key: number): number {
  return keys.filter((one) => one === key).length / keys.length
}

describe('drawn keys', () => {
  test('when the exponent is 0, then all keys come, equally often', () => {
    const keys = drawKeys({ events: 0, keys: 10, exponent: 0 }, 1)
    for (let key = 1; key <= 10; key++) expect(shareOf(keys, key)).toBeCloseTo(0.1, 1)
    expect(Math.min(...keys)).toBe(1)
    expect(Math.max(...keys)).toBe(10)
  })

  test('when the exponent is 1.5, then the first key has 38 % and the second a third of that', () => {
    const keys = drawKeys({ events: 0, keys: 100_000, exponent: 1.5 }, 1)
    expect(shareOf(keys, 1)).toBeCloseTo(0.384, 1)
    expect(shareOf(keys, 1) / shareOf(keys, 2)).toBeCloseTo(2 ** 1.5, 0)
  })

  test('when readers have seeds of their own, then they draw other keys in another order', () => {
    const options = { events: 0, keys: 1000, exponent: 1 }
    expect(drawKeys(options, 1)).not.toEqual(drawKeys(options, 2))
    expect(drawKeys(options, 1)).toEqual(drawKeys(options, 1))
  })
})
