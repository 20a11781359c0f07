// Generates a reader for one type. For record{delay: int, origin: string?} it comes out as
//
//   function read(v0) {
//     if (typeof v0 !== 'object' || v0 === null || Array.isArray(v0)) return reread(v0)
//     const v1 = v0["delay"]; if (typeof v1 !== 'number' || (v1 | 0) !== v1) return reread(v0)
//     const v2 = v0["origin"]; let r2 = null
//     if (v2 !== null && v2 !== undefined) { if (typeof v2 !== 'string') return reread(v0); r2 = v2 }
//     return new R0(v1 | 0, r2)
//   }
//
// `reread` is the interpreted reader: it refuses the same values and says where and why.

import { CustomCodec } from '../types/custom-type.ts'
import { toDecimal } from '../types/decimal.ts'
import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { compile } from './dynamic-code.ts'
import { interpretedValueReader } from './interpreted-value-reader.ts'
import { isInherited, toBigint, toBytes, toDate, toEntries } from './json-conventions.ts'
import { recordClass } from './record-class.ts'
import { placesOf, toFloat, toNumbers } from './scalar-codecs.ts'
import type { ValueReader } from './value-reading.ts'

/** A reader made of code generated for the type. */
export function generatedValueReader<T>(type: TypeInfo<T>): ValueReader<T> {
  const source = new ReaderSource()
  const body = source.functionFor(type)
  const reread = interpretedValueReader(type)
  const convert = { toBigint, toBytes, toDate, toDecimal, toEntries, toFloat, toNumbers }
  const scope = { reread, ...convert, ...source.scope }
  return compile<ValueReader<T>>(scope, body)
}

/** Statements that read a variable, and the expression that then holds the result. */
interface Reading {
  readonly statements: string
  readonly result: string
}

/** Writes the text of one reader. */
class ReaderSource {
  /** The record classes and other objects that the text names. */
  readonly scope: { [name: string]: unknown } = {}
  #variables = 0

  functionFor(type: TypeDescriptor): string {
    const { statements, result } = this.#read(type, 'root')
    return `function read(root) {\n${statements}\nreturn ${result}\n}`
  }

