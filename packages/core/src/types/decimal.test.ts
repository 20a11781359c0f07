import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal, type RoundingMode, toDecimal, unscaledIn } from './decimal.ts'

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }))
  .map(([unscaled, scale]) => new Decimal(unscaled, scale))

/** The number as a fraction: what each operation is checked against. */
function fraction({ unscaled, scale }: Decimal): readonly [bigint, bigint] {
  return [unscaled, 10n ** BigInt(scale)]
}

describe('Decimal', () => {
  test('when any decimal is written and parsed, then it is the same, with all digits', () => {
    fc.assert(
      fc.property(decimals, (decimal) => {
        expect(Decimal.parse(decimal.toString())).toEqual(decimal)
        expect(JSON.parse(JSON.stringify(decimal))).toBe(decimal.toString())
      }),
    )
  })

  test('when two are added, subtracted, multiplied or compared, then fractions say the same', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const [an, ad] = fraction(a)
        const [bn, bd] = fraction(b)
        const isFraction = (
          [n, d]: readonly [bigint, bigint],
          top: bigint,
          bottom: bigint,
        ): boolean => n * bottom === top * d
        expect(isFraction(fraction(a.add(b)), an * bd + bn * ad, ad * bd)).toBe(true)
        expect(isFraction(fraction(a.subtract(b)), an * bd - bn * ad, ad * bd)).toBe(true)
        expect(isFraction(fraction(a.multiply(b)), an * bn, ad * bd)).toBe(true)
        const difference = an * bd - bn * ad
        expect(a.compare(b)).toBe(difference === 0n ? 0 : difference < 0n ? -1 : 1)
        expect(a.equals(b)).toBe(difference === 0n)
      }),
    )
  })

  test('when one is divided, then the quotient is the nearest of its scale', () => {
    const divisors = decimals.filter((decimal) => decimal.unscaled !== 0n)
    fc.assert(
      fc.property(decimals, divisors, fc.integer({ min: 0, max: 10 }), (a, b, scale) => {
        const quotient = a.divide(b, scale)
        expect(quotient.scale).toBe(scale)
        // |a - q b| is at most half a unit of the last place times |b|.
        const rest = a.subtract(quotient.multiply(b))
        const half = new Decimal(5n, scale + 1).multiply(b)
        const size = (decimal: Decimal): Decimal =>
          decimal.unscaled < 0n ? decimal.negate() : decimal
        expect(size(rest).compare(size(half))).toBeLessThanOrEqual(0)
      }),
    )
  })

  test.each<[string, number, RoundingMode, string]>([
    ['2.5', 0, 'half-up', '3'],
    ['-2.5', 0, 'half-up', '-3'],
    ['2.5', 0, 'half-even', '2'],
    ['3.5', 0, 'half-even', '4'],
    ['-2.5', 0, 'half-even', '-2'],
    ['-2.51', 0, 'half-even', '-3'],
    ['2.99', 1, 'down', '2.9'],
    ['-2.99', 1, 'down', '-2.9'],
    ['0.049', 1, 'half-up', '0.0'],
    ['1', 2, 'half-up', '1.00'],
  ])('when %s is rounded to %d digits, %s, then it is %s', (text, scale, rounding, result) => {
    expect(Decimal.parse(text).round(scale, rounding).toString()).toBe(result)
    expect(Decimal.parse(text).divide(Decimal.of(1), scale, rounding).toString()).toBe(result)
  })

  test.each([
    ['1e3', '1000'],
    ['-1.50E-1', '-0.150'],
    ['+007', '7'],
    ['0.00', '0.00'],
    ['-0.01', '-0.01'],
  ])('when the text is %s, then the decimal is %s', (text, result) => {
    expect(Decimal.parse(text).toString()).toBe(result)
  })

  test.each([
    '',
    '.',
    '1.',
    '.5',
    '1,5',
    '0x10',
    'NaN',
    '1e9999',
    '1e-1001',
    ' 1',
    '1'.repeat(1001),
  ])('when the text is %s, then it is refused', (text) => {
    expect(() => Decimal.parse(text)).toThrow(/^TYPE_MISMATCH/)
  })

  test('when it is divided by zero, compared with <, or made of a fraction, then the error says so', () => {
    const one = Decimal.of(1)
    expect(() => one.divide(Decimal.of(0, 3), 2)).toThrow(
      /divisor other than zero, but got 1 \/ 0.000/,
    )
    expect(() => one < Decimal.of(2)).toThrow(/compare/)
    expect(() => Decimal.of(0.5)).toThrow(/Decimal.parse/)
    expect(() => one.round(-1)).toThrow(/^OPTION_INVALID/)
  })

  test('when it is made a number, then it is the nearest', () => {
    expect(Decimal.parse('0.1').toNumber()).toBe(0.1)
  })
})

describe('unscaledIn', () => {
  test.each([
    ['99.99', 9999n],
    ['-99.99', -9999n],
    ['1.500', 150n],
    ['100', undefined],
    ['0.001', undefined],
  ])('when %s is stored as decimal(4, 2), then it is %s', (text, unscaled) => {
    expect(unscaledIn(Decimal.parse(text), 4, 2)).toBe(unscaled)
  })
})

describe('toDecimal', () => {
  test.each([
    ['12.5', '12.50'],
    [0.1, '0.10'],
    [7n, '7.00'],
    [Decimal.of(3), '3.00'],
    [1e21, undefined],
    [0.125, undefined],
    [true, undefined],
    [null, undefined],
  ])('when %o is read as decimal(10, 2), then it is %s', (value, text) => {
    expect(toDecimal(value, 10, 2)?.toString()).toBe(text)
  })
})
