// The frame codec where code cannot be generated: the same bytes and the same errors as `generated-frame-codec.ts`,
// from closures, one for each value of the type. Several times slower.

import { CustomCodec } from '../types/custom-type.ts'
import { Decimal, unscaledIn } from '../types/decimal.ts'
import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { BinaryWriter } from './binary-blob.ts'
import type { FrameBuffer } from './frame-buffer.ts'
import type { FrameCodec } from './frame-coding.ts'
import { closeFrame, frameCorrupt, OpenFrame, paddedTo8 } from './frame-envelope.ts'
import {
  type ColumnSpan,
  ENVELOPE_BYTES,
  type FrameLayout,
  frameLayout,
  HEADER_BYTES,
  rowBytes,
  SHORT_STRING_UNITS_MAX,
  type TableLayout,
  type ValueLayout,
} from './frame-layout.ts'
import { recordClass } from './record-class.ts'
import { RowGroups } from './row-groups.ts'
import {
  bytesOfNumbers,
  enumValueAt,
  NUMBERS_CLASSES,
  type NumbersArray,
  numbersOfBytes,
  placesOf,
  variantUnknown,
} from './scalar-codecs.ts'
import { fitsScalar, recordMismatch } from './type-mismatch.ts'

/** A codec that interprets the layout of the type. */
export function interpretedFrameCodec<T>(type: TypeInfo<T>): FrameCodec<T> {
  return new InterpretedFrameCodec<T>(type)
}

class InterpretedFrameCodec<T> implements FrameCodec<T> {
  readonly type: TypeDescriptor
  readonly #layout: FrameLayout
  readonly #puts: readonly Put[]
  readonly #takes: readonly Take[]

  constructor(type: TypeDescriptor) {
    this.type = type
    this.#layout = frameLayout(type)
    this.#puts = this.#layout.tables.map((table) => putOf(table.value))
    this.#takes = this.#layout.tables.map((table) => takeOf(table.value))
  }

  encode(
    target: FrameBuffer,
    offset: number,
    records: readonly T[],
    timestamps: Float64Array,
    count: number,
  ): number {
    const input = { target, offset, records, timestamps, count }
    try {
      const writing = this.#encodeTables(input, false)
      if (writing.longest <= SHORT_STRING_UNITS_MAX) return closeFrame(target, writing)
      return closeFrame(target, this.#encodeTables(input, true))
    } catch (error) {
      if (error === MISFIT) throw recordMismatch(this.type, records, count)
      throw error
    }
  }

  decode(source: FrameBuffer, offset: number, records: T[], timestamps: Float64Array): number {
    try {
      const frame = new OpenFrame(source, offset, timestamps.length)
      this.#decodeTables(source, frame, records, timestamps)
      return frame.count
    } catch (error) {
      throw frameCorrupt(error)
    }
  }

  #encodeTables(input: EncodeInput, hasLongStrings: boolean): Writing {
    const { target, offset, records, timestamps, count } = input
    const { tables, hasBinary } = this.#layout
    const writing = new Writing(input, this.#layout, hasLongStrings)
    writing.binary = hasBinary ? new BinaryWriter() : undefined
    for (let t = 0; t < tables.length; t++) {
      const table = tables[t] as TableLayout
      const put = this.#puts[t] as Put
      writing.startTable(table, t === 0 ? count : (writing.rowCounts[t] as number))
      if (t === 0) {
        const time = (offset + HEADER_BYTES) / 8
        for (let i = 0; i < count; i++) target.f64[time + i] = timestamps[i] as number
      }
      let row = 0
      for (const value of rowsOf(table, t === 0 ? [firstOf(records, count)] : writing.groups[t])) {
        put(writing, row++, value)
      }
    }
    return writing
  }

  #decodeTables(
    source: FrameBuffer,
    frame: OpenFrame,
    records: T[],
    timestamps: Float64Array,
  ): void {
    const { tables } = this.#layout
    const reading = new Reading(source, frame, tables.length)
    const time = frame.tablesStart / 8 - (ENVELOPE_BYTES - HEADER_BYTES) / 8 - frame.count
    const keysOf: unknown[][] = []
    for (let t = 0; t < tables.length; t++) {
      const table = tables[t] as TableLayout
      const take = this.#takes[t] as Take
      const groups = reading.groups[t] as RowGroups<unknown>
      reading.startTable(table, t === 0 ? frame.count : groups.rowCount)
      if (table.rowsFrom === 'records') {
        for (let i = 0; i < frame.count; i++) {
          timestamps[i] = source.f64[time + i] as number
          records[i] = take(reading, i) as T
        }
      } else if (table.rowsFrom === 'keys') {
        keysOf[t] = Array.from({ length: groups.rowCount }, (_, row) => take(reading, row))
      } else {
        const keys = keysOf[table.keysTable ?? t]
        fillGroups(groups, (group, row) => {
          if (group instanceof Map) group.set(keys?.[row], take(reading, row))
          else if (group instanceof Set) group.add(take(reading, row))
          else (group as unknown[]).push(take(reading, row))
        })
      }
    }
    frame.close(reading.tableEnd, reading.textPosition)
  }
}

