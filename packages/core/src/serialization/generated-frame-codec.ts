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

import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { BinaryWriter } from './binary-blob.ts'
import { compile } from './dynamic-code.ts'
import type { FrameBuffer } from './frame-buffer.ts'
import type { FrameCodec } from './frame-codec.ts'
import { closeFrame, frameCorrupt, OpenFrame, paddedTo8 } from './frame-envelope.ts'
import {
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
  const scope = {
    BinaryWriter,
    closeFrame,
    paddedTo8,
    misfit: (records: readonly unknown[], count: number) => recordMismatch(type, records, count),
  }
  return compile<Encode>(scope, new EncodeSource(layout, hasLongStrings).toString())
}

function generateDecode(layout: FrameLayout, hasLongStrings: boolean): Decode {
  const source = new DecodeSource(layout, hasLongStrings)
  const body = source.toString()
  return compile<Decode>({ RowGroups, paddedTo8, ...source.classes }, body)
}

/** Writes the text of one encode function. */
class EncodeSource {
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
const { i32, f64, u16, bytes } = target
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
      case 'any':
        return `a${t}_${layout.any}.push(${value})`
      case 'nullable':
        return `if (${value} === null || ${value} === undefined) { bytes[b${t}_${layout.byte} + i] = 1
${this.#putNothing(layout.value, t)} } else { bytes[b${t}_${layout.byte} + i] = 0
${this.#put(layout.value, t, value)} }`
      case 'array':
        return `${must(`!Array.isArray(${value})`)}
i32[i${t}_${layout.i32} + i] = ${value}.length
groups${layout.elements}.push(${value}); n${layout.elements} += ${value}.length`
      case 'map':
        return `${must(`!(${value} instanceof Map)`)}
i32[i${t}_${layout.i32} + i] = ${value}.size
groups${layout.keys}.push(${value}); n${layout.keys} += ${value}.size
groups${layout.values}.push(${value}); n${layout.values} += ${value}.size`
      case 'record': {
        const fields = layout.fields.map((field) => {
          const variable = `v${this.#variables++}`
          return `const ${variable} = ${value}[${JSON.stringify(field.name)}]
${this.#put(field.value, t, variable)}`
        })
        return `${must(`typeof ${value} !== 'object' || ${value} === null`)}\n${fields.join('\n')}`
      }
    }
  }

  /** Statements that write zeros to all columns of a value that is null. */
  #putNothing(layout: ValueLayout, t: number): string {
    switch (layout.kind) {
      case 'long':
      case 'double':
      case 'date':
        return `f64[d${t}_${layout.f64} + i] = 0`
      case 'int':
      case 'bytes':
      case 'bigint':
      case 'array':
      case 'map':
        return `i32[i${t}_${layout.i32} + i] = 0`
      case 'string':
        return `${this.#lengthAt(layout.text, t)} = 0`
      case 'boolean':
        return `bytes[b${t}_${layout.byte} + i] = 0`
      case 'any':
        return `a${t}_${layout.any}.push(null)`
      case 'nullable':
        return `bytes[b${t}_${layout.byte} + i] = 0\n${this.#putNothing(layout.value, t)}`
      case 'record':
        return layout.fields.map((field) => this.#putNothing(field.value, t)).join('\n')
    }
  }

  #lengthAt(column: number, t: number): string {
    return lengthAt(this.#layout, t, column, this.#hasLongStrings)
  }
}

/** Writes the text of one decode function. */
class DecodeSource {
  /** The record classes the text names. */
  readonly classes: Record<string, unknown> = {}
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
const { i32, f64, u16, bytes } = source, { text, binary, tablesEnd } = frame
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
        return `text.substring(q, q += ${lengthAt(this.#layout, t, layout.text, this.#hasLongStrings)})`
      case 'bytes':
        return `binary.bytes(i32[i${t}_${layout.i32} + i])`
      case 'bigint':
        return `binary.bigint(i32[i${t}_${layout.i32} + i])`
      case 'any':
        return `a${t}_${layout.any}[i]`
      case 'nullable':
        return `(bytes[b${t}_${layout.byte} + i] !== 0 ? null : ${this.#take(layout.value, t)})`
      case 'array':
        return `groups${layout.elements}.add([], i32[i${t}_${layout.i32} + i])`
      case 'map': {
        const size = `i32[i${t}_${layout.i32} + i]`
        return `groups${layout.values}.add(groups${layout.keys}.add(new Map(), ${size}), ${size})`
      }
      case 'record': {
        const name = `R${Object.keys(this.classes).length}`
        this.classes[name] = recordClass(layout.type).Class
        return `new ${name}(${layout.fields.map((field) => this.#take(field.value, t)).join(', ')})`
      }
    }
  }
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
