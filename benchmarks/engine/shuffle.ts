import { median } from '../measuring/rounds.ts'
import { measureGenerator } from '../measuring/measure-generator.ts'
import { measureJob } from '../measuring/measure-job.ts'
import { type Finding, short } from './finding.ts'
import buildShuffle from './shuffle-job.ts'

const YARDSTICK_EVENTS = 1_500_000

/** How many whole bids a second two threads exchange, all to all. Making the bids is part of it. */
export async function measureShuffle(rounds: number): Promise<Finding> {
  const perSecond: number[] = []
  const perCoreSecond: number[] = []
  const cores: number[] = []
  measureGenerator(YARDSTICK_EVENTS)
  const generatorEventsPerCoreSecond = measureGenerator(YARDSTICK_EVENTS)
  for (let round = 0; round < rounds; round++) {
    const { seconds, cpuSeconds, results } = await measureJob({
      build: buildShuffle,
      threads: 2,
      module: new URL('./shuffle-job.ts', import.meta.url).href,
      checkpointEveryMs: 1000,
    })
    perSecond.push(short(results / seconds / 1e6))
    cores.push(short(cpuSeconds / seconds))
    perCoreSecond.push(short(results / cpuSeconds / 1e6))
  }
  return {
    name: 'shuffle',
    what: 'whole bids through a 2 x 2 shuffle on 2 threads',
    value: median(perSecond),
    unit: 'M records/s',
    bar: { atLeast: 3 },
    rounds: perSecond,
    details: {
      perCoreSecond: median(perCoreSecond),
      generatorPerCoreSecond: short(generatorEventsPerCoreSecond / 1e6),
      cores: median(cores),
    },
  }
}
