// Custom types: values that functions of the user write as bytes. A plan is data and cannot hold the functions, so it
// holds the name of the type, and the functions lie in a registry of the process, filled when the job's module is loaded.

import { checkInteger, checkOptions } from '../config/check-options.ts'
import { MillraceError, show } from '../errors/millrace-error.ts'
import type { TypeInfo } from './type-info.ts'

/** What a custom type is made of. */
export interface CustomTypeOptions<T> {
  /** Names the type in plans and snapshots: once chosen, it stays. Unique in a process, such as `acme.Money`. */
  readonly name: string
  /** Raise it when the bytes change. Default 1. */
  readonly version?: number
  /** The bytes of a value. It throws for what is no value of the type. */
  readonly encode: (value: T) => Uint8Array
  /** The value in bytes that `encode` of this `version`, or of an earlier one, has made. The bytes are a buffer of their own. */
  readonly decode: (bytes: Uint8Array, version: number) => T
  /** Reads the value from parsed JSON or a CSV text, at sources; it throws for what is none. Default: sources refuse the type. */
  readonly fromJson?: (json: unknown) => T
}

/** The functions of one version of a custom type, looked up in this process. */
export class CustomCodec {
  readonly #version: number
  readonly #type: RegisteredType

  /** @throws MillraceError `TYPE_INVALID` if the type is not registered in this process. */
  constructor(name: string, version: number) {
    this.#version = version
    this.#type = customType(name, version)
  }

  /** The bytes of a value; `undefined` if the user's `encode` does not take it. */
  encode(value: unknown): Uint8Array | undefined {
    const encoded = this.#attempt(value)
    return typeof encoded === 'string' ? undefined : encoded
  }

  /** Why a value cannot be written, or `undefined` if it can. */
  problemOf(value: unknown): string | undefined {
    const encoded = this.#attempt(value)
    return typeof encoded === 'string' ? encoded : undefined
  }

  decode(bytes: Uint8Array): unknown {
    return this.#type.functions.decode(bytes, this.#version)
  }

  /** The value in parsed JSON, or why there is none. */
  read(json: unknown): { readonly value: unknown } | { readonly problem: string } {
    const { fromJson } = this.#type.functions
    if (fromJson === undefined) return { problem: 'the type has no fromJson' }
    try {
      return { value: fromJson(json) }
    } catch (error) {
      return { problem: messageOf(error) }
    }
  }

  #attempt(value: unknown): Uint8Array | string {
    const { version, functions } = this.#type
    if (version !== this.#version) {
      return `version ${this.#version} is only read: this process writes version ${version}`
    }
    try {
      const bytes = functions.encode(value)
      if (!(bytes instanceof Uint8Array)) return `encode returned ${show(bytes)}, no Uint8Array`
      // A copy: the user may write the next value into the same buffer.
      return new Uint8Array(bytes)
    } catch (error) {
      return `encode threw: ${messageOf(error)}`
    }
  }
}

/**
 * Registers the functions of a custom type and answers its descriptor.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`, or `TYPE_INVALID` if the name is taken.
 */
export function registerCustomType<T>(options: CustomTypeOptions<T>): TypeInfo<T> {
  checkOptions('Types.custom', options, ['name', 'version', 'encode', 'decode', 'fromJson'])
  const { name, version = 1, encode, decode, fromJson } = options
  const areFunctions = [encode, decode, fromJson ?? decode].every(
    (part) => typeof part === 'function',
  )
  if (typeof name !== 'string' || name === '' || !areFunctions) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a name, and the functions encode and decode, for Types.custom',
      came: show(name),
      todo: "Write for example Types.custom({ name: 'acme.Money', encode: …, decode: … }).",
    })
  }
  checkInteger('version', version, { min: 1, max: 1_000_000 })
  const functions = { encode, decode, fromJson } as CustomFunctions
  const earlier = registry.get(name)
  if (earlier === undefined) registry.set(name, { version, functions })
  else if (earlier.version === version && haveSameText(earlier.functions, functions)) {
    earlier.functions = functions
  } else throw nameTaken(name)
  return { kind: 'custom', name, version }
}

interface CustomFunctions {
  readonly encode: (value: unknown) => unknown
  readonly decode: (bytes: Uint8Array, version: number) => unknown
  readonly fromJson: ((json: unknown) => unknown) | undefined
}

interface RegisteredType {
  readonly version: number
  functions: CustomFunctions
}

const registry = new Map<string, RegisteredType>()

function customType(name: string, version: number): RegisteredType {
  const registered = registry.get(name)
  if (registered !== undefined && registered.version >= version) return registered
  throw new MillraceError('TYPE_INVALID', {
    expected: `the custom type ${show(name)}, version ${version} or later, to be registered in this process`,
    came: registered === undefined ? 'no type of that name' : `version ${registered.version}`,
    todo:
      'Call Types.custom at the top level of the module of the job, or of one it imports, so that every thread and ' +
      'process that loads the job knows it.',
    ids: { type: name },
  })
}

/** A module that is loaded twice, in two bundles, registers the same functions again: then the later ones are used. */
function haveSameText(a: CustomFunctions, b: CustomFunctions): boolean {
  return String(a.encode) === String(b.encode) && String(a.decode) === String(b.decode)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : show(error)
}

function nameTaken(name: string): MillraceError {
  return new MillraceError('TYPE_INVALID', {
    expected: 'a name of its own for each custom type',
    came: `a second type ${show(name)} with other functions or another version`,
    todo: 'Define the type once, in a module that all others import.',
    ids: { type: name },
  })
}
