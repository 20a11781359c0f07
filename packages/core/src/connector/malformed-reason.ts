import { MillraceError } from '../errors/millrace-error.ts'
import { SchemaMismatchError } from '../serialization/schema-reader.ts'
import { TypeMismatchError } from '../serialization/type-mismatch.ts'

/**
 * What an error met while a record was decoded says as {@link MalformedRecord.reason}: its shortest text.
 *
 * @throws the error itself if it is the program's fault and not the record's: a schema that answers a promise.
 */
export function malformedReason(error: unknown): string {
  if (error instanceof TypeMismatchError || error instanceof SchemaMismatchError)
    return error.reason
  if (error instanceof MillraceError && error.code === 'FUNCTION_RETURNED_PROMISE') throw error
  return error instanceof Error ? error.message : String(error)
}
