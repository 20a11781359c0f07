import { checkOptions, MillraceError, show, type TypeInfo } from '@millrace/core'

/** The type of what a function makes. */
export interface OutputType<T> {
  /** Default: unknown, so `Types.any()` wherever records are written: between threads and in snapshots. */
  readonly type?: TypeInfo<T>
}

/** The type in `options`, checked. `call` names the method. */
export function outputTypeOf<T>(call: string, options: OutputType<T>): TypeInfo<T> | undefined {
  checkOptions(call, options, ['type'])
  return options.type === undefined ? undefined : checkType(call, options.type)
}

/** `type` if it is a type. */
export function checkType<T>(call: string, type: TypeInfo<T>): TypeInfo<T> {
  if (typeof type === 'object' && type !== null && typeof type.kind === 'string') return type
  throw new MillraceError('TYPE_INVALID', {
    expected: `a type such as Types.int for ${call}`,
    came: show(type),
    todo: 'Note that Types.any is called: Types.any().',
  })
}
