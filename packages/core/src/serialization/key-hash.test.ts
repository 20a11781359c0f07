import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Key } from '../functions/functions.ts'
import { assertKey, hashKey, keyGroupOf } from './key-hash.ts'

// Checkpoints depend on these numbers. Those of strings, doubles and bigints were computed with another
// implementation of MurmurHash3 (UTF-16LE or IEEE bytes, and the seed of the kind).
const golden: readonly (readonly [Key, number])[] = [
  [0, 0],
  [1, 1364076727],
  [-1, -2114883783],
  [2 ** 31 - 1, -104067416],
  [-(2 ** 31), 1832674720],
  [0.5, 1922391962],
  [2 ** 31, 49901000],
  [1e12, -864741903],
  [-0.25, 368751240],
  ['', -643106861],
  ['a', 1229274632],
  ['ab', 1101896051],
  ['abc', 1405879232],
  ['SFO', 931916159],
  ['🛫', 1706631893],
  ['\ud800', 507490587],
  [true, 262886248],
  [false, -878682501],
  [0n, -1943857227],
  [1n, -1812595093],
  [-(2n ** 70n), -1766969312],
]

describe('hashKey', () => {
  test.each(golden)('when the key is %s, then its hash is what it always was', (key, hash) => {
    expect(hashKey(key)).toBe(hash)
  })

  test('when the key is -0, then it hashes like 0', () => {
    expect(hashKey(-0)).toBe(hashKey(0))
  })

  test('when a string is put together from parts, then only its text counts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(hashKey(left + right)).toBe(hashKey([...left, ...right].join('')))
      }),
    )
  })

  test.each([
    ['numbers in a row', (index: number): Key => index],
    ['multiples of 1024', (index: number): Key => index * 1024],
    ['fractions', (index: number): Key => index + 0.5],
    ['numbered names', (index: number): Key => `user-${index}`],
    ['bigints', (index: number): Key => BigInt(index)],
  ])('when the keys are %s, then they spread evenly over the key groups', (_what, keyAt) => {
    const keysPerGroup = new Uint32Array(128)
    for (let index = 0; index < 64_000; index++) {
      const group = keyGroupOf(keyAt(index), 128)
      keysPerGroup[group] = (keysPerGroup[group] as number) + 1
    }
    // 500 on average with a standard deviation of 22; five of them in either direction.
    expect(Math.min(...keysPerGroup)).toBeGreaterThan(390)
    expect(Math.max(...keysPerGroup)).toBeLessThan(610)
  })
})

describe('keyGroupOf', () => {
  test('when given any key, then the group is within the max parallelism', () => {
    const keys = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.bigInt())
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 32_768 }), (key, maxParallelism) => {
        const group = keyGroupOf(key, maxParallelism)
        expect(Number.isInteger(group) && group >= 0 && group < maxParallelism).toBe(true)
      }),
    )
  })

  test('when the max parallelism is a power of two or is not, then the group is the rest of the unsigned hash', () => {
    const maxParallelisms = fc.oneof(
      fc.integer({ min: 0, max: 15 }).map((exponent) => 2 ** exponent),
      fc.integer({ min: 1, max: 32_768 }),
    )
    fc.assert(
      fc.property(fc.string(), maxParallelisms, (key, maxParallelism) => {
        const rest = BigInt.asUintN(32, BigInt(hashKey(key))) % BigInt(maxParallelism)
        expect(keyGroupOf(key, maxParallelism)).toBe(Number(rest))
      }),
    )
  })
})

describe('assertKey', () => {
  test.each(['', 'SFO', 0, -0, 1.5, Number.MAX_VALUE, true, false, 0n])(
    'when the key is %s, then it passes',
    (key) => {
      expect(() => assertKey(key)).not.toThrow()
    },
  )

  test.each([
    null,
    undefined,
    Number.NaN,
    Infinity,
    -Infinity,
    {},
    ['a', 'b'],
    new Date(0),
    Symbol('key'),
    () => 'key',
  ])('when the key is %s, then it is refused with advice', (key) => {
    expect(() => assertKey(key)).toThrow(/^KEY_INVALID.*return a string such as `\$\{a\}\|\$\{b\}`/)
  })
})
