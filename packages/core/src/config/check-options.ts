import { MillraceError, show } from '../errors/millrace-error.ts'

/**
 * Refuses an options object with a name that `known` does not list, and says which one was likely meant.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, or `OPTION_INVALID` when `options` is no object
 * @example
 * ```ts
 * import { checkOptions } from '@millrace/core'
 *
 * checkOptions('FileSource.of', { path: 'in.csv' }, ['path', 'format'])
 * ```
 */
export function checkOptions(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new MillraceError('OPTION_INVALID', {
      expected: `an object of options for ${what}`,
      came: show(options),
      todo: `Its names are ${known.join(', ')}.`,
    })
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = nearestName(name, known)
    throw new MillraceError('OPTION_UNKNOWN', {
      expected: `the options of ${what}: ${known.join(', ')}`,
      came: show(name),
      todo: nearest === undefined ? 'Remove it.' : `Did you mean ${show(nearest)}?`,
    })
  }
}

/** The known name with the fewest changed letters, unless more than half of them differ. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined
  let distanceMin = Math.ceil(name.length / 2) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance >= distanceMin) continue
    distanceMin = distance
    nearest = candidate
  }
  return nearest
}

/** Letters to insert, remove or replace to get from one text to the other (Levenshtein), row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (above[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (above[j] as number) + 1, (row[j - 1] as number) + 1))
    }
  }
  return row[to.length] as number
}
