// `Types.*`: how users write type descriptors.

import { MillraceError, show } from '../errors/millrace-error.ts'
import { type CustomTypeOptions, registerCustomType } from './custom-type.ts'
import { type Decimal, DECIMAL_PRECISION_MAX } from './decimal.ts'
import type {
  NumbersElement,
  OptionalTypeInfo,
  RecordField,
  RecordFields,
  RecordOf,
  TupleOf,
  TypeDescriptor,
  TypeInfo,
  UnionOf,
} from './type-info.ts'

/**
 * The type vocabulary. Each member is plain data; `Infer<typeof T>` gives its TypeScript type.
 *
 * @example
 * ```ts
 * import { Decimal, type Infer, Types } from '@millrace/core'
 *
 * const Event = Types.union('kind', {
 *   order: Types.record({ id: Types.long, total: Types.decimal(12, 2), note: Types.optional(Types.string) }),
 *   visit: Types.record({ path: Types.string, device: Types.enum('phone', 'desktop') }),
 * })
 * type Event = Infer<typeof Event>
 * const event: Event = { kind: 'order', id: 7, total: Decimal.parse('19.99') }
 * console.log(event.kind === 'order' && event.total.toString()) // 19.99
 * ```
 */
export const Types: {
  /** `true` or `false`. */
  readonly boolean: TypeInfo<boolean>
  /** A whole number of 8 bits: -128 to 127. */
  readonly byte: TypeInfo<number>
  /** A whole number of 16 bits: -32768 to 32767. */
  readonly short: TypeInfo<number>
  /** A whole number of 32 bits. */
  readonly int: TypeInfo<number>
  /** A whole number up to 2^53, such as milliseconds since 1970. Stored as a double. */
  readonly long: TypeInfo<number>
  /** A number that 32 bits can hold, such as `Math.fround` answers. Sources round to it; elsewhere others are refused. */
  readonly float: TypeInfo<number>
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
  /**
   * A `Decimal` of at most `precision` digits (1 to 38), `scale` of them behind the point. Values of a smaller scale are
   * taken; one that would have to be rounded is refused.
   */
  readonly decimal: (precision: number, scale: number) => TypeInfo<Decimal>
  /** One of at most 256 texts, stored as one byte. */
  readonly enum: <const V extends readonly [string, ...string[]]>(
    ...values: V
  ) => TypeInfo<V[number]>
  /** Exactly this text, number or boolean; takes no room. */
  readonly literal: <const V extends string | number | boolean>(value: V) => TypeInfo<V>
  /** An `Int8Array`. */
  readonly int8Array: TypeInfo<Int8Array>
  /** An `Int16Array`. */
  readonly int16Array: TypeInfo<Int16Array>
  /** An `Int32Array`. */
  readonly int32Array: TypeInfo<Int32Array>
  /** A `Float32Array`. */
  readonly float32Array: TypeInfo<Float32Array>
  /** A `Float64Array`. */
  readonly float64Array: TypeInfo<Float64Array>
  /** A `BigInt64Array`. */
  readonly bigInt64Array: TypeInfo<BigInt64Array>
  /** Anything msgpackr can write: slower, and without checks. What a stream without a type has. */
  readonly any: <T = unknown>() => TypeInfo<T>
  /** The type or `null`. */
  readonly nullable: <T>(type: TypeInfo<T>) => TypeInfo<T | null>
  /** A field of a record that may be missing: `{ x?: T }`. Engine-made records hold `undefined` there. */
  readonly optional: <T>(type: TypeInfo<T>) => OptionalTypeInfo<T>
  /** An array of one element type. */
  readonly array: <T>(element: TypeInfo<T>) => TypeInfo<T[]>
  /** A `Set`. */
  readonly set: <T>(element: TypeInfo<T>) => TypeInfo<Set<T>>
  /** A `Map`. */
  readonly map: <K, V>(key: TypeInfo<K>, value: TypeInfo<V>) => TypeInfo<Map<K, V>>
  /** An array of fixed length, with a type for each place. */
  readonly tuple: <const E extends readonly TypeDescriptor[]>(
    ...elements: E
  ) => TypeInfo<TupleOf<E>>
  /** An object with these fields. Engine-made records are instances of a class generated from it. */
  readonly record: <const F extends RecordFields>(fields: F) => TypeInfo<RecordOf<F>>
  /**
   * One of up to 256 kinds of record, told apart by the text in the field `tag`. The records of the variants are written
   * without that field.
   */
  readonly union: <const Tag extends string, const V extends RecordFields>(
    tag: Tag,
    variants: V,
  ) => TypeInfo<UnionOf<Tag, V>>
  /**
   * Values that functions of yours turn into bytes and back. The plan holds only name and version; the functions are
   * those that the module of the job registered with this call in the same process, so make it at the module's top level.
   */
  readonly custom: <T>(options: CustomTypeOptions<T>) => TypeInfo<T>
} = {
  boolean: { kind: 'boolean' },
  byte: { kind: 'byte' },
  short: { kind: 'short' },
  int: { kind: 'int' },
  long: { kind: 'long' },
  float: { kind: 'float' },
  double: { kind: 'double' },
  string: { kind: 'string' },
  bigint: { kind: 'bigint' },
  bytes: { kind: 'bytes' },
  date: { kind: 'date' },
  decimal: (precision, scale) => decimal(precision, scale),
  enum: (...values) => enumeration(values),
  literal: (value) => literal(value),
  int8Array: numbers('int8'),
  int16Array: numbers('int16'),
  int32Array: numbers('int32'),
  float32Array: numbers('float32'),
  float64Array: numbers('float64'),
  bigInt64Array: numbers('bigint64'),
  any: <T>() => ({ kind: 'any' }) as TypeInfo<T>,
  nullable: <T>(type: TypeInfo<T>) =>
    ({ kind: 'nullable', type: checked('nullable', type) }) as TypeInfo<T | null>,
  optional: <T>(type: TypeInfo<T>) =>
    ({ kind: 'optional', type: checked('optional', type) }) as OptionalTypeInfo<T>,
  array: <T>(element: TypeInfo<T>) =>
    ({ kind: 'array', element: checked('array', element) }) as TypeInfo<T[]>,
  set: <T>(element: TypeInfo<T>) =>
    ({ kind: 'set', element: checked('set', element) }) as TypeInfo<Set<T>>,
  map: <K, V>(key: TypeInfo<K>, value: TypeInfo<V>) =>
    ({ kind: 'map', key: checked('map', key), value: checked('map', value) }) as TypeInfo<
      Map<K, V>
    >,
  tuple: <const E extends readonly TypeDescriptor[]>(...elements: E) =>
    ({ kind: 'tuple', elements: elements.map((type) => checked('tuple', type)) }) as TypeInfo<
      TupleOf<E>
    >,
  record: <const F extends RecordFields>(fields: F) => record(fields) as TypeInfo<RecordOf<F>>,
  union: <const Tag extends string, const V extends RecordFields>(tag: Tag, variants: V) =>
    union(tag, variants) as TypeInfo<UnionOf<Tag, V>>,
  custom: (options) => registerCustomType(options),
}

