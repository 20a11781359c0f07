// Generates a frame codec for one type. For record{auction: int, url: string} the loops come out as
//
//   encode  for (let i = 0; i < n0; i++) { f64[time + i] = timestamps[i]; const v0 = records[i]
//             if (typeof v0 !== 'object' || v0 === null) throw misfit(records, count)
//             const v1 = v0["auction"]; if (typeof v1 !== 'number' || (v1 | 0) !== v1) throw misfit(records, count)
//             i32[i0_0 + i] = v1
//             const v2 = v0["url"]; if (typeof v2 !== 'string') throw misfit(records, count)
//             lengths[s0 + 1 * i + 0] = v2.length; longest |= v2.length; text += v2 }
//   decode  for (let i = 0; i < n0; i++) { timestamps[i] = f64[time + i]
//             records[i] = new R0(i32[i0_0 + i], text.substring(q, q += lengths[s0 + 1 * i + 0])) }
//
// All strings cross the border to C++ once a frame, as one text: four times faster than string by string. A table
// number is the suffix of its names: n1 rows, p1 first byte, used1 end of its columns, end1 the same in multiples of 8,
// d1_k, i1_k, b1_k where column k begins, s1 where its string lengths do, a1_k untyped column k, groups1 the arrays or
// maps whose elements, keys or values are its rows.

import { CustomCodec } from '../types/custom-type.ts'
import { Decimal, unscaledIn } from '../types/decimal.ts'
import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { BinaryWriter } from './binary-blob.ts'
import { compile } from './dynamic-code.ts'
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
  numbersOfBytes,
  placesOf,
  variantUnknown,
} from './scalar-codecs.ts'
import { recordMismatch } from './type-mismatch.ts'

/** A codec made of code generated for the type. */
export function generatedFrameCodec<T>(type: TypeInfo<T>): FrameCodec<T> {
  return new GeneratedFrameCodec<T>(type)
}

type Encode = (
  target: FrameBuffer,
  offset: number,
  records: readonly unknown[],
  timestamps: Float64Array,
  count: number,
) => number

type Decode = (
  source: FrameBuffer,
  frame: OpenFrame,
  records: unknown[],
  timestamps: Float64Array,
) => void

class GeneratedFrameCodec<T> implements FrameCodec<T> {
  readonly type: TypeDescriptor
  readonly #layout: FrameLayout
  readonly #encode: Encode
  readonly #decode: Decode
  // Strings longer than 65535 units are rare: their half of the code is made when the first one comes.
  #encodeLong: Encode | undefined
  #decodeLong: Decode | undefined

  constructor(type: TypeDescriptor) {
    this.type = type
    this.#layout = frameLayout(type)
    this.#encode = generateEncode(type, this.#layout, false)
    this.#decode = generateDecode(this.#layout, false)
  }

  encode(
    target: FrameBuffer,
    offset: number,
    records: readonly T[],
    timestamps: Float64Array,
    count: number,
  ): number {
    const written = this.#encode(target, offset, records, timestamps, count)
    if (written !== NEEDS_LONG_STRINGS) return written
    this.#encodeLong ??= generateEncode(this.type, this.#layout, true)
    return this.#encodeLong(target, offset, records, timestamps, count)
  }

  decode(source: FrameBuffer, offset: number, records: T[], timestamps: Float64Array): number {
    try {
      const frame = new OpenFrame(source, offset, timestamps.length)
      if (frame.hasLongStrings) {
        this.#decodeLong ??= generateDecode(this.#layout, true)
        this.#decodeLong(source, frame, records, timestamps)
      } else {
        this.#decode(source, frame, records, timestamps)
      }
      return frame.count
    } catch (error) {
      throw frameCorrupt(error)
    }
  }
}

/** What a generated encoder answers instead of a length. */
const NEEDS_LONG_STRINGS = -1

