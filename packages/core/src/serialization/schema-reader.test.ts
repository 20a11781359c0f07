import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { malformedReason } from '../connector/malformed-reason.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { checkSchema, type StandardSchema } from '../types/standard-schema.ts'
import { parserWithSchema, SchemaMismatchError, schemaReader } from './schema-reader.ts'

/** The flight that each library describes: the delay comes as text and leaves as a number. */
const schemas = {
  zod: z.object({
    origin: z.string(),
    delay: z.string().transform(Number),
    stops: z.array(z.object({ at: z.string() })),
  }),
  valibot: v.object({
    origin: v.string(),
    delay: v.pipe(v.string(), v.transform(Number)),
    stops: v.array(v.object({ at: v.string() })),
  }),
  arktype: type({
    origin: 'string',
    delay: ['string', '=>', Number],
    stops: [{ at: 'string' }, '[]'],
  }),
}

describe.each(Object.keys(schemas) as (keyof typeof schemas)[])('a schema of %s', (vendor) => {
  const schema = schemas[vendor] as StandardSchema<{ delay: number }>

  test('when a value fits, then what the schema makes of it is read', () => {
    const flight = schemaReader(schema)({ origin: 'SFO', delay: '7', stops: [{ at: 'LAX' }] })
    expect(flight).toEqual({ origin: 'SFO', delay: 7, stops: [{ at: 'LAX' }] })
  })

  test('when a value does not fit, then the error names library and path, and keeps its message', () => {
    const error = errorOf(() =>
      schemaReader(schema)({ origin: 'SFO', delay: '7', stops: [{ at: 'LAX' }, { at: 1 }] }),
    )
    expect(error).toBeInstanceOf(SchemaMismatchError)
    expect((error as SchemaMismatchError).reason).toMatch(/^field "stops\[1\]\.at": .*string/)
    expect(error.message).toMatch(new RegExp(`^TYPE_MISMATCH: .*the ${vendor} schema accepts`))
    expect(error.ids).toEqual({ field: 'stops[1].at' })
    expect(malformedReason(error)).toBe((error as SchemaMismatchError).reason)
  })

  test('when it is checked, then it is a schema', () => {
    expect(checkSchema('a test', schema)).toBe(schema)
  })
})

describe('schemaReader', () => {
  test('when a schema transforms, then TypeScript knows its output', () => {
    expectTypeOf(schemaReader(schemas.zod)).returns.toEqualTypeOf<{
      origin: string
      delay: number
      stops: { at: string }[]
    }>()
    expectTypeOf(schemaReader(schemas.valibot)).returns.toEqualTypeOf<{
      origin: string
      delay: number
      stops: { at: string }[]
    }>()
    expectTypeOf(schemaReader(schemas.arktype)).returns.toEqualTypeOf<{
      origin: string
      delay: number
      stops: { at: string }[]
    }>()
    expect(Object.keys(schemas)).toHaveLength(3)
  })

  test('when many things are wrong, then the first three are told and the others counted', () => {
    const schema = z.array(z.number())
    const error = errorOf(() => schemaReader(schema)(['a', 'b', 'c', 'd', 'e']))
    expect((error as SchemaMismatchError).reason).toMatch(
      /^field "\[0\]": .*; field "\[1\]": .*; field "\[2\]": .*; and 2 more$/,
    )
  })

  test('when nothing says where, then the message stands alone', () => {
    const error = errorOf(() => schemaReader(z.number())('x'))
    expect((error as SchemaMismatchError).reason).toMatch(/^Invalid input/)
    expect(error.ids).toEqual({})
  })

  test('when the schema answers a promise, then it is refused as the fault of the program', () => {
    const error = errorOf(() => schemaReader(z.string().refine(async () => true))('x'))
    expect(error.code).toBe('FUNCTION_RETURNED_PROMISE')
    expect(error.message).toContain('zod schema')
    expect(() => malformedReason(error)).toThrow(error)
  })

  test('when such a promise rejects later, then nothing ends the process', async () => {
    const validate = async (): Promise<never> => {
      throw new Error('later')
    }
    const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const
    expect(errorOf(() => schemaReader(schema)('x')).code).toBe('FUNCTION_RETURNED_PROMISE')
    // An unhandled rejection would fail the test run here.
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('parserWithSchema', () => {
  test('when there is a parser as well, then the schema sees what it made', () => {
    const parse = parserWithSchema((text: string) => text.length, z.number().max(3))
    expect(parse?.('abc')).toBe(3)
    expect(() => parse?.('abcd')).toThrow(/^TYPE_MISMATCH/)
    expect(parserWithSchema(undefined, undefined)).toBeUndefined()
  })
})

describe('checkSchema', () => {
  test.each([
    undefined,
    null,
    'string',
    {},
    () => true,
    { '~standard': { version: 2, validate: () => ({}) } },
    { '~standard': { version: 1 } },
    { kind: 'int' },
  ])('when it is %o, then it is refused', (schema) => {
    expect(() => checkSchema('the option schema of csv', schema as never)).toThrow(
      /^OPTION_INVALID: expected a schema that follows Standard Schema.*option schema of csv/,
    )
  })
})

function errorOf(run: () => unknown): MillraceError {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError)
    return error as MillraceError
  }
  throw new Error('nothing was thrown')
}
