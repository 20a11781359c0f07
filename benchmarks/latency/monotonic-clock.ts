/**
 * Milliseconds, with fractions, of one clock for all threads of a process: `performance.now()` alone begins anew in each.
 */
export function monotonicMs(): number {
  return performance.now() + ORIGIN_MS
}

const ORIGIN_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now()
