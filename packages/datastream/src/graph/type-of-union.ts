import { type TypeInfo, typesEqual } from '@millrace/core'

/** The one type that all streams have, or `undefined`: records of different types share none but `Types.any()`. */
export function typeOfUnion<T>(
  types: readonly (TypeInfo<T> | undefined)[],
): TypeInfo<T> | undefined {
  const [first] = types
  if (first === undefined) return undefined
  return types.every((type) => type !== undefined && typesEqual(first, type)) ? first : undefined
}
