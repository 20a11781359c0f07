import type { TypeDescriptor } from './type-info.ts'

/** A type as people read it, for example `record{auction: int, url: string?}`. */
export function describeType(type: TypeDescriptor): string {
  switch (type.kind) {
    case 'nullable':
      return `${describeType(type.type)}?`
    case 'array':
      return `${describeType(type.element)}[]`
    case 'map':
      return `map<${describeType(type.key)}, ${describeType(type.value)}>`
    case 'record':
      return `record{${type.fields.map((f) => `${f.name}: ${describeType(f.type)}`).join(', ')}}`
    default:
      return type.kind
  }
}
