// What is handed to a stream is checked when it is handed over, where the stack trace still points at the user's line.

import { MillraceError, show } from '../errors/millrace-error.ts'

/**
 * Answers `value` if it is a plain, synchronous function. `call` names the method, for example `map`.
 *
 * @throws MillraceError `FUNCTION_INVALID`, or `FUNCTION_RETURNED_PROMISE` for an async function.
 */
export function checkFunction<F>(call: string, value: F): F {
  if (typeof value !== 'function' || isClass(value)) {
    throw new MillraceError('FUNCTION_INVALID', {
      expected: `a function for ${call}`,
      came: nameOf(value),
      todo: `Write ${call}((value) => ...).`,
    })
  }
  refuseAsync(call, value)
  return value
}

/**
 * Answers `value` if it can be a factory of functions with a life cycle. `call` names the method and `example` what its
 * factory makes.
 *
 * @throws MillraceError `FUNCTION_INVALID`, or `FUNCTION_RETURNED_PROMISE` for an async function.
 */
export function checkFactory<F>(call: string, value: F, example = 'MyFunction'): F {
  if (typeof value !== 'function' || isClass(value) || value.length > 0) {
    throw new MillraceError('FUNCTION_INVALID', {
      expected: `a factory for ${call}: each parallel instance and each restart gets a fresh function`,
      came: nameOf(value),
      todo: `Write ${call}(() => new ${classNameIn(value) ?? example}()).`,
    })
  }
  refuseAsync(call, value)
  return value
}

/**
 * Answers `value` if it is an object with these methods. `call` names the method it was handed to.
 *
 * @throws MillraceError `FUNCTION_INVALID`
 */
export function checkMethods<T>(call: string, value: T, methods: readonly (keyof T & string)[]): T {
  const missing = methods.find(
    (name) => typeof value !== 'object' || value === null || typeof value[name] !== 'function',
  )
  if (missing === undefined) return value
  throw new MillraceError('FUNCTION_INVALID', {
    expected: `an object with ${methods.join(', ')} for ${call}`,
    came: typeof value === 'object' && value !== null ? `one without ${missing}` : nameOf(value),
    todo: isClass(value)
      ? `Hand over an instance: ${call}(new ${classNameIn(value)}()).`
      : `Give it the method ${missing}.`,
  })
}

function refuseAsync(call: string, value: object): void {
  const kind = value.constructor.name
  if (kind !== 'AsyncFunction' && kind !== 'AsyncGeneratorFunction') return
  throw new MillraceError('FUNCTION_RETURNED_PROMISE', {
    expected: `a synchronous function for ${call}`,
    came: `an async one: ${show(value)}`,
    todo: 'Functions on the record path must not wait: remove async, and look data up before, or join it as a second stream.',
  })
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

function classNameIn(value: unknown): string | undefined {
  if (isClass(value)) return (value as { name: string }).name || undefined
  if (typeof value !== 'object' || value === null) return undefined
  const { name } = value.constructor ?? {}
  return name === undefined || name === 'Object' || name === '' ? undefined : name
}

function nameOf(value: unknown): string {
  const className = classNameIn(value)
  if (className === undefined) return show(value)
  return isClass(value) ? `the class ${className} itself` : `an instance of ${className}`
}
