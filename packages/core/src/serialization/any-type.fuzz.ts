// Types and values of them for property tests: every kind, nested in every other one.

import fc from 'fast-check'
import { Decimal } from '../types/decimal.ts'
import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { Types } from '../types/types.ts'
import { NUMBERS_CLASSES, type NumbersArray } from './scalar-codecs.ts'

/** Values of a custom type that writes its text as UTF-8. */
export class Label {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A custom type for tests. */
export const LabelType: TypeInfo<Label> = Types.custom<Label>({
  name: 'test.Label',
  version: 2,
  encode: (label) => {
    if (!(label instanceof Label)) throw new TypeError('no label')
    return Buffer.from(label.text, 'utf16le')
  },
  decode: (bytes) => new Label(Buffer.from(bytes).toString('utf16le')),
  fromJson: (json) => {
    if (typeof json !== 'string') throw new TypeError('a label is a text')
    return new Label(json)
  },
})

const leafTypes: readonly TypeDescriptor[] = [
  Types.boolean,
  Types.byte,
  Types.short,
  Types.int,
  Types.long,
  Types.float,
  Types.double,
  Types.string,
  Types.bigint,
  Types.bytes,
  Types.date,
  Types.any(),
  Types.decimal(5, 2),
  Types.decimal(18, 0),
  Types.decimal(38, 20),
  Types.enum('open', 'half open', 'é'),
  Types.literal('only'),
  Types.literal(-1.5),
  Types.literal(false),
  Types.int8Array,
  Types.int16Array,
  Types.int32Array,
  Types.float32Array,
  Types.float64Array,
  Types.bigInt64Array,
  LabelType,
]

/** Any type, up to some depth. */
export function anyType(): fc.Arbitrary<TypeDescriptor> {
  return fc.letrec<{ type: TypeDescriptor; record: TypeDescriptor & { kind: 'record' } }>(
    (tie) => ({
      type: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.constantFrom(...leafTypes),
        tie('type').map((type): TypeDescriptor => ({ kind: 'nullable', type })),
        tie('type').map((element): TypeDescriptor => ({ kind: 'array', element })),
        tie('type').map((element): TypeDescriptor => ({ kind: 'set', element })),
        fc
          .array(tie('type'), { maxLength: 3 })
          .map((elements): TypeDescriptor => ({ kind: 'tuple', elements })),
        fc
          .tuple(
            fc.constantFrom(Types.int, Types.string, Types.bigint, Types.enum('a', 'b')),
            tie('type'),
          )
          .map(([key, value]): TypeDescriptor => ({ kind: 'map', key, value })),
        tie('record'),
        fc
          .array(tie('record'), { minLength: 1, maxLength: 3 })
          .map((records) => Types.union('tag', namedVariants(records))),
      ),
      record: fc
        .uniqueArray(anyField(tie('type')), {
          maxLength: 4,
          selector: (field) => field.name,
        })
        .map((fields) => ({ kind: 'record', fields }) as const),
    }),
  ).type
}

function anyField(
  type: fc.Arbitrary<TypeDescriptor>,
): fc.Arbitrary<{ name: string; type: TypeDescriptor }> {
  const name = fc.stringMatching(/^[a-z]{1,3}$/).filter((text) => text !== '' && text !== 'tag')
  const fieldType = fc.oneof(
    { weight: 3, arbitrary: type },
    {
      weight: 1,
      arbitrary: type.map((inner): TypeDescriptor => ({ kind: 'optional', type: inner })),
    },
  )
  return fc.record({ name, type: fieldType })
}

function namedVariants(records: readonly TypeDescriptor[]): Record<string, TypeDescriptor> {
  return Object.fromEntries(records.map((type, index) => [`variant_${index}`, type]))
}

/** Any value of a type, as it comes back from a frame. */
export function valueOf(type: TypeDescriptor): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'boolean':
      return fc.boolean()
    case 'byte':
      return fc.integer({ min: -128, max: 127 })
    case 'short':
      return fc.integer({ min: -32_768, max: 32_767 })
    case 'int':
      return fc.integer()
    case 'long':
      return fc.maxSafeInteger()
    case 'float':
      return fc.float()
    case 'double':
      return fc.double()
    case 'string':
      return fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('\udc00x'))
    case 'bigint':
      return fc.oneof(fc.bigInt(), fc.constantFrom(2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n))
    case 'bytes':
      return fc.uint8Array()
    case 'date':
      return fc.date()
    case 'decimal': {
      const largest = 10n ** BigInt(type.precision) - 1n
      return fc
        .oneof(fc.bigInt({ min: -largest, max: largest }), fc.constantFrom(largest, -largest, 0n))
        .map((unscaled) => new Decimal(unscaled, type.scale))
    }
    case 'enum':
      return fc.constantFrom(...type.values)
    case 'literal':
      return fc.constant(type.value)
    case 'numbers':
      return fc.uint8Array({ maxLength: 40 }).map((bytes) => numbersFrom(type.element, bytes))
    case 'custom':
      return fc.string({ unit: 'binary' }).map((text) => new Label(text))
    case 'any':
      return fc.oneof(fc.string(), fc.integer(), fc.constant(undefined), fc.date(), anyObject())
    case 'nullable':
      return fc.oneof(
        fc.constant(null),
        valueOf(type.type).map((value) => value ?? null),
      )
    case 'optional':
      return fc.oneof(fc.constant(undefined), valueOf(type.type))
    case 'array':
      return fc.array(valueOf(type.element), { maxLength: 4 })
    case 'set':
      return fc.array(valueOf(type.element), { maxLength: 4 }).map((members) => new Set(members))
    case 'tuple':
      return fc.tuple(...type.elements.map(valueOf))
    case 'map':
      return fc
        .array(fc.tuple(valueOf(type.key), valueOf(type.value)), { maxLength: 4 })
        .map((entries) => new Map(entries))
    case 'record':
      return fc.record(
        Object.fromEntries(type.fields.map((field) => [field.name, valueOf(field.type)])),
      )
    case 'union':
      return fc.oneof(...type.variants.map((variant) => valueOf(variant.type)))
  }
}

/** A typed array over random bytes; NaNs are made one, since their other bits may be lost on the way. */
function numbersFrom(element: keyof typeof NUMBERS_CLASSES, bytes: Uint8Array): NumbersArray {
  const whole = bytes.slice(0, bytes.length - (bytes.length % 8))
  const numbers = new NUMBERS_CLASSES[element](whole.buffer)
  for (let index = 0; index < numbers.length; index++) {
    if (Number.isNaN(numbers[index])) numbers[index] = Number.NaN as never
  }
  return numbers
}

function anyObject(): fc.Arbitrary<unknown> {
  return fc.record({ id: fc.integer(), tags: fc.array(fc.string()) })
}

/** A type and up to six values of it. */
export function typeAndValues(): fc.Arbitrary<{ type: TypeInfo<unknown>; values: unknown[] }> {
  return anyType().chain((type) =>
    fc
      .array(valueOf(type), { maxLength: 6 })
      .map((values) => ({ type: type as TypeInfo<unknown>, values })),
  )
}
