// Where text becomes code. Everything generated goes through `compile`, so this is the only `new Function`.

/**
 * Whether this process may turn text into functions. It may not under `--disallow-code-generation-from-strings` or
 * a content security policy; then the interpreted twins of all generated code are used.
 */
export function canCompile(): boolean {
  isAllowed ??= tryToCompile()
  return isAllowed
}

/**
 * Makes a function of `body` that sees `scope` by name.
 *
 * Values that come from a plan or a snapshot enter the body only through `JSON.stringify` or as numbers: a plan is
 * data and must not be able to bring code.
 */
export function compile<F extends (...args: never[]) => unknown>(
  scope: Readonly<Record<string, unknown>>,
  body: string,
): F {
  const names = Object.keys(scope)
  const make = new Function(...names, `'use strict'\nreturn ${body}`) as (...values: unknown[]) => F
  return make(...names.map((name) => scope[name]))
}

let isAllowed: boolean | undefined

function tryToCompile(): boolean {
  try {
    new Function('')
    return true
  } catch (error) {
    if (error instanceof EvalError) return false
    throw error
  }
}