function generateEncode(
  type: TypeDescriptor,
  layout: FrameLayout,
  hasLongStrings: boolean,
): Encode {
  const source = new EncodeSource(layout, hasLongStrings)
  const body = source.toString()
  const scope = {
    BinaryWriter,
    bytesOfNumbers,
    closeFrame,
    paddedTo8,
    unscaledIn,
    misfit: (records: readonly unknown[], count: number) => recordMismatch(type, records, count),
    ...source.scope.values,
  }
  return compile<Encode>(scope, body)
}

function generateDecode(layout: FrameLayout, hasLongStrings: boolean): Decode {
  const source = new DecodeSource(layout, hasLongStrings)
  const body = source.toString()
  const scope = { RowGroups, Decimal, enumValueAt, numbersOfBytes, paddedTo8, variantUnknown }
  return compile<Decode>({ ...scope, ...source.scope.values }, body)
}

/** Objects that the generated text needs, by the names it knows them by. */
class Scope {
  readonly values: Record<string, unknown> = {}

  /** Gives `value` a name that begins with `prefix`. */
  name(prefix: string, value: unknown): string {
    const name = `${prefix}${Object.keys(this.values).length}`
    this.values[name] = value
    return name
  }
}

/** Writes the text of one encode function. */
class EncodeSource {
  readonly scope: Scope = new Scope()
  readonly #layout: FrameLayout
  readonly #hasLongStrings: boolean
  #variables = 0

  constructor(layout: FrameLayout, hasLongStrings: boolean) {
    this.#layout = layout
    this.#hasLongStrings = hasLongStrings
  }

  toString(): string {
    const { tables, hasBinary } = this.#layout
    const last = tables.length - 1
    return `function encode(target, offset, records, timestamps, count) {
const binary = ${hasBinary ? 'new BinaryWriter()' : 'undefined'}
const time = (offset + ${HEADER_BYTES}) >> 3, n0 = count, p0 = offset + ${ENVELOPE_BYTES} + 8 * count
let text = '', longest = 0
${tables.map((table, t) => `const groups${t} = []${table.rowsFrom === 'records' ? '' : `\nlet n${t} = 0`}`).join('\n')}
${tables.map((table, t) => this.#table(table, t)).join('\n')}
${this.#hasLongStrings ? '' : `if (longest > ${SHORT_STRING_UNITS_MAX}) return ${NEEDS_LONG_STRINGS}`}
return closeFrame(target, { offset, count, tablesEnd: end${last}, text, hasLongStrings: ${this.#hasLongStrings}, binary })
}`
  }

