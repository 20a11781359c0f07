import { describe, expect, test } from 'vitest'
import type { TypeDescriptor } from './type-info.ts'
import { Types } from './types.ts'

describe('Types', () => {
  test.each([
    ['no digits', () => Types.decimal(0, 0)],
    ['too many digits', () => Types.decimal(39, 0)],
    ['a scale above the precision', () => Types.decimal(4, 5)],
    ['a fraction of a digit', () => Types.decimal(4.5, 1)],
    ['an enum without values', () => Types.enum(...([] as unknown as [string]))],
    ['a value twice', () => Types.enum('a', 'a')],
    ['a number in an enum', () => Types.enum(1 as unknown as string)],
    ['257 values', () => Types.enum('x', ...Array.from({ length: 256 }, (_, n) => `${n}`))],
    ['a literal of infinity', () => Types.literal(Infinity)],
    ['a literal of null', () => Types.literal(null as unknown as string)],
    ['no variants', () => Types.union('kind', {})],
    ['a variant that is no record', () => Types.union('kind', { a: Types.int })],
    ['a variant that is no type', () => Types.union('kind', { a: 1 as unknown as TypeDescriptor })],
    ['a tag that is a field', () => Types.union('a', { x: Types.record({ a: Types.int }) })],
    ['a tag that is no name', () => Types.union('a b', { x: Types.record({}) })],
    ['a missing element of an array', () => Types.array(Types.optional(Types.int))],
    ['a missing element of a tuple', () => Types.tuple(Types.optional(Types.int))],
    ['a missing null', () => Types.nullable(Types.optional(Types.int))],
    ['an optional that is missing', () => Types.optional(Types.optional(Types.int))],
    ['a function for a type', () => Types.array(Types.any as unknown as TypeDescriptor)],
  ])('when there is %s, then the type is refused', (_what, make) => {
    expect(make).toThrow(/^TYPE_INVALID/)
  })

  test('when types are written as JSON, then they come back', () => {
    const type = Types.record({
      a: Types.union('kind', { x: Types.record({ n: Types.decimal(5, 2) }) }),
      b: Types.optional(Types.tuple(Types.literal(-0), Types.enum('a'))),
    })
    expect(JSON.parse(JSON.stringify(type))).toEqual(type)
  })
})

describe('Types.custom', () => {
  const encode = (text: string): Uint8Array => Buffer.from(text)
  const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

  test('when the same type is registered again, then nothing happens', () => {
    const make = (): TypeDescriptor => Types.custom({ name: 'test.again', encode, decode })
    expect(make()).toEqual(make())
    expect(make()).toEqual({ kind: 'custom', name: 'test.again', version: 1 })
  })

  test('when a name is taken by other functions or another version, then it is refused', () => {
    Types.custom({ name: 'test.taken', encode, decode })
    const other = (bytes: Uint8Array): string => `${bytes.length}`
    expect(() => Types.custom({ name: 'test.taken', encode, decode: other })).toThrow(
      /^TYPE_INVALID: expected a name of its own.*"test.taken"/,
    )
    expect(() => Types.custom({ name: 'test.taken', version: 2, encode, decode })).toThrow(
      /^TYPE_INVALID/,
    )
  })

  test.each([
    [{ name: '', encode, decode }, /^OPTION_INVALID: expected a name/],
    [{ name: 'test.bad', encode, decode: 1 }, /^OPTION_INVALID/],
    [{ name: 'test.bad', encode, decode, fromJson: 1 }, /^OPTION_INVALID/],
    [{ name: 'test.bad', encode, decode, version: 0 }, /^OPTION_INVALID: expected version/],
    [{ name: 'test.bad', encode, decode, vresion: 1 }, /^OPTION_UNKNOWN.*"version"/],
  ])('when the options are %o, then they are refused', (options, message) => {
    expect(() => Types.custom(options as never)).toThrow(message)
  })
})
