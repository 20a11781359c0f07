// A deterministic simulator: processes, disks and a network in one thread, on simulated time, under
// one seed.
//
//   loop:  take the earliest event ──> move the clock to it ──> run it ──> let all promises settle
//
// Nothing happens between events, and all chance comes from the seed, so a seed is a whole run: the
// same crashes at the same moments, the same messages in the same order. Code that runs in it must
// wait only for what its platform gives; real timers, real files or a worker thread would bring in
// an order that the seed does not decide.
//
// The approach follows FoundationDB's simulation testing and TigerBeetle's VOPR.

import {
  assert,
  checkInteger,
  checkOptions,
  MillraceError,
  type PortPair,
  show,
} from '@millrace/core'
import { SimulatedDisk } from './disk/simulated-disk.ts'
import { checkFaultPlan, type FaultPlan } from './faults/fault-plan.ts'
import { Supervisor } from './faults/supervisor.ts'
import {
  type ServerOptions,
  SimulatedNetwork,
  type SimulatedServer,
} from './network/simulated-network.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { runInTurns } from './time/event-turns.ts'
import { Lifetime } from './time/lifetime.ts'
import { SimulatedClock } from './time/simulated-clock.ts'
import { type ScheduledEvent, Timeline } from './time/timeline.ts'
import { Trace } from './trace/trace.ts'

/** How a simulation is set up. */
export interface SimulationOptions {
  /** Decides everything that is left to chance: a whole number, not negative. */
  readonly seed: number
  /** What goes wrong. Default: nothing. */
  readonly faults?: FaultPlan
  /**
   * Whether to keep {@link Simulation.traceLines}. Default: `false`, since lines take time and
   * memory.
   */
  readonly trace?: boolean
  /**
   * What the calendars show at the start, in milliseconds since 1970. Default: 2024-01-01, midnight
   * UTC.
   */
  readonly startMs?: number
}

/** When a simulation gives up. */
export interface RunLimits {
  /** Simulated milliseconds from now. Default: one hour. */
  readonly simulatedMsMax?: number
  /** Events from now. Default: ten million. */
  readonly eventsMax?: number
}

/** How a simulated process is set up. */
export interface ProcessOptions {
  /** Where its files are. Default: the disk of its own name. */
  readonly disk?: SimulatedDisk
}

/** A server and, if it is to end with a crash, the process it belongs to. */
export interface ListenOptions extends ServerOptions {
  /** Default: the server is outside of all processes and never crashes. */
  readonly process?: SimulatedProcess
}

/**
 * A simulated world under one seed.
 *
 * @example
 * ```ts
 * import { Simulation } from '@millrace/testing'
 *
 * const simulation = new Simulation({ seed: 7 })
 * const { files, timers } = simulation.process('worker')
 * simulation.disk('worker').place('/greeting', 'hello')
 *
 * let isOver = false
 * timers.after(60_000, () => {
 *   isOver = true
 * })
 * await simulation.run(() => isOver)
 * const bytes = await simulation.resultOf(files.read('/greeting'))
 * console.log(simulation.nowMs > 60_000, bytes.length) // true 5
 * ```
 */
export class Simulation {
  readonly seed: number
  /** Chance for the test itself, such as the input it makes up. */
  readonly random: SeededRandom
  readonly #faults: FaultPlan
  readonly #startMs: number
  readonly #chance: SeededRandom
  readonly #timeline = new Timeline()
  readonly #trace: Trace
  readonly #network: SimulatedNetwork
  /** Whoever is no simulated process: the test, and servers that never crash. */
  readonly #outside = new Lifetime('outside')
  readonly #disks = new Map<string, SimulatedDisk>()
  readonly #machines = new Map<string, Machine>()
  readonly #faultsUntilMs: number
  #isRunning = false
  #failure: MillraceError | undefined

