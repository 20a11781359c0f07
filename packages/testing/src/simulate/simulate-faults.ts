// What goes wrong under `simulate`, and how much of it one seed brings.
//
//   left out   in the mix: a seed has it or not, by chance, so that seeds bring all combinations
//   given      under every seed, as given
//   false      never
//
// A seed that brings everything at once hides what only a few faults together bring out, since the first one masks
// the others (Groce et al., Swarm Testing, 2012).

import { checkOptions, MillraceError, show } from '@millrace/core'
import {
  checkFaultPlan,
  type ClockFaults,
  type DiskFaults,
  type FaultPlan,
  type NetworkFaults,
} from '../simulator/faults/fault-plan.ts'
import type { Range, SeededRandom } from '../simulator/seeded-random.ts'

/** When an executor crashes: at any time, or right after it was told to do something. */
export type CrashMoment =
  | 'any-time'
  | 'deploying'
  | 'restoring'
  | 'taking-a-checkpoint'
  | 'committing'

/** Crashes of executors: what the death of a worker thread or of a machine is. */
export interface ExecutorCrashes {
  /** How many in a run. Default: 1 to 3. */
  readonly count?: Range
  /** Which moments there are; each crash takes one of them. Default: all. */
  readonly moments?: readonly CrashMoment[]
}

/** Crashes of the process of the program. It is started again and continues from the newest checkpoint. */
export interface ProgramCrashes {
  /** How many in a run. Default: 0 to 2. */
  readonly count?: Range
  /** How long the process stays down. Default: 10 to 1000 ms. */
  readonly downMs?: Range
}

/** What the simulated topics and tables do. */
export interface ServiceFaults {
  /** How long a request takes. Default: 0.1 to 2 ms, mostly near the start. */
  readonly delayMs?: Range
  /** The chance from 0 to 1 that a request fails, before or after it took effect. Default: 0. */
  readonly failureChance?: number
}

/** Faults of {@link simulate}. What is left out is in the mix, `false` switches it off, and what is given happens under each seed. */
export interface SimulateFaults {
  /** In the mix: under each seed, 1 to 3, at all moments. */
  readonly executorCrashes?: ExecutorCrashes | false
  /**
   * In the mix: 0 to 2. A job whose records the program collects is left out, since what was collected is lost with the
   * program; asked for, it is refused.
   */
  readonly programCrashes?: ProgramCrashes | false
  /**
   * In the mix: slow now and then, full or failing now and then. Whatever is given, a crash loses or tears what was not synced,
   * unless `losesUnsynced` is false. Where the program collects, no write fails in the mix.
   */
  readonly disk?: DiskFaults | false
  /** In the mix: long delays, and messages that hold up those behind them, so that those of other channels overtake. */
  readonly network?: NetworkFaults | false
  /** In the mix: stopwatches run too fast or too slow, calendars jump. */
  readonly clock?: ClockFaults | false
  /** In the mix: slow requests, and some that fail. */
  readonly services?: ServiceFaults | false
}

/** What goes wrong in one run. */
export interface DrawnFaults {
  readonly plan: FaultPlan
  /** The moments of the crashes of executors. */
  readonly executorCrashes: readonly CrashMoment[]
  readonly services: ServiceFaults
}

/** What the faults of a run are drawn from. */
export interface FaultSite {
  readonly random: SeededRandom
  /** How long the job takes undisturbed, in simulated milliseconds. */
  readonly undisturbedMs: number
  /** Whether the program collects the records of its job. */
  readonly collects: boolean
}

