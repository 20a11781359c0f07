import { type TypeDescriptor, Types } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { storedType } from './stored-type.ts'

const types: readonly TypeDescriptor[] = [
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
  Types.decimal(12, 2),
  Types.enum('a', 'b'),
  Types.literal(1),
  Types.literal('x'),
  Types.float64Array,
  Types.bigInt64Array,
  { kind: 'custom', name: 'acme.Money', version: 3 },
  Types.nullable(Types.int),
  Types.array(Types.set(Types.string)),
  Types.map(Types.string, Types.tuple(Types.int, Types.date)),
  Types.record({ a: Types.optional(Types.int) }),
  Types.union('kind', { click: Types.record({ x: Types.int }) }),
]

describe('storedType', () => {
  test.each(types)('when a snapshot holds %j, then it is a type', (type) => {
    const read: unknown = JSON.parse(JSON.stringify(type))
    expect(storedType(read, 'a snapshot')).toEqual(type)
  })

  const variant = { name: 'a', type: Types.record({}) }
  test.each<unknown>([
    null,
    'int',
    { kind: 'imaginary' },
    { kind: 'decimal', precision: '5', scale: 2 },
    { kind: 'decimal', precision: 5 },
    { kind: 'decimal', precision: 39, scale: 0 },
    { kind: 'decimal', precision: 5, scale: 6 },
    { kind: 'enum', values: Array.from({ length: 257 }, (_, n) => `${n}`) },
    { kind: 'enum', values: 'ab' },
    { kind: 'enum', values: [1] },
    { kind: 'literal', value: null },
    { kind: 'numbers', element: 'float16' },
    { kind: 'custom', name: 'x' },
    { kind: 'optional' },
    { kind: 'set', element: { kind: 'x' } },
    { kind: 'tuple', elements: [1] },
    { kind: 'union', tag: 1, variants: [variant] },
    { kind: 'union', tag: 'kind', variants: [{ name: 'a', type: { kind: 'int' } }] },
    { kind: 'union', tag: 'kind', variants: [null] },
    { kind: 'record', fields: [{ name: 1, type: { kind: 'int' } }] },
  ])('when a snapshot holds %j, then it is refused', (value) => {
    expect(() => storedType(value, 'a snapshot')).toThrow(/^CHECKPOINT_CORRUPT/)
  })
})
