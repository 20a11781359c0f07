import type { JsonValue, SplitEnumerator, SplitEnumeratorContext } from '@millrace/core'

/**
 * Goes on for sources whose checkpoint has no enumerator, because the release that wrote it dealt out all splits at the
 * start: there will be no others.
 */
export class AllAssignedEnumerator implements SplitEnumerator {
  readonly #context: SplitEnumeratorContext

  constructor(context: SplitEnumeratorContext) {
    this.#context = context
  }

  start(): void {}

  addReader(subtaskIndex: number): void {
    this.#context.signalNoMoreSplits(subtaskIndex)
  }

  addSplitsBack(): void {
    throw new Error('readers keep the splits of a checkpoint of metadata format 1')
  }

  snapshotState(): JsonValue {
    return null
  }

  close(): void {}
}
