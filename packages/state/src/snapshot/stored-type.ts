import { show, type TypeDescriptor } from '@millrace/core'
import { corruptSnapshot } from './corrupt-snapshot.ts'

/**
 * A type that was read from a snapshot, after it proved to be one. `what` names the snapshot.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function storedType(value: unknown, what: string): TypeDescriptor {
  if (!isType(value)) throw corruptSnapshot(what, 'a type', show(value))
  return value
}

function isType(value: unknown): value is TypeDescriptor {
  if (typeof value !== 'object' || value === null) return false
  const { kind, type, element, key, value: mapped, fields } = value as Record<string, unknown>
  switch (kind) {
    case 'boolean':
    case 'int':
    case 'long':
    case 'double':
    case 'string':
    case 'bigint':
    case 'bytes':
    case 'date':
    case 'any':
      return true
    case 'nullable':
      return isType(type)
    case 'array':
      return isType(element)
    case 'map':
      return isType(key) && isType(mapped)
    case 'record':
      return Array.isArray(fields) && fields.every(isField)
    default:
      return false
  }
}

function isField(field: unknown): boolean {
  const { name, type } = (field ?? {}) as Record<string, unknown>
  return typeof name === 'string' && isType(type)
}
