// `Types.*`: how users write type descriptors.

import { MillraceError, show } from '../errors/millrace-error.ts'
import type { Infer, TypeDescriptor, TypeInfo } from './type-info.ts'

type Fields = Readonly<Record<string, TypeDescriptor>>

type RecordOf<F extends Fields> = { -readonly [Name in keyof F]: Infer<F[Name]> }

/** The type vocabulary. Each member is plain data; `Infer<typeof T>` gives its TypeScript type. */
export const Types: {
  /** `true` or `false`. */
  readonly boolean: TypeInfo<boolean>
  /** A whole number of 32 bits. */
  readonly int: TypeInfo<number>
  /** A whole number up to 2^53, such as milliseconds since 1970. Stored as a double. */
  readonly long: TypeInfo<number>
  /** Any number. */
  readonly double: TypeInfo<number>
  /** Text. */
  readonly string: TypeInfo<string>
  /** A `bigint` of any size. */
  readonly bigint: TypeInfo<bigint>
  /** A `Uint8Array`. */
  readonly bytes: TypeInfo<Uint8Array>
  /** A `Date`, to the millisecond. */
  readonly date: TypeInfo<Date>
  /** Anything msgpackr can write: slower, and without checks. What a stream without a type has. */
  readonly any: <T = unknown>() => TypeInfo<T>
  /** The type or `null`. */
  readonly nullable: <T>(type: TypeInfo<T>) => TypeInfo<T | null>
  /** An array of one element type. */
  readonly array: <T>(element: TypeInfo<T>) => TypeInfo<T[]>
  /** A `Map`. */
  readonly map: <K, V>(key: TypeInfo<K>, value: TypeInfo<V>) => TypeInfo<Map<K, V>>
  /** An object with these fields. Engine-made records are instances of a class generated from it. */
  readonly record: <const F extends Fields>(fields: F) => TypeInfo<RecordOf<F>>
} = {
  boolean: { kind: 'boolean' },
  int: { kind: 'int' },
  long: { kind: 'long' },
  double: { kind: 'double' },
  string: { kind: 'string' },
  bigint: { kind: 'bigint' },
  bytes: { kind: 'bytes' },
  date: { kind: 'date' },
  any: <T>() => ANY as TypeInfo<T>,
  nullable: <T>(type: TypeInfo<T>) => ({ kind: 'nullable', type }) as TypeInfo<T | null>,
  array: <T>(element: TypeInfo<T>) => ({ kind: 'array', element }) as TypeInfo<T[]>,
  map: <K, V>(key: TypeInfo<K>, value: TypeInfo<V>) =>
    ({ kind: 'map', key, value }) as TypeInfo<Map<K, V>>,
  record: <const F extends Fields>(fields: F) =>
    ({
      kind: 'record',
      fields: Object.entries(fields).map(([name, type]) => field(name, type)),
    }) as TypeInfo<RecordOf<F>>,
}

const ANY: TypeDescriptor = { kind: 'any' }

function field(name: string, type: TypeDescriptor): { name: string; type: TypeDescriptor } {
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || name === '__proto__' || name === 'constructor') {
    throw new MillraceError('TYPE_INVALID', {
      expected: 'a field name of letters, digits and _ that does not start with a digit',
      came: show(name),
      todo: 'Rename the field, or give the record the type Types.any().',
    })
  }
  if (typeof type !== 'object' || type === null || typeof type.kind !== 'string') {
    throw new MillraceError('TYPE_INVALID', {
      expected: `a type such as Types.int for the field ${show(name)}`,
      came: show(type),
      todo: 'Note that Types.any is called: Types.any().',
    })
  }
  return { name, type }
}
