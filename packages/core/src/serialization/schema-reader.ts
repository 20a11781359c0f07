// Lets the schema of a validation library check and transform the records of a source, one by one.

import { MillraceError } from '../errors/millrace-error.ts'
import type { StandardSchema, StandardSchemaIssue } from '../types/standard-schema.ts'
import type { ValueReader } from './value-reading.ts'

/** The error for a value from outside that a schema does not accept. */
export class SchemaMismatchError extends MillraceError {
  /** One phrase for logs of malformed records: `field "delay": Expected number, received string`. */
  readonly reason: string

  constructor(vendor: string, issues: readonly StandardSchemaIssue[]) {
    const reason = reasonOf(issues)
    const field = pathOf(issues[0])
    super('TYPE_MISMATCH', {
      expected: `a value that the ${vendor} schema accepts`,
      came: `one that it does not: ${reason}`,
      todo: 'Correct the data, or make the schema wider.',
      ids: field === '' ? {} : { field },
    })
    this.reason = reason
  }
}

/**
 * What the schema makes of a value.
 *
 * @throws SchemaMismatchError whose `reason` names the field; MillraceError `FUNCTION_RETURNED_PROMISE` for a schema that
 * does not answer at once.
 *
 * @example
 * ```ts
 * import { schemaReader, type StandardSchema } from '@millrace/core'
 *
 * const Whole: StandardSchema<number> = {
 *   '~standard': {
 *     version: 1,
 *     vendor: 'example',
 *     validate: (value) =>
 *       Number.isInteger(Number(value)) ? { value: Number(value) } : { issues: [{ message: 'no whole number' }] },
 *   },
 * }
 * console.log(schemaReader(Whole)('42') + 1) // 43
 * ```
 */
export function schemaReader<T>(schema: StandardSchema<T>): ValueReader<T> {
  const { vendor, validate } = schema['~standard']
  return (value) => {
    const result = validate(value)
    if ('then' in result) throw answeredPromise(vendor, result)
    if (result.issues !== undefined) throw new SchemaMismatchError(vendor, result.issues)
    return result.value
  }
}

/** `parse`, then the schema; `undefined` if there is neither. What formats do with a value before they check its type. */
export function parserWithSchema<Input, T>(
  parse: ((value: Input) => T) | undefined,
  schema: StandardSchema<T> | undefined,
): ((value: Input) => T) | undefined {
  if (schema === undefined) return parse
  const read = schemaReader(schema)
  return parse === undefined ? read : (value) => read(parse(value))
}

const ISSUES_SHOWN_MAX = 3

function reasonOf(issues: readonly StandardSchemaIssue[]): string {
  const phrases = issues.slice(0, ISSUES_SHOWN_MAX).map((issue) => {
    const path = pathOf(issue)
    return path === '' ? issue.message : `field "${path}": ${issue.message}`
  })
  const more = issues.length - phrases.length
  return `${phrases.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/** For example `stops[2].name`, as in the messages for types. */
function pathOf(issue: StandardSchemaIssue | undefined): string {
  let path = ''
  for (const segment of issue?.path ?? []) {
    const key = typeof segment === 'object' ? segment.key : segment
    if (typeof key === 'number') path += `[${key}]`
    else path += path === '' ? String(key) : `.${String(key)}`
  }
  return path
}

function answeredPromise(vendor: string, promise: PromiseLike<unknown>): MillraceError {
  // Given up: should it reject later, an unhandled rejection must not end the process.
  void promise.then(undefined, () => {})
  return new MillraceError('FUNCTION_RETURNED_PROMISE', {
    expected: `an answer at once from the ${vendor} schema`,
    came: 'a promise',
    todo: 'Records are read synchronously: leave asynchronous checks and transformations out of the schema.',
  })
}
