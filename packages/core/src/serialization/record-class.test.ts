import { describe, expect, test } from 'vitest'
import { Types } from '../types/types.ts'
import { buildRecordClass, recordClass } from './record-class.ts'

const Bid = Types.record({ auction: Types.int, price: Types.double })

describe.each([
  ['generated', false],
  ['interpreted', true],
])('a %s record class', (_name, isInterpreted) => {
  test('when values come in the order of the type, then the fields hold them', () => {
    const { Class, create } = buildRecordClass(Bid, isInterpreted)
    const bid = create(7, 2.5)
    expect(bid).toBeInstanceOf(Class)
    expect(Object.entries(bid as object)).toEqual([
      ['auction', 7],
      ['price', 2.5],
    ])
    expect(new Class(7, 2.5)).toStrictEqual(bid)
  })

  test('when a type has fields of every kind, then its class can be built', () => {
    const type = Types.record({
      a: Types.boolean,
      b: Types.int,
      c: Types.long,
      d: Types.double,
      e: Types.string,
      f: Types.bigint,
      g: Types.bytes,
      h: Types.date,
      i: Types.any(),
      j: Types.nullable(Types.int),
      k: Types.array(Types.int),
      l: Types.map(Types.int, Types.int),
      m: Types.record({ x: Types.int }),
    })
    const values = type.kind === 'record' ? type.fields.map((_, index) => index) : []
    const record = buildRecordClass(type, isInterpreted).create(...values)
    expect(Object.values(record as object)).toEqual(values)
  })

  test('when a field name looks like code, then it stays a name', () => {
    const name = 'a\'"`]; throw 1 //\u2028'
    const { create } = buildRecordClass(
      { kind: 'record', fields: [{ name, type: Types.int }] },
      isInterpreted,
    )
    expect(create(1)).toEqual({ [name]: 1 })
  })

  test('when a field would replace the prototype, then the type is refused', () => {
    const type = { kind: 'record', fields: [{ name: '__proto__', type: Types.any() }] } as const
    expect(() => buildRecordClass(type, isInterpreted)).toThrow(/^TYPE_INVALID.*__proto__/)
  })
})

describe('recordClass', () => {
  test('when types are structurally equal, then they share one class', () => {
    const again = recordClass(Types.record({ auction: Types.int, price: Types.double }))
    expect(again.Class).toBe(recordClass(Bid).Class)
  })

  test('when types differ in a field, then their classes differ', () => {
    const other = recordClass(Types.record({ auction: Types.long, price: Types.double }))
    expect(other.Class).not.toBe(recordClass(Bid).Class)
  })

  test('when the type is no record, then it is refused', () => {
    expect(() => recordClass(Types.int)).toThrow(/^TYPE_INVALID: expected a record type.*int/)
  })
})
