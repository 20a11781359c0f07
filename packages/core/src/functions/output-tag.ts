import type { TypeInfo } from '../types/type-info.ts'

/**
 * Names a side output and its type.
 *
 * @example
 * ```ts
 * import { OutputTag, Types } from '@millrace/core'
 *
 * const late = new OutputTag('late', Types.string)
 * console.log(late.id) // late
 * ```
 */
export class OutputTag<T> {
  readonly id: string
  readonly type: TypeInfo<T> | undefined

  constructor(id: string, type?: TypeInfo<T>) {
    this.id = id
    this.type = type
  }
}
