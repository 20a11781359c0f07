// What a job counts: reports of its executors and what the job master notes, added up for its client.

import { AccumulatorTotals, type MillraceError } from '@millrace/core'
import type { CheckpointFigures, JobMetrics } from '@millrace/job-graph'
import type { ExecutorReport } from '../gateways/messages.ts'

/** What an executor says about its tasks. */
type TaskFigures = ExecutorReport & { readonly kind: 'figures' }

/** The figures of one job, over all its attempts. */
export class JobFigures {
  readonly #ofExecutors = new Map<number, TaskFigures>()
  #checkpointsCompleted = 0
  #checkpointsFailed = 0
  #lastCheckpoint: CheckpointFigures | null = null
  #restarts = 0

  /** How often the job was restarted. */
  get restarts(): number {
    return this.#restarts
  }

  /** Takes the latest report of an executor; answers what is wrong with it: accumulators that cannot be merged. */
  report(index: number, figures: TaskFigures): MillraceError | undefined {
    this.#ofExecutors.set(index, figures)
    return this.#accumulators().conflict
  }

  /** Its tasks will be reported by another. */
  executorLost(index: number): void {
    this.#ofExecutors.delete(index)
  }

  /** `isCounted` says whether the user asked for checkpoints: the final one of a job that takes none is the engine's own. */
  checkpointCompleted(figures: CheckpointFigures, isCounted: boolean): void {
    this.#lastCheckpoint = figures
    if (isCounted) this.#checkpointsCompleted++
  }

  checkpointFailed(): void {
    this.#checkpointsFailed++
  }

  restarted(): void {
    this.#restarts++
  }

  metrics(): JobMetrics {
    const sourceRecords: Record<string, number> = {}
    for (const figures of this.#ofExecutors.values()) {
      addInto(sourceRecords, figures.sourceRecords)
    }
    const accumulators = this.#accumulators()
    return {
      accumulators: accumulators.numbers,
      getAccumulatorResult: (name, create) => accumulators.result(name, create),
      sourceRecords,
      checkpointsCompleted: this.#checkpointsCompleted,
      checkpointsFailed: this.#checkpointsFailed,
      lastCheckpoint: this.#lastCheckpoint,
      restarts: this.#restarts,
    }
  }

  #accumulators(): AccumulatorTotals {
    const totals = new AccumulatorTotals()
    for (const figures of this.#ofExecutors.values()) {
      for (const part of figures.accumulators) totals.add(part)
    }
    return totals
  }
}

function addInto(totals: Record<string, number>, part: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(part)) totals[name] = (totals[name] ?? 0) + value
}
