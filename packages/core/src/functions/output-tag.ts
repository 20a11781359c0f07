import { MillraceError, show } from '../errors/millrace-error.ts'
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

  /** @throws MillraceError `OPTION_INVALID` for an id that is no text or empty. */
  constructor(id: string, type?: TypeInfo<T>) {
    if (typeof id !== 'string' || id === '') {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'an id of at least one character for an output tag',
        came: show(id),
        todo: "Write for example new OutputTag('late').",
      })
    }
    this.id = id
    this.type = type
  }
}

/** Answers what is an output tag, for callers without types. @throws MillraceError `OPTION_INVALID` */
export function checkOutputTag<T>(call: string, tag: OutputTag<T>): OutputTag<T> {
  if (tag instanceof OutputTag) return tag
  throw new MillraceError('OPTION_INVALID', {
    expected: `an output tag for ${call}`,
    came: show(tag),
    todo: `Write ${call}(tag), with const tag = new OutputTag('late').`,
  })
}
