// How values of a type that was stored become values of the type that is declared now. The way is found once for a pair of
// types; it is one function, or nothing at all when the values can stay as they are.
//
//   stored          declared        how
//   T               T               stays
//   int             long, double    stays; so do all numbers that fit the wider kind, and an enum as a string
//   decimal         wider decimal   with its scale
//   T               nullable<U>     as T to U; optional<U> too
//   array, set, map the same        element by element; keys too; tuples of one length too
//   union           union           variant by variant; there may be more
//   custom          later version   stays: its codec reads what former versions wrote
//   record          record          field by field, by name: dropped, reordered, added with a default
//   any             T               each value is read as T, and must be one
//   T               any             stays
//   anything        anything        by a migration function that takes the stored type

import { MillraceError } from '../errors/millrace-error.ts'
import { recordClass } from '../serialization/record-class.ts'
import { valueReader } from '../serialization/value-reader.ts'
import { describeType, typesEqual } from './describe-type.ts'
import type { TypeDescriptor } from './type-info.ts'

/** Turns a stored value into one of the declared type. */
export type ValueConverter = (value: unknown) => unknown

/** Turns values of one former type into those of the next: of the next migration's `from`, or of the declared type. */
export interface TypeMigration {
  readonly from: TypeDescriptor
  readonly with: (old: never) => unknown
}

/** What the program says about the evolution of a type. */
export interface TypeEvolution {
  /** In order: what one makes, the next takes. */
  readonly migrations: readonly TypeMigration[]
  /** The values of fields that are new, or functions that make them, by path: `gate`, `stops[].minutes`. */
  readonly fieldDefaults: Readonly<Record<string, unknown>>
  /** Where in the stored type it applies, as in {@link TypeDifference.path}. Default: the whole. */
  readonly at?: string
}

/** The first place at which a stored type cannot become the declared one. */
export interface TypeDifference {
  /** For example `stops[].minutes`, `rates{}` or `rates{key}`; empty for the type as a whole. */
  readonly path: string
  /** For example `a string cannot become an int`. */
  readonly reason: string
}

/** The way from one type to another. `convert` is undefined if values can stay as they are. */
export type EvolvedType =
  | { readonly isPossible: true; readonly convert: ValueConverter | undefined }
  | { readonly isPossible: false; readonly difference: TypeDifference }

/**
 * Finds the way from a stored type to the declared one.
 *
 * @example
 * ```ts
 * import { evolveType, Types } from '@millrace/core'
 *
 * const before = Types.record({ id: Types.int, obsolete: Types.string })
 * const now = Types.record({ gate: Types.nullable(Types.string), id: Types.long })
 * const way = evolveType(before, now)
 * const value = way.isPossible && way.convert?.({ id: 7, obsolete: 'x' })
 * console.log(JSON.stringify(value)) // {"gate":null,"id":7}
 * ```
 */
export function evolveType(
  stored: TypeDescriptor,
  declared: TypeDescriptor,
  evolution: TypeEvolution = NO_EVOLUTION,
): EvolvedType {
  return new Evolver(evolution).evolve(stored, declared, '')
}

const NO_EVOLUTION: TypeEvolution = { migrations: [], fieldDefaults: {} }

const UNCHANGED: EvolvedType = { isPossible: true, convert: undefined }

type RecordType = TypeDescriptor & { readonly kind: 'record' }
type TupleType = TypeDescriptor & { readonly kind: 'tuple' }
type UnionType = TypeDescriptor & { readonly kind: 'union' }
type DecimalType = TypeDescriptor & { readonly kind: 'decimal' }

/** The kinds whose every value is one of the wider kind too. */
const WIDENED_TO: Readonly<
  Record<'short' | 'int' | 'long' | 'float' | 'double', readonly TypeDescriptor['kind'][]>
> = {
  short: ['byte'],
  int: ['byte', 'short'],
  long: ['byte', 'short', 'int'],
  float: ['byte', 'short'],
  double: ['byte', 'short', 'int', 'long', 'float'],
}

