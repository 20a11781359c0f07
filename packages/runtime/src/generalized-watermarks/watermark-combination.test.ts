// The combination of channels, against a naive reference that looks at the whole history each time.

import { booleanWatermark, longWatermark, type WatermarkDeclaration } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WatermarkCombination, type WatermarkValue } from './watermark-combination.ts'

type Said = readonly [channel: number, value: WatermarkValue | 'end']

/** What is told after each step, found from all that was said before. */
function naive(
  { combine, waitForAll }: WatermarkDeclaration,
  channelCount: number,
  history: readonly Said[],
): readonly (WatermarkValue | undefined)[] {
  const together = (said: readonly Said[]): WatermarkValue | undefined => {
    const channels = Array.from({ length: channelCount }, (_, channel) => {
      const own = said.filter(([one]) => one === channel).map(([, value]) => value)
      return {
        hasEnded: own.includes('end'),
        last: own.filter((value) => value !== 'end').at(-1),
      }
    })
    if (waitForAll && channels.some(({ hasEnded, last }) => last === undefined && !hasEnded)) {
      return undefined
    }
    const values = channels.map(({ last }) => last).filter((value) => value !== undefined)
    if (values.length === 0) return undefined
    const numbers = values.map(Number)
    switch (combine) {
      case 'min':
        return Math.min(...numbers)
      case 'max':
        return Math.max(...numbers)
      case 'and':
        return values.every((value) => value === true)
      case 'or':
        return values.includes(true)
    }
  }
  return history.map((_, index) => {
    const before = together(history.slice(0, index))
    const after = together(history.slice(0, index + 1))
    return after === before ? undefined : after
  })
}

function run(
  declaration: WatermarkDeclaration,
  channelCount: number,
  history: readonly Said[],
): readonly (WatermarkValue | undefined)[] {
  const hasEnded = Array.from({ length: channelCount }, () => false)
  const none = Array.from({ length: channelCount }, () => undefined)
  const combination = new WatermarkCombination(declaration, none, hasEnded)
  return history.map(([channel, value]) => {
    if (value === 'end') hasEnded[channel] = true
    else combination.set(channel, value)
    return combination.take()?.value
  })
}

describe('the combination of channels', () => {
  test.each([
    [longWatermark('n', { combine: 'min' }), [5, 3, undefined, 9]],
    [longWatermark('n', { combine: 'max' }), [5, undefined, 9, undefined]],
    [longWatermark('n', { combine: 'min', waitForAll: true }), [undefined, 3, undefined, 9]],
  ])('%o', (declaration, told) => {
    const history: Said[] = [
      [0, 5],
      [1, 3],
      [0, 9],
      [1, 9],
    ]
    expect(run(declaration, 2, history)).toEqual(told)
  })

  test('when a channel ends without a value, then it is not waited for; one with a value still counts', () => {
    const declaration = longWatermark('n', { waitForAll: true })
    const history: Said[] = [
      [0, 5],
      [1, 'end'],
      [0, 'end'],
      [2, 7],
    ]
    expect(run(declaration, 2, history.slice(0, 3))).toEqual([undefined, 5, undefined])
    expect(run(declaration, 3, history)).toEqual([undefined, undefined, undefined, 5])
  })

  test('whatever is said, in whatever order, it is what the naive reference says', () => {
    const kind = fc.oneof(
      fc.record({
        combine: fc.constantFrom('min' as const, 'max' as const),
        waitForAll: fc.boolean(),
      }),
      fc.record({
        combine: fc.constantFrom('and' as const, 'or' as const),
        waitForAll: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(
        kind,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.tuple(fc.nat(3), fc.integer({ min: -3, max: 5 })), { maxLength: 40 }),
        (options, channelCount, said) => {
          const { combine, waitForAll } = options
          const isLong = combine === 'min' || combine === 'max'
          const declaration = isLong
            ? longWatermark('n', { combine, waitForAll })
            : booleanWatermark('b', { combine, waitForAll })
          const ended = new Set<number>()
          const history = said.flatMap(([any, number]): Said[] => {
            const channel = any % channelCount
            if (ended.has(channel)) return []
            if (number < -2) {
              ended.add(channel)
              return [[channel, 'end']]
            }
            return [[channel, isLong ? number : number % 2 === 0]]
          })
          expect(run(declaration, channelCount, history)).toEqual(
            naive(declaration, channelCount, history),
          )
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