interface EncodeInput {
  readonly target: FrameBuffer
  readonly offset: number
  readonly records: readonly unknown[]
  readonly timestamps: Float64Array
  readonly count: number
}

/** Thrown by closures where a value does not fit; never leaves this file. */
const MISFIT: unique symbol = Symbol('misfit')

/** Where the columns of the table at hand begin, in elements of their views. */
class TableCursor {
  rows = 0
  f64Start = 0
  i32Start = 0
  textStart = 0
  byteStart = 0
  textColumns = 0
  usedEnd = 0
  tableEnd: number
  readonly hasLongStrings: boolean

  constructor(tablesStart: number, hasLongStrings: boolean) {
    this.tableEnd = tablesStart
    this.hasLongStrings = hasLongStrings
  }

  moveTo(table: TableLayout, rows: number): void {
    const start = this.tableEnd
    const lengthBytes = this.hasLongStrings ? 4 : 2
    const i32At = start + 8 * table.f64Columns * rows
    const textAt = i32At + 4 * table.i32Columns * rows
    this.rows = rows
    this.f64Start = start / 8
    this.i32Start = i32At / 4
    this.textStart = textAt / lengthBytes
    this.textColumns = table.textColumns
    this.byteStart = textAt + lengthBytes * table.textColumns * rows
    this.usedEnd = this.byteStart + table.byteColumns * rows
    this.tableEnd = paddedTo8(start + rowBytes(table, this.hasLongStrings) * rows)
  }

  f64At(column: number, row: number): number {
    return this.f64Start + column * this.rows + row
  }

  i32At(column: number, row: number): number {
    return this.i32Start + column * this.rows + row
  }

  byteAt(column: number, row: number): number {
    return this.byteStart + column * this.rows + row
  }

  textAt(column: number, row: number): number {
    return this.textStart + this.textColumns * row + column
  }
}

/** The state of one `encode`. */
class Writing extends TableCursor {
  readonly target: FrameBuffer
  readonly offset: number
  readonly count: number
  /** Of each table, the arrays or maps its rows come from. */
  readonly groups: unknown[][]
  readonly rowCounts: number[]
  binary: BinaryWriter | undefined
  columns: unknown[][] = []
  text = ''
  longest = 0

  constructor({ target, offset, count }: EncodeInput, layout: FrameLayout, hasLong: boolean) {
    super(offset + ENVELOPE_BYTES + 8 * count, hasLong)
    this.target = target
    this.offset = offset
    this.count = count
    this.groups = layout.tables.map(() => [])
    this.rowCounts = layout.tables.map(() => 0)
  }

  get tablesEnd(): number {
    return this.tableEnd
  }

  startTable(table: TableLayout, rows: number): void {
    this.moveTo(table, rows)
    this.target.ensureCapacity(this.tableEnd)
    this.target.bytes.fill(0, this.usedEnd, this.tableEnd)
    this.columns = Array.from({ length: table.anyColumns }, () => openColumn(this))
  }

  addGroup(t: number, group: unknown, rows: number): void {
    this.groups[t]?.push(group)
    this.rowCounts[t] = (this.rowCounts[t] as number) + rows
  }
}

/** The state of one `decode`. */
class Reading extends TableCursor {
  readonly source: FrameBuffer
  readonly frame: OpenFrame
  readonly groups: readonly RowGroups<unknown>[]
  columns: readonly (readonly unknown[])[] = []
  textPosition = 0

  constructor(source: FrameBuffer, frame: OpenFrame, tables: number) {
    super(frame.tablesStart, frame.hasLongStrings)
    this.source = source
    this.frame = frame
    const rowCountMax = frame.tablesEnd - frame.tablesStart
    this.groups = Array.from({ length: tables }, () => new RowGroups<unknown>(rowCountMax))
  }

