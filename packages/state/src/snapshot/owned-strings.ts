// Strings that state keeps. A decoded string of 13 or more characters is a slice: it holds on to the text of its
// whole frame, some 25 kB. A million of them kept in state would hold a million frames, so state copies them.

import type { TypeDescriptor } from '@millrace/core'

/**
 * Replaces the strings in a value by copies that hold on to nothing else. Objects keep their identity, since equal
 * strings cannot be told apart; the answer differs from the argument only if that is a string itself. What cannot
 * be written to, such as a frozen object, stays as it is.
 */
export type OwnStrings = (value: unknown) => unknown

/** What owns the strings in values of a type; `undefined` if there are none. */
export function ownedStrings(type: TypeDescriptor): OwnStrings | undefined {
  switch (type.kind) {
    case 'string':
      return ownString
    case 'any':
      return ownUntyped
    case 'nullable': {
      const own = ownedStrings(type.type)
      return own && ((value) => (value === null ? null : own(value)))
    }
    case 'optional': {
      const own = ownedStrings(type.type)
      return own && ((value) => (value === undefined ? undefined : own(value)))
    }
    case 'array': {
      const own = ownedStrings(type.element)
      return own && ((value) => ownElements(value, own))
    }
    case 'set': {
      const own = ownedStrings(type.element)
      return own && ((value) => ownMembers(value, own))
    }
    case 'tuple':
      return ownedTuple(type.elements.map(ownedStrings))
    case 'union':
      return ownedUnion(type)
    case 'map':
      return ownedMap(ownedStrings(type.key), ownedStrings(type.value))
    case 'record':
      return ownedRecord(
        type.fields.flatMap(({ name, type: fieldType }) => {
          const own = ownedStrings(fieldType)
          return own === undefined ? [] : [{ name, own }]
        }),
      )
    default:
      return undefined
  }
}

/** V8 copies shorter substrings at once. */
const SLICED_LENGTH_MIN = 13

let flattened = 0

/**
 * A copy of a string that may be a slice. Joining two parts and reading a character makes V8 lay out the text
 * afresh; that takes half the time of a way through a `Buffer`.
 */
export function ownString(value: unknown): unknown {
  if (typeof value !== 'string' || value.length < SLICED_LENGTH_MIN) return value
  const copy = value.charAt(0) + value.substring(1)
  flattened ^= copy.charCodeAt(1)
  return copy
}

function ownElements(value: unknown, own: OwnStrings): unknown {
  if (!Array.isArray(value) || Object.isFrozen(value)) return value
  for (let index = 0; index < value.length; index++) value[index] = own(value[index])
  return value
}

function ownMembers(value: unknown, own: OwnStrings): unknown {
  if (!(value instanceof Set)) return value
  const members = [...value]
  value.clear()
  for (const member of members) value.add(own(member))
  return value
}

function ownedTuple(owns: readonly (OwnStrings | undefined)[]): OwnStrings | undefined {
  if (owns.every((own) => own === undefined)) return undefined
  return (value) => {
    if (!Array.isArray(value) || Object.isFrozen(value)) return value
    for (let at = 0; at < owns.length; at++) value[at] = owns[at]?.(value[at]) ?? value[at]
    return value
  }
}

function ownedUnion({ tag, variants }: TypeDescriptor & { kind: 'union' }): OwnStrings | undefined {
  const owns = new Map<unknown, OwnStrings>()
  for (const { name, type } of variants) {
    const own = ownedStrings(type)
    if (own !== undefined) owns.set(name, own)
  }
  if (owns.size === 0) return undefined
  return (value) => {
    if (typeof value !== 'object' || value === null) return value
    return owns.get((value as Record<string, unknown>)[tag])?.(value) ?? value
  }
}

function ownedMap(
  ownKey: OwnStrings | undefined,
  ownValue: OwnStrings | undefined,
): OwnStrings | undefined {
  if (ownKey === undefined && ownValue === undefined) return undefined
  return (value) => {
    if (!(value instanceof Map)) return value
    const entries = [...value]
    // Only a key that is put in anew is replaced.
    if (ownKey !== undefined) value.clear()
    for (const [key, element] of entries) {
      value.set(ownKey?.(key) ?? key, ownValue === undefined ? element : ownValue(element))
    }
    return value
  }
}

function ownedRecord(
  fields: readonly { readonly name: string; readonly own: OwnStrings }[],
): OwnStrings | undefined {
  if (fields.length === 0) return undefined
  return (value) => {
    if (typeof value !== 'object' || value === null) return value
    for (const { name, own } of fields) ownField(value, name, own)
    return value
  }
}

function ownUntyped(value: unknown): unknown {
  if (typeof value === 'string') return ownString(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return ownElements(value, ownString)
  // One level deep: state without a type pays for its shape at each snapshot anyway, not at each update.
  for (const name of Object.keys(value)) ownField(value, name, ownString)
  return value
}

function ownField(record: object, name: string, own: OwnStrings): void {
  const value = (record as Record<string, unknown>)[name]
  if (typeof value === 'string' && value.length < SLICED_LENGTH_MIN) return
  const owned = own(value)
  // `Reflect.set` answers false where an assignment would throw: frozen objects, getters without a setter.
  if (typeof value === 'string') Reflect.set(record, name, owned)
}
