import { describe, expect, expectTypeOf, test } from 'vitest'
import { describeType, typesEqual } from './describe-type.ts'
import type { Decimal } from './decimal.ts'
import type { Infer, TypeDescriptor } from './type-info.ts'
import { Types } from './types.ts'

describe('describeType', () => {
  test.each([
    [Types.int, 'int'],
    [Types.any(), 'any'],
    [Types.nullable(Types.string), 'string?'],
    [Types.array(Types.nullable(Types.int)), 'array<int?>'],
    [Types.nullable(Types.array(Types.int)), 'array<int>?'],
    [Types.map(Types.string, Types.date), 'map<string, date>'],
    [Types.record({}), 'record{}'],
    [
      Types.record({ auction: Types.int, url: Types.nullable(Types.string) }),
      'record{auction: int, url: string?}',
    ],
    [Types.decimal(12, 2), 'decimal(12, 2)'],
    [Types.enum('a', 'b c'), 'enum("a", "b c")'],
    [Types.tuple(Types.literal('x'), Types.literal(2)), '["x", 2]'],
    [Types.set(Types.float32Array), 'set<float32Array>'],
    [Types.record({ a: Types.optional(Types.byte) }), 'record{a?: byte}'],
    [
      Types.union('kind', { click: Types.record({ x: Types.int }), view: Types.record({}) }),
      'union(kind){click: record{kind: "click", x: int}, view: record{kind: "view"}}',
    ],
    [{ kind: 'custom', name: 'acme.Money', version: 2 } as const, 'custom<"acme.Money", 2>'],
  ])('when the type is %j, then it reads %s', (type, text) => {
    expect(describeType(type)).toBe(text)
  })

  test('when a name could be taken for more than a name, then it is quoted', () => {
    const type: TypeDescriptor = {
      kind: 'record',
      fields: [{ name: 'a: int, b', type: Types.int }],
    }
    expect(describeType(type)).toBe('record{"a: int, b": int}')
  })

  test('when the kind is unknown, then the type is refused', () => {
    const type = { kind: 'imaginary' } as unknown as TypeDescriptor
    expect(() => describeType(Types.array(type))).toThrow(/^TYPE_INVALID.*imaginary/)
  })
})

describe('typesEqual', () => {
  const Point = Types.record({ x: Types.int, y: Types.double })

  test('when two types are made alike, then they are equal, however their JSON is ordered', () => {
    expect(typesEqual(Point, Types.record({ x: Types.int, y: Types.double }))).toBe(true)
    const reordered = JSON.parse(
      '{"fields":[{"type":{"kind":"int"},"name":"x"},{"type":{"kind":"double"},"name":"y"}],"kind":"record"}',
    ) as TypeDescriptor
    expect(typesEqual(Point, reordered)).toBe(true)
  })

  test.each([
    Types.record({ y: Types.double, x: Types.int }),
    Types.record({ x: Types.int }),
    Types.record({ x: Types.int, y: Types.nullable(Types.double) }),
    Types.record({ x: Types.int, z: Types.double }),
  ])('when a field differs, as in %j, then they are not equal', (other) => {
    expect(typesEqual(Point, other)).toBe(false)
  })
})

describe('Infer', () => {
  test('when a type is described, then TypeScript knows its values', () => {
    const Flight = Types.record({
      id: Types.int,
      gate: Types.nullable(Types.string),
      stops: Types.array(Types.record({ at: Types.date })),
      delays: Types.map(Types.string, Types.double),
      raw: Types.bytes,
      big: Types.bigint,
      late: Types.boolean,
      rest: Types.any<{ tail: string }>(),
    })
    expectTypeOf<Infer<typeof Flight>>().toEqualTypeOf<{
      id: number
      gate: string | null
      stops: { at: Date }[]
      delays: Map<string, number>
      raw: Uint8Array
      big: bigint
      late: boolean
      rest: { tail: string }
    }>()
    expect(Flight.kind).toBe('record')
  })

  test('when types are put together, then TypeScript knows the values exactly', () => {
    const Order = Types.record({
      status: Types.enum('open', 'shipped'),
      total: Types.decimal(12, 2),
      note: Types.optional(Types.string),
      at: Types.tuple(Types.float, Types.nullable(Types.short)),
      tags: Types.set(Types.string),
      samples: Types.float64Array,
      version: Types.literal(1),
      url: Types.custom<URL>({
        name: 'test.Url',
        encode: (url) => Buffer.from(url.href),
        decode: (bytes) => new URL(Buffer.from(bytes).toString()),
      }),
    })
    expectTypeOf<Infer<typeof Order>>().toEqualTypeOf<{
      status: 'open' | 'shipped'
      total: Decimal
      note?: string | undefined
      at: [number, number | null]
      tags: Set<string>
      samples: Float64Array
      version: 1
      url: URL
    }>()
    const Event = Types.union('kind', {
      click: Types.record({ x: Types.int, label: Types.optional(Types.string) }),
      view: Types.record({ url: Types.string }),
    })
    expectTypeOf<Infer<typeof Event>>().toEqualTypeOf<
      { kind: 'click'; x: number; label?: string | undefined } | { kind: 'view'; url: string }
    >()
    expectTypeOf<Infer<typeof nested>>().toEqualTypeOf<{ kind: 'a'; b: 'x' | 'y' }[]>()
    const nested = Types.array(
      Types.union('kind', { a: Types.record({ b: Types.enum('x', 'y') }) }),
    )
    expect(Order.kind).toBe('record')
  })

  test('when a value is no type, then nothing is inferred', () => {
    expectTypeOf<Infer<string>>().toBeNever()
    // @ts-expect-error a field needs a type, not a value
    expect(() => Types.record({ id: 1 })).toThrow(/^TYPE_INVALID/)
  })
})
