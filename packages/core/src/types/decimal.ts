// Exact decimal numbers, for money: a bigint and the number of its digits that are behind the point.

import { checkInteger } from '../config/check-options.ts'
import { MillraceError, show } from '../errors/millrace-error.ts'

/** How a result is made to fit: to the nearest (halves away from zero, or to the even neighbour), or towards zero. */
export type RoundingMode = 'half-up' | 'half-even' | 'down'

/** The most digits of a `Types.decimal`, as in Flink and SQL. */
export const DECIMAL_PRECISION_MAX = 38

/**
 * An exact decimal number that never changes. Equality and order are those of the number: 1.5 equals 1.50.
 *
 * Compare with {@link compare}, not with `<`, which throws.
 *
 * @example
 * ```ts
 * import { Decimal } from '@millrace/core'
 *
 * const price = Decimal.parse('19.99')
 * console.log(`${price.multiply(Decimal.parse('3'))}`) // 59.97
 * console.log(`${price.divide(Decimal.parse('3'), 2)}`) // 6.66
 * console.log(price.equals(Decimal.parse('19.990'))) // true
 * ```
 */
export class Decimal {
  /** The number without its point: 1999 for 19.99. */
  readonly unscaled: bigint
  /** How many digits of `unscaled` are behind the point: 2 for 19.99. */
  readonly scale: number

  /** `unscaled` divided by 10 to the power of `scale`. It checks nothing: see {@link of} and {@link parse}. */
  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** A whole number, or the digits of `unscaled` with the last `scale` (default 0, at most 1000) behind the point. */
  static of(unscaled: bigint | number, scale: number = 0): Decimal {
    if (typeof unscaled !== 'bigint' && !Number.isSafeInteger(unscaled)) {
      throw new MillraceError('TYPE_MISMATCH', {
        expected: 'a bigint or a whole number up to 2^53 for Decimal.of',
        came: show(unscaled),
        todo: "Write a number with a point as text: Decimal.parse('0.1').",
      })
    }
    return new Decimal(BigInt(unscaled), checkScale(scale))
  }

  /**
   * A number written in decimal digits, such as `-12.50` or `1e3`. The scale is the number of digits behind the point.
   *
   * @throws MillraceError `TYPE_MISMATCH` for any other text.
   */
  static parse(text: string): Decimal {
    const parsed = typeof text === 'string' ? parseDecimal(text) : undefined
    if (parsed !== undefined) return parsed
    throw new MillraceError('TYPE_MISMATCH', {
      expected: 'a decimal number such as "-12.50"',
      came: show(text),
      todo: 'Write digits with at most one point; no thousands separators.',
    })
  }

  add(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale)
    return new Decimal(scaledUp(this, scale) + scaledUp(other, scale), scale)
  }

  subtract(other: Decimal): Decimal {
    return this.add(other.negate())
  }

  /** The exact product; its scale is the sum of both scales. */
  multiply(other: Decimal): Decimal {
    return new Decimal(this.unscaled * other.unscaled, this.scale + other.scale)
  }

  /**
   * The quotient with `scale` digits behind the point.
   *
   * @throws MillraceError `TYPE_MISMATCH` for a division by zero.
   */
  divide(divisor: Decimal, scale: number, rounding: RoundingMode = 'half-up'): Decimal {
    if (divisor.unscaled === 0n) {
      throw new MillraceError('TYPE_MISMATCH', {
        expected: 'a divisor other than zero',
        came: `${this.toString()} / ${divisor.toString()}`,
        todo: 'Leave out such records, or decide what the quotient shall be.',
      })
    }
    const shift = checkScale(scale) + divisor.scale - this.scale
    const numerator = shift >= 0 ? this.unscaled * powerOfTen(shift) : this.unscaled
    const denominator = shift >= 0 ? divisor.unscaled : divisor.unscaled * powerOfTen(-shift)
    return new Decimal(dividedBigint(numerator, denominator, rounding), scale)
  }

  /** The number with `scale` digits behind the point. */
  round(scale: number, rounding: RoundingMode = 'half-up'): Decimal {
    if (checkScale(scale) >= this.scale) return new Decimal(scaledUp(this, scale), scale)
    return new Decimal(
      dividedBigint(this.unscaled, powerOfTen(this.scale - scale), rounding),
      scale,
    )
  }

  negate(): Decimal {
    return new Decimal(-this.unscaled, this.scale)
  }

  /** -1, 0 or 1: whether this number is smaller than, equal to or larger than the other. */
  compare(other: Decimal): -1 | 0 | 1 {
    const scale = Math.max(this.scale, other.scale)
    const [left, right] = [scaledUp(this, scale), scaledUp(other, scale)]
    if (left === right) return 0
    return left < right ? -1 : 1
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.toString())
  }

  /** All digits, also zeros at the end: `12.50`. */
  toString(): string {
    const { unscaled, scale } = this
    if (scale === 0) return String(unscaled)
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
    const point = digits.length - scale
    return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
  }

  /** The text, so that JSON loses no digit. */
  toJSON(): string {
    return this.toString()
  }

  /** @throws MillraceError always: `<` and `+` would compare and join texts. */
  valueOf(): never {
    throw new MillraceError('TYPE_MISMATCH', {
      expected: 'decimals to be compared and added by their methods',
      came: `an operator such as < or + on ${this.toString()}`,
      todo: 'Use compare, equals, add and so on, or toNumber.',
    })
  }
}

