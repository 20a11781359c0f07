/** Plain data, as JSON knows it. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** An object of plain data. */
export type JsonObject = { readonly [key: string]: JsonValue }
