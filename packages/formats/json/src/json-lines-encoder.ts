import { MillraceError, type RecordEncoder, show } from '@millrace/core'

/**
 * Writes each record as one line of JSON. Where JSON has no word, `bigint` becomes text, `Date` ISO 8601 text,
 * `Map` an object, `Set` and other typed arrays an array, a `Decimal` and bytes text, the latter in base64.
 *
 * @example
 * ```ts
 * import { jsonLinesEncoder } from '@millrace/format-json'
 *
 * const encoder = jsonLinesEncoder<{ id: bigint }>()
 * console.log(encoder.encode({ id: 7n }).trimEnd()) // {"id":"7"}
 * ```
 */
export function jsonLinesEncoder<T>(): RecordEncoder<T> {
  return {
    name: 'json-lines',
    encode: (value) => `${jsonText(value)}\n`,
  }
}

/** @throws MillraceError `TYPE_MISMATCH` */
function jsonText(value: unknown): string {
  // A replacer makes `JSON.stringify` several times slower; few records need it.
  const text = isPlain(value) ? JSON.stringify(value) : JSON.stringify(value, replaceForeign)
  if (text !== undefined) return text
  throw new MillraceError('TYPE_MISMATCH', {
    expected: 'a record that JSON can hold',
    came: show(value),
    todo: 'Map the record to an object, a text, a number, a boolean or null before the sink.',
  })
}

/** Whether plain JSON says all that is in the value. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'bigint') return false
  if (typeof value !== 'object' || value === null || value instanceof Date) return true
  if (Array.isArray(value)) return value.every(isPlain)
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) return false
  for (const name in value) {
    if (!isPlain((value as Record<string, unknown>)[name])) return false
  }
  return true
}

function replaceForeign(this: unknown, name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  // `Buffer` has a `toJSON` of its own, which has been called by now: look at the value it came from.
  const original = (this as Record<string, unknown>)[name]
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64')
  return isTypedArray(value) ? Array.from(value) : value
}

function isTypedArray(value: unknown): value is Iterable<unknown> & ArrayBufferView {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}