/**
 * The unscaled value with which a type `decimal(precision, scale)` stores a value; `undefined` if it is no decimal, has too
 * many digits, or would have to be rounded.
 */
export function unscaledIn(value: unknown, precision: number, scale: number): bigint | undefined {
  if (!(value instanceof Decimal)) return undefined
  const unscaled = value.scale === scale ? value.unscaled : rescaled(value, scale)
  if (unscaled === undefined) return undefined
  const limit = powerOfTen(precision)
  return unscaled < limit && unscaled > -limit ? unscaled : undefined
}

/** A decimal of the type from a `Decimal`, a bigint, a number as JSON writes it, or text; `undefined` if none fits. */
export function toDecimal(value: unknown, precision: number, scale: number): Decimal | undefined {
  const decimal = value instanceof Decimal ? value : parseDecimal(textOf(value))
  const unscaled = unscaledIn(decimal, precision, scale)
  return unscaled === undefined ? undefined : new Decimal(unscaled, scale)
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : ''
}

const DECIMAL_TEXT = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/** More is refused: a short text with a large exponent must not become a large number. */
const SCALE_MAX = 1000

function parseDecimal(text: string): Decimal | undefined {
  const parts = DECIMAL_TEXT.exec(text)
  if (parts === null || text.length > SCALE_MAX) return undefined
  const [, sign, whole, fraction = '', exponent = '0'] = parts
  const digits = BigInt(`${whole}${fraction}`)
  const unscaled = sign === '-' ? -digits : digits
  const scale = fraction.length - Number(exponent)
  if (Math.abs(scale) > SCALE_MAX) return undefined
  return scale >= 0 ? new Decimal(unscaled, scale) : new Decimal(unscaled * powerOfTen(-scale), 0)
}

function checkScale(scale: number): number {
  return checkInteger('scale', scale, { min: 0, max: SCALE_MAX })
}

/** The unscaled value at a larger scale. */
function scaledUp({ unscaled, scale }: Decimal, wanted: number): bigint {
  return wanted === scale ? unscaled : unscaled * powerOfTen(wanted - scale)
}

/** The unscaled value at another scale, if no digit is lost. */
function rescaled(value: Decimal, scale: number): bigint | undefined {
  if (scale >= value.scale) return scaledUp(value, scale)
  const divisor = powerOfTen(value.scale - scale)
  return value.unscaled % divisor === 0n ? value.unscaled / divisor : undefined
}

function dividedBigint(numerator: bigint, denominator: bigint, rounding: RoundingMode): bigint {
  const quotient = numerator / denominator
  const rest = numerator % denominator
  if (rest === 0n || rounding === 'down') return quotient
  const isNegative = numerator < 0n !== denominator < 0n
  const doubled = 2n * absolute(rest) - absolute(denominator)
  const isUp = doubled > 0n || (doubled === 0n && (rounding === 'half-up' || quotient % 2n !== 0n))
  if (!isUp) return quotient
  return isNegative ? quotient - 1n : quotient + 1n
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

const POWERS: readonly bigint[] = Array.from(
  { length: DECIMAL_PRECISION_MAX + 1 },
  (_, n) => 10n ** BigInt(n),
)

function powerOfTen(n: number): bigint {
  return POWERS[n] ?? 10n ** BigInt(n)
}
