import { describe, expect, expectTypeOf, test } from 'vitest'
import type { MillraceError } from '../errors/millrace-error.ts'
import {
  booleanWatermark,
  checkWatermarkDeclaration,
  describeDeclaration,
  type GeneralizedWatermark,
  isSameDeclaration,
  isWatermarkOf,
  longWatermark,
  watermarkOf,
} from './generalized-watermark.ts'

describe('a declaration', () => {
  test('when nothing is said, then it is combined as in Flink, waits for nobody and is forwarded', () => {
    expect(longWatermark('n')).toEqual({
      name: 'n',
      type: 'long',
      combine: 'min',
      waitForAll: false,
      handling: 'forward',
    })
    expect(booleanWatermark('b')).toEqual({
      name: 'b',
      type: 'boolean',
      combine: 'and',
      waitForAll: false,
      handling: 'forward',
    })
  })

  test('it is plain data', () => {
    const declaration = longWatermark('n', { combine: 'max', waitForAll: true, handling: 'ignore' })
    expect(JSON.parse(JSON.stringify(declaration))).toEqual(declaration)
    expect(structuredClone(declaration)).toEqual(declaration)
    expect(describeDeclaration(declaration)).toBe(
      "long 'n', combined by max, waiting for all channels, not forwarded",
    )
  })

  test('what it is given is checked', () => {
    const refused: readonly [() => unknown, string, RegExp][] = [
      [() => longWatermark(''), 'OPTION_INVALID', /a name of at least one character/],
      [() => longWatermark(3 as never), 'OPTION_INVALID', /a name/],
      [() => longWatermark('n', { combine: 'and' as never }), 'OPTION_INVALID', /"min", "max"/],
      [() => booleanWatermark('b', { combine: 'min' as never }), 'OPTION_INVALID', /"and", "or"/],
      [() => longWatermark('n', { waitForAll: 1 as never }), 'OPTION_INVALID', /waitForAll/],
      [() => longWatermark('n', { handling: 'keep' as never }), 'OPTION_INVALID', /"forward"/],
      [() => longWatermark('n', { combin: 'max' } as never), 'OPTION_UNKNOWN', /"combine"/],
    ]
    for (const [call, code, message] of refused) {
      expect(errorOf(call)).toMatchObject({ code, message: expect.stringMatching(message) })
    }
  })

  test('two are the same when they say the same', () => {
    const newest = longWatermark('n', { combine: 'max' })
    expect(isSameDeclaration(newest, longWatermark('n', { combine: 'max' }))).toBe(true)
    const others = [
      longWatermark('m', { combine: 'max' }),
      longWatermark('n'),
      longWatermark('n', { combine: 'max', waitForAll: true }),
      longWatermark('n', { combine: 'max', handling: 'ignore' }),
      booleanWatermark('n'),
    ]
    for (const other of others) expect(isSameDeclaration(newest, other)).toBe(false)
  })

  test('what is none is refused', () => {
    for (const value of [undefined, null, 'n', 1, {}, { name: 'n' }]) {
      expect(
        errorOf(() => checkWatermarkDeclaration('declareWatermarks', value as never)),
      ).toMatchObject({ code: 'OPTION_INVALID' })
    }
  })
})

describe('a watermark', () => {
  const newest = longWatermark('newest')
  const ready = booleanWatermark('ready')

  test('it has a value of the declared type', () => {
    expect(watermarkOf(newest, -3)).toEqual({ declaration: newest, value: -3 })
    expect(watermarkOf(ready, false)).toEqual({ declaration: ready, value: false })
    for (const value of [1.5, Number.NaN, 2 ** 60, true, '1', undefined]) {
      expect(errorOf(() => watermarkOf(newest, value as never))).toMatchObject({
        code: 'OPTION_INVALID',
      })
    }
    expect(errorOf(() => watermarkOf(ready, 1))).toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('when it is of a kind, then its value has the type of that kind', () => {
    const watermark: GeneralizedWatermark = watermarkOf(newest, 7)
    expect(isWatermarkOf(ready, watermark)).toBe(false)
    expect(isWatermarkOf(newest, watermark)).toBe(true)
    if (isWatermarkOf(newest, watermark)) expectTypeOf(watermark.value).toEqualTypeOf<number>()
    if (isWatermarkOf(ready, watermark)) expectTypeOf(watermark.value).toEqualTypeOf<boolean>()
  })
})

function errorOf(call: () => unknown): MillraceError {
  try {
    call()
  } catch (error) {
    return error as MillraceError
  }
  throw new Error('nothing was thrown')
}