  constructor(options: SimulationOptions) {
    checkOptions('Simulation', options, ['seed', 'faults', 'trace', 'startMs'])
    const { seed, faults = {}, trace = false, startMs = DEFAULT_START_MS } = options
    checkFaultPlan(faults)
    this.seed = checkInteger('seed', seed, { min: 0, max: Number.MAX_SAFE_INTEGER })
    this.#startMs = checkInteger('startMs', startMs, { min: 0, max: MAX_CALENDAR_MS })
    this.#faults = faults
    this.#faultsUntilMs = faults.untilMs ?? Number.POSITIVE_INFINITY
    this.#chance = new SeededRandom(seed)
    this.random = this.#chance.fork('test')
    this.#trace = new Trace({ keepsLines: trace, nowMs: () => this.#timeline.nowMs })
    this.#network = new SimulatedNetwork({
      timeline: this.#timeline,
      trace: this.#trace,
      random: this.#chance.fork('network'),
      faults: faults.network ?? {},
      faultsUntilMs: this.#faultsUntilMs,
    })
  }

  /** Simulated milliseconds since the start. */
  get nowMs(): number {
    return this.#timeline.nowMs
  }

  /**
   * A hash of every event, message, file operation and log line so far; the same for each run of a
   * seed.
   */
  get traceHash(): string {
    return this.#trace.hash
  }

  /** The same as text, the latest million lines; empty unless `trace` is set. */
  get traceLines(): readonly string[] {
    return this.#trace.lines
  }

  /**
   * Starts a process on the machine of that name, whose clock and disk stay the same from one run
   * of the process to the next. An earlier process of the name must have crashed.
   */
  process(name: string, options: ProcessOptions = {}): SimulatedProcess {
    checkOptions('process', options, ['disk'])
    const machine = this.#machine(name)
    if (machine.process?.isAlive === true) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'a name that no running process has',
        came: show(name),
        todo: 'Choose another name, or crash the running process first.',
      })
    }
    machine.runCount++
    const lifetime = new Lifetime(`${name}#${machine.runCount}`)
    const process = new SimulatedProcess({
      name,
      lifetime,
      timeline: this.#timeline,
      trace: this.#trace,
      random: this.#chance.fork(`process/${lifetime.name}`),
      clock: machine.clock,
      disk: options.disk ?? this.disk(name),
      network: this.#network,
    })
    machine.process = process
    return process
  }

  /** The disk of that name; an empty one at first. */
  disk(name: string): SimulatedDisk {
    const existing = this.#disks.get(name)
    if (existing !== undefined) return existing
    const disk = new SimulatedDisk({
      name: `disk ${name}`,
      timeline: this.#timeline,
      trace: this.#trace,
      random: this.#chance.fork(`disk/${name}`),
      faults: this.#faults.disk ?? {},
      faultsUntilMs: this.#faultsUntilMs,
      startMs: this.#startMs,
    })
    this.#disks.set(name, disk)
    return disk
  }

  /**
   * Runs `start` in a process of that name, crashes it as the fault plan says, and runs it again in
   * a new process each time. If `start` fails other than by a crash, the simulation fails.
   */
  supervise(
    name: string,
    start: (process: SimulatedProcess) => void | Promise<void>,
    options: ProcessOptions = {},
  ): Supervisor {
    return new Supervisor({
      timeline: this.#timeline,
      random: this.#chance.fork(`supervisor/${name}`),
      owner: this.#outside,
      faults: this.#faults.crashes,
      process: () => this.process(name, options),
      start,
      onFailure: (error) => this.fail(error),
    })
  }

  /**
   * Two connected ports. What is posted arrives in order, a little later; nothing to or from a
   * crashed process.
   */
  portPair(left: SimulatedProcess, right: SimulatedProcess): PortPair {
    return this.#network.portPair(left.lifetime, right.lifetime)
  }

  /** Starts a server that simulated processes can connect to. */
  listen(options: ListenOptions): SimulatedServer {
    checkOptions('listen', options, ['host', 'port', 'accept', 'process'])
    return this.#network.listen(options, options.process?.lifetime ?? this.#outside)
  }

  /** Runs `callback` on behalf of the test after simulated time. */
  after(delayMs: number, callback: () => void): void {
    this.#timeline.schedule({
      atMs: this.#timeline.nowMs + delayMs,
      owner: this.#outside,
      label: 'callback of the test',
      run: callback,
    })
  }

  /**
   * Makes the simulation fail: the current or next {@link run} rejects with this cause and the
   * seed.
   */
  fail(cause: unknown): void {
    this.#failure ??= this.#failed(
      { expected: 'the simulated program to work', came: String(cause) },
      cause,
    )
  }

  /**
   * Runs events until `until` answers `true`; it is asked before each event. Rejects with
   * `SIMULATION_FAILED`, which names the seed, if an event throws, if none is left, or if a limit
   * is reached: then the program hangs.
   */
  async run(until: () => boolean, limits: RunLimits = {}): Promise<void> {
    checkOptions('run', limits, ['simulatedMsMax', 'eventsMax'])
    assert(!this.#isRunning, 'a simulation is run by one caller at a time')
    const endMs = this.#timeline.nowMs + (limits.simulatedMsMax ?? DEFAULT_SIMULATED_MS_MAX)
    const eventsMax = limits.eventsMax ?? DEFAULT_EVENTS_MAX
    let eventCount = 0
    this.#isRunning = true
    try {
      await runInTurns(() => {
        if (this.#failure !== undefined) throw this.#failure
        if (until()) return false
        const event = this.#timeline.peek()
        if (event === undefined) throw this.#hangs('no event that is left')
        if (event.atMs > endMs) throw this.#hangs(`an end of its time at ${endMs} ms`)
        if (eventCount++ === eventsMax) throw this.#hangs(`${eventsMax} events without an end`)
        this.#execute(event)
        return true
      })
    } finally {
      this.#isRunning = false
    }
  }

  /** Runs events for so much simulated time, though nothing may be pending. */
  async runFor(durationMs: number): Promise<void> {
    let isOver = false
    this.after(durationMs, () => {
      isOver = true
    })
    await this.run(() => isOver, { simulatedMsMax: durationMs + 1 })
  }

  /**
   * Runs events until none is left that could happen; rejects like {@link run} if a limit is reached
   * before. A program that still sets timers after its end never comes to rest.
   */
  async runToRest(limits: RunLimits = {}): Promise<void> {
    await this.run(() => this.#timeline.peek() === undefined, limits)
  }

  /** Runs events until the promise settles, and answers its value or rejects with its error. */
  async resultOf<Result>(promise: Promise<Result>, limits: RunLimits = {}): Promise<Result> {
    let isSettled = false
    const settle = (): void => {
      isSettled = true
    }
    promise.then(settle, settle)
    await this.run(() => isSettled, limits)
    return promise
  }

  #machine(name: string): Machine {
    const existing = this.#machines.get(name)
    if (existing !== undefined) return existing
    const clock = new SimulatedClock({
      timeline: this.#timeline,
      random: this.#chance.fork(`clock/${name}`),
      faults: this.#faults.clock ?? {},
      startMs: this.#startMs,
    })
    const machine: Machine = { clock, runCount: 0, process: undefined }
    this.#machines.set(name, machine)
    return machine
  }

  #execute(event: ScheduledEvent): void {
    this.#timeline.advance()
    this.#trace.note(event.owner.name, event.label)
    try {
      event.run()
    } catch (error) {
      const came = `${String(error)} from ${event.owner.name} ${event.label}`
      throw this.#failed({ expected: 'every event to run without an error', came }, error)
    }
  }

  #hangs(how: string): MillraceError {
    const pending = [
      ...this.#timeline.describePending(PENDING_SHOWN_MAX),
      ...this.#network.describeWaiting(),
    ]
    const alive = [...this.#machines.values()].flatMap(({ process }) =>
      process?.isAlive === true ? [process.lifetime.name] : [],
    )
    const facts = [
      `running: ${alive.join(', ') || 'no process'}`,
      `pending: ${pending.slice(0, PENDING_SHOWN_MAX).join('; ') || 'nothing'}`,
    ]
    return this.#failed({
      expected: 'the program to come to its end',
      came: `${how} (${facts.join('; ')})`,
    })
  }

  #failed(facts: { expected: string; came: string }, cause?: unknown): MillraceError {
    return new MillraceError('SIMULATION_FAILED', {
      ...facts,
      todo: `Run seed ${this.seed} again with { trace: true } and read its traceLines.`,
      ids: { seed: this.seed, simulatedMs: this.nowMs },
      cause,
    })
  }
}

interface Machine {
  readonly clock: SimulatedClock
  runCount: number
  process: SimulatedProcess | undefined
}

const DEFAULT_START_MS = Date.UTC(2024, 0, 1)
const MAX_CALENDAR_MS = 8_640_000_000_000_000
const DEFAULT_SIMULATED_MS_MAX = 3_600_000
const DEFAULT_EVENTS_MAX = 10_000_000

/** A report of more pending events than these is not read. */
const PENDING_SHOWN_MAX = 10
