// Where values that a program hands in (an array, a generator, lines of a socket) meet the schema of a validation library.

import {
  checkSchema,
  type JsonObject,
  malformedReason,
  type MalformedPolicy,
  MillraceError,
  schemaReader,
  show,
  type SourceReaderContext,
  type StandardSchema,
} from '@millrace/core'
import { sourceNameOf } from './source-name.ts'

/** How the records of a source are validated. */
export interface SchemaOptions<T> {
  /**
   * A schema of zod, valibot, arktype or another library that follows Standard Schema. It checks each value when it is read,
   * and may transform it. Default: none.
   */
  readonly schema?: StandardSchema<T>
  /**
   * `'fail'`: a value that the schema refuses fails the job. `'skip'`: it is passed over and counted in the accumulator
   * `<name of the source>.malformed`; the first one is logged. The name is the one that the program gave it, with `name` or
   * `fromSource`: sources of one name are counted together. Only with a `schema`. Default: `'fail'`.
   */
  readonly onMalformed?: MalformedPolicy
}

/** {@link SchemaOptions} with a schema. */
export interface ValidationOptions<T> extends SchemaOptions<T> {
  readonly schema: StandardSchema<T>
}

/** Schema options, checked, for the readers of one source. */
export interface SchemaCheck<T> {
  readonly schema: StandardSchema<T>
  readonly onMalformed: MalformedPolicy
}

/**
 * The options, checked; `undefined` without a schema. `call` names the method.
 *
 * @throws MillraceError `OPTION_INVALID`
 */
export function checkSchemaOptions<T>(
  call: string,
  { schema, onMalformed }: SchemaOptions<T>,
): SchemaCheck<T> | undefined {
  const isPolicy = onMalformed === undefined || onMalformed === 'fail' || onMalformed === 'skip'
  if (!isPolicy || (schema === undefined && onMalformed !== undefined)) {
    throw new MillraceError('OPTION_INVALID', {
      expected: `'fail' or 'skip' as onMalformed of ${call}, beside a schema`,
      came: `${show(onMalformed)}${schema === undefined ? ' without a schema' : ''}`,
      todo: 'Leave onMalformed out, or give a schema that says which values are malformed.',
    })
  }
  if (schema === undefined) return undefined
  checkSchema(`the option schema of ${call}`, schema)
  return { schema, onMalformed: onMalformed ?? 'fail' }
}

/** What a check adds to the description of its source; nothing without one. */
export function describeCheck(check: SchemaCheck<unknown> | undefined): JsonObject {
  if (check === undefined) return {}
  return { schema: check.schema['~standard'].vendor, onMalformed: check.onMalformed }
}

/** Lets the values of one reader pass that its schema accepts. */
export class SchemaGate<T> {
  /** What the schema made of the value that was accepted last. */
  record!: T
  readonly #read: (value: unknown) => T
  readonly #check: SchemaCheck<T>
  readonly #context: SourceReaderContext
  #hasLogged = false

  constructor(check: SchemaCheck<T>, context: SourceReaderContext) {
    this.#check = check
    this.#context = context
    this.#read = schemaReader(check.schema)
  }

  /** Whether the value became a `record`; otherwise it was passed over. @throws MillraceError `RECORD_MALFORMED` */
  accepts(value: unknown): boolean {
    try {
      this.record = this.#read(value)
      return true
    } catch (error) {
      this.#passOver(value, malformedReason(error))
      return false
    }
  }

  #passOver(value: unknown, reason: string): void {
    const source = sourceNameOf(this.#context.operatorName)
    if (this.#check.onMalformed === 'fail') {
      throw new MillraceError('RECORD_MALFORMED', {
        expected: `a record of ${source} that its schema accepts`,
        came: `${reason}, in ${show(value)}`,
        todo: "Mend the data, or set onMalformed: 'skip' to pass over such records and count them.",
        ids: { source },
      })
    }
    const accumulator = `${source}.malformed`
    this.#context.addToAccumulator(accumulator, 1)
    if (this.#hasLogged) return
    this.#hasLogged = true
    this.#context.platform.log.warn(
      'passed over a malformed record; more of them are only counted',
      {
        source,
        reason,
        text: show(value),
        accumulator,
      },
    )
  }
}