const MOMENTS: readonly CrashMoment[] = [
  'any-time',
  'deploying',
  'restoring',
  'taking-a-checkpoint',
  'committing',
]

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID` if the faults cannot be simulated. */
export function checkSimulateFaults(faults: SimulateFaults): void {
  checkOptions('faults', faults, [
    'executorCrashes',
    'programCrashes',
    'disk',
    'network',
    'clock',
    'services',
  ])
  const { executorCrashes, programCrashes, disk, network, clock, services } = faults
  if (executorCrashes) {
    checkOptions('faults.executorCrashes', executorCrashes, ['count', 'moments'])
    checkMoments(executorCrashes.moments)
  }
  if (programCrashes) checkOptions('faults.programCrashes', programCrashes, ['count', 'downMs'])
  if (services) {
    checkOptions('faults.services', services, ['delayMs', 'failureChance'])
    checkChance('faults.services.failureChance', services.failureChance ?? 0)
  }
  // Ranges of time are checked where those of a fault plan are.
  checkFaultPlan({
    crashes: {
      count: (programCrashes && programCrashes.count) || PROGRAM_CRASHES,
      withinMs: NO_TIME,
      ...(programCrashes && programCrashes.downMs && { downMs: programCrashes.downMs }),
    },
    ...(disk && { disk }),
    ...(network && { network }),
    ...(clock && { clock }),
  })
  checkFaultPlan({
    crashes: {
      count: (executorCrashes && executorCrashes.count) || EXECUTOR_CRASHES,
      withinMs: (services && services.delayMs) || NO_TIME,
    },
  })
}

function checkMoments(moments: readonly CrashMoment[] = MOMENTS): void {
  if (moments.length > 0 && moments.every((moment) => MOMENTS.includes(moment))) return
  throw new MillraceError('OPTION_INVALID', {
    expected: `faults.executorCrashes.moments as a list of ${MOMENTS.join(', ')}`,
    came: show(moments),
    todo: 'Name at least one of them, or leave it out.',
  })
}

function checkChance(name: string, chance: number): void {
  if (chance >= 0 && chance <= 1) return
  throw new MillraceError('OPTION_INVALID', {
    expected: `${name} from 0 to 1`,
    came: show(chance),
    todo: 'Choose a number in that range.',
  })
}

/** Draws what goes wrong in one run. */
export function drawFaults(faults: SimulateFaults, site: FaultSite): DrawnFaults {
  const { random, undisturbedMs, collects } = site
  const untilMs = 2 * undisturbedMs + TROUBLE_AT_LEAST_MS
  const crashes = drawProgramCrashes(faults.programCrashes, site)
  const disk = drawn(random.fork('disk'), faults.disk, (own) => diskMix(own, !collects))
  const network = drawn(random.fork('network'), faults.network, networkMix)
  const clock = drawn(random.fork('clock'), faults.clock, clockMix)
  return {
    plan: {
      untilMs,
      ...(crashes !== undefined && {
        crashes: { ...crashes, withinMs: { min: 0, max: untilMs / 2 } },
      }),
      ...(disk !== undefined && { disk }),
      ...(network !== undefined && { network }),
      ...(clock !== undefined && { clock }),
    },
    executorCrashes: drawExecutorCrashes(random.fork('executors'), faults.executorCrashes),
    services: drawn(random.fork('services'), faults.services, servicesMix) ?? {},
  }
}

/** Even a job that is over at once sees some trouble. */
const TROUBLE_AT_LEAST_MS = 200

const EXECUTOR_CRASHES: Range = { min: 1, max: 3 }
const PROGRAM_CRASHES: Range = { min: 0, max: 2 }
const NO_TIME: Range = { min: 0, max: 0 }

function drawExecutorCrashes(
  random: SeededRandom,
  crashes: ExecutorCrashes | false = {},
): readonly CrashMoment[] {
  if (crashes === false) return []
  const { count = EXECUTOR_CRASHES, moments = MOMENTS } = crashes
  return Array.from(
    { length: random.integer(count) },
    () => moments[random.integer({ min: 0, max: moments.length - 1 })] as CrashMoment,
  )
}

function drawProgramCrashes(
  crashes: ProgramCrashes | false | undefined,
  { collects }: FaultSite,
): Pick<NonNullable<FaultPlan['crashes']>, 'count' | 'downMs'> | undefined {
  if (crashes === false || (crashes === undefined && collects)) return undefined
  if (collects) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'faults.programCrashes only with a job that goes on without its program',
      came: 'a job whose records the program collects: they are lost with it',
      todo: 'Write the records to a table of the simulated world and read them in the check, or leave programCrashes out.',
    })
  }
  const { count = PROGRAM_CRASHES, downMs } = crashes ?? {}
  return { count, ...(downMs !== undefined && { downMs }) }
}

function drawn<Faults>(
  random: SeededRandom,
  faults: Faults | false | undefined,
  mix: (random: SeededRandom) => Faults,
): Faults | undefined {
  if (faults === false) return undefined
  if (faults !== undefined) return faults
  return random.chance(0.5) ? mix(random) : undefined
}

function diskMix(random: SeededRandom, mayRefuse: boolean): DiskFaults {
  return {
    latencyMs: { min: 0.02, max: random.integer({ min: 1, max: 10 }) },
    slow: { everyMs: { min: 50, max: 500 }, forMs: { min: 10, max: 200 }, factor: 20 },
    ...(mayRefuse &&
      random.chance(0.4) && {
        full: { everyMs: { min: 100, max: 1000 }, forMs: { min: 1, max: 100 } },
      }),
    ...(mayRefuse && random.chance(0.4) && { writeErrorChance: 0.01 }),
  }
}

function networkMix(random: SeededRandom): NetworkFaults {
  return {
    delayMs: { min: 0.01, max: random.integer({ min: 1, max: 20 }) },
    stragglers: { chance: 0.01, delayMs: { min: 5, max: 100 } },
  }
}

function clockMix(): ClockFaults {
  return {
    driftMax: 0.05,
    jumps: { everyMs: { min: 50, max: 2000 }, byMs: { min: -10_000, max: 10_000 } },
  }
}

function servicesMix(random: SeededRandom): ServiceFaults {
  return {
    delayMs: { min: 0.1, max: random.integer({ min: 1, max: 30 }) },
    failureChance: random.chance(0.5) ? 0.01 : 0,
  }
}
