import type { JsonObject } from '@millrace/core'

/** Plain data whose interfaces the compiler cannot see to be JSON: types, window assigners, watermark strategies. */
export function asJson(plainData: object): JsonObject {
  return plainData as JsonObject
}
