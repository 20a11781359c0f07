import { describe, expect, test } from 'vitest'
import { SeededRandom } from './seeded-random.ts'

describe('SeededRandom', () => {
  test('when two streams have one seed, then they give the same numbers', () => {
    expect(draw(new SeededRandom(7))).toEqual(draw(new SeededRandom(7)))
  })

  test('when seeds or labels differ by little, then the streams have no number in common', () => {
    const root = new SeededRandom(7)
    const streams = [root, new SeededRandom(8), root.fork('a'), root.fork('b'), root.fork('a/b')]
    const numbers = streams.flatMap(draw)
    expect(new Set(numbers).size).toBe(numbers.length)
  })

  test('when numbers were drawn before a fork, then the fork is the same', () => {
    const fresh = new SeededRandom(7)
    const used = new SeededRandom(7)
    draw(used)
    expect(draw(used.fork('disk'))).toEqual(draw(fresh.fork('disk')))
  })

  test('when many numbers are drawn, then they fill the range evenly and stay in it', () => {
    const random = new SeededRandom(1)
    const counts: number[] = Array.from({ length: 10 }, () => 0)
    for (let index = 0; index < 100_000; index++) {
      const slot = Math.floor(random.next() * 10)
      counts[slot] = (counts[slot] ?? Number.NaN) + 1
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })

  test('when whole numbers are drawn, then both ends of the range occur and nothing else', () => {
    const random = new SeededRandom(1)
    const seen = new Set(Array.from({ length: 1000 }, () => random.integer({ min: 3, max: 6 })))
    expect([...seen].toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6])
  })

  test('when a skewed number is drawn, then it is mostly near the start of the range', () => {
    const random = new SeededRandom(1)
    const delays = Array.from({ length: 1000 }, () => random.skewed({ min: 1, max: 9 }))
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...delays)).toBeLessThanOrEqual(9)
    expect(delays.filter((delay) => delay < 2).length).toBeGreaterThan(400)
    expect(delays.filter((delay) => delay > 7).length).toBeGreaterThan(30)
  })

  test('when ids are drawn, then each is 32 hexadecimal digits of its own', () => {
    const random = new SeededRandom(1)
    const ids = Array.from({ length: 1000 }, () => random.id())
    expect(new Set(ids).size).toBe(1000)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })

  test('when a chance is 0 or 1, then it is never or always', () => {
    const random = new SeededRandom(1)
    const outcomes = Array.from({ length: 100 }, () => [random.chance(0), random.chance(1)])
    for (const outcome of outcomes) expect(outcome).toEqual([false, true])
  })
})

function draw(random: SeededRandom): readonly number[] {
  return Array.from({ length: 100 }, () => random.next())
}
