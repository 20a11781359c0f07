// Standard Schema (https://standardschema.dev): the interface that validators such as zod, valibot and arktype share.
// Written down here, so that a schema of any of them can check records and none of them is a dependency.

import { MillraceError, show } from '../errors/millrace-error.ts'

/**
 * A schema of a library that follows Standard Schema, version 1. It may transform: records are what it answers, and its
 * output type becomes the type of the stream. It must answer at once: a schema with asynchronous checks is refused.
 */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    /** For example `zod`. */
    readonly vendor: string
    readonly validate: (
      value: unknown,
    ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** What a schema answers: a value, or what is wrong. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] }

/** Something that is wrong with a value, and where. */
export interface StandardSchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * `schema` if it is one. `call` names the method or option.
 *
 * @throws MillraceError `OPTION_INVALID`
 */
export function checkSchema<T>(call: string, schema: StandardSchema<T>): StandardSchema<T> {
  // The schemas of some libraries are functions.
  const isObject = typeof schema === 'object' || typeof schema === 'function'
  const standard = isObject && schema !== null ? schema['~standard'] : undefined
  if (standard?.version === 1 && typeof standard.validate === 'function') return schema
  throw new MillraceError('OPTION_INVALID', {
    expected: `a schema that follows Standard Schema, version 1, for ${call}`,
    came: show(schema),
    todo: 'Pass a schema of zod (3.24 or later), valibot (1.0), arktype (2.0) or the like. For a type of Millrace use the option type.',
  })
}
