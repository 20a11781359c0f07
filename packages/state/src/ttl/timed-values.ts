// State with a time to live lies in tables and snapshots as records of a value and the time of its last use: one for a
// value, one for each element of a list, one for each entry of a map. The header of a table says so; everything else about
// such records is as for any other type, their evolution too.

import { assert, recordClass, type TypeDescriptor, type ValueConverter } from '@millrace/core'

/** A value and when it was last used, in milliseconds since 1970. */
export interface TimedValue<T> {
  value: T
  accessedAt: number
}

/** The class of the timed values of a type. */
export type TimedValueClass<T> = new (value: T, accessedAt: number) => TimedValue<T>

/** The class of timed values; one for all states of the type. */
export function timedValueClass<T>(type: TypeDescriptor): TimedValueClass<T> {
  return recordClass(timedValueType(type)).Class as TimedValueClass<T>
}

/** The type of a table's values with times in them. */
export function timedTableType(kind: string, type: TypeDescriptor): TypeDescriptor {
  switch (type.kind) {
    case 'array':
      if (kind === 'list') return { kind: 'array', element: timedValueType(type.element) }
      break
    case 'map':
      if (kind === 'map') return { kind: 'map', key: type.key, value: timedValueType(type.value) }
      break
    default:
  }
  return timedValueType(type)
}

/** The inverse of {@link timedTableType}. */
export function untimedTableType(kind: string, type: TypeDescriptor): TypeDescriptor {
  if (kind === 'list' && type.kind === 'array') {
    return { kind: 'array', element: untimedValueType(type.element) }
  }
  if (kind === 'map' && type.kind === 'map') {
    return { kind: 'map', key: type.key, value: untimedValueType(type.value) }
  }
  return untimedValueType(type)
}

/** Gives every value of a table that had no time to live the time `nowMs`. `type` is the one without times. */
export function addTimes(kind: string, type: TypeDescriptor, nowMs: number): ValueConverter {
  const Timed = timedValueClass<unknown>(userType(kind, type))
  return eachValue(kind, (value) => new Timed(value, nowMs))
}

/** Takes the times off the values of a table that has no time to live any more. */
export function dropTimes(kind: string): ValueConverter {
  return eachValue(kind, (timed) => (timed as TimedValue<unknown>).value)
}

/** The type of what the user put in: an element of a list, a value of a map, the whole otherwise. */
function userType(kind: string, type: TypeDescriptor): TypeDescriptor {
  if (kind === 'list' && type.kind === 'array') return type.element
  return kind === 'map' && type.kind === 'map' ? type.value : type
}

function timedValueType(type: TypeDescriptor): TypeDescriptor {
  return {
    kind: 'record',
    fields: [
      { name: 'value', type },
      { name: 'accessedAt', type: { kind: 'long' } },
    ],
  }
}

function untimedValueType(type: TypeDescriptor): TypeDescriptor {
  const value = type.kind === 'record' ? type.fields[0]?.type : undefined
  assert(value !== undefined, 'a table with times holds records of a value and a time')
  return value
}

function eachValue(kind: string, convert: ValueConverter): ValueConverter {
  if (kind === 'list') return (list) => (list as unknown[]).map((each) => convert(each))
  if (kind !== 'map') return convert
  return (map) => {
    const converted = new Map<unknown, unknown>()
    for (const [key, value] of map as Map<unknown, unknown>) converted.set(key, convert(value))
    return converted
  }
}
