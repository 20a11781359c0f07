// A type is plain data: it travels in the plan, in snapshots and between threads, and everything that
// depends on a type (record class, frame codec, validation) is generated from it.

/** The shape of a value, as JSON. */
export type TypeDescriptor =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'int' }
  | { readonly kind: 'long' }
  | { readonly kind: 'double' }
  | { readonly kind: 'string' }
  | { readonly kind: 'bigint' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'date' }
  | { readonly kind: 'any' }
  | { readonly kind: 'nullable'; readonly type: TypeDescriptor }
  | { readonly kind: 'array'; readonly element: TypeDescriptor }
  | { readonly kind: 'map'; readonly key: TypeDescriptor; readonly value: TypeDescriptor }
  | { readonly kind: 'record'; readonly fields: readonly RecordField[] }

/** One field of a record type. An alias, not an interface: only aliases count as JSON for the compiler. */
export type RecordField = {
  readonly name: string
  readonly type: TypeDescriptor
}

declare const valueType: unique symbol

/** A type descriptor that remembers, for the compiler only, which TypeScript type it describes. */
export type TypeInfo<T> = TypeDescriptor & { readonly [valueType]?: T }

/**
 * The TypeScript type that a descriptor describes.
 *
 * @example
 * ```ts
 * import { Types, type Infer } from '@millrace/core'
 *
 * const Bid = Types.record({ auction: Types.int, price: Types.double, url: Types.string })
 * type Bid = Infer<typeof Bid> // { auction: number; price: number; url: string }
 * const bid: Bid = { auction: 1, price: 2.5, url: '/x' }
 * console.log(bid.price) // 2.5
 * ```
 */
export type Infer<Type> = Type extends { readonly [valueType]?: infer T } ? T : never