/** The most values of an enum and variants of a union: one byte tells them apart. */
export const TYPE_CHOICES_MAX = 256

function numbers<T>(element: NumbersElement): TypeInfo<T> {
  return { kind: 'numbers', element }
}

function decimal(precision: number, scale: number): TypeInfo<Decimal> {
  const isPrecision =
    Number.isInteger(precision) && precision >= 1 && precision <= DECIMAL_PRECISION_MAX
  if (isPrecision && Number.isInteger(scale) && scale >= 0 && scale <= precision) {
    return { kind: 'decimal', precision, scale }
  }
  throw new MillraceError('TYPE_INVALID', {
    expected: `a decimal of 1 to ${DECIMAL_PRECISION_MAX} digits, of which 0 to all are behind the point`,
    came: `decimal(${show(precision)}, ${show(scale)})`,
    todo: 'Write for example Types.decimal(12, 2).',
  })
}

function enumeration<V extends readonly string[]>(values: V): TypeInfo<V[number]> {
  const areTexts = values.every((value) => typeof value === 'string')
  const areDistinct = new Set(values).size === values.length
  if (areTexts && areDistinct && values.length >= 1 && values.length <= TYPE_CHOICES_MAX) {
    return { kind: 'enum', values: [...values] }
  }
  throw new MillraceError('TYPE_INVALID', {
    expected: `1 to ${TYPE_CHOICES_MAX} different texts as the values of an enum`,
    came: show(values),
    todo: "Write for example Types.enum('open', 'closed'), or use Types.string.",
  })
}

