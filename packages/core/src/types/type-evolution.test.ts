import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors/millrace-error.ts'
import { FrameBuffer } from '../serialization/frame-buffer.ts'
import { frameCodec } from '../serialization/frame-codec.ts'
import { recordClass } from '../serialization/record-class.ts'
import { TypeMismatchError } from '../serialization/type-mismatch.ts'
import { Decimal } from './decimal.ts'
import type { TypeDescriptor } from './type-info.ts'
import { evolveType, type TypeEvolution } from './type-evolution.ts'
import { Types } from './types.ts'

/** The value after the evolution, or the difference as text. */
function evolved(
  stored: TypeDescriptor,
  declared: TypeDescriptor,
  value: unknown,
  evolution?: TypeEvolution,
): unknown {
  const way = evolveType(stored, declared, evolution)
  if (!way.isPossible) return `${way.difference.path}: ${way.difference.reason}`
  return way.convert === undefined ? value : way.convert(value)
}

function evolutionWith(parts: Partial<TypeEvolution>): TypeEvolution {
  return { migrations: [], fieldDefaults: {}, ...parts }
}

describe('evolveType', () => {
  test.each([
    [Types.int, Types.int],
    [Types.int, Types.long],
    [Types.int, Types.double],
    [Types.long, Types.double],
    [Types.int, Types.nullable(Types.double)],
    [Types.array(Types.int), Types.array(Types.nullable(Types.long))],
    [Types.byte, Types.short],
    [Types.short, Types.float],
    [Types.float, Types.double],
    [Types.enum('a', 'b'), Types.enum('c', 'b', 'a')],
    [Types.enum('a', 'b'), Types.string],
    [Types.set(Types.int), Types.set(Types.long)],
    [Types.record({ a: Types.int }), Types.any()],
  ])('when %j becomes %j, then values stay and nothing is called', (stored, declared) => {
    expect(evolveType(stored, declared)).toEqual({ isPossible: true, convert: undefined })
  })

  test.each([
    [Types.long, Types.int],
    [Types.double, Types.long],
    [Types.int, Types.string],
    [Types.string, Types.int],
    [Types.nullable(Types.int), Types.int],
    [Types.array(Types.int), Types.int],
    [Types.int, Types.array(Types.int)],
    [Types.boolean, Types.int],
    [Types.int, Types.float],
    [Types.enum('a', 'b'), Types.enum('a')],
    [Types.string, Types.enum('a')],
    [Types.decimal(10, 2), Types.decimal(10, 3)],
    [Types.decimal(10, 2), Types.decimal(10, 1)],
    [Types.tuple(Types.int), Types.tuple(Types.int, Types.int)],
    [Types.set(Types.int), Types.array(Types.int)],
    [Types.long, Types.bigint],
    [Types.long, Types.date],
    [Types.map(Types.string, Types.int), Types.record({})],
  ])('when %j is to become %j, then there is no way', (stored, declared) => {
    expect(evolveType(stored, declared)).toMatchObject({ isPossible: false })
  })

  test('when fields are dropped, reordered, widened and added, then the record is rebuilt', () => {
    const stored = Types.record({ a: Types.int, gone: Types.string, b: Types.string })
    const declared = Types.record({
      b: Types.nullable(Types.string),
      c: Types.nullable(Types.int),
      a: Types.long,
      d: Types.int,
    })
    const value = evolved(
      stored,
      declared,
      { a: 1, gone: 'x', b: 'y' },
      evolutionWith({ fieldDefaults: { d: 7 } }),
    )
    expect(value).toEqual({ b: 'y', c: null, a: 1, d: 7 })
    expect(value).toBeInstanceOf(recordClass(declared).Class)
  })

  test('when a field lies deep, then the difference names its path', () => {
    const deep = (type: TypeDescriptor): TypeDescriptor =>
      Types.record({ stops: Types.array(Types.record({ rates: Types.map(Types.string, type) })) })
    expect(evolved(deep(Types.string), deep(Types.int), undefined)).toBe(
      'stops[].rates{}: string cannot become int',
    )
    const [short, long] = [Types.record({}), Types.record({ x: Types.int })]
    expect(evolved(Types.array(short), Types.array(long), undefined)).toMatch(
      /^\[\]\.x: it is new, and neither nullable nor given a default/,
    )
  })

  test('when defaults are functions or objects, then no two records share one', () => {
    const declared = Types.array(
      Types.record({ tags: Types.array(Types.int), more: Types.array(Types.int) }),
    )
    const [first, second] = evolved(
      Types.array(Types.record({})),
      declared,
      [{}, {}],
      evolutionWith({ fieldDefaults: { '[].tags': [1], '[].more': () => [2] } }),
    ) as { tags: number[]; more: number[] }[]
    first?.tags.push(9)
    first?.more.push(9)
    expect(second).toEqual({ tags: [1], more: [2] })
  })

  test('when untyped values become typed, then each is checked', () => {
    const declared = Types.record({ id: Types.int })
    const value = evolved(Types.any(), declared, { id: 1, more: 2 })
    expect(value).toEqual({ id: 1 })
    expect(value).toBeInstanceOf(recordClass(declared).Class)
    expect(() => evolved(Types.any(), declared, { id: 'x' })).toThrow(TypeMismatchError)
  })
})

