// Where everything lies in a frame. Both codecs, generated and interpreted, follow this one plan.
//
//   byte 0        i32 byteLength, count, flags, kind           byteLength is a multiple of 8; kind belongs to channels
//   16            f64 timestamps[count]
//   16 + 8 count  i32 textBytes, binaryBytes
//   24 + 8 count  the root table, then the child tables in the order in which the type names them
//   …             text: all strings of the frame, joined
//   …             binary: all bytes, bigints and untyped columns; zeros up to a multiple of 8
//
// A table has a row for each record (root), each array element, each map key or each map value. Nested records are
// flattened into the table they are in. Columns of a table of n rows:
//
//   f64[n] each long, double, date, and decimal of up to 18 digits (as i64)
//   i32[n] each short, int, float (as f32); array length, size of set and map; length of bytes, typed array,
//          bigint, longer decimal and custom value
//   string lengths in UTF-16 units, row after row: u16, or u32 when a string of the frame is longer than 65535
//   bytes[n] each boolean, byte, place of an enum value or a union's variant, and each "is null" or "is missing";
//          zeros up to a multiple of 8
//
// The variants of a union lie in the same columns, one over the other; those that the variant of a row does not have
// hold zeros, as do the columns of a null. A literal has no column. A child table without any column has one zero byte
// a row, so the rows that a damaged length may claim are bounded by the bytes of the frame. Numbers are little-endian.

import type { NumbersElement, TypeDescriptor } from '../types/type-info.ts'

