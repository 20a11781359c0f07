/** A record of one of two streams, as the triggers and evictors of a join or co-group see it. */
export type TaggedUnion<T1, T2> =
  | { readonly input: 1; readonly value: T1 }
  | { readonly input: 2; readonly value: T2 }