  startTable(table: TableLayout, rows: number): void {
    this.moveTo(table, rows)
    this.frame.checkTable(this.tableEnd)
    this.columns = Array.from({ length: table.anyColumns }, () => this.frame.binary.column(rows))
  }

  i32(column: number, row: number): number {
    return this.source.i32[this.i32At(column, row)] as number
  }

  byte(column: number, row: number): number {
    return this.source.bytes[this.byteAt(column, row)] as number
  }

  f64(column: number, row: number): number {
    return this.source.f64[this.f64At(column, row)] as number
  }
}

type Put = (writing: Writing, row: number, value: unknown) => void

/** How to check and write a value. */
function putOf(layout: ValueLayout): Put {
  switch (layout.kind) {
    case 'any':
      return (writing, _row, value) => writing.columns[layout.any]?.push(value)
    case 'nullable':
    case 'optional': {
      const put = putOf(layout.value)
      const mayBeNull = layout.kind === 'nullable'
      return (writing, row, value) => {
        const isNothing = value === undefined || (mayBeNull && value === null)
        writing.target.bytes[writing.byteAt(layout.byte, row)] = isNothing ? 1 : 0
        if (isNothing) putNothing(writing, row, layout.columns)
        else put(writing, row, value)
      }
    }
    case 'array':
      return (writing, row, value) => {
        if (!Array.isArray(value)) throw MISFIT
        putI32(writing, layout.i32, row, value.length)
        writing.addGroup(layout.elements, value, value.length)
      }
    case 'set':
      return (writing, row, value) => {
        if (!(value instanceof Set)) throw MISFIT
        putI32(writing, layout.i32, row, value.size)
        writing.addGroup(layout.elements, value, value.size)
      }
    case 'map':
      return (writing, row, value) => {
        if (!(value instanceof Map)) throw MISFIT
        putI32(writing, layout.i32, row, value.size)
        writing.addGroup(layout.keys, value, value.size)
        writing.addGroup(layout.values, value, value.size)
      }
    case 'record': {
      const fields = layout.fields.map(({ name, value }) => ({ name, put: putOf(value) }))
      return (writing, row, value) => {
        if (typeof value !== 'object' || value === null) throw MISFIT
        for (const { name, put } of fields) {
          put(writing, row, (value as Readonly<Record<string, unknown>>)[name])
        }
      }
    }
    case 'tuple': {
      const puts = layout.elements.map(putOf)
      return (writing, row, value) => {
        if (!Array.isArray(value) || value.length !== puts.length) throw MISFIT
        for (let at = 0; at < puts.length; at++) puts[at]?.(writing, row, value[at])
      }
    }
    case 'union':
      return putUnionOf(layout)
    case 'decimal64':
    case 'decimal':
    case 'enum':
    case 'literal':
    case 'numbers':
    case 'custom':
      return putConvertedOf(layout)
    default: {
      const put = putScalarOf(layout)
      return (writing, row, value) => {
        if (!fitsScalar(layout.kind, value)) throw MISFIT
        put(writing, row, value)
      }
    }
  }
}

function putUnionOf({ byte, tag, variants }: ValueLayout & { kind: 'union' }): Put {
  const places = placesOf(variants.map((variant) => variant.name))
  const puts = variants.map((variant) => ({ put: putOf(variant.value), unused: variant.unused }))
  return (writing, row, value) => {
    if (typeof value !== 'object' || value === null) throw MISFIT
    const place = places.get((value as Readonly<Record<string, unknown>>)[tag])
    const variant = puts[place ?? -1]
    if (place === undefined || variant === undefined) throw MISFIT
    writing.target.bytes[writing.byteAt(byte, row)] = place
    variant.put(writing, row, value)
    putNothing(writing, row, variant.unused)
  }
}

type ConvertedLayout = Extract<
  ValueLayout,
  { kind: 'decimal64' | 'decimal' | 'enum' | 'literal' | 'numbers' | 'custom' }
>

