// From the values of a stored table to those of the declared state. The places of its types:
//
//   kind      without times   with times
//   list      []              [].value
//   map       {}              {}.value
//   others    (the whole)     value

import type { TypeDescriptor, TypeEvolution, ValueConverter } from '@millrace/core'
import { addTimes, dropTimes, untimedTableType } from '../ttl/timed-values.ts'
import { conversionOf } from './stored-type-conversion.ts'

/** Values of a table as they are stored, or as they are declared. */
export interface TableValues {
  readonly name: string
  readonly kind: string
  readonly valueType: TypeDescriptor
  readonly hasTimes: boolean
}

/** How restored values become declared ones. */
export interface TableEvolution {
  readonly evolution?: TypeEvolution | undefined
  /** The time that values get which had none, in milliseconds since 1970. Default: 0. */
  readonly nowMs?: number | undefined
}

/**
 * What turns the stored values of a table into declared ones; undefined if they stay as they are.
 *
 * @throws MillraceError `STATE_INCOMPATIBLE` if there is no way from one type to the other.
 */
export function tableConversion(
  stored: TableValues,
  declared: TableValues,
  { evolution, nowMs = 0 }: TableEvolution,
): ValueConverter | undefined {
  const { name, kind } = declared
  if (stored.hasTimes && declared.hasTimes) {
    const timed = evolution && { ...evolution, at: joined(evolution.at ?? '', 'value') }
    return conversionOf(name, 'type', stored.valueType, declared.valueType, timed)
  }
  const storedType = untimed(stored)
  const declaredType = untimed(declared)
  const steps = [
    stored.hasTimes ? dropTimes(kind) : undefined,
    conversionOf(name, 'type', storedType, declaredType, evolution),
    declared.hasTimes ? addTimes(kind, declaredType, nowMs) : undefined,
  ].filter((step) => step !== undefined)
  if (steps.length === 0) return undefined
  return (value) => steps.reduce((converted, step) => step(converted), value)
}

/** Where the user's values lie in the values of a table without times. */
export function placeOfUserValues(kind: string): string {
  if (kind === 'list') return '[]'
  return kind === 'map' ? '{}' : ''
}

function untimed({ kind, valueType, hasTimes }: TableValues): TypeDescriptor {
  return hasTimes ? untimedTableType(kind, valueType) : valueType
}

function joined(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`
}
