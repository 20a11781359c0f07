// Value readers: the gate through which data from outside (parsed JSON, converted CSV cells) enters a job.

import type { TypeInfo } from '../types/type-info.ts'
import { canCompile } from './dynamic-code.ts'
import { generatedValueReader } from './generated-value-reader.ts'
import { interpretedValueReader } from './interpreted-value-reader.ts'
import { TypeCache } from './type-cache.ts'
import type { ValueReader } from './value-reading.ts'

/**
 * The reader of a type, one for all structurally equal types.
 *
 * Numbers, text and booleans are taken as they are, never converted into each other. A date may be a `Date`, ISO 8601
 * text (UTC when it names no zone) or milliseconds; a bigint may be a whole number or its digits as text; bytes may be
 * base64 text; a map may be an array of pairs, or an object when its keys are text or numbers. A missing field counts
 * as null and is refused unless its type is nullable; fields the type does not name are dropped; `any` passes as it
 * is. Records come out as instances of the class that `recordClass` generates.
 *
 * @example
 * ```ts
 * import { Types, valueReader } from '@millrace/core'
 *
 * const readFlight = valueReader(Types.record({ origin: Types.string, delay: Types.nullable(Types.int) }))
 * console.log(readFlight(JSON.parse('{"origin":"SFO","tail":"N1"}')).delay) // null
 * ```
 */
export function valueReader<T>(type: TypeInfo<T>): ValueReader<T> {
  return readers.get(type) as ValueReader<T>
}

const readers = new TypeCache<ValueReader<unknown>>((type) =>
  canCompile() ? generatedValueReader(type) : interpretedValueReader(type),
)
