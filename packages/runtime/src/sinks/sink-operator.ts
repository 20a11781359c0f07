// Runs a sink that is one operator: its writer in the record path, its committer when a checkpoint is complete.
//
//   barrier n ──> prepareCommit: committables of n ──> stored in checkpoint n
//   n complete ─> commit everything up to n          (asynchronous; a failure fails the job, which commits again)
//   restored ───> commit everything the checkpoint holds, before the first record
//
// Commits run one after another, in the order of the checkpoints.

import type { JsonValue } from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { restoredList } from '../operators/restored-lists.ts'
import { CommitRun } from './commit-run.ts'
import { WriterOperator } from './writer-operator.ts'

/** The end of a chain. */
export class SinkOperator<T> extends WriterOperator<T> {
  readonly #run: CommitRun | undefined
  #commits: Promise<void> = Promise.resolve()

  constructor(context: OperatorContext) {
    super(context)
    const committer = this.sink.createCommitter?.(this.writerContext)
    if (committer === undefined) return
    this.#run = new CommitRun(committer, context.platform, context.operator)
  }

  override async open(): Promise<void> {
    const { restored } = this.context
    const committables = restoredList(this.context, 'sink-committables', 'whole')
    await this.#commit(committables)
    await this.writer.open({
      isRestored: restored.isRestored,
      states: restoredList(this.context, 'sink-states', 'whole'),
      committables,
    })
  }

  override notifyCheckpointComplete(checkpointId: number): Promise<void> {
    this.#commits = this.#commits.then(async () => {
      await this.giveUpTo(checkpointId, (committables) => this.#commit(committables))
      this.notifyWriter('notifyCheckpointComplete', checkpointId)
    })
    return this.#commits
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#run?.close()])
  }

  async #commit(committables: readonly JsonValue[]): Promise<void> {
    if (committables.length > 0) await this.#run?.commit(committables)
  }
}
