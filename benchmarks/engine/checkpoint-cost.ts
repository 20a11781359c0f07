import { measureJob } from '../measuring/measure-job.ts'
import { compare } from '../measuring/rounds.ts'
import { buildQueryJob } from '../nexmark/job.ts'
import { type Finding, short } from './finding.ts'

const QUERY = 'q5'
const EVENTS = 24_000_000

/** What checkpoints cost a query with much state. */
export async function measureCheckpointCost(rounds: number): Promise<Finding> {
  let checkpoints = 0
  const compared = await compare({
    rounds,
    subject: async () => {
      const figures = await measure(1000)
      checkpoints = figures.checkpoints
      return figures.cpuSeconds
    },
    baseline: async () => (await measure(null)).cpuSeconds,
  })
  return {
    name: 'checkpoint',
    what: `processor time of ${QUERY} with a checkpoint every second to without any`,
    value: short(compared.ratio),
    unit: 'ratio',
    bar: { atMost: 1.05 },
    rounds: compared.ratios.map(short),
    details: { checkpoints, cpuSeconds: short(compared.subject) },
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