describe('unions, tuples, decimals and optional fields', () => {
  const before = Types.union('kind', {
    click: Types.record({ x: Types.int }),
    view: Types.record({ page: Types.string }),
  })

  test('when variants change and are added, then each value follows its own', () => {
    const declared = Types.union('kind', {
      view: Types.record({ page: Types.string, user: Types.nullable(Types.string) }),
      buy: Types.record({ item: Types.string }),
      click: Types.record({ x: Types.double }),
    })
    expect(evolved(before, declared, { kind: 'click', x: 1 })).toEqual({ kind: 'click', x: 1 })
    expect(evolved(before, declared, { kind: 'view', page: '/' })).toEqual({
      kind: 'view',
      page: '/',
      user: null,
    })
  })

  test('when a variant is gone or its tag is another, then there is no way', () => {
    const less = Types.union('kind', { click: Types.record({ x: Types.int }) })
    expect(evolved(before, less, undefined)).toMatch(/^<view>: this variant is gone/)
    const other = Types.union('type', { click: Types.record({ x: Types.int }) })
    expect(evolved(less, other, undefined)).toMatch(/cannot become/)
  })

  test('when a tuple is widened, then element by element', () => {
    const stored = Types.tuple(Types.int, Types.record({ a: Types.int }))
    const declared = Types.tuple(Types.long, Types.record({ b: Types.nullable(Types.int) }))
    expect(evolved(stored, declared, [1, { a: 2 }])).toEqual([1, { b: null }])
  })

  test('when a decimal gets more digits, then it has the new scale', () => {
    const value = evolved(Types.decimal(6, 2), Types.decimal(9, 4), Decimal.parse('12.50'))
    expect(String(value)).toBe('12.5000')
  })

  test('when fields become optional, or optional ones nullable, then what is missing is what it is called then', () => {
    const stored = Types.record({ a: Types.int, b: Types.optional(Types.int) })
    const declared = Types.record({
      a: Types.optional(Types.long),
      b: Types.nullable(Types.long),
      c: Types.optional(Types.string),
    })
    expect(evolved(stored, declared, { a: 1, b: undefined })).toEqual({
      a: 1,
      b: null,
      c: undefined,
    })
    expect(evolved(stored, declared, { a: 1, b: 2 })).toMatchObject({ b: 2 })
  })

  test('when the version of a custom type is a later one, then its codec has read it already', () => {
    const custom = (version: number): TypeDescriptor => ({ kind: 'custom', name: 'money', version })
    expect(evolveType(custom(1), custom(2))).toEqual({ isPossible: true, convert: undefined })
    expect(evolveType(custom(2), custom(1))).toMatchObject({ isPossible: false })
  })
})

describe('migrations', () => {
  const V1 = Types.record({ delay: Types.int })
  const V2 = Types.record({ minutes: Types.int })
  const V3 = Types.record({ seconds: Types.int })
  const toV2 = { from: V1, with: (old: { delay: number }) => ({ minutes: old.delay }) }
  const toV3 = { from: V2, with: (old: { minutes: number }) => ({ seconds: old.minutes * 60 }) }

  test('when there are several versions, then each goes through those after it', () => {
    const evolution = evolutionWith({ migrations: [toV2, toV3] })
    expect(evolved(V1, V3, { delay: 2 }, evolution)).toEqual({ seconds: 120 })
    expect(evolved(V2, V3, { minutes: 2 }, evolution)).toEqual({ seconds: 120 })
    expect(evolved(V3, V3, { seconds: 5 }, evolution)).toEqual({ seconds: 5 })
  })

  test('when the stored type can be widened to that of a migration, then it is', () => {
    const before = Types.record({ minutes: Types.int, gone: Types.int })
    const evolution = evolutionWith({ migrations: [toV2, toV3] })
    expect(evolved(before, V3, { minutes: 2, gone: 0 }, evolution)).toEqual({ seconds: 120 })
  })

  test('when the type would also evolve by itself, then the migration for it comes first', () => {
    const declared = Types.record({ minutes: Types.nullable(Types.int) })
    expect(evolved(V1, declared, { delay: 3 }, evolutionWith({ migrations: [toV2] }))).toEqual({
      minutes: 3,
    })
  })

  test('when it is for a place inside, then all around it evolves as usual', () => {
    const stored = Types.record({ start: Types.int, values: Types.array(V1) })
    const declared = Types.record({ start: Types.long, values: Types.array(V2) })
    const evolution = evolutionWith({ migrations: [toV2], at: 'values[]' })
    expect(evolved(stored, declared, { start: 1, values: [{ delay: 4 }] }, evolution)).toEqual({
      start: 1,
      values: [{ minutes: 4 }],
    })
  })

  test('when a migration answers something else, then that is found at once', () => {
    const wrong = { from: V1, with: () => ({ minutes: 'two' }) }
    expect(() => evolved(V1, V2, { delay: 1 }, evolutionWith({ migrations: [wrong] }))).toThrow(
      TypeMismatchError,
    )
    const late = { from: V1, with: () => Promise.resolve({ minutes: 1 }) }
    expect(() => evolved(V1, V2, { delay: 1 }, evolutionWith({ migrations: [late] }))).toThrow(
      MillraceError,
    )
  })
})