  #read(type: TypeDescriptor, value: string): Reading {
    switch (type.kind) {
      case 'any':
        return { statements: '', result: value }
      case 'int':
        return {
          statements: unless(`typeof ${value} === 'number' && (${value} | 0) === ${value}`),
          result: `(${value} | 0)`,
        }
      case 'long':
        return { statements: unless(`Number.isSafeInteger(${value})`), result: value }
      case 'double':
        return { statements: unless(`typeof ${value} === 'number'`), result: value }
      case 'boolean':
      case 'string':
        return { statements: unless(`typeof ${value} === '${type.kind}'`), result: value }
      case 'byte':
      case 'short': {
        const bits = type.kind === 'byte' ? 24 : 16
        const isWhole = `typeof ${value} === 'number' && (${value} << ${bits} >> ${bits}) === ${value}`
        return { statements: unless(isWhole), result: `(${value} | 0)` }
      }
      case 'float':
        return this.#converted(`toFloat(${value})`)
      case 'date':
        return this.#converted(`toDate(${value})`)
      case 'bigint':
        return this.#converted(`toBigint(${value})`)
      case 'bytes':
        return this.#converted(`toBytes(${value})`)
      case 'decimal':
        return this.#converted(
          `toDecimal(${value}, ${Number(type.precision)}, ${Number(type.scale)})`,
        )
      case 'numbers':
        return this.#converted(`toNumbers(${JSON.stringify(type.element)}, ${value})`)
      case 'enum': {
        const places = this.#named('E', placesOf(type.values))
        return { statements: unless(`${places}.has(${value})`), result: value }
      }
      case 'literal':
        return {
          statements: unless(`${value} === ${JSON.stringify(type.value)}`),
          result: JSON.stringify(type.value),
        }
      case 'custom': {
        const read = this.#variable()
        const codec = this.#named('C', new CustomCodec(type.name, type.version))
        return {
          statements: `const ${read} = ${codec}.read(${value})\n${unless(`'value' in ${read}`)}`,
          result: `${read}.value`,
        }
      }
      case 'nullable':
        return this.#unlessNothing(type.type, value, 'null')
      case 'optional':
        return this.#unlessNothing(type.type, value, 'undefined')
      case 'set':
        return this.#set(type.element, value)
      case 'tuple':
        return this.#tuple(type.elements, value)
      case 'union':
        return this.#union(type, value)
      case 'array':
        return this.#array(type.element, value)
      case 'map':
        return this.#map(type, value)
      case 'record':
        return this.#record(type, value)
    }
  }

  #converted(conversion: string): Reading {
    const result = this.#variable()
    return {
      statements: `const ${result} = ${conversion}\n${unless(`${result} !== undefined`)}`,
      result,
    }
  }

  #unlessNothing(type: TypeDescriptor, value: string, nothing: 'null' | 'undefined'): Reading {
    const result = this.#variable()
    const inner = this.#read(type, value)
    const isThere =
      nothing === 'null' ? `${value} !== null && ${value} !== undefined` : `${value} !== undefined`
    return {
      statements: `let ${result} = ${nothing}
if (${isThere}) {\n${inner.statements}\n${result} = ${inner.result}\n}`,
      result,
    }
  }

  #set(element: TypeDescriptor, value: string): Reading {
    const [result, item] = [this.#variable(), this.#variable()]
    const inner = this.#read(element, item)
    return {
      statements: `${unless(`Array.isArray(${value}) || ${value} instanceof Set`)}
const ${result} = new Set()
for (const ${item} of ${value}) {\n${inner.statements}\n${result}.add(${inner.result})\n}`,
      result,
    }
  }

  #tuple(elements: readonly TypeDescriptor[], value: string): Reading {
    const parts = elements.map((element, at) => {
      const variable = this.#variable()
      const { statements, result } = this.#read(element, variable)
      return { statements: `const ${variable} = ${value}[${at}]\n${statements}`, result }
    })
    const isFull = `Array.isArray(${value}) && ${value}.length === ${elements.length}`
    return {
      statements: [unless(isFull), ...parts.map((part) => part.statements)].join('\n'),
      result: `[${parts.map((part) => part.result).join(', ')}]`,
    }
  }

  #union({ tag, variants }: TypeDescriptor & { kind: 'union' }, value: string): Reading {
    const result = this.#variable()
    const cases = variants.map((variant) => {
      const { statements, result: record } = this.#read(variant.type, value)
      return `case ${JSON.stringify(variant.name)}: {\n${statements}\n${result} = ${record} } break`
    })
    return {
      statements: `${unless(`typeof ${value} === 'object' && ${value} !== null`)}
let ${result}
switch (${value}[${JSON.stringify(tag)}]) {\n${cases.join('\n')}\ndefault: return reread(root) }`,
      result,
    }
  }

  #array(element: TypeDescriptor, value: string): Reading {
    const [result, item, index] = [this.#variable(), this.#variable(), this.#variable()]
    const inner = this.#read(element, item)
    return {
      statements: `${unless(`Array.isArray(${value})`)}
const ${result} = []
for (let ${index} = 0; ${index} < ${value}.length; ${index}++) {
const ${item} = ${value}[${index}]\n${inner.statements}\n${result}.push(${inner.result})\n}`,
      result,
    }
  }

  #map(type: TypeDescriptor & { kind: 'map' }, value: string): Reading {
    const [result, entries] = [this.#variable(), this.#variable()]
    const [key, entry] = [this.#variable(), this.#variable()]
    const readKey = this.#read(type.key, key)
    const readEntry = this.#read(type.value, entry)
    return {
      statements: `const ${entries} = toEntries(${value}, '${type.key.kind}')
${unless(`${entries} !== undefined`)}
const ${result} = new Map()
for (const [${key}, ${entry}] of ${entries}) {\n${readKey.statements}\n${readEntry.statements}
${result}.set(${readKey.result}, ${readEntry.result})\n}`,
      result,
    }
  }

  #record(type: TypeDescriptor & { kind: 'record' }, value: string): Reading {
    const className = this.#named('R', recordClass(type).Class)
    const fields = type.fields.map((field) => {
      const variable = this.#variable()
      const { statements, result } = this.#read(field.type, variable)
      const name = JSON.stringify(field.name)
      const isOwn = isInherited(field.name)
        ? `!Object.hasOwn(${value}, ${name}) ? undefined : `
        : ''
      const text = `const ${variable} = ${isOwn}${value}[${name}]\n${statements}`
      return { statements: text, result }
    })
    const isObject = `typeof ${value} === 'object' && ${value} !== null && !Array.isArray(${value})`
    return {
      statements: [unless(isObject), ...fields.map((field) => field.statements)].join('\n'),
      result: `new ${className}(${fields.map((field) => field.result).join(', ')})`,
    }
  }

  #named(prefix: string, value: unknown): string {
    const name = `${prefix}${Object.keys(this.scope).length}`
    this.scope[name] = value
    return name
  }

  #variable(): string {
    return `v${this.#variables++}`
  }
}

/** A check that leaves the reader when `condition` does not hold. */
function unless(condition: string): string {
  return `if (!(${condition})) return reread(root)`
}