/** Which columns a value has in its table. */
export type ValueLayout =
  | { readonly kind: 'long' | 'double' | 'date'; readonly f64: number }
  | { readonly kind: 'decimal64'; readonly f64: number; readonly type: DecimalType }
  | { readonly kind: 'short' | 'int' | 'float' | 'bytes' | 'bigint'; readonly i32: number }
  | { readonly kind: 'decimal'; readonly i32: number; readonly type: DecimalType }
  | { readonly kind: 'numbers'; readonly i32: number; readonly element: NumbersElement }
  | {
      readonly kind: 'custom'
      readonly i32: number
      readonly name: string
      readonly version: number
    }
  | { readonly kind: 'string'; readonly text: number }
  | { readonly kind: 'boolean' | 'byte'; readonly byte: number }
  | { readonly kind: 'enum'; readonly byte: number; readonly values: readonly string[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'any'; readonly any: number }
  | {
      readonly kind: 'nullable' | 'optional'
      readonly byte: number
      readonly value: ValueLayout
      /** The columns of the value, which hold zeros if there is none. */
      readonly columns: ColumnSpan
    }
  | { readonly kind: 'array' | 'set'; readonly i32: number; readonly elements: number }
  | {
      readonly kind: 'map'
      readonly i32: number
      readonly keys: number
      readonly values: number
    }
  | { readonly kind: 'tuple'; readonly elements: readonly ValueLayout[] }
  | RecordLayout
  | {
      readonly kind: 'union'
      readonly byte: number
      readonly tag: string
      readonly variants: readonly VariantLayout[]
    }

/** A record, flattened into the table it is in. */
export interface RecordLayout {
  readonly kind: 'record'
  readonly type: TypeDescriptor
  readonly fields: readonly FieldLayout[]
}

/** A variant of a union. */
export interface VariantLayout {
  readonly name: string
  readonly value: ValueLayout
  /** The columns that only other variants have. */
  readonly unused: ColumnSpan
}

/** The number of columns of each width. */
export interface ColumnCounts {
  readonly f64: number
  readonly i32: number
  readonly text: number
  readonly byte: number
  readonly any: number
}

/** Of each width, the columns from a number up to another one. What belongs to one value lies side by side. */
export interface ColumnSpan {
  readonly from: ColumnCounts
  readonly to: ColumnCounts
}

type DecimalType = TypeDescriptor & { kind: 'decimal' }

/** A field of a flattened record. */
export interface FieldLayout {
  readonly name: string
  readonly value: ValueLayout
}

/** One table: how many columns of each width it has, and where its rows come from. */
export interface TableLayout {
  readonly rowsFrom: 'records' | 'elements' | 'members' | 'keys' | 'values'
  readonly value: ValueLayout
  readonly f64Columns: number
  readonly i32Columns: number
  readonly textColumns: number
  readonly byteColumns: number
  /** Zero bytes a row: 1 in a child table that has no column, else 0. They come last. */
  readonly fillerColumns: number
  readonly anyColumns: number
  /** For a `values` table, the index of the table of the keys. */
  readonly keysTable: number | undefined
}

/** All tables of a type, each after its parent; the first is the root table. */
export interface FrameLayout {
  readonly tables: readonly TableLayout[]
  readonly hasBinary: boolean
}

/** Digits of the longest decimal whose unscaled value always takes at most 64 bits. */
const DECIMAL64_PRECISION_MAX = 18

/** Bytes of the header before the timestamps. */
export const HEADER_BYTES = 16
/** Bytes of a frame that do not depend on its type: header and the lengths of the two blobs. */
export const ENVELOPE_BYTES = 24

/** Flag: the text is ASCII, one byte a unit. */
export const FLAG_ASCII = 1
/** Flag: string lengths are u32. */
export const FLAG_LONG_STRINGS = 2
/** Flag: the text is UTF-16, because UTF-8 cannot hold the lone surrogates in it. */
export const FLAG_UTF16 = 4
/** Every flag there is. */
export const FLAGS_KNOWN: number = FLAG_ASCII | FLAG_LONG_STRINGS | FLAG_UTF16

/** The longest string that a u16 length can tell. */
export const SHORT_STRING_UNITS_MAX = 65_535

/** Plans the frames of a type. */
export function frameLayout(type: TypeDescriptor): FrameLayout {
  const tables: TableLayout[] = []
  planTable(type, 'records', tables)
  return { tables, hasBinary: tables.some(hasBinaryColumn) }
}

/** Bytes of one row of a table, its untyped columns not counted. */
export function rowBytes(table: TableLayout, hasLongStrings: boolean): number {
  return (
    8 * table.f64Columns +
    4 * table.i32Columns +
    (hasLongStrings ? 4 : 2) * table.textColumns +
    table.byteColumns +
    table.fillerColumns
  )
}

/** Plans the table of `type` and those below it; answers its index. */
function planTable(
  type: TypeDescriptor,
  rowsFrom: TableLayout['rowsFrom'],
  tables: TableLayout[],
  keysTable?: number,
): number {
  const index = tables.length
  const columns: Columns = { ...NO_COLUMNS }
  tables.push(EMPTY_TABLE)
  const value = planValue(type, columns, tables)
  const width = columns.f64 + columns.i32 + columns.text + columns.byte
  tables[index] = {
    rowsFrom,
    value,
    f64Columns: columns.f64,
    i32Columns: columns.i32,
    textColumns: columns.text,
    byteColumns: columns.byte,
    fillerColumns: rowsFrom !== 'records' && width === 0 ? 1 : 0,
    anyColumns: columns.any,
    keysTable,
  }
  return index
}

/** The columns taken so far, while a table is planned. */
type Columns = { -readonly [Width in keyof ColumnCounts]: number }

const NO_COLUMNS: ColumnCounts = { f64: 0, i32: 0, text: 0, byte: 0, any: 0 }

function planValue(type: TypeDescriptor, columns: Columns, tables: TableLayout[]): ValueLayout {
  switch (type.kind) {
    case 'long':
    case 'double':
    case 'date':
      return { kind: type.kind, f64: columns.f64++ }
    case 'short':
    case 'int':
    case 'float':
    case 'bytes':
    case 'bigint':
      return { kind: type.kind, i32: columns.i32++ }
    case 'decimal':
      return type.precision <= DECIMAL64_PRECISION_MAX
        ? { kind: 'decimal64', f64: columns.f64++, type }
        : { kind: 'decimal', i32: columns.i32++, type }
    case 'numbers':
      return { kind: 'numbers', i32: columns.i32++, element: type.element }
    case 'custom':
      return { kind: 'custom', i32: columns.i32++, name: type.name, version: type.version }
    case 'string':
      return { kind: 'string', text: columns.text++ }
    case 'boolean':
    case 'byte':
      return { kind: type.kind, byte: columns.byte++ }
    case 'enum':
      return { kind: 'enum', byte: columns.byte++, values: type.values }
    case 'literal':
      return { kind: 'literal', value: type.value }
    case 'any':
      return { kind: 'any', any: columns.any++ }
    case 'nullable':
    case 'optional': {
      const byte = columns.byte++
      const from = { ...columns }
      const value = planValue(type.type, columns, tables)
      return { kind: type.kind, byte, value, columns: { from, to: { ...columns } } }
    }
    case 'array': {
      const i32 = columns.i32++
      return { kind: 'array', i32, elements: planTable(type.element, 'elements', tables) }
    }
    case 'set': {
      const i32 = columns.i32++
      return { kind: 'set', i32, elements: planTable(type.element, 'members', tables) }
    }
    case 'tuple': {
      const elements = type.elements.map((element) => planValue(element, columns, tables))
      return { kind: 'tuple', elements }
    }
    case 'union':
      return planUnion(type, columns, tables)
    case 'map': {
      const i32 = columns.i32++
      const keys = planTable(type.key, 'keys', tables)
      return { kind: 'map', i32, keys, values: planTable(type.value, 'values', tables, keys) }
    }
    case 'record':
      return {
        kind: 'record',
        type,
        fields: type.fields.map((field) => ({
          name: field.name,
          value: planValue(field.type, columns, tables),
        })),
      }
  }
}

/** Plans each variant from the same columns on; the next value begins behind the widest. */
function planUnion(
  { tag, variants }: TypeDescriptor & { kind: 'union' },
  columns: Columns,
  tables: TableLayout[],
): ValueLayout {
  const byte = columns.byte++
  const start = { ...columns }
  const planned = variants.map(({ name, type }) => {
    const end = { ...start }
    const value = planValue(type, end, tables)
    for (const width of WIDTHS) columns[width] = Math.max(columns[width], end[width])
    return { name, value, end }
  })
  const to = { ...columns }
  return {
    kind: 'union',
    byte,
    tag,
    variants: planned.map(({ name, value, end }) => ({ name, value, unused: { from: end, to } })),
  }
}

const WIDTHS = ['f64', 'i32', 'text', 'byte', 'any'] as const

/** Holds a table's place while its columns are counted. */
const EMPTY_TABLE: TableLayout = {
  rowsFrom: 'records',
  value: { kind: 'any', any: 0 },
  f64Columns: 0,
  i32Columns: 0,
  textColumns: 0,
  byteColumns: 0,
  fillerColumns: 0,
  anyColumns: 0,
  keysTable: undefined,
}

function hasBinaryColumn(table: TableLayout): boolean {
  return table.anyColumns > 0 || hasBinaryValue(table.value)
}

function hasBinaryValue(value: ValueLayout): boolean {
  switch (value.kind) {
    case 'bytes':
    case 'bigint':
    case 'decimal':
    case 'numbers':
    case 'custom':
      return true
    case 'nullable':
    case 'optional':
      return hasBinaryValue(value.value)
    case 'tuple':
      return value.elements.some(hasBinaryValue)
    case 'record':
      return value.fields.some((field) => hasBinaryValue(field.value))
    case 'union':
      return value.variants.some((variant) => hasBinaryValue(variant.value))
    default:
      return false
  }
}
