// What the command lines of the benchmarks have in common.

/** A command line that cannot be understood; shown with the usage instead of a stack trace. */
export class UsageError extends Error {}

/** Reads a whole number of at least 1. */
export function countOption(name: string, text: string): number {
  const value = Number(text.replaceAll('_', ''))
  if (/^[\d_]+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw new UsageError(`--${name} expects a whole number of at least 1, but got '${text}'`)
}

/** Reads one of some names. */
export function nameOption(name: string, text: string, names: readonly string[]): string {
  if (names.includes(text)) return text
  throw new UsageError(`--${name} expects ${names.join(', ')}, but got '${text}'`)
}