  #table(table: TableLayout, t: number): string {
    const start = t === 0 ? '' : `const p${t} = end${t - 1}`
    const columns = Array.from(
      { length: table.anyColumns },
      (_, k) => `const a${t}_${k} = binary.openColumn()`,
    )
    return `${start}
${addresses(table, t, this.#hasLongStrings)}
target.ensureCapacity(end${t})
${columns.join('\n')}
{
const { i32, f64, u16, bytes${moreViews(table)} } = target
bytes.fill(0, used${t}, end${t})
${this.#rows(table, t)}
}`
  }

  #rows(table: TableLayout, t: number): string {
    const put = this.#put(table.value, t, 'value')
    switch (table.rowsFrom) {
      case 'records':
        return `for (let i = 0; i < n0; i++) { f64[time + i] = timestamps[i]; const value = records[i]\n${put} }`
      case 'elements':
        return `let i = 0\nfor (const group of groups${t}) for (let j = 0; j < group.length; j++) { const value = group[j]\n${put}\ni++ }`
      case 'members':
      case 'keys':
        return `let i = 0\nfor (const group of groups${t}) for (const value of group.keys()) {\n${put}\ni++ }`
      case 'values':
        return `let i = 0\nfor (const group of groups${t}) for (const value of group.values()) {\n${put}\ni++ }`
    }
  }

  /** Statements that check `value`, a variable, and write it to row `i`. */
  #put(layout: ValueLayout, t: number, value: string): string {
    switch (layout.kind) {
      case 'int':
        return `${must(`typeof ${value} !== 'number' || (${value} | 0) !== ${value}`)}
i32[i${t}_${layout.i32} + i] = ${value}`
      case 'long':
        return `${must(`!Number.isSafeInteger(${value})`)}
f64[d${t}_${layout.f64} + i] = ${value}`
      case 'double':
        return `${must(`typeof ${value} !== 'number'`)}
f64[d${t}_${layout.f64} + i] = ${value}`
      case 'date':
        return `${must(`!(${value} instanceof Date)`)}
f64[d${t}_${layout.f64} + i] = ${value}.getTime()`
      case 'boolean':
        return `${must(`typeof ${value} !== 'boolean'`)}
bytes[b${t}_${layout.byte} + i] = ${value} ? 1 : 0`
      case 'string':
        return `${must(`typeof ${value} !== 'string'`)}
${this.#lengthAt(layout.text, t)} = ${value}.length; longest |= ${value}.length; text += ${value}`
      case 'bytes':
        return `${must(`!(${value} instanceof Uint8Array)`)}
i32[i${t}_${layout.i32} + i] = binary.addBytes(${value})`
      case 'bigint':
        return `${must(`typeof ${value} !== 'bigint'`)}
i32[i${t}_${layout.i32} + i] = binary.addBigint(${value})`
      case 'byte':
        return `${must(`typeof ${value} !== 'number' || (${value} << 24 >> 24) !== ${value}`)}
bytes[b${t}_${layout.byte} + i] = ${value}`
      case 'short':
        return `${must(`typeof ${value} !== 'number' || (${value} << 16 >> 16) !== ${value}`)}
i32[i${t}_${layout.i32} + i] = ${value}`
      case 'float':
        return `${must(`typeof ${value} !== 'number' || (Math.fround(${value}) !== ${value} && ${value} === ${value})`)}
f32[i${t}_${layout.i32} + i] = ${value}`
      case 'decimal64':
        return this.#converted(
          `unscaledIn(${value}, ${Number(layout.type.precision)}, ${Number(layout.type.scale)})`,
          (unscaled) => `i64[d${t}_${layout.f64} + i] = ${unscaled}`,
        )
      case 'decimal':
        return this.#converted(
          `unscaledIn(${value}, ${Number(layout.type.precision)}, ${Number(layout.type.scale)})`,
          (unscaled) => `i32[i${t}_${layout.i32} + i] = binary.addBigint(${unscaled})`,
        )
      case 'enum':
        return this.#converted(
          `${this.scope.name('E', placesOf(layout.values))}.get(${value})`,
          (place) => `bytes[b${t}_${layout.byte} + i] = ${place}`,
        )
      case 'literal':
        return must(`${value} !== ${JSON.stringify(layout.value)}`)
      case 'numbers':
        return `${must(`!(${value} instanceof ${this.scope.name('N', NUMBERS_CLASSES[layout.element])})`)}
i32[i${t}_${layout.i32} + i] = binary.addBytes(bytesOfNumbers(${value}))`
      case 'custom':
        return this.#converted(
          `${this.scope.name('C', new CustomCodec(layout.name, layout.version))}.encode(${value})`,
          (encoded) => `i32[i${t}_${layout.i32} + i] = binary.addBytes(${encoded})`,
        )
      case 'any':
        return `a${t}_${layout.any}.push(${value})`
      case 'nullable':
      case 'optional': {
        const isNothing =
          layout.kind === 'optional'
            ? `${value} === undefined`
            : `${value} === null || ${value} === undefined`
        return `if (${isNothing}) { bytes[b${t}_${layout.byte} + i] = 1
${this.#putNothing(layout.columns, t)} } else { bytes[b${t}_${layout.byte} + i] = 0
${this.#put(layout.value, t, value)} }`
      }
      case 'array':
        return `${must(`!Array.isArray(${value})`)}
i32[i${t}_${layout.i32} + i] = ${value}.length
groups${layout.elements}.push(${value}); n${layout.elements} += ${value}.length`
      case 'set':
        return `${must(`!(${value} instanceof Set)`)}
i32[i${t}_${layout.i32} + i] = ${value}.size
groups${layout.elements}.push(${value}); n${layout.elements} += ${value}.size`
      case 'map':
        return `${must(`!(${value} instanceof Map)`)}
i32[i${t}_${layout.i32} + i] = ${value}.size
groups${layout.keys}.push(${value}); n${layout.keys} += ${value}.size
groups${layout.values}.push(${value}); n${layout.values} += ${value}.size`
      case 'tuple': {
        const elements = layout.elements.map((element, at) =>
          this.#part(element, t, `${value}[${at}]`),
        )
        return `${must(`!Array.isArray(${value}) || ${value}.length !== ${elements.length}`)}
${elements.join('\n')}`
      }
      case 'record': {
        const fields = layout.fields.map((field) =>
          this.#part(field.value, t, `${value}[${JSON.stringify(field.name)}]`),
        )
        return `${must(`typeof ${value} !== 'object' || ${value} === null`)}\n${fields.join('\n')}`
      }
      case 'union':
        return this.#union(layout, t, value)
    }
  }

  /** Statements that write a part of a value, which `expression` reads. */
  #part(layout: ValueLayout, t: number, expression: string): string {
    const variable = this.#variable()
    return `const ${variable} = ${expression}\n${this.#put(layout, t, variable)}`
  }

  /** Statements that write what `expression` makes of the value; it is `undefined` for a value that does not fit. */
  #converted(expression: string, write: (variable: string) => string): string {
    const variable = this.#variable()
    return `const ${variable} = ${expression}; ${must(`${variable} === undefined`)}\n${write(variable)}`
  }

  #union(layout: ValueLayout & { kind: 'union' }, t: number, value: string): string {
    const cases = layout.variants.map(
      (variant, place) => `case ${JSON.stringify(variant.name)}: {
bytes[b${t}_${layout.byte} + i] = ${place}
${this.#put(variant.value, t, value)}
${this.#putNothing(variant.unused, t)} } break`,
    )
    return `${must(`typeof ${value} !== 'object' || ${value} === null`)}
switch (${value}[${JSON.stringify(layout.tag)}]) {
${cases.join('\n')}
default: throw misfit(records, count) }`
  }

  /** Statements that write zeros to columns of the row. */
  #putNothing({ from, to }: ColumnSpan, t: number): string {
    return [
      ...numbersFrom(from.f64, to.f64).map((k) => `f64[d${t}_${k} + i] = 0`),
      ...numbersFrom(from.i32, to.i32).map((k) => `i32[i${t}_${k} + i] = 0`),
      ...numbersFrom(from.text, to.text).map((k) => `${this.#lengthAt(k, t)} = 0`),
      ...numbersFrom(from.byte, to.byte).map((k) => `bytes[b${t}_${k} + i] = 0`),
      ...numbersFrom(from.any, to.any).map((k) => `a${t}_${k}.push(null)`),
    ].join('\n')
  }

  #variable(): string {
    return `v${this.#variables++}`
  }

  #lengthAt(column: number, t: number): string {
    return lengthAt(this.#layout, t, column, this.#hasLongStrings)
  }
}

