// What became of the checkpoints of a job, over all its attempts: counts, ranges, and the newest of them one by one.

import type { CheckpointKind, TaskCheckpointFigures } from '@millrace/checkpoint'
import type { Clock } from '@millrace/core'
import type {
  CheckpointCounts,
  CheckpointStatistics,
  CheckpointStatisticsEntry,
  CheckpointStatus,
  CheckpointSummary,
  StatisticsRange,
} from '@millrace/job-graph'

/** How many checkpoints are remembered one by one, as in Flink. */
const ENTRIES_MAX = 10

/** A checkpoint as long as it is remembered. */
interface Entry {
  readonly startMs: number
  facts: CheckpointStatisticsEntry
}

/** What is known of a checkpoint when it is complete. */
export interface CompletedFacts {
  readonly path: string | null
  readonly stateBytes: number
  /** The job goes back to it after a failure. */
  readonly isRestorePoint: boolean
}

/** Remembers the checkpoints of one job. */
export class CheckpointHistory {
  readonly #clock: Clock
  /** Oldest first. */
  readonly #entries: Entry[] = []
  readonly #ranges = new CheckpointRanges()
  #counts: CheckpointCounts = { inProgress: 0, completed: 0, failed: 0, subsumed: 0, restored: 0 }
  #lastDurableAtMs: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  triggered({
    checkpointId,
    kind,
    triggeredAtMs,
  }: {
    readonly checkpointId: number
    readonly kind: CheckpointKind
    readonly triggeredAtMs: number
  }): void {
    this.#count('inProgress', 1)
    this.#entries.push({
      startMs: this.#clock.monotonicMs(),
      facts: {
        checkpointId,
        kind,
        status: 'in-progress',
        triggeredAtMs,
        durationMs: 0,
        stateBytes: 0,
        inFlightBytes: 0,
        path: null,
        failure: null,
        tasks: [],
      },
    })
    if (this.#entries.length > ENTRIES_MAX) this.#entries.shift()
  }

  acknowledged(checkpointId: number, task: string, figures: TaskCheckpointFigures): void {
    const entry = this.#find(checkpointId)
    if (entry === undefined) return
    const { facts } = entry
    entry.facts = {
      ...facts,
      stateBytes: facts.stateBytes + figures.stateBytes,
      inFlightBytes: facts.inFlightBytes + figures.inFlightBytes,
      tasks: [...facts.tasks, { task, ...figures }],
    }
  }

  completed(checkpointId: number, { path, stateBytes, isRestorePoint }: CompletedFacts): void {
    this.#end(checkpointId, { status: 'completed', path, stateBytes })
    this.#count('completed', 1)
    const entry = this.#find(checkpointId)
    if (entry !== undefined) this.#ranges.add(entry.facts)
    if (isRestorePoint && path !== null) this.#lastDurableAtMs = this.#clock.now()
  }

  failed(checkpointId: number, reason: string): void {
    this.#end(checkpointId, { status: 'failed', failure: reason })
    this.#count('failed', 1)
  }

  subsumed(checkpointId: number): void {
    this.#end(checkpointId, { status: 'subsumed' })
    this.#count('subsumed', 1)
  }

  /** The job begins at a checkpoint, or again. `completedAtMs`: when that was complete, if it is on disk. */
  restored(completedAtMs: number | undefined): void {
    this.#count('restored', 1)
    this.#lastDurableAtMs = completedAtMs
  }

  /** One that is still remembered. */
  entry(checkpointId: number): CheckpointStatisticsEntry | undefined {
    return this.#find(checkpointId)?.facts
  }

  statistics(): CheckpointStatistics {
    const nowMs = this.#clock.monotonicMs()
    const since = this.#lastDurableAtMs
    return {
      counts: this.#counts,
      summary: this.#ranges.summary(),
      history: this.#entries
        .map(({ startMs, facts }) =>
          facts.status === 'in-progress' ? { ...facts, durationMs: nowMs - startMs } : facts,
        )
        .toReversed(),
      lastDurableAgeMs: since === undefined ? null : Math.max(0, this.#clock.now() - since),
    }
  }

  #end(
    checkpointId: number,
    facts: Partial<CheckpointStatisticsEntry> & { readonly status: CheckpointStatus },
  ): void {
    this.#count('inProgress', -1)
    const entry = this.#find(checkpointId)
    if (entry === undefined) return
    entry.facts = {
      ...entry.facts,
      ...facts,
      durationMs: this.#clock.monotonicMs() - entry.startMs,
    }
  }

  #find(checkpointId: number): Entry | undefined {
    return this.#entries.find(({ facts }) => facts.checkpointId === checkpointId)
  }

  #count(what: keyof CheckpointCounts, amount: number): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + amount }
  }
}

/** The ranges of all completed checkpoints. */
class CheckpointRanges {
  #count = 0
  #ranges: CheckpointSummary | undefined

  add({ durationMs, stateBytes, inFlightBytes, tasks }: CheckpointStatisticsEntry): void {
    const slowest = (figure: 'alignmentMs' | 'syncMs' | 'asyncMs'): number =>
      Math.max(0, ...tasks.map((task) => task[figure]))
    const widened = (what: keyof CheckpointSummary, value: number): StatisticsRange =>
      widen(this.#ranges?.[what], value, this.#count)
    this.#ranges = {
      durationMs: widened('durationMs', durationMs),
      stateBytes: widened('stateBytes', stateBytes),
      inFlightBytes: widened('inFlightBytes', inFlightBytes),
      alignmentMs: widened('alignmentMs', slowest('alignmentMs')),
      syncMs: widened('syncMs', slowest('syncMs')),
      asyncMs: widened('asyncMs', slowest('asyncMs')),
    }
    this.#count++
  }

  summary(): CheckpointSummary | null {
    return this.#ranges ?? null
  }
}

function widen(range: StatisticsRange | undefined, value: number, count: number): StatisticsRange {
  if (range === undefined) return { min: value, max: value, avg: value }
  return {
    min: Math.min(range.min, value),
    max: Math.max(range.max, value),
    avg: range.avg + (value - range.avg) / (count + 1),
  }
}
