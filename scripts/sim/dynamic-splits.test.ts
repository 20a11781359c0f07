// A source that finds its splits while it runs, in a simulated cluster whose executors crash at random moments: between
// discovery and assignment, between assignment and checkpoint. Each record must count once under every seed.

import { SimulatedExecutor, type SimulatedProgram, Simulation } from '@millrace/testing'
import { type JobExecutionResult, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, test } from 'vitest'
import hybrid, {
  LIVE_RECORDS,
  SPLIT_RECORDS as HYBRID_RECORDS,
  STORED_SPLITS,
} from '../../packages/millrace/src/end-to-end/jobs/hybrid.ts'
import discovers, {
  SPLIT_RECORDS,
  SPLITS,
} from '../../packages/millrace/src/end-to-end/jobs/discovers.ts'

const SEEDS = 25
const CRASHES = 6

/** The sum of the numbers from 0, so many. */
function sumOf(count: number): number {
  return (count * (count - 1)) / 2
}

const CASES: readonly [string, (env: StreamExecutionEnvironment) => void, number][] = [
  ['splits on request', (env) => discovers(env), sumOf(SPLITS * SPLIT_RECORDS)],
  [
    'splits given back',
    (env) => discovers(env, { reassigns: true }),
    sumOf(SPLITS * SPLIT_RECORDS),
  ],
  ['two sources', hybrid, sumOf(STORED_SPLITS * HYBRID_RECORDS + LIVE_RECORDS)],
]

describe.each(CASES)('%s', (_name, build, sum) => {
  test('when executors crash at any moment, then each record counts once', async () => {
    let restarts = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { accumulators, ...result } = await runCrashing(seed, build)
      expect(accumulators, `seed ${seed}`).toEqual({ sum })
      restarts += result.restarts
    }
    expect(restarts).toBeGreaterThan(SEEDS * 4)
  })
})

async function runCrashing(
  seed: number,
  build: (env: StreamExecutionEnvironment) => void,
): Promise<JobExecutionResult> {
  const program: SimulatedProgram<JobExecutionResult> = (executor) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads: 3,
      parallelism: 3,
      checkpointing: { interval: 3 },
      restart: { strategy: 'fixed-delay', attempts: 1000, delay: 1 },
    })
    build(env)
    return env.execute('dynamic')
  }
  const simulation = new Simulation({ seed })
  const process = simulation.process('program')
  const executor = new SimulatedExecutor({ simulation, process, program })
  const ended = simulation.resultOf(program(executor))
  const { random } = simulation
  let atMs = 0
  for (let crash = 0; crash < CRASHES; crash++) {
    atMs += random.between({ min: 5, max: 60 })
    simulation.after(atMs, () => void executor.pool?.crash(random.integer({ min: 0, max: 2 })))
  }
  return ended
}