class Evolver {
  readonly #evolution: TypeEvolution
  readonly #at: string

  constructor(evolution: TypeEvolution) {
    this.#evolution = evolution
    this.#at = evolution.at ?? ''
  }

  evolve(stored: TypeDescriptor, declared: TypeDescriptor, path: string): EvolvedType {
    if (typesEqual(stored, declared)) return UNCHANGED
    return path === this.#at && this.#evolution.migrations.length > 0
      ? this.#migrate(stored, declared, path)
      : this.#widen(stored, declared, path)
  }

  /** By the migration that takes the stored type, else by itself, else by the last migration it can be widened for. */
  #migrate(stored: TypeDescriptor, declared: TypeDescriptor, path: string): EvolvedType {
    const { migrations } = this.#evolution
    const exact = migrations.findIndex(({ from }) => typesEqual(from, stored))
    if (exact >= 0) return { isPossible: true, convert: chained(migrations, exact, declared) }
    const direct = this.#widen(stored, declared, path)
    if (direct.isPossible) return direct
    for (let index = migrations.length - 1; index >= 0; index--) {
      const { from } = migrations[index] as TypeMigration
      const widened = this.#widen(stored, from, path)
      if (!widened.isPossible) continue
      const migrate = chained(migrations, index, declared)
      const { convert } = widened
      return {
        isPossible: true,
        convert: convert === undefined ? migrate : (value) => migrate(convert(value)),
      }
    }
    return direct
  }

  #widen(stored: TypeDescriptor, declared: TypeDescriptor, path: string): EvolvedType {
    if (declared.kind === 'any') return UNCHANGED
    if (stored.kind === 'any') return { isPossible: true, convert: valueReader(declared) }
    switch (declared.kind) {
      case 'short':
      case 'int':
      case 'long':
      case 'float':
      case 'double':
        return WIDENED_TO[declared.kind].includes(stored.kind)
          ? UNCHANGED
          : refused(stored, declared, path)
      case 'string':
        return isTextOnly(stored) ? UNCHANGED : refused(stored, declared, path)
      case 'enum':
        return textsOf(stored)?.every((text) => declared.values.includes(text)) === true
          ? UNCHANGED
          : refused(stored, declared, path)
      case 'decimal':
        return stored.kind === 'decimal' && isWiderDecimal(declared, stored)
          ? { isPossible: true, convert: valueReader(declared) }
          : refused(stored, declared, path)
      case 'custom':
        // Its own codec reads what an earlier version wrote.
        return stored.kind === 'custom' &&
          stored.name === declared.name &&
          stored.version < declared.version
          ? UNCHANGED
          : refused(stored, declared, path)
      case 'nullable':
        return this.#evolveNullable(stored, declared.type, path)
      case 'optional': {
        const inner = stored.kind === 'optional' ? stored.type : stored
        return unlessAbsent(this.evolve(inner, declared.type, path), undefined)
      }
      case 'array':
        if (stored.kind !== 'array') return refused(stored, declared, path)
        return ofElements(this.evolve(stored.element, declared.element, `${path}[]`))
      case 'set':
        if (stored.kind !== 'set') return refused(stored, declared, path)
        return ofMembers(this.evolve(stored.element, declared.element, `${path}[]`))
      case 'tuple':
        return this.#evolveTuple(stored, declared, path)
      case 'map':
        if (stored.kind !== 'map') return refused(stored, declared, path)
        return ofEntries(
          this.evolve(stored.key, declared.key, `${path}{key}`),
          this.evolve(stored.value, declared.value, `${path}{}`),
        )
      case 'record':
        if (stored.kind !== 'record') return refused(stored, declared, path)
        return this.#evolveFields(stored, declared, path)
      case 'union':
        return this.#evolveVariants(stored, declared, path)
      case 'boolean':
      case 'byte':
      case 'bigint':
      case 'bytes':
      case 'date':
      case 'literal':
      case 'numbers':
        return refused(stored, declared, path)
      default:
        // A new kind has to say here what it can be made from.
        return refused(stored, declared satisfies never, path)
    }
  }

  #evolveNullable(stored: TypeDescriptor, declared: TypeDescriptor, path: string): EvolvedType {
    if (stored.kind === 'optional') {
      const inner = this.evolve(stored.type, { kind: 'nullable', type: declared }, path)
      if (!inner.isPossible) return inner
      const convert = inner.convert ?? same
      return { isPossible: true, convert: (value) => convert(value ?? null) }
    }
    const inner = stored.kind === 'nullable' ? stored.type : stored
    return unlessAbsent(this.evolve(inner, declared, path), null)
  }

  #evolveTuple(stored: TypeDescriptor, declared: TupleType, path: string): EvolvedType {
    if (stored.kind !== 'tuple' || stored.elements.length !== declared.elements.length) {
      return refused(stored, declared, path)
    }
    const converts: ValueConverter[] = []
    for (const [at, type] of declared.elements.entries()) {
      const before = stored.elements[at] as TypeDescriptor
      const element = this.evolve(before, type, `${path}[${at}]`)
      if (!element.isPossible) return element
      converts.push(element.convert ?? same)
    }
    return {
      isPossible: true,
      convert: (value) => converts.map((convert, at) => convert((value as unknown[])[at])),
    }
  }

  /** By the name of the variant. There may be new ones; those of old values must still be there. */
  #evolveVariants(stored: TypeDescriptor, declared: UnionType, path: string): EvolvedType {
    if (stored.kind !== 'union' || stored.tag !== declared.tag) {
      return refused(stored, declared, path)
    }
    const { tag } = declared
    const converts = new Map<unknown, ValueConverter>()
    for (const { name, type } of stored.variants) {
      const variantPath = `${path}<${name}>`
      const now = declared.variants.find((variant) => variant.name === name)
      if (now === undefined) return variantGone(variantPath)
      const variant = this.evolve(type, now.type, variantPath)
      if (!variant.isPossible) return variant
      converts.set(name, variant.convert ?? same)
    }
    return {
      isPossible: true,
      convert: (value) => (converts.get((value as OldRecord)[tag]) ?? same)(value),
    }
  }

  #evolveFields(stored: RecordType, declared: RecordType, path: string): EvolvedType {
    const takes: FieldOfOld[] = []
    for (const { name, type } of declared.fields) {
      const fieldPath = path === '' ? name : `${path}.${name}`
      const before = stored.fields.find((field) => field.name === name)
      if (before === undefined) {
        const take = this.#defaultOf(type, fieldPath)
        if (take === undefined) return addedWithoutDefault(fieldPath)
        takes.push(take)
        continue
      }
      const field = this.evolve(before.type, type, fieldPath)
      if (!field.isPossible) return field
      const { convert } = field
      takes.push(convert === undefined ? (old) => old[name] : (old) => convert(old[name]))
    }
    // Rebuilt even if every field stays, since all records of the declared type have one class.
    const { create } = recordClass(declared)
    return {
      isPossible: true,
      convert: (value) => create(...takes.map((take) => take(value as OldRecord))),
    }
  }

  /** What a new field holds in old records; undefined if nobody says. */
  #defaultOf(type: TypeDescriptor, path: string): FieldOfOld | undefined {
    const { fieldDefaults } = this.#evolution
    const ownPath = path.startsWith(this.#at)
      ? path.slice(this.#at.length).replace(/^\./, '')
      : path
    if (Object.hasOwn(fieldDefaults, ownPath)) {
      const value = fieldDefaults[ownPath]
      const read = valueReader(type)
      // Read for each record, so that none shares an array or object with another.
      return () => read(typeof value === 'function' ? (value as () => unknown)() : value)
    }
    if (type.kind === 'nullable') return () => null
    return type.kind === 'optional' || type.kind === 'any' ? () => undefined : undefined
  }
}

