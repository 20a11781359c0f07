import { recordClass, Types } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { foldField, pickByField } from './field-functions.ts'

const Entry = Types.record({ word: Types.string, count: Types.int })

class Purse {
  coins: bigint
  constructor(coins: bigint) {
    this.coins = coins
  }
  get isEmpty(): boolean {
    return this.coins === 0n
  }
}

describe('folding a field', () => {
  test('when the type is a record, then the result is of the class the engine made for it', () => {
    const { create } = recordClass(Entry)
    const left = create('a', 1)
    const result = foldField('sum', 'count', Entry)(left, create('b', 2))
    expect({ ...result }).toEqual({ word: 'a', count: 3 })
    expect(Object.getPrototypeOf(result)).toBe(Object.getPrototypeOf(left))
    expect(left.count).toBe(1)
  })

  test('when there is no type, then the class of the record and its bigints stay', () => {
    const left = new Purse(2n ** 60n)
    const result = foldField<Purse>('sum', 'coins', undefined)(left, new Purse(1n))
    expect(result).toBeInstanceOf(Purse)
    expect(result.coins).toBe(2n ** 60n + 1n)
    expect(result.isEmpty).toBe(false)
    expect(left.coins).toBe(2n ** 60n)
  })

  test('when fields are equal, then picking keeps the first record', () => {
    const [first, second] = [{ at: new Date(5) }, { at: new Date(5) }]
    expect(pickByField<{ at: Date }>('max', 'at')(first, second)).toBe(first)
    expect(pickByField<{ at: Date }>('min', 'at')(first, second)).toBe(first)
    expect(pickByField<{ at: Date }>('max', 'at')(first, { at: new Date(6) })).not.toBe(first)
  })

  test('when fields are equal and the last is wanted, then picking keeps it, but of no worse ones', () => {
    const [first, second] = [{ n: 5 }, { n: 5 }]
    for (const pick of ['min', 'max'] as const) {
      const last = pickByField<{ n: number }>(pick, 'n', { first: false })
      expect(last(first, second)).toBe(second)
      const better = { n: pick === 'min' ? 4 : 6 }
      expect(last(first, better)).toBe(better)
      expect(last(better, first)).toBe(better)
    }
  })

  test('when the option is wrong, then it says so', () => {
    expect(() => pickByField('min', 'n' as never, { frist: false } as never)).toThrow(
      /OPTION_UNKNOWN.*option of minBy: first/,
    )
    expect(() => pickByField('max', 'n' as never, { first: 0 } as never)).toThrow(
      /OPTION_INVALID.*first of maxBy/,
    )
  })
})
