import type { FileSystem, Log, LogFacts, Network, Platform } from '@millrace/core'
import type { SimulatedDisk } from './disk/simulated-disk.ts'
import type { SimulatedNetwork } from './network/simulated-network.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { Lifetime } from './time/lifetime.ts'
import type { SimulatedClock } from './time/simulated-clock.ts'
import { SimulatedTimers } from './time/simulated-timers.ts'
import type { Timeline } from './time/timeline.ts'
import type { Trace } from './trace/trace.ts'

/** What a simulated process is made of. */
export interface SimulatedProcessOptions {
  readonly name: string
  readonly lifetime: Lifetime
  readonly timeline: Timeline
  readonly trace: Trace
  readonly random: SeededRandom
  readonly clock: SimulatedClock
  readonly disk: SimulatedDisk
  readonly network: SimulatedNetwork
}

/**
 * One run of a process on a simulated machine: the platform that engine code gets, and the power
 * switch.
 *
 * After a crash nothing of it happens any more: timers and handlers are not called, and promises of
 * its files and connections stay pending for ever. To start it again, ask the simulation for a new
 * process of the same name.
 */
export class SimulatedProcess implements Platform {
  readonly name: string
  /** This run of the process; it ends with the crash. */
  readonly lifetime: Lifetime
  readonly clock: SimulatedClock
  readonly timers: SimulatedTimers
  readonly random: SeededRandom
  readonly files: FileSystem
  readonly network: Network
  readonly log: Log
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
  readonly #trace: Trace
  readonly #printedLines: string[] = []

  constructor(options: SimulatedProcessOptions) {
    const { lifetime, clock, timeline, trace, random } = options
    this.name = options.name
    this.lifetime = lifetime
    this.clock = clock
    this.random = random.fork('random')
    this.timers = new SimulatedTimers({
      timeline,
      clock,
      random: random.fork('turns'),
      owner: lifetime,
    })
    this.files = options.disk.filesOf(lifetime)
    this.network = options.network.networkOf(lifetime)
    this.log = new SimulatedLog(lifetime, trace)
    this.#trace = trace
    this.print = (line) => this.#print(line)
    this.printError = (line) => this.#print(line)
  }

  get isAlive(): boolean {
    return this.lifetime.isAlive
  }

  /** What this run of the process printed, to standard output and to standard error. */
  get printedLines(): readonly string[] {
    return this.#printedLines
  }

  /** Ends this run at once, as a power cut does. A second call does nothing. */
  crash(): void {
    if (!this.isAlive) return
    this.#trace.note(this.lifetime.name, 'crashes')
    this.lifetime.end()
  }

  #print(line: string): void {
    if (!this.isAlive) return
    this.#printedLines.push(line)
    this.#trace.note(this.lifetime.name, 'prints', line)
  }
}

/** A log whose lines go into the trace. */
class SimulatedLog implements Log {
  readonly #owner: Lifetime
  readonly #trace: Trace

  constructor(owner: Lifetime, trace: Trace) {
    this.#owner = owner
    this.#trace = trace
  }

  info(message: string, facts?: LogFacts): void {
    this.#note(`info: ${message}`, facts)
  }

  warn(message: string, facts?: LogFacts): void {
    this.#note(`warn: ${message}`, facts)
  }

  error(message: string, facts?: LogFacts): void {
    this.#note(`error: ${message}`, facts)
  }

  #note(line: string, facts: LogFacts | undefined): void {
    if (this.#owner.isAlive) this.#trace.note(this.#owner.name, line, facts)
  }
}
