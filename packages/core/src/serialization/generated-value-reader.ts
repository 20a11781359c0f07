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

import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { compile } from './dynamic-code.ts'
import { interpretedValueReader } from './interpreted-value-reader.ts'
import { isInherited, toBigint, toBytes, toDate, toEntries } from './json-conventions.ts'
import { recordClass } from './record-class.ts'
import type { ValueReader } from './value-reader.ts'

/** A reader made of code generated for the type. */
export function generatedValueReader<T>(type: TypeInfo<T>): ValueReader<T> {
  const source = new ReaderSource()
  const body = source.functionFor(type)
  const reread = interpretedValueReader(type)
  const scope = { reread, toBigint, toBytes, toDate, toEntries, ...source.classes }
  return compile<ValueReader<T>>(scope, body)
}

/** Statements that read a variable, and the expression that then holds the result. */
interface Reading {
  readonly statements: string
  readonly result: string
}

/** Writes the text of one reader. */
class ReaderSource {
  /** The record classes the text names. */
  readonly classes: { [name: string]: unknown } = {}
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
      case 'date':
        return this.#converted('toDate', value)
      case 'bigint':
        return this.#converted('toBigint', value)
      case 'bytes':
        return this.#converted('toBytes', value)
      case 'nullable':
        return this.#nullable(type.type, value)
      case 'array':
        return this.#array(type.element, value)
      case 'map':
        return this.#map(type, value)
      case 'record':
        return this.#record(type, value)
    }
  }

  #converted(convert: string, value: string): Reading {
    const result = this.#variable()
    return {
      statements: `const ${result} = ${convert}(${value})\n${unless(`${result} !== undefined`)}`,
      result,
    }
  }

  #nullable(type: TypeDescriptor, value: string): Reading {
    const result = this.#variable()
    const inner = this.#read(type, value)
    return {
      statements: `let ${result} = null
if (${value} !== null && ${value} !== undefined) {\n${inner.statements}\n${result} = ${inner.result}\n}`,
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
    const className = `R${Object.keys(this.classes).length}`
    this.classes[className] = recordClass(type).Class
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

  #variable(): string {
    return `v${this.#variables++}`
  }
}

/** A check that leaves the reader when `condition` does not hold. */
function unless(condition: string): string {
  return `if (!(${condition})) return reread(root)`
}
