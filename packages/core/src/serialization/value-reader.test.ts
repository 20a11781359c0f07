import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal } from '../types/decimal.ts'
import { describeType } from '../types/describe-type.ts'
import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { Types } from '../types/types.ts'
import { anyType, Label, LabelType, typeAndValues } from './any-type.fuzz.ts'
import { generatedValueReader } from './generated-value-reader.ts'
import { interpretedValueReader } from './interpreted-value-reader.ts'
import { recordClass } from './record-class.ts'
import { TypeMismatchError } from './type-mismatch.ts'
import { valueReader } from './value-reader.ts'

const Flight = Types.record({
  date: Types.date,
  delay: Types.int,
  origin: Types.string,
  gate: Types.nullable(Types.string),
})

const Event = Types.union('kind', {
  click: Types.record({ x: Types.int }),
  view: Types.record({ url: Types.optional(Types.string) }),
})

const kinds = [
  ['generated', generatedValueReader],
  ['interpreted', interpretedValueReader],
] as const

describe.each(kinds)('the %s value reader', (_name, readerOf) => {
  test('when an object fits, then an instance of the record class comes out without the rest', () => {
    const flight = readerOf(Flight)({
      date: '2001-01-01T00:10:00Z',
      delay: 14,
      origin: 'SFO',
      tail: 'N1',
    })
    expect(flight).toBeInstanceOf(recordClass(Flight).Class)
    expect({ ...flight }).toStrictEqual({
      date: new Date(Date.UTC(2001, 0, 1, 0, 10)),
      delay: 14,
      origin: 'SFO',
      gate: null,
    })
  })

  const now = new Date(86_400_000)
  test.each([
    [Types.int, -0, 0],
    [Types.int, -(2 ** 31), -(2 ** 31)],
    [Types.long, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [Types.double, -0, -0],
    [Types.boolean, false, false],
    [Types.date, now, now],
    [Types.date, 86_400_000, now],
    [Types.date, '1970-01-02', now],
    [Types.date, '1970-01-02 00:00', now],
    [Types.date, '1970-01-02T00:00:00,000', now],
    [Types.date, '1970-01-02T02:00:00.000+02:00', now],
    [Types.date, '2024-02-29', new Date(Date.UTC(2024, 1, 29))],
    [Types.bigint, 5, 5n],
    [Types.bigint, 5n, 5n],
    [Types.bigint, '-123456789012345678901', -123456789012345678901n],
    [Types.bytes, 'AQI=', Uint8Array.of(1, 2)],
    [Types.bytes, Uint8Array.of(3), Uint8Array.of(3)],
    [Types.nullable(Types.int), null, null],
    [Types.nullable(Types.int), undefined, null],
    [Types.nullable(Types.int), 1, 1],
    [Types.array(Types.nullable(Types.int)), [1, null], [1, null]],
    [Types.map(Types.string, Types.int), { a: 1 }, new Map([['a', 1]])],
    [Types.map(Types.int, Types.int), { 7: 1 }, new Map([[7, 1]])],
    [Types.map(Types.bigint, Types.int), { 7: 1 }, new Map([[7n, 1]])],
    [Types.map(Types.boolean, Types.int), [[true, 1]], new Map([[true, 1]])],
    [Types.map(Types.string, Types.int), new Map([['a', 1]]), new Map([['a', 1]])],
    [Types.any(), undefined, undefined],
    [Types.byte, -128, -128],
    [Types.short, -0, 0],
    [Types.float, 0.1, Math.fround(0.1)],
    [Types.float, Infinity, Infinity],
    [Types.decimal(6, 2), '12.5', Decimal.of(1250, 2)],
    [Types.decimal(6, 2), 12.5, Decimal.of(1250, 2)],
    [Types.enum('a', 'b'), 'b', 'b'],
    [Types.literal(3), 3, 3],
    [Types.float32Array, [0.1], Float32Array.of(0.1)],
    [Types.int16Array, Int16Array.of(7), Int16Array.of(7)],
    [Types.bigInt64Array, [1, '-2', 3n], BigInt64Array.of(1n, -2n, 3n)],
    [LabelType, 'x', new Label('x')],
    [Types.set(Types.int), [1, 2, 1], new Set([1, 2])],
    [Types.set(Types.int), new Set([1]), new Set([1])],
    [Types.tuple(Types.int, Types.date), [1, '1970-01-02'], [1, now]],
    [Types.map(Types.enum('a'), Types.byte), { a: 1 }, new Map([['a', 1]])],
    [Types.map(Types.short, Types.byte), { 7: 1 }, new Map([[7, 1]])],
  ])('when the type is %j and the value %o, then it is read', (type, value, result) => {
    expect(readerOf(type as TypeInfo<unknown>)(value)).toStrictEqual(result)
  })

  test.each([
    [Types.int, 1.5, 'expected int, got 1.5'],
    [Types.int, '1', 'expected int, got "1"'],
    [Types.int, 2 ** 31, 'expected int, got 2147483648'],
    [Types.long, 0.5, 'expected long, got 0.5'],
    [Types.double, '1', 'expected double, got "1"'],
    [Types.string, 1, 'expected string, got 1'],
    [Types.string, null, 'expected string, got null'],
    [Types.boolean, 'true', 'expected boolean, got "true"'],
    [Types.date, 'tomorrow', /^expected date \(ISO 8601 .*got "tomorrow"$/],
    [Types.date, '2023-02-29', /^expected date/],
    [Types.date, '2023-13-01', /^expected date/],
    [Types.date, '2023-01-01T25:00', /^expected date/],
    [Types.date, Number.NaN, /^expected date/],
    [Types.date, new Date(Number.NaN), /^expected date/],
    [Types.bigint, 0.5, /^expected bigint/],
    [Types.bigint, '0x10', /^expected bigint/],
    [Types.bytes, 'no base64!', /^expected bytes/],
    [Types.array(Types.int), { 0: 1 }, 'expected array<int>, got {"0":1}'],
    [Types.map(Types.int, Types.int), { x: 1 }, 'field "{key x}": expected int, got "x"'],
    [Types.map(Types.boolean, Types.int), { true: 1 }, /^expected map<boolean, int>/],
    [Types.map(Types.string, Types.int), [['a']], /^expected map<string, int>/],
    [Types.byte, 128, 'expected byte, got 128'],
    [Types.short, 0.5, 'expected short, got 0.5'],
    [Types.float, 1e39, 'expected float, got 1e+39'],
    [Types.decimal(4, 2), 0.125, /^expected decimal\(4, 2\) .*, got 0.125$/],
    [Types.decimal(4, 2), 'abc', /got "abc"$/],
    [Types.enum('a', 'b'), 'c', 'expected enum("a", "b"), got "c"'],
    [Types.literal('x'), 'y', 'expected "x", got "y"'],
    [Types.int16Array, [1, 40_000], /^expected int16Array/],
    [Types.int32Array, ['1'], /^expected int32Array/],
    [Types.bigInt64Array, [2n ** 64n], /^expected bigint64Array/],
    [LabelType, 7, 'expected custom<"test.Label", 2> (a label is a text), got 7'],
    [Types.set(Types.int), {}, 'expected set<int>, got {}'],
    [Types.set(Types.int), [1, 'x'], 'field "{1}": expected int, got "x"'],
    [Types.tuple(Types.int), [1, 2], 'expected [int], got [1,2]'],
    [Types.tuple(Types.int), ['x'], 'field "[0]": expected int, got "x"'],
    [Event, { kind: 'move' }, 'field "kind": expected "click" or "view", got "move"'],
    [Event, {}, 'field "kind": expected "click" or "view", got nothing'],
    [Event, { kind: 'click', x: '1' }, 'field "x": expected int, got "1"'],
    [Event, 'click', /^expected union\(kind\)/],
    [
      Types.record({ a: Types.optional(Types.int) }),
      { a: null },
      'field "a": expected int, got null',
    ],
    [Flight, [], /^expected record\{date: date, .*got \[\]$/],
    [Flight, null, /^expected record\{.*got null$/],
  ])('when the type is %j and the value %o, then the reason is told', (type, value, reason) => {
    const error = refusal(() => readerOf(type as TypeInfo<unknown>)(value))
    if (typeof reason === 'string') expect(error.reason).toBe(reason)
    else expect(error.reason).toMatch(reason)
  })

  test('when the tag says which variant, then a record of its class comes out', () => {
    const read = readerOf(Event)
    const view = read({ kind: 'view', more: 1 })
    expect(view).toEqual({ kind: 'view', url: undefined })
    expect(Object.getPrototypeOf(view)).toBe(
      Object.getPrototypeOf(read({ kind: 'view', url: '/' })),
    )
    expect(Object.getPrototypeOf(view)).not.toBe(
      Object.getPrototypeOf(read({ kind: 'click', x: 1 })),
    )
  })

  test('when a custom type has no fromJson, then sources cannot read it', () => {
    const type = Types.custom<string>({
      name: 'test.without-json',
      encode: (text) => Buffer.from(text),
      decode: (bytes) => Buffer.from(bytes).toString(),
    })
    expect(refusal(() => readerOf(type)('x')).reason).toMatch(
      /\(the type has no fromJson\), got "x"/,
    )
  })

  test('when any value of any type is read, then it is equal', () => {
    fc.assert(
      fc.property(typeAndValues(), ({ type, values }) => {
        if (describeType(type).includes('custom')) return
        const read = readerOf(type)
        for (const value of values) expect(read(value)).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  test('when a field does not fit, then the error names it', () => {
    const read = readerOf(Flight)
    const error = refusal(() => read({ date: 0, delay: 'late', origin: 'SFO' }))
    expect(error.reason).toBe('field "delay": expected int, got "late"')
    expect(error.message).toMatch(/^TYPE_MISMATCH: .*field "delay": expected int, got "late"/)
    expect(error.ids).toEqual({ field: 'delay' })
  })

  test('when a field is missing, then the error says there is nothing', () => {
    const error = refusal(() => readerOf(Flight)({ date: 0, delay: 1 }))
    expect(error.reason).toBe('field "origin": expected string, got nothing')
  })

  test('when a nested value does not fit, then the error gives the whole path', () => {
    const type = Types.record({
      stops: Types.array(Types.record({ delays: Types.map(Types.string, Types.int) })),
    })
    const value = { stops: [{ delays: {} }, { delays: { JFK: null } }] }
    const error = refusal(() => readerOf(type)(value))
    expect(error.reason).toBe('field "stops[1].delays{JFK}": expected int, got null')
  })

  test('when a field has the name of a method of all objects, then only own data is read', () => {
    const type: TypeDescriptor = {
      kind: 'record',
      fields: [{ name: 'toString', type: Types.nullable(Types.any()) }],
    }
    const record = readerOf(type as TypeInfo<{ toString: unknown }>)({})
    expect(record.toString).toBeNull()
  })
})

describe('valueReader', () => {
  test('when types are structurally equal, then there is one reader', () => {
    expect(valueReader(Types.record({ a: Types.int }))).toBe(
      valueReader(Types.record({ a: Types.int })),
    )
  })
})

describe('both value readers', () => {
  test('when they read values of another type, then they answer or refuse alike', () => {
    fc.assert(
      fc.property(anyType(), typeAndValues(), (type, { values }) => {
        for (const value of values) {
          expect(outcomeOf(() => generatedValueReader(type)(value))).toEqual(
            outcomeOf(() => interpretedValueReader(type)(value)),
          )
        }
      }),
      { numRuns: 500 },
    )
  })
})

function outcomeOf(read: () => unknown): unknown {
  try {
    return { value: read() }
  } catch (error) {
    expect(error).toBeInstanceOf(TypeMismatchError)
    return (error as TypeMismatchError).reason
  }
}

function refusal(run: () => unknown): TypeMismatchError {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(TypeMismatchError)
    return error as TypeMismatchError
  }
  throw new Error('the value was read')
}