function literal<V extends string | number | boolean>(value: V): TypeInfo<V> {
  const isFinite = typeof value === 'number' && Number.isFinite(value)
  if (isFinite || typeof value === 'string' || typeof value === 'boolean') {
    // JSON has no -0, and the two are equal.
    return { kind: 'literal', value: value === 0 ? 0 : value }
  }
  throw new MillraceError('TYPE_INVALID', {
    expected: 'a text, a finite number or a boolean as a literal',
    came: show(value),
    todo: 'For null use Types.nullable, for undefined Types.optional.',
  })
}

function record(fields: RecordFields): TypeDescriptor & { kind: 'record' } {
  if (typeof fields !== 'object' || fields === null) {
    throw new MillraceError('TYPE_INVALID', {
      expected: 'an object with the type of each field',
      came: show(fields),
      todo: 'Write for example Types.record({ word: Types.string, count: Types.int }).',
    })
  }
  return {
    kind: 'record',
    fields: Object.entries(fields).map(([name, type]) => field(name, type)),
  }
}

function field(name: string, type: TypeDescriptor): RecordField {
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || name === '__proto__' || name === 'constructor') {
    throw new MillraceError('TYPE_INVALID', {
      expected: 'a field name of letters, digits and _ that does not start with a digit',
      came: show(name),
      todo: 'Rename the field, or give the record the type Types.any().',
    })
  }
  return { name, type: isType(type) ? type : refuse(`the field ${show(name)}`, type) }
}

function union(tag: string, variants: RecordFields): TypeDescriptor {
  const named = Object.entries(variants)
  if (named.length < 1 || named.length > TYPE_CHOICES_MAX) {
    throw new MillraceError('TYPE_INVALID', {
      expected: `1 to ${TYPE_CHOICES_MAX} variants of a union`,
      came: `${named.length}`,
      todo: "Write for example Types.union('kind', { click: Types.record({ … }), view: Types.record({ … }) }).",
    })
  }
  return {
    kind: 'union',
    tag,
    variants: named.map(([name, type]) => ({ name, type: variantOf(tag, name, type) })),
  }
}

/** The record type of a variant, its first field the tag. */
function variantOf(tag: string, name: string, type: TypeDescriptor): TypeDescriptor {
  if (!isType(type) || type.kind !== 'record') {
    throw new MillraceError('TYPE_INVALID', {
      expected: `a record type for the variant ${show(name)}`,
      came: isType(type) ? type.kind : show(type),
      todo: `Write ${name}: Types.record({ … }).`,
    })
  }
  if (type.fields.some((other) => other.name === tag)) {
    throw new MillraceError('TYPE_INVALID', {
      expected: `records without a field ${show(tag)}, which the union adds to each variant`,
      came: `one in the variant ${show(name)}`,
      todo: 'Leave the field out, or give the tag of the union another name.',
    })
  }
  return {
    kind: 'record',
    fields: [field(tag, { kind: 'literal', value: name }), ...type.fields],
  }
}

/** A type that stands inside another one, but not as a field: there nothing can be missing. */
function checked(where: string, type: TypeDescriptor): TypeDescriptor {
  if (!isType(type)) refuse(`Types.${where}`, type)
  if (type.kind !== 'optional') return type
  throw new MillraceError('TYPE_INVALID', {
    expected: `a type whose values are never missing for Types.${where}`,
    came: 'Types.optional',
    todo: 'Only a field of a record may be missing: put Types.optional outermost there, or use Types.nullable.',
  })
}

function isType(type: unknown): type is TypeDescriptor {
  return (
    typeof type === 'object' && type !== null && typeof (type as TypeDescriptor).kind === 'string'
  )
}

function refuse(where: string, came: unknown): never {
  throw new MillraceError('TYPE_INVALID', {
    expected: `a type such as Types.int for ${where}`,
    came: show(came),
    todo: 'Note that Types.any is called: Types.any().',
  })
}
