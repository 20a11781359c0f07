// The writer of a sink whose committer is another operator.
//
//   barrier n ──> committables of n in the writer's state
//   n complete ─> one batch with everything up to n goes to the next operator, and leaves the state
//
// So at every cut a committable is in the state of exactly one operator, and nothing on the record path waits for a disk.
// What a checkpoint held for this writer goes with the first batch after the restart.

import { restoredList } from '../operators/restored-lists.ts'
import type { OperatorSnapshot } from '../operators/operator.ts'
import { CommittableOutput } from './committable-output.ts'
import { WriterOperator } from './writer-operator.ts'

/** Writes, and hands committables on. */
export class SinkWriterOperator<T> extends WriterOperator<T> {
  readonly #batches = new CommittableOutput(this.context, this.output)
  #given: Promise<void> = Promise.resolve()

  override async open(): Promise<void> {
    const committables = restoredList(this.context, 'sink-committables', 'whole')
    if (committables.length > 0) {
      this.keep({ checkpointId: 0, committables: Promise.resolve(committables) })
    }
    await this.writer.open({
      isRestored: this.context.restored.isRestored,
      states: restoredList(this.context, 'sink-states', 'whole'),
      committables,
    })
  }

  override snapshot(checkpointId: number): OperatorSnapshot {
    this.#batches.cut()
    return super.snapshot(checkpointId)
  }

  override notifyCheckpointComplete(checkpointId: number): Promise<void> {
    const { subtaskIndex, parallelism: subtaskCount } = this.context
    this.#given = this.#given.then(async () => {
      await this.giveUpTo(checkpointId, (committables) =>
        this.#batches.emit({ checkpointId, subtaskIndex, subtaskCount, committables }),
      )
      this.notifyWriter('notifyCheckpointComplete', checkpointId)
    })
    return this.#given
  }

  /** What was emitted after the last barrier is in no checkpoint of those who read it. */
  get needsCheckpoint(): boolean {
    return this.#batches.hasEmittedSinceCut
  }

  override async close(): Promise<void> {
    this.#batches.close()
    await super.close()
  }
}
