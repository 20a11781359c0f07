// Comparing two programs on a machine whose speed changes from second to second: they take turns, each round gives one
// ratio of the two that ran next to each other, and the median of the ratios counts.

/** Two ways of doing the same. Each answers what it took: seconds, or seconds an event. */
export interface Comparison {
  readonly rounds: number
  readonly subject: () => Promise<number>
  readonly baseline: () => Promise<number>
}

/** What {@link compare} found. */
export interface ComparedRounds {
  /** The median of `ratios`. */
  readonly ratio: number
  /** Subject / baseline, one a round. */
  readonly ratios: readonly number[]
  /** The median of what each took. */
  readonly subject: number
  readonly baseline: number
}

/** Runs both once uncounted, so that their code is compiled, then in turns. Who goes first changes from round to round. */
export async function compare({ rounds, subject, baseline }: Comparison): Promise<ComparedRounds> {
  await subject()
  await baseline()
  const subjects: number[] = []
  const baselines: number[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) subjects.push(await subject())
    baselines.push(await baseline())
    if (round % 2 === 1) subjects.push(await subject())
  }
  const ratios = subjects.map((took, round) => took / (baselines[round] as number))
  return {
    ratio: median(ratios),
    ratios,
    subject: median(subjects),
    baseline: median(baselines),
  }
}

/** The middle one; of an even number, the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