/** Writes the text of one decode function. */
class DecodeSource {
  readonly scope: Scope = new Scope()
  readonly #layout: FrameLayout
  readonly #hasLongStrings: boolean

  constructor(layout: FrameLayout, hasLongStrings: boolean) {
    this.#layout = layout
    this.#hasLongStrings = hasLongStrings
  }

  toString(): string {
    const { tables } = this.#layout
    const last = tables.length - 1
    const groups = tables.map((table, t) =>
      table.rowsFrom === 'records' ? '' : `const groups${t} = new RowGroups(tablesEnd - p0)`,
    )
    return `function decode(source, frame, records, timestamps) {
const { i32, f64, u16, bytes${moreViews(...tables)} } = source, { text, binary, tablesEnd } = frame
const n0 = frame.count, p0 = frame.tablesStart, time = (p0 >> 3) - ${(ENVELOPE_BYTES - HEADER_BYTES) / 8} - n0
let q = 0
${groups.join('\n')}
${tables.map((table, t) => this.#table(table, t)).join('\n')}
frame.close(end${last}, q)
}`
  }

  #table(table: TableLayout, t: number): string {
    const start = t === 0 ? '' : `const p${t} = end${t - 1}, n${t} = groups${t}.rowCount`
    const columns = Array.from(
      { length: table.anyColumns },
      (_, k) => `const a${t}_${k} = binary.column(n${t})`,
    )
    return `${start}
${addresses(table, t, this.#hasLongStrings)}
frame.checkTable(end${t})
${columns.join('\n')}
${this.#rows(table, t)}`
  }

  #rows(table: TableLayout, t: number): string {
    const value = this.#take(table.value, t)
    const inGroups = (
      statement: string,
    ): string => `for (let g = 0, i = 0; g < groups${t}.groups.length; g++) {
const group = groups${t}.groups[g], rest = i + groups${t}.sizes[g]
for (; i < rest; i++) ${statement} }`
    switch (table.rowsFrom) {
      case 'records':
        return `for (let i = 0; i < n0; i++) { timestamps[i] = f64[time + i]\nrecords[i] = ${value} }`
      case 'elements':
        return inGroups(`group.push(${value})`)
      case 'members':
        return inGroups(`group.add(${value})`)
      case 'keys':
        return `const keys${t} = []\nfor (let i = 0; i < n${t}; i++) keys${t}.push(${value})`
      case 'values':
        return inGroups(`group.set(keys${table.keysTable}[i], ${value})`)
    }
  }

  /** An expression that reads the value of row `i`. */
  #take(layout: ValueLayout, t: number): string {
    switch (layout.kind) {
      case 'int':
        return `i32[i${t}_${layout.i32} + i]`
      case 'long':
      case 'double':
        return `f64[d${t}_${layout.f64} + i]`
      case 'date':
        return `new Date(f64[d${t}_${layout.f64} + i])`
      case 'boolean':
        return `bytes[b${t}_${layout.byte} + i] !== 0`
      case 'string':
        return `text.substring(q, q += ${this.#textLength(layout.text, t)})`
      case 'bytes':
        return `binary.bytes(i32[i${t}_${layout.i32} + i])`
      case 'bigint':
        return `binary.bigint(i32[i${t}_${layout.i32} + i])`
      case 'byte':
        return `(bytes[b${t}_${layout.byte} + i] << 24 >> 24)`
      case 'short':
        return `i32[i${t}_${layout.i32} + i]`
      case 'float':
        return `f32[i${t}_${layout.i32} + i]`
      case 'decimal64':
        return `new Decimal(i64[d${t}_${layout.f64} + i], ${Number(layout.type.scale)})`
      case 'decimal':
        return `new Decimal(binary.bigint(i32[i${t}_${layout.i32} + i]), ${Number(layout.type.scale)})`
      case 'enum':
        return `enumValueAt(${this.scope.name('V', layout.values)}, bytes[b${t}_${layout.byte} + i])`
      case 'literal':
        return JSON.stringify(layout.value)
      case 'numbers':
        return `numbersOfBytes(${JSON.stringify(layout.element)}, binary.bytes(i32[i${t}_${layout.i32} + i]))`
      case 'custom': {
        const codec = this.scope.name('C', new CustomCodec(layout.name, layout.version))
        return `${codec}.decode(binary.bytes(i32[i${t}_${layout.i32} + i]))`
      }
      case 'any':
        return `a${t}_${layout.any}[i]`
      case 'nullable':
      case 'optional': {
        const nothing = layout.kind === 'optional' ? 'undefined' : 'null'
        return `(bytes[b${t}_${layout.byte} + i] !== 0 ? ${nothing} : ${this.#take(layout.value, t)})`
      }
      case 'array':
        return `groups${layout.elements}.add([], i32[i${t}_${layout.i32} + i])`
      case 'set':
        return `groups${layout.elements}.add(new Set(), i32[i${t}_${layout.i32} + i])`
      case 'map': {
        const size = `i32[i${t}_${layout.i32} + i]`
        return `groups${layout.values}.add(groups${layout.keys}.add(new Map(), ${size}), ${size})`
      }
      case 'tuple':
        return `[${layout.elements.map((element) => this.#take(element, t)).join(', ')}]`
      case 'record': {
        const name = this.scope.name('R', recordClass(layout.type).Class)
        return `new ${name}(${layout.fields.map((field) => this.#take(field.value, t)).join(', ')})`
      }
      case 'union': {
        const place = `bytes[b${t}_${layout.byte} + i]`
        const choices = layout.variants.map(
          (variant, at) => `${place} === ${at} ? ${this.#take(variant.value, t)} : `,
        )
        return `(${choices.join('')}variantUnknown(${place}))`
      }
    }
  }

  /** An expression that reads how long a string is. A length of 32 bits is unsigned: a damaged one must not go backwards. */
  #textLength(column: number, t: number): string {
    const length = lengthAt(this.#layout, t, column, this.#hasLongStrings)
    return this.#hasLongStrings ? `${length} >>> 0` : length
  }
}