/** A type, the type it evolved into, a value of the first, and what it must become. */
interface Case {
  readonly stored: TypeDescriptor
  readonly declared: TypeDescriptor
  readonly value: unknown
  readonly expected: unknown
}

const scalar: fc.Arbitrary<Case> = fc.oneof(
  fc
    .tuple(
      fc.integer(),
      fc.constantFrom<[TypeDescriptor, TypeDescriptor][]>(
        [Types.int, Types.int],
        [Types.int, Types.long],
        [Types.int, Types.double],
        [Types.int, Types.any()],
        [Types.any(), Types.long],
        [Types.long, Types.double],
      ),
    )
    .map(([value, [stored, declared]]) => ({ stored, declared, value, expected: value })),
  fc
    .string()
    .map((value) => ({ stored: Types.string, declared: Types.string, value, expected: value })),
  fc
    .boolean()
    .map((value) => ({ stored: Types.boolean, declared: Types.boolean, value, expected: value })),
)

const { anyCase } = fc.letrec<{ anyCase: Case; list: Case; map: Case; optional: Case; row: Case }>(
  (tie) => ({
    anyCase: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalar,
      tie('list'),
      tie('map'),
      tie('optional'),
      tie('row'),
    ),
    list: fc.tuple(tie('anyCase'), fc.nat(3)).map(([element, count]) => ({
      stored: Types.array(element.stored),
      declared: Types.array(element.declared),
      value: Array.from({ length: count }, () => element.value),
      expected: Array.from({ length: count }, () => element.expected),
    })),
    map: fc.tuple(tie('anyCase'), fc.uniqueArray(fc.integer())).map(([entry, keys]) => ({
      stored: Types.map(Types.int, entry.stored),
      declared: Types.map(Types.double, entry.declared),
      value: new Map(keys.map((key) => [key, entry.value])),
      expected: new Map(keys.map((key) => [key, entry.expected])),
    })),
    optional: fc
      .tuple(tie('anyCase'), fc.boolean(), fc.boolean())
      .filter(
        ([{ stored, declared }]) => stored.kind !== 'nullable' && declared.kind !== 'nullable',
      )
      .map(([inner, wasNullable, isNull]) => ({
        stored: wasNullable ? Types.nullable(inner.stored) : inner.stored,
        declared: Types.nullable(inner.declared),
        value: wasNullable && isNull ? null : inner.value,
        expected: wasNullable && isNull ? null : inner.expected,
      })),
    row: fc
      .tuple(
        fc.array(fc.tuple(tie('anyCase'), fc.constantFrom('kept', 'dropped', 'added')), {
          maxLength: 4,
        }),
        fc.boolean(),
      )
      .map(([fields, isReversed]) => rowOf(fields, isReversed)),
  }),
)

function rowOf(fields: readonly (readonly [Case, string])[], isReversed: boolean): Case {
  const named = fields.map(([field, fate], index) => ({ ...field, fate, name: `f${index}` }))
  const before = named.filter(({ fate }) => fate !== 'added')
  const after = named.filter(({ fate }) => fate !== 'dropped')
  if (isReversed) after.reverse()
  return {
    stored: {
      kind: 'record',
      fields: before.map(({ name, stored }) => ({ name, type: stored })),
    },
    declared: {
      kind: 'record',
      fields: after.map(({ name, declared, fate }) => ({
        name,
        type:
          fate === 'added' && declared.kind !== 'nullable' ? Types.nullable(declared) : declared,
      })),
    },
    value: Object.fromEntries(before.map(({ name, value }) => [name, value])),
    expected: Object.fromEntries(
      after.map(({ name, expected, fate }) => [name, fate === 'added' ? null : expected]),
    ),
  }
}

describe('values that were written with the stored type', () => {
  test('when any type evolves, then decoded and converted values are those expected', () => {
    fc.assert(
      fc.property(anyCase, ({ stored, declared, value, expected }) => {
        const decoded = roundTrip(stored, value)
        const converted = evolved(stored, declared, decoded)
        expect(plain(converted)).toEqual(plain(expected))
        // What comes out is of the declared type: it can be written as that.
        expect(plain(roundTrip(declared, converted))).toEqual(plain(expected))
      }),
      { numRuns: 500 },
    )
  })
})

function roundTrip(type: TypeDescriptor, value: unknown): unknown {
  const codec = frameCodec<{ value: unknown }>(Types.record({ value: type }))
  const buffer = new FrameBuffer(new ArrayBuffer(64))
  const times = new Float64Array(1)
  codec.encode(buffer, 0, [{ value }], times, 1)
  const records: { value: unknown }[] = []
  codec.decode(buffer, 0, records, times)
  return records[0]?.value
}

/** Without classes, with -0 as 0. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, plain(each)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
}
