// A disk in memory, with the time, the failures and the forgetfulness of a real one.
//
//   what                          survives a crash of the process that did it
//   bytes, after `sync`           always
//   bytes, before                 kept, lost, or torn: a part from the front, by chance
//   names, after `syncDirectory`  always
//   names, before                 by chance, each operation as a whole
//
// A crash loses only what the crashed process did. Others that share the disk lose nothing, so one
// disk also serves as storage that several machines mount.

import type { FileSystem } from '@millrace/core'
import type { DiskFaults } from '../faults/fault-plan.ts'
import { Periods } from '../faults/periods.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { Lifetime } from '../time/lifetime.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Trace } from '../trace/trace.ts'
import { pathOf } from './disk-path.ts'
import { DiskTree } from './disk-tree.ts'
import { diskFailed } from './file-errors.ts'
import { type DiskOfFiles, type OpenFile, SimulatedFiles } from './simulated-files.ts'

/** What a disk is made of. */
export interface SimulatedDiskOptions {
  readonly name: string
  readonly timeline: Timeline
  readonly trace: Trace
  readonly random: SeededRandom
  readonly faults: DiskFaults
  /** When the faults end, in simulated milliseconds. */
  readonly faultsUntilMs: number
  /** The calendar of the disk at the start of the simulation, in milliseconds since 1970. */
  readonly startMs: number
}

/**
 * One simulated disk. Processes reach it through {@link SimulatedDisk.filesOf}, tests also
 * directly.
 *
 * @example
 * ```ts
 * import { Simulation } from '@millrace/testing'
 *
 * const simulation = new Simulation({ seed: 7 })
 * const disk = simulation.disk('worker')
 * disk.place('/greeting', 'hello')
 * console.log(disk.paths()) // [ '/greeting' ]
 * ```
 */
export class SimulatedDisk implements DiskOfFiles {
  readonly name: string
  readonly #timeline: Timeline
  readonly #trace: Trace
  readonly #plannedFaults: DiskFaults
  readonly #faultsUntilMs: number
  readonly #startMs: number
  readonly #latencies: SeededRandom
  readonly #failures: SeededRandom
  readonly #crashes: SeededRandom
  readonly #slow: Periods | undefined
  readonly #full: Periods | undefined
  readonly #tree = new DiskTree()
  readonly #renameWatchers: ((to: string) => void)[] = []
  readonly #open = new Map<object, OpenFile>()

  constructor(options: SimulatedDiskOptions) {
    const { faults, random } = options
    this.name = options.name
    this.#timeline = options.timeline
    this.#trace = options.trace
    this.#plannedFaults = faults
    this.#faultsUntilMs = options.faultsUntilMs
    this.#startMs = options.startMs
    this.#latencies = random.fork('latencies')
    this.#failures = random.fork('failures')
    this.#crashes = random.fork('crashes')
    this.#slow = faults.slow && new Periods(faults.slow, random.fork('slow'))
    this.#full = faults.full && new Periods(faults.full, random.fork('full'))
  }

