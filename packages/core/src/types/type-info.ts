// A type is plain data: it travels in the plan, in snapshots and between threads, and everything that
// depends on a type (record class, frame codec, validation) is generated from it.

/** The shape of a value, as JSON. */
export type TypeDescriptor =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'byte' }
  | { readonly kind: 'short' }
  | { readonly kind: 'int' }
  | { readonly kind: 'long' }
  | { readonly kind: 'float' }
  | { readonly kind: 'double' }
  | { readonly kind: 'string' }
  | { readonly kind: 'bigint' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'date' }
  | { readonly kind: 'any' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'numbers'; readonly element: NumbersElement }
  | { readonly kind: 'custom'; readonly name: string; readonly version: number }
  | { readonly kind: 'nullable'; readonly type: TypeDescriptor }
  | { readonly kind: 'optional'; readonly type: TypeDescriptor }
  | { readonly kind: 'array'; readonly element: TypeDescriptor }
  | { readonly kind: 'set'; readonly element: TypeDescriptor }
  | { readonly kind: 'map'; readonly key: TypeDescriptor; readonly value: TypeDescriptor }
  | { readonly kind: 'tuple'; readonly elements: readonly TypeDescriptor[] }
  | { readonly kind: 'record'; readonly fields: readonly RecordField[] }
  | { readonly kind: 'union'; readonly tag: string; readonly variants: readonly UnionVariant[] }

/** One field of a record type. An alias, not an interface: only aliases count as JSON for the compiler. */
export type RecordField = {
  readonly name: string
  readonly type: TypeDescriptor
}

/** One variant of a union: a record type whose tag field is the literal `name`. */
export type UnionVariant = {
  readonly name: string
  readonly type: TypeDescriptor
}

/** What a typed array of JavaScript holds. */
export type NumbersElement = 'int8' | 'int16' | 'int32' | 'float32' | 'float64' | 'bigint64'

declare const valueType: unique symbol
declare const isOptional: unique symbol

/** A type descriptor that remembers, for the compiler only, which TypeScript type it describes. */
export type TypeInfo<T> = TypeDescriptor & { readonly [valueType]?: T }

/** The type of a field that may be missing: what `Types.optional` makes. */
export type OptionalTypeInfo<T> = TypeInfo<T | undefined> & { readonly [isOptional]: true }

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

/** The fields of a record, by name. */
export type RecordFields = Readonly<Record<string, TypeDescriptor>>

/** The objects that a record of these fields holds. */
export type RecordOf<F extends RecordFields> = Flat<
  { -readonly [Name in Exclude<keyof F, OptionalName<F>>]: Infer<F[Name]> } & {
    -readonly [Name in OptionalName<F>]?: Infer<F[Name]> | undefined
  }
>

/** The objects that a union holds: those of each variant, with its name in the tag field. */
export type UnionOf<Tag extends string, V extends Readonly<Record<string, TypeDescriptor>>> = {
  [Name in keyof V & string]: Flat<{ [T in Tag]: Name } & Omit<Infer<V[Name]>, Tag>>
}[keyof V & string]

/** The arrays that a tuple holds. */
export type TupleOf<E extends readonly TypeDescriptor[]> = {
  -readonly [Index in keyof E]: Infer<E[Index]>
}

type OptionalName<F extends RecordFields> = {
  [Name in keyof F]: F[Name] extends { readonly [isOptional]: true } ? Name : never
}[keyof F]

/** An intersection of objects as one object, which is how editors show it. */
type Flat<T> = { [Name in keyof T]: T[Name] }
