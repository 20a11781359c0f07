import {
  type Accumulator,
  AccumulatorTotals,
  DoubleCounter,
  Histogram,
  IntCounter,
  type JsonValue,
} from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { AccumulatorSet } from './accumulator-set.ts'

/** The longest text: a class of a user's. */
class Longest implements Accumulator<string> {
  readonly kind: string
  #text = ''

  constructor(kind = 'longest') {
    this.kind = kind
  }

  add(text: string): void {
    if (text.length > this.#text.length) this.#text = text
  }

  getLocalValue(): string {
    return this.#text
  }

  resetLocal(): void {
    this.#text = ''
  }

  snapshot(): JsonValue {
    return this.#text
  }

  merge(snapshot: JsonValue): void {
    this.add(snapshot as string)
  }
}

function restored(...snapshots: readonly Uint8Array[]): AccumulatorSet {
  const set = new AccumulatorSet()
  for (const snapshot of snapshots) set.restore(snapshot)
  return set
}

function totalsOf(set: AccumulatorSet): AccumulatorTotals {
  const totals = new AccumulatorTotals()
  set.addInto(totals)
  return totals
}

describe('AccumulatorSet', () => {
  test('when accumulators are restored from several subtasks, then each has what all had', () => {
    const parts = [1, 2].map((value) => {
      const set = new AccumulatorSet()
      set.get('sum').add(value)
      const longest = new Longest()
      set.add('longest', longest)
      longest.add('x'.repeat(value))
      return set.snapshot()
    })
    const set = restored(...parts)
    const longest = new Longest()
    set.add('longest', longest)
    expect(longest.getLocalValue()).toBe('xx')
    expect(set.get('sum').getLocalValue()).toBe(3)
    expect(set.get('longest')).toBe(longest)
  })

  test('when nobody asks for a restored one, then it stays in snapshots and results', () => {
    const before = new AccumulatorSet()
    before.get('sum').add(5)
    before.add('longest', new Longest())
    const set = restored(restored(before.snapshot()).snapshot())
    expect(set.isEmpty).toBe(false)
    expect(totalsOf(set).numbers).toEqual({ sum: 5 })
    expect(totalsOf(set).result('longest', () => new Longest())).toBe('')
  })

  test('when a snapshot has the form of earlier releases, then its sums are read', () => {
    // What the first release with accumulators wrote for two names, one with a fraction.
    const bytes = new TextEncoder().encode('[["seen",3],["minutes",1.5]]')
    const set = restored(bytes, bytes)
    expect(set.get('seen').getLocalValue()).toBe(6)
    expect(totalsOf(set).numbers, 'also those that nobody asks for').toEqual({
      seen: 6,
      minutes: 3,
    })
    expect(totalsOf(restored(set.snapshot())).numbers).toEqual({ seen: 6, minutes: 3 })
  })

  test('when a name is used twice, then it is refused, two kinds before all', () => {
    const set = new AccumulatorSet()
    set.add('seen', new IntCounter())
    expect(() => set.add('seen', new IntCounter())).toThrow(/OPTION_INVALID.*once/)
    expect(() => set.add('seen', new Histogram())).toThrow(
      /OPTION_INVALID.*one kind.*"seen".*'int-counter' and 'histogram'/,
    )
  })

  test('when the checkpoint has another kind, then it is refused', () => {
    const before = new AccumulatorSet()
    before.add('seen', new IntCounter())
    const set = restored(before.snapshot())
    expect(() => set.get('seen')).toThrow(
      /STATE_INCOMPATIBLE.*'int-counter', as in the checkpoint.*'double-counter'/,
    )
  })

  test.each([
    ['no accumulator', { add: () => {} }, /one without getLocalValue/],
    ['nothing', undefined, /FUNCTION_INVALID/],
    ['one without a kind', new Longest(''), /FUNCTION_INVALID.*one without a kind/],
    ["one of Millrace's kinds", new Longest('histogram'), /FUNCTION_INVALID.*'histogram'/],
  ])('when it is %s, then it is refused', (_, accumulator, message) => {
    expect(() => new AccumulatorSet().add('name', accumulator as never)).toThrow(message)
  })

  test('when the name is empty, then it is refused', () => {
    expect(() => new AccumulatorSet().add('', new DoubleCounter())).toThrow(/the name ""/)
  })
})
