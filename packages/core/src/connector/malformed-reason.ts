import { TypeMismatchError } from '../serialization/type-mismatch.ts'

/** What an error met while a record was decoded says as {@link MalformedRecord.reason}: its shortest text. */
export function malformedReason(error: unknown): string {
  if (error instanceof TypeMismatchError) return error.reason
  return error instanceof Error ? error.message : String(error)
}
