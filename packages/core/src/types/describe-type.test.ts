import { describe, expect, expectTypeOf, test } from 'vitest'
import { describeType, typesEqual } from './describe-type.ts'
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
    const type = { kind: 'decimal' } as unknown as TypeDescriptor
    expect(() => describeType(Types.array(type))).toThrow(/^TYPE_INVALID.*decimal/)
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

  test('when a value is no type, then nothing is inferred', () => {
    expectTypeOf<Infer<string>>().toBeNever()
    // @ts-expect-error a field needs a type, not a value
    expect(() => Types.record({ id: 1 })).toThrow(/^TYPE_INVALID/)
  })
})