/** The views that only some kinds need, behind those that all frames have. */
function moreViews(...tables: readonly TableLayout[]): string {
  const kinds = new Set(tables.flatMap((table) => kindsIn(table.value)))
  return `${kinds.has('float') ? ', f32' : ''}${kinds.has('decimal64') ? ', i64' : ''}`
}

function kindsIn(layout: ValueLayout): readonly ValueLayout['kind'][] {
  switch (layout.kind) {
    case 'nullable':
    case 'optional':
      return kindsIn(layout.value)
    case 'tuple':
      return layout.elements.flatMap(kindsIn)
    case 'record':
      return layout.fields.flatMap((field) => kindsIn(field.value))
    case 'union':
      return layout.variants.flatMap((variant) => kindsIn(variant.value))
    default:
      return [layout.kind]
  }
}

/** The whole numbers from `start` up to `end`, which is left out. */
function numbersFrom(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, index) => start + index)
}

/** Declarations of where the columns of table `t` begin, from its first byte `p` and its rows `n`. */
function addresses(table: TableLayout, t: number, hasLongStrings: boolean): string {
  const { f64Columns, i32Columns, textColumns, byteColumns } = table
  const lengthBytes = hasLongStrings ? 4 : 2
  const i32Start = 8 * f64Columns
  const textStart = i32Start + 4 * i32Columns
  const byteStart = textStart + lengthBytes * textColumns
  const each = (count: number, declare: (k: number) => string): string[] =>
    Array.from({ length: count }, (_, k) => declare(k))
  const declared = [
    ...each(f64Columns, (k) => `d${t}_${k} = (p${t} >> 3) + ${k} * n${t}`),
    ...each(i32Columns, (k) => `i${t}_${k} = ((p${t} + ${i32Start} * n${t}) >> 2) + ${k} * n${t}`),
    `s${t} = (p${t} + ${textStart} * n${t}) >> ${hasLongStrings ? 2 : 1}`,
    ...each(byteColumns, (k) => `b${t}_${k} = p${t} + ${byteStart + k} * n${t}`),
    `used${t} = p${t} + ${byteStart + byteColumns} * n${t}`,
    `end${t} = paddedTo8(p${t} + ${rowBytes(table, hasLongStrings)} * n${t})`,
  ]
  return `const ${declared.join(', ')}`
}

/** The length of string column `column` in row `i` of table `t`. */
function lengthAt(
  { tables }: FrameLayout,
  t: number,
  column: number,
  hasLongStrings: boolean,
): string {
  const { textColumns } = tables[t] as TableLayout
  return `${hasLongStrings ? 'i32' : 'u16'}[s${t} + ${textColumns} * i + ${column}]`
}

/** A check that throws when `condition` holds. */
function must(condition: string): string {
  return `if (${condition}) throw misfit(records, count)`
}