type OldRecord = Readonly<Record<string, unknown>>

type FieldOfOld = (old: OldRecord) => unknown

/** The migrations from one on, each answer read as what comes next, so that a wrong one is found here. */
function chained(
  migrations: readonly TypeMigration[],
  first: number,
  declared: TypeDescriptor,
): ValueConverter {
  const steps = migrations.slice(first).map((migration, index) => ({
    migrate: migration.with as (old: unknown) => unknown,
    read: valueReader(migrations[first + index + 1]?.from ?? declared),
  }))
  return (value) => {
    let current = value
    for (const { migrate, read } of steps) {
      const next = migrate(current)
      if (next instanceof Promise) throw promiseOfMigration()
      current = read(next)
    }
    return current
  }
}

/** Conversion of what may be null or undefined; that becomes `absent`. */
function unlessAbsent(inner: EvolvedType, absent: null | undefined): EvolvedType {
  if (!inner.isPossible || inner.convert === undefined) return inner
  const { convert } = inner
  return {
    isPossible: true,
    convert: (value) => (value === null || value === undefined ? absent : convert(value)),
  }
}

function ofElements(element: EvolvedType): EvolvedType {
  if (!element.isPossible || element.convert === undefined) return element
  const { convert } = element
  return { isPossible: true, convert: (value) => (value as unknown[]).map((each) => convert(each)) }
}