/** Kinds whose check is half of the writing. */
function putConvertedOf(layout: ConvertedLayout): Put {
  switch (layout.kind) {
    case 'decimal64':
      return (writing, row, value) => {
        const { precision, scale } = layout.type
        writing.target.i64[writing.f64At(layout.f64, row)] = fitting(
          unscaledIn(value, precision, scale),
        )
      }
    case 'decimal':
      return (writing, row, value) => {
        const { precision, scale } = layout.type
        const unscaled = fitting(unscaledIn(value, precision, scale))
        putI32(writing, layout.i32, row, writing.binary?.addBigint(unscaled) ?? 0)
      }
    case 'enum': {
      const places = placesOf(layout.values)
      return (writing, row, value) => {
        writing.target.bytes[writing.byteAt(layout.byte, row)] = fitting(places.get(value))
      }
    }
    case 'literal':
      return (_writing, _row, value) => {
        if (value !== layout.value) throw MISFIT
      }
    case 'numbers': {
      const Class = NUMBERS_CLASSES[layout.element]
      return (writing, row, value) => {
        if (!(value instanceof Class)) throw MISFIT
        putBytes(writing, layout.i32, row, bytesOfNumbers(value as NumbersArray))
      }
    }
    case 'custom': {
      const codec = new CustomCodec(layout.name, layout.version)
      return (writing, row, value) =>
        putBytes(writing, layout.i32, row, fitting(codec.encode(value)))
    }
  }
}

function fitting<Value>(value: Value | undefined): Value {
  if (value === undefined) throw MISFIT
  return value
}

type ScalarLayout = Exclude<
  ValueLayout,
  | ConvertedLayout
  | { kind: 'any' | 'nullable' | 'optional' | 'array' | 'set' | 'map' }
  | { kind: 'tuple' | 'record' | 'union' }
>

function putScalarOf(layout: ScalarLayout): Put {
  switch (layout.kind) {
    case 'long':
    case 'double':
      return (writing, row, value) => putF64(writing, layout.f64, row, value as number)
    case 'date':
      return (writing, row, value) => putF64(writing, layout.f64, row, (value as Date).getTime())
    case 'short':
    case 'int':
      return (writing, row, value) => putI32(writing, layout.i32, row, value as number)
    case 'float':
      return (writing, row, value) => {
        writing.target.f32[writing.i32At(layout.i32, row)] = value as number
      }
    case 'byte':
      return (writing, row, value) => {
        writing.target.bytes[writing.byteAt(layout.byte, row)] = value as number
      }
    case 'bytes':
      return (writing, row, value) => putBytes(writing, layout.i32, row, value as Uint8Array)
    case 'bigint':
      return (writing, row, value) =>
        putI32(writing, layout.i32, row, writing.binary?.addBigint(value as bigint) ?? 0)
    case 'boolean':
      return (writing, row, value) => {
        writing.target.bytes[writing.byteAt(layout.byte, row)] = value === true ? 1 : 0
      }
    case 'string':
      return (writing, row, value) => {
        const text = value as string
        putTextLength(writing, layout.text, row, text.length)
        writing.longest |= text.length
        writing.text += text
      }
  }
}

/** Writes zeros to columns of a row. */
function putNothing(writing: Writing, row: number, { from, to }: ColumnSpan): void {
  for (let k = from.f64; k < to.f64; k++) putF64(writing, k, row, 0)
  for (let k = from.i32; k < to.i32; k++) putI32(writing, k, row, 0)
  for (let k = from.text; k < to.text; k++) putTextLength(writing, k, row, 0)
  for (let k = from.byte; k < to.byte; k++) writing.target.bytes[writing.byteAt(k, row)] = 0
  for (let k = from.any; k < to.any; k++) writing.columns[k]?.push(null)
}

type Take = (reading: Reading, row: number) => unknown

