// What both frame codecs and both value readers do to single values of the kinds that are more than a number or a text:
// enums, typed arrays. Each function answers `undefined`, or throws while a frame is read, for what does not fit.

import type { NumbersElement } from '../types/type-info.ts'
import { toBigint } from './json-conventions.ts'

/** A typed array of any element kind. */
export type NumbersArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array

/** What makes typed arrays of one element kind. */
interface NumbersClass {
  new (buffer: ArrayBuffer): NumbersArray
  new (length: number): NumbersArray
}

/** The class of the typed arrays of each element kind. */
export const NUMBERS_CLASSES: Readonly<Record<NumbersElement, NumbersClass>> = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
  bigint64: BigInt64Array,
}

/** The memory of a typed array. It is not copied. */
export function bytesOfNumbers({ buffer, byteOffset, byteLength }: NumbersArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The typed array in bytes that start at byte 0 of a buffer of their own. @throws RangeError for half an element. */
export function numbersOfBytes(element: NumbersElement, bytes: Uint8Array): NumbersArray {
  return new NUMBERS_CLASSES[element](bytes.buffer as ArrayBuffer)
}

/** A typed array from one of its kind, or from an array of numbers that it can hold (to the nearest float). */
export function toNumbers(element: NumbersElement, value: unknown): NumbersArray | undefined {
  const Class = NUMBERS_CLASSES[element]
  if (value instanceof Class) return value
  if (!Array.isArray(value)) return undefined
  const numbers = new Class(value.length)
  const isBig = element === 'bigint64'
  const mayRound = element === 'float32' || element === 'float64'
  for (let index = 0; index < value.length; index++) {
    const item: unknown = isBig ? toBigint(value[index]) : value[index]
    if (typeof item !== (isBig ? 'bigint' : 'number')) return undefined
    numbers[index] = item as never
    if (!mayRound && numbers[index] !== item) return undefined
  }
  return numbers
}

/** The places of the values of an enum. */
export function placesOf(values: readonly string[]): ReadonlyMap<unknown, number> {
  return new Map(values.map((value, place) => [value, place]))
}

/** The value of an enum at a place that was read. @throws RangeError */
export function enumValueAt(values: readonly string[], place: number): string {
  const value = values[place]
  if (value === undefined) throw new RangeError(`value ${place} of an enum of ${values.length}`)
  return value
}

/** Thrown to by generated code that met a variant which its union does not have. */
export function variantUnknown(place: number | undefined): never {
  throw new RangeError(`variant ${place} of a union`)
}

/** The nearest number of 32 bits; `undefined` for what is no number, or is too large for them. */
export function toFloat(value: unknown): number | undefined {
  if (typeof value !== 'number') return undefined
  const rounded = Math.fround(value)
  return Number.isFinite(rounded) === Number.isFinite(value) ? rounded : undefined
}