function ofMembers(member: EvolvedType): EvolvedType {
  if (!member.isPossible || member.convert === undefined) return member
  const { convert } = member
  return {
    isPossible: true,
    convert: (value) => new Set(Array.from(value as Set<unknown>, (each) => convert(each))),
  }
}

function ofEntries(key: EvolvedType, value: EvolvedType): EvolvedType {
  if (!key.isPossible) return key
  if (!value.isPossible) return value
  if (key.convert === undefined && value.convert === undefined) return UNCHANGED
  const convertKey = key.convert ?? same
  const convertValue = value.convert ?? same
  return {
    isPossible: true,
    convert: (map) => {
      const converted = new Map<unknown, unknown>()
      for (const [each, held] of map as Map<unknown, unknown>) {
        converted.set(convertKey(each), convertValue(held))
      }
      return converted
    },
  }
}

function same(value: unknown): unknown {
  return value
}

function isTextOnly(type: TypeDescriptor): boolean {
  return textsOf(type) !== undefined
}

/** The texts that a type consists of; undefined if it is not made of some texts only. */
function textsOf(type: TypeDescriptor): readonly string[] | undefined {
  if (type.kind === 'enum') return type.values
  return type.kind === 'literal' && typeof type.value === 'string' ? [type.value] : undefined
}

/** Whether a decimal type has room for all digits of another, before and after the point. */
function isWiderDecimal(wide: DecimalType, narrow: DecimalType): boolean {
  return (
    wide.scale >= narrow.scale && wide.precision - wide.scale >= narrow.precision - narrow.scale
  )
}

function variantGone(path: string): EvolvedType {
  const reason = 'this variant is gone, and old values may be of it'
  return { isPossible: false, difference: { path, reason } }
}

function refused(stored: TypeDescriptor, declared: TypeDescriptor, path: string): EvolvedType {
  const reason = `${describeType(stored)} cannot become ${describeType(declared)}`
  return { isPossible: false, difference: { path, reason } }
}

function addedWithoutDefault(path: string): EvolvedType {
  const reason = 'it is new, and neither nullable nor given a default'
  return { isPossible: false, difference: { path, reason } }
}

function promiseOfMigration(): MillraceError {
  return new MillraceError('FUNCTION_RETURNED_PROMISE', {
    expected: 'a migration function that answers the new value',
    came: 'a promise',
    todo: 'State is restored synchronously: let the migration compute the value from the old one alone.',
  })
}