  /**
   * The disk as one process sees it. When the process crashes, what it did not make durable is at
   * stake.
   */
  filesOf(owner: Lifetime): FileSystem {
    owner.atEnd(() => this.#crash(owner))
    return new SimulatedFiles({
      disk: this,
      tree: this.#tree,
      timeline: this.#timeline,
      trace: this.#trace,
      owner,
    })
  }

  /**
   * Puts a durable file on the disk at once, with the folders above it: what a test finds there at
   * its start.
   */
  place(path: string, content: Uint8Array | string): void {
    const actor = { owner: new Lifetime('placing'), nowMs: this.calendarMs() }
    const parents = pathOf(path).split('/').slice(1, -1)
    this.#tree.makeDirectory(parents.join('/'), actor)
    const file = this.#tree.create(path, actor)
    file.append(typeof content === 'string' ? new TextEncoder().encode(content) : content)
    file.sync()
    for (let depth = 0; depth <= parents.length; depth++) {
      this.#tree.syncDirectory(parents.slice(0, depth).join('/'))
    }
  }

  /**
   * A copy of what a program that opens the file now would read, or `undefined` if there is no such
   * file.
   */
  contentOf(path: string): Uint8Array | undefined {
    const file = this.#tree.files().get(pathOf(path))
    return file?.read(0, file.sizeBytes)
  }

  /** Calls `watcher` after each rename of a file or folder, with its new path, in the same moment. */
  onRename(watcher: (to: string) => void): void {
    this.#renameWatchers.push(watcher)
  }

  /** Tells the watchers. Called by whoever renamed. */
  noteRename(to: string): void {
    for (const watcher of this.#renameWatchers) watcher(pathOf(to))
  }

  /** The paths of all files that a program would find now, sorted. */
  paths(): readonly string[] {
    return [...this.#tree.files().keys()]
  }

  /** The paths of files that processes have open, each as often as it is, sorted. A crash closes those of its process. */
  get openPaths(): readonly string[] {
    return Array.from(this.#open.values(), ({ path }) => path).sort()
  }

  /** A process has a file open from now on, by this handle. */
  noteOpen(handle: object, file: OpenFile): void {
    this.#open.set(handle, file)
  }

  noteClosed(handle: object): void {
    this.#open.delete(handle)
  }

  /**
   * How many creations, renames and removals a crash could undo; none once every folder was synced.
   */
  get namesAtStake(): number {
    return this.#tree.namesAtStake
  }

  /** The time that files bear, in milliseconds since 1970. */
  calendarMs(): number {
    return this.#startMs + Math.floor(this.#timeline.nowMs)
  }

  /** How long an operation that moves so many bytes takes, if it starts now. */
  latencyMs(movedBytes: number): number {
    const operationMs = this.#latencies.skewed(this.#faults.latencyMs ?? DEFAULT_LATENCY_MS)
    const isSlow = this.#slow?.isActive(this.#timeline.nowMs) ?? false
    const factor = isSlow ? (this.#faults.slow?.factor ?? 1) : 1
    return (operationMs + movedBytes / BYTES_PER_MS) * factor
  }

  /**
   * Throws `FILE_UNWRITABLE` if the operation that wants so many more bytes on the disk is to fail.
   */
  failIfDue(path: string, addedBytes: number): void {
    if (this.#failures.chance(this.#faults.writeErrorChance ?? 0)) {
      throw diskFailed(path, 'a passing error of the simulated disk')
    }
    if (addedBytes === 0) return
    const isFull = this.#faults.full !== undefined && this.#full?.isActive(this.#timeline.nowMs)
    if (isFull === true || this.#usedBytes() + addedBytes > this.#capacityBytes) {
      throw diskFailed(path, 'no space left on the simulated disk')
    }
  }

  /** How many of the bytes of a failed write are in the file nevertheless. */
  bytesOfFailedWrite(lengthBytes: number): number {
    const max = Math.max(0, Math.min(lengthBytes, this.#capacityBytes - this.#usedBytes()))
    return this.#failures.integer({ min: 0, max })
  }

  get #faults(): DiskFaults {
    return this.#timeline.nowMs < this.#faultsUntilMs ? this.#plannedFaults : NO_FAULTS
  }

  get #capacityBytes(): number {
    return this.#faults.capacityBytes ?? Number.POSITIVE_INFINITY
  }

  #usedBytes(): number {
    let usedBytes = 0
    // Without a limit nobody asks how much there is.
    if (this.#faults.capacityBytes === undefined) return usedBytes
    for (const file of this.#tree.files().values()) usedBytes += file.sizeBytes
    return usedBytes
  }

  #crash(owner: Lifetime): void {
    for (const [handle, file] of this.#open) if (file.owner === owner) this.#open.delete(handle)
    if (this.#plannedFaults.losesUnsynced === false) return
    this.#tree.crash(owner, this.#crashes)
    for (const [path, file] of this.#tree.files()) {
      this.#trace.note(this.name, `after the crash of ${owner.name}: ${path}`, file.sizeBytes)
    }
  }
}

const NO_FAULTS: DiskFaults = {}

const DEFAULT_LATENCY_MS = { min: 0.02, max: 1 }

/** 200 MB/s, a modest disk. */
const BYTES_PER_MS = 200_000