function takeOf(layout: ValueLayout): Take {
  switch (layout.kind) {
    case 'long':
    case 'double':
      return (reading, row) => reading.f64(layout.f64, row)
    case 'date':
      return (reading, row) => new Date(reading.f64(layout.f64, row))
    case 'int':
      return (reading, row) => reading.i32(layout.i32, row)
    case 'bytes':
      return (reading, row) => reading.frame.binary.bytes(reading.i32(layout.i32, row))
    case 'bigint':
      return (reading, row) => reading.frame.binary.bigint(reading.i32(layout.i32, row))
    case 'byte':
      return (reading, row) => (reading.byte(layout.byte, row) << 24) >> 24
    case 'short':
      return (reading, row) => reading.i32(layout.i32, row)
    case 'float':
      return (reading, row) => reading.source.f32[reading.i32At(layout.i32, row)]
    case 'decimal64':
      return (reading, row) =>
        new Decimal(reading.source.i64[reading.f64At(layout.f64, row)] as bigint, layout.type.scale)
    case 'decimal':
      return (reading, row) =>
        new Decimal(reading.frame.binary.bigint(reading.i32(layout.i32, row)), layout.type.scale)
    case 'enum':
      return (reading, row) => enumValueAt(layout.values, reading.byte(layout.byte, row))
    case 'literal':
      return () => layout.value
    case 'numbers':
      return (reading, row) =>
        numbersOfBytes(layout.element, reading.frame.binary.bytes(reading.i32(layout.i32, row)))
    case 'custom': {
      const codec = new CustomCodec(layout.name, layout.version)
      return (reading, row) =>
        codec.decode(reading.frame.binary.bytes(reading.i32(layout.i32, row)))
    }
    case 'boolean':
      return (reading, row) => reading.byte(layout.byte, row) !== 0
    case 'string':
      return (reading, row) => takeText(reading, layout.text, row)
    case 'any':
      return (reading, row) => reading.columns[layout.any]?.[row]
    case 'nullable':
    case 'optional': {
      const take = takeOf(layout.value)
      const nothing = layout.kind === 'nullable' ? null : undefined
      return (reading, row) => (reading.byte(layout.byte, row) === 0 ? take(reading, row) : nothing)
    }
    case 'array':
      return (reading, row) =>
        reading.groups[layout.elements]?.add([], reading.i32(layout.i32, row))
    case 'set':
      return (reading, row) =>
        reading.groups[layout.elements]?.add(new Set(), reading.i32(layout.i32, row))
    case 'map':
      return (reading, row) => {
        const size = reading.i32(layout.i32, row)
        const map = new Map()
        reading.groups[layout.keys]?.add(map, size)
        return reading.groups[layout.values]?.add(map, size)
      }
    case 'record': {
      const { create } = recordClass(layout.type)
      const fields = layout.fields.map((field) => takeOf(field.value))
      return (reading, row) => create(...fields.map((take) => take(reading, row)))
    }
    case 'tuple': {
      const takes = layout.elements.map(takeOf)
      return (reading, row) => takes.map((take) => take(reading, row))
    }
    case 'union': {
      const takes = layout.variants.map((variant) => takeOf(variant.value))
      return (reading, row) => {
        const place = reading.byte(layout.byte, row)
        return (takes[place] ?? variantUnknown(place))(reading, row)
      }
    }
  }
}

function openColumn(writing: Writing): unknown[] {
  return writing.binary?.openColumn() ?? []
}

function putF64(writing: Writing, column: number, row: number, value: number): void {
  writing.target.f64[writing.f64At(column, row)] = value
}

function putI32(writing: Writing, column: number, row: number, value: number): void {
  writing.target.i32[writing.i32At(column, row)] = value
}

function putBytes(writing: Writing, column: number, row: number, bytes: Uint8Array): void {
  putI32(writing, column, row, writing.binary?.addBytes(bytes) ?? 0)
}

function putTextLength(writing: Writing, column: number, row: number, units: number): void {
  const lengths = writing.hasLongStrings ? writing.target.i32 : writing.target.u16
  lengths[writing.textAt(column, row)] = units
}

function takeText(reading: Reading, column: number, row: number): string {
  const { hasLongStrings, source, textPosition: start } = reading
  const lengths = hasLongStrings ? source.i32 : source.u16
  // A length of 32 bits is unsigned: a damaged one must not go backwards.
  reading.textPosition += (lengths[reading.textAt(column, row)] as number) >>> 0
  return reading.frame.text.substring(start, reading.textPosition)
}

function firstOf(records: readonly unknown[], count: number): readonly unknown[] {
  return records.length === count ? records : Array.from({ length: count }, (_, i) => records[i])
}

function* rowsOf(table: TableLayout, groups: readonly unknown[] | undefined): Iterable<unknown> {
  for (const group of groups ?? []) {
    if (table.rowsFrom === 'keys') yield* (group as Map<unknown, unknown>).keys()
    else if (table.rowsFrom === 'members') yield* group as Set<unknown>
    else if (table.rowsFrom === 'values') yield* (group as Map<unknown, unknown>).values()
    else yield* group as readonly unknown[]
  }
}

function fillGroups(
  { groups, sizes }: RowGroups<unknown>,
  fill: (group: unknown, row: number) => void,
): void {
  let row = 0
  for (let g = 0; g < groups.length; g++) {
    const end = row + (sizes[g] as number)
    while (row < end) fill(groups[g], row++)
  }
}
