// Which moments are struck, all of them drawn from the seed. What the process happens to be doing at such a moment is not:
// real threads and real disks decide that, so a seed gives the same plan, not the same run.

import { SeededRandom } from '@millrace/testing'

/**
 * What a kill waits for.
 *
 *   anything      some time after the job has come back
 *   start         while the process loads, before there is a job
 *   restore       while threads start, tasks are deployed and state is read
 *   checkpoint    a checkpoint has files and no metadata yet
 *   commit        a checkpoint has just got its metadata, and sinks are about to make files visible
 */
export type Aim = (typeof AIMS)[number]

const AIMS = ['anything', 'start', 'restore', 'checkpoint', 'commit'] as const

/** One life of the process and its end. */
export interface PlannedKill {
  readonly aim: Aim
  /** How long the job runs before the kill is aimed; for `start` and `restore`, 0. */
  readonly runMs: number
  /** From the moment aimed at to the kill. */
  readonly delayMs: number
  /** Worker threads that end while the job runs. */
  readonly workerDeaths: readonly PlannedWorkerDeath[]
}

/** The end of a worker thread. */
export interface PlannedWorkerDeath {
  /** After the job has run for so long. */
  readonly afterMs: number
  readonly worker: number
}

/** How many kills, and what there is to kill. */
export interface PlanOptions {
  readonly seed: number
  readonly kills: number
  readonly threads: number
}

const RUN_MS = { min: 100, max: 1500 }
/** What the kill of an aim is delayed by at most. A commit is over after a few milliseconds. */
const DELAY_MAX_MS: Readonly<Record<Aim, number>> = {
  anything: 0,
  start: 400,
  restore: 250,
  checkpoint: 10,
  commit: 2,
}
const WORKER_DEATH_CHANCE = 0.4

/** Draws the kills. Every aim comes equally often, in a random order. */
export function drawPlan({ seed, kills, threads }: PlanOptions): readonly PlannedKill[] {
  const random = new SeededRandom(seed).fork('kills')
  const aims = Array.from({ length: kills }, (_, index) => AIMS[index % AIMS.length] as Aim)
  return shuffled(aims, random).map((aim) => {
    const isEarly = aim === 'start' || aim === 'restore'
    const runMs = isEarly ? 0 : random.integer(RUN_MS)
    const delayMs = random.integer({ min: 0, max: DELAY_MAX_MS[aim] })
    const workerDeaths: PlannedWorkerDeath[] = []
    while (threads > 0 && !isEarly && random.chance(WORKER_DEATH_CHANCE)) {
      workerDeaths.push({
        afterMs: random.integer({ min: 0, max: runMs }),
        worker: random.integer({ min: 0, max: threads - 1 }),
      })
    }
    return { aim, runMs, delayMs, workerDeaths: inOrder(workerDeaths) }
  })
}

/** How long all lives of a plan are together, at most. */
export function plannedRunMs(plan: readonly PlannedKill[]): number {
  return plan.reduce((sum, { runMs, delayMs }) => sum + runMs + delayMs, 0)
}

function inOrder(deaths: readonly PlannedWorkerDeath[]): readonly PlannedWorkerDeath[] {
  return deaths.toSorted((a, b) => a.afterMs - b.afterMs)
}

function shuffled<T>(items: readonly T[], random: SeededRandom): readonly T[] {
  const order = items.map((item) => ({ item, place: random.next() }))
  return order.toSorted((a, b) => a.place - b.place).map(({ item }) => item)
}
