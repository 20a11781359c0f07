// What may go wrong in a simulation. A plan holds chances and ranges, never moments: those are
// drawn from the seed, so one plan under a thousand seeds is a thousand different accidents, and
// one seed is the same accident each time.

import { checkOptions, MillraceError, show } from '@millrace/core'
import type { Range } from '../seeded-random.ts'

/**
 * The faults of a simulation. What is left out does not happen; disks and messages always take a
 * little time.
 */
export interface FaultPlan {
  /** Crashes of the processes that are started with `supervise`. */
  readonly crashes?: CrashFaults
  readonly disk?: DiskFaults
  readonly network?: NetworkFaults
  readonly clock?: ClockFaults
  /**
   * From this simulated millisecond on, disks and messages are as if nothing had been planned for
   * them. Default: never.
   */
  readonly untilMs?: number
}

/**
 * Crashes of each supervised process. A crash that falls on a process that is down does not happen.
 */
export interface CrashFaults {
  /** How many; the number is drawn from this range. */
  readonly count: Range
  /** When, in simulated milliseconds. */
  readonly withinMs: Range
  /** How long the process stays down. Default: 10 to 1000 ms. */
  readonly downMs?: Range
}

/** What disks do. */
export interface DiskFaults {
  /**
   * How long an operation takes, besides the time for its bytes. Default: 0.02 to 1 ms, mostly near
   * the start.
   */
  readonly latencyMs?: Range
  /** Times in which everything takes `factor` times as long. */
  readonly slow?: PeriodOptions & { readonly factor: number }
  /** Times in which no file can be created or written, as if others had filled the disk. */
  readonly full?: PeriodOptions
  /** How many bytes all files may have together. Default: no limit. */
  readonly capacityBytes?: number
  /**
   * The chance from 0 to 1 that creating, writing, syncing, renaming or removing fails. Default: 0.
   */
  readonly writeErrorChance?: number
  /**
   * Whether the crash of a process loses or tears what it had not synced. Default: true; without, a
   * crash is that of the process and not of its machine.
   */
  readonly losesUnsynced?: boolean
}

/** What the network and the ports between processes do. */
export interface NetworkFaults {
  /** How long a message takes. Default: 0.02 to 0.5 ms, mostly near the start. */
  readonly delayMs?: Range
  /**
   * Messages that take longer than the others and hold up those behind them on the same way, so that
   * messages on other ways overtake. Default: none.
   */
  readonly stragglers?: { readonly chance: number; readonly delayMs: Range }
}

/** What the clocks of the machines do. */
export interface ClockFaults {
  /**
   * How much faster or slower than it should a stopwatch may run, as a fraction of time. Default:
   * 0.
   */
  readonly driftMax?: number
  /** Jumps of the calendar: one after each `everyMs`, by `byMs`, which may be negative. */
  readonly jumps?: { readonly everyMs: Range; readonly byMs: Range }
}

/** Times of trouble that come and go. */
export interface PeriodOptions {
  /** How long it is calm before each. */
  readonly everyMs: Range
  /** How long each lasts. */
  readonly forMs: Range
}

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID` if the plan cannot be followed. */
export function checkFaultPlan(plan: FaultPlan): void {
  checkOptions('faults', plan, ['crashes', 'disk', 'network', 'clock', 'untilMs'])
  checkNumber('faults.untilMs', plan.untilMs ?? 0, { min: 0, max: Number.POSITIVE_INFINITY })
  if (plan.crashes !== undefined) checkCrashes(plan.crashes)
  if (plan.disk !== undefined) checkDisk(plan.disk)
  if (plan.network !== undefined) checkNetwork(plan.network)
  if (plan.clock !== undefined) checkClock(plan.clock)
}

function checkCrashes(crashes: CrashFaults): void {
  checkOptions('faults.crashes', crashes, ['count', 'withinMs', 'downMs'])
  checkDuration('faults.crashes.count', crashes.count)
  checkDuration('faults.crashes.withinMs', crashes.withinMs)
  checkDuration('faults.crashes.downMs', crashes.downMs)
}

function checkDisk(disk: DiskFaults): void {
  const known = ['latencyMs', 'slow', 'full', 'capacityBytes', 'writeErrorChance', 'losesUnsynced']
  checkOptions('faults.disk', disk, known)
  checkDuration('faults.disk.latencyMs', disk.latencyMs)
  if (disk.slow !== undefined) {
    checkOptions('faults.disk.slow', disk.slow, ['everyMs', 'forMs', 'factor'])
    checkPeriods('faults.disk.slow', disk.slow)
    checkNumber('faults.disk.slow.factor', disk.slow.factor, { min: 1, max: 1_000_000 })
  }
  if (disk.full !== undefined) {
    checkOptions('faults.disk.full', disk.full, ['everyMs', 'forMs'])
    checkPeriods('faults.disk.full', disk.full)
  }
  const anyBytes = { min: 0, max: Number.MAX_SAFE_INTEGER }
  checkNumber('faults.disk.capacityBytes', disk.capacityBytes ?? 0, anyBytes)
  checkNumber('faults.disk.writeErrorChance', disk.writeErrorChance ?? 0, { min: 0, max: 1 })
}

function checkNetwork(network: NetworkFaults): void {
  checkOptions('faults.network', network, ['delayMs', 'stragglers'])
  const { delayMs, stragglers } = network
  checkDuration('faults.network.delayMs', delayMs)
  if (stragglers === undefined) return
  checkOptions('faults.network.stragglers', stragglers, ['chance', 'delayMs'])
  checkNumber('faults.network.stragglers.chance', stragglers.chance, { min: 0, max: 1 })
  checkDuration('faults.network.stragglers.delayMs', stragglers.delayMs)
}

function checkClock(clock: ClockFaults): void {
  checkOptions('faults.clock', clock, ['driftMax', 'jumps'])
  checkNumber('faults.clock.driftMax', clock.driftMax ?? 0, { min: 0, max: 0.5 })
  if (clock.jumps === undefined) return
  checkOptions('faults.clock.jumps', clock.jumps, ['everyMs', 'byMs'])
  checkDuration('faults.clock.jumps.everyMs', clock.jumps.everyMs, SHORTEST_PERIOD_MS)
  checkRange('faults.clock.jumps.byMs', clock.jumps.byMs, Number.NEGATIVE_INFINITY)
}

function checkPeriods(name: string, periods: PeriodOptions): void {
  checkDuration(`${name}.everyMs`, periods.everyMs, SHORTEST_PERIOD_MS)
  checkDuration(`${name}.forMs`, periods.forMs)
}

/** Troubles that follow each other faster would take forever to draw. */
const SHORTEST_PERIOD_MS = 1

function checkDuration(name: string, range: Range | undefined, minMs: number = 0): void {
  if (range !== undefined) checkRange(name, range, minMs)
}

function checkRange(name: string, range: Range, min: number): void {
  checkOptions(name, range, ['min', 'max'])
  if (Number.isFinite(range.min) && Number.isFinite(range.max)) {
    if (min <= range.min && range.min <= range.max) return
  }
  throw new MillraceError('OPTION_INVALID', {
    expected: `${name} as { min, max } with ${min} <= min <= max`,
    came: show(range),
    todo: 'Give a range of finite numbers.',
  })
}

function checkNumber(name: string, value: number, range: Range): void {
  if (value >= range.min && value <= range.max) return
  throw new MillraceError('OPTION_INVALID', {
    expected: `${name} from ${range.min} to ${range.max}`,
    came: show(value),
    todo: 'Choose a number in that range.',
  })
}
