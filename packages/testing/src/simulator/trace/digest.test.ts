import { describe, expect, test } from 'vitest'
import { Digest } from './digest.ts'

describe('Digest', () => {
  test.each([
    ['texts', 'ab', 'ba'],
    ['numbers in the last bit', 0.3, 0.1 + 0.2],
    ['bytes', new Uint8Array([1, 2, 3, 4, 5]), new Uint8Array([1, 2, 3, 4, 6])],
    ['lengths', new Uint8Array(4), new Uint8Array(5)],
    ['values of a field', { id: 1 }, { id: 2 }],
    ['names of a field', { id: 1 }, { it: 1 }],
    ['nesting', [[1], 2], [[1, 2]]],
    ['kinds', 1, '1'],
    ['nothing', null, undefined],
    ['entries of a map', new Map([[1, 2]]), new Map([[1, 3]])],
    ['dates', new Date(0), new Date(1)],
    ['errors', new Error('a'), new Error('b')],
  ])('when %s differ, then the hash differs', (_what, left, right) => {
    expect(hashOf(left)).not.toBe(hashOf(right))
  })

  test('when equal values are mixed, then the hash is the same, wherever bytes lie', () => {
    const bytes = new Uint8Array([9, 1, 2, 3, 4, 5])
    expect(hashOf(bytes.subarray(1))).toBe(hashOf(new Uint8Array([1, 2, 3, 4, 5])))
    expect(hashOf({ a: [1, 'x'] })).toBe(hashOf({ a: [1, 'x'] }))
  })

  test('when a value holds itself, then mixing comes to an end', () => {
    const value: Record<string, unknown> = {}
    value['self'] = value
    expect(hashOf(value)).toMatch(/^[0-9a-f]{16}$/)
  })
})

function hashOf(value: unknown): string {
  const digest = new Digest()
  digest.mixValue(value)
  return digest.hex()
}
