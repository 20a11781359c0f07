// How values that JSON has no notation for are written in it. Each function answers `undefined` for what it cannot
// take; the caller knows the place and says so.

import type { TypeDescriptor } from '../types/type-info.ts'

/**
 * A date from a `Date`, from milliseconds since 1970, or from ISO 8601 text. Text without a time zone is UTC: what a
 * job reads must not depend on the host it runs on.
 */
export function toDate(value: unknown): Date | undefined {
  if (typeof value === 'number') return validDate(new Date(value))
  if (typeof value === 'string') return dateOfText(value)
  return value instanceof Date ? validDate(value) : undefined
}

/** A bigint from a `bigint`, a safe integer, or decimal text. */
export function toBigint(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (Number.isSafeInteger(value)) return BigInt(value as number)
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined
}

/** Bytes from a `Uint8Array` or base64 text, in the common or the URL alphabet. */
export function toBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value)) return undefined
  return Uint8Array.from(Buffer.from(value, 'base64'))
}

/**
 * The entries of a map from a `Map`, from an array of `[key, value]` pairs, or, when the keys are text or numbers,
 * from an object.
 */
export function toEntries(
  value: unknown,
  keyKind: TypeDescriptor['kind'],
): Iterable<readonly [unknown, unknown]> | undefined {
  if (value instanceof Map) return value
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return value.every(isPair) ? value : undefined
  switch (keyKind) {
    case 'string':
    case 'enum':
    case 'bigint':
    case 'decimal':
      return Object.entries(value)
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return Object.entries(value).map(([key, entry]) => [numberOfText(key), entry] as const)
    default:
      return undefined
  }
}

/** Whether every object has something of this name, so that only an own property is data. */
export function isInherited(name: string): boolean {
  return name in Object.prototype
}

const ISO_DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/

function dateOfText(text: string): Date | undefined {
  const parts = ISO_DATE.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, time, zone] = parts
  // `Date` takes the 31st of February for the 2nd of March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate())
    return undefined
  const date = `${year}-${month}-${day}`
  if (time === undefined) return validDate(new Date(date))
  return validDate(new Date(`${date}T${time.replace(',', '.')}${zone ?? 'Z'}`))
}

function validDate(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2
}

/** The number, or the text itself when it is not written as JavaScript writes numbers. */
function numberOfText(text: string): number | string {
  const number = Number(text)
  return String(number) === text ? number : text
}
