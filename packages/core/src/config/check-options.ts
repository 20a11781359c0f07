// Options objects are checked once, at the edge: an unknown name is refused with the nearest known one.

import { MillraceError, show } from '../errors/millrace-error.ts'

/**
 * Throws `OPTION_UNKNOWN` if `options` has a name that is not in `known`, or `OPTION_INVALID` if it is no object.
 * `where` names the call in the message.
 *
 * @example
 * ```ts
 * import { checkOptions } from '@millrace/core'
 *
 * try {
 *   checkOptions('execute', { paralelism: 4 }, ['parallelism', 'threads'])
 * } catch (error) {
 *   console.log((error as { code: string }).code) // OPTION_UNKNOWN
 * }
 * ```
 */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new MillraceError('OPTION_INVALID', {
      expected: `an options object for ${where}`,
      came: show(options),
      todo: `Pass an object with any of: ${known.join(', ')}.`,
    })
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = nearestName(name, known)
    throw new MillraceError('OPTION_UNKNOWN', {
      expected: `an option of ${where}: ${known.join(', ')}`,
      came: show(name),
      todo: nearest === undefined ? 'Remove it.' : `Did you mean "${nearest}"?`,
    })
  }
}

/** A whole number in a range, or `OPTION_INVALID`. */
export function checkInteger(
  what: string,
  value: number,
  range: { readonly min: number; readonly max: number },
): number {
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value
  throw new MillraceError('OPTION_INVALID', {
    expected: `${what} as a whole number from ${range.min} to ${range.max}`,
    came: show(value),
    todo: `Choose a ${what} in that range.`,
  })
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 2))
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
