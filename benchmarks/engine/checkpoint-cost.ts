import { measureJob } from '../measuring/measure-job.ts'
import { compare, median } from '../measuring/rounds.ts'
import { buildQueryJob } from '../nexmark/job.ts'
import { type Finding, short } from './finding.ts'

const QUERY = 'q5'
const EVENTS = 24_000_000

/** How often checkpoints are taken, and what they may cost. */
export interface CheckpointCost {
  readonly name: string
  readonly everyMs: number
  /** Of the processor time with checkpoints to that without. */
  readonly atMost: number
}

/** What checkpoints cost a query with much state: in processor time, and beside it by the clock. */
export async function measureCheckpointCost(
  { name, everyMs, atMost }: CheckpointCost,
  rounds: number,
): Promise<Finding> {
  let checkpoints = 0
  const secondsWith: number[] = []
  const secondsWithout: number[] = []
  const compared = await compare({
    rounds,
    subject: async () => {
      const figures = await measure(everyMs)
      checkpoints = figures.checkpoints
      secondsWith.push(figures.seconds)
      return figures.cpuSeconds
    },
    baseline: async () => {
      const { seconds, cpuSeconds } = await measure(null)
      secondsWithout.push(seconds)
      return cpuSeconds
    },
  })
  return {
    name,
    what: `processor time of ${QUERY} with a checkpoint every ${everyMs} ms to without any`,
    value: short(compared.ratio),
    unit: 'ratio',
    bar: { atMost },
    rounds: compared.ratios.map(short),
    details: {
      checkpoints,
      cpuSeconds: short(compared.subject),
      // The first of each was not counted.
      byTheClock: short(median(secondsWith.slice(1)) / median(secondsWithout.slice(1))),
    },
  }
}

function measure(checkpointEveryMs: number | null): ReturnType<typeof measureJob> {
  return measureJob({
    build: (env) => buildQueryJob(env, { query: QUERY, events: EVENTS }),
    threads: 1,
    module: import.meta.url,
    checkpointEveryMs,
  })
}
