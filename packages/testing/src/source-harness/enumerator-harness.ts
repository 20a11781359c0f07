// Drives one split enumerator as the coordinator of a job would, and shows what it assigned.

import type {
  EnumeratorSchedule,
  JsonValue,
  Platform,
  RegisteredReader,
  Source,
  SourceSplit,
  SplitEnumerator,
  SplitEnumeratorContext,
} from '@millrace/core'
import { harnessPlatform } from '../operator-harness/harness-platform.ts'
import { ManualTime } from '../operator-harness/manual-time.ts'

/** Whose enumerator is driven. */
export interface EnumeratorHarnessOptions<S extends SourceSplit> {
  readonly source: Pick<Source<unknown, S>, 'createEnumerator'>
  /** The number of readers. Default: 1. */
  readonly parallelism?: number
  /** Default: a platform without files and network, with a clock that stands still. */
  readonly platform?: Platform
  /** What an earlier enumerator gave as its snapshot. Default: a fresh start. */
  readonly restored?: JsonValue
}

/**
 * An enumerator under test. What it throws, its caller gets; what fails outside of a call is in `failures`.
 *
 * @example
 * ```ts
 * import { staticSplitEnumerator } from '@millrace/core'
 * import { EnumeratorHarness } from '@millrace/testing'
 *
 * const harness = await EnumeratorHarness.start({
 *   parallelism: 2,
 *   source: {
 *     createEnumerator: (context, restored) =>
 *       staticSplitEnumerator({ context, restored, findSplits: () => [{ splitId: 'a' }] }),
 *   },
 * })
 * harness.registerAll()
 * console.log(harness.assigned) // [ [ { splitId: 'a' } ], [] ]
 * ```
 */
export class EnumeratorHarness<
  S extends SourceSplit = SourceSplit,
> implements SplitEnumeratorContext<S> {
  readonly platform: Platform
  readonly parallelism: number
  readonly registeredReaders: Map<number, RegisteredReader<S>> = new Map()
  /** The splits that each reader was given, in order. */
  readonly assigned: S[][]
  /** The readers that were told of no more splits, in order. */
  readonly complete: number[] = []
  /** What was sent to each reader, in order. */
  readonly eventsToReaders: JsonValue[][]
  readonly failures: unknown[] = []
  isProcessingBacklog = false
  readonly enumerator: SplitEnumerator<S>

  private constructor(options: EnumeratorHarnessOptions<S>) {
    const { source, parallelism = 1, restored } = options
    this.platform = options.platform ?? harnessPlatform(new ManualTime())
    this.parallelism = parallelism
    this.assigned = Array.from({ length: parallelism }, () => [])
    this.eventsToReaders = Array.from({ length: parallelism }, () => [])
    this.enumerator = source.createEnumerator(this, restored)
  }

  /** Makes an enumerator and starts it. */
  static async start<S extends SourceSplit = SourceSplit>(
    options: EnumeratorHarnessOptions<S>,
  ): Promise<EnumeratorHarness<S>> {
    const harness = new EnumeratorHarness(options)
    await harness.enumerator.start()
    return harness
  }

  /** A reader registers, perhaps with splits of a checkpoint. */
  register(subtaskIndex: number, splits: readonly S[] = []): void {
    this.registeredReaders.set(subtaskIndex, { subtaskIndex, splits, hasEnded: false })
    this.enumerator.addReader(subtaskIndex)
  }

  /** All readers register, without splits. */
  registerAll(): void {
    for (let subtaskIndex = 0; subtaskIndex < this.parallelism; subtaskIndex++) {
      this.register(subtaskIndex)
    }
  }

  /** The state as a checkpoint would hold it. */
  snapshot(checkpointId: number = 1): JsonValue {
    return JSON.parse(JSON.stringify(this.enumerator.snapshotState(checkpointId))) as JsonValue
  }

  assignSplits(splits: readonly S[], subtaskIndex: number): void {
    this.assigned[subtaskIndex]?.push(...splits)
  }

  signalNoMoreSplits(subtaskIndex: number): void {
    this.complete.push(subtaskIndex)
  }

  sendEventToReader(event: JsonValue, subtaskIndex: number): void {
    this.eventsToReaders[subtaskIndex]?.push(event)
  }

  runAsync<R>(work: () => Promise<R>, handler: (result: R) => void): void {
    work()
      .then(handler)
      .catch((error: unknown) => this.fail(error))
  }

  schedule<R>(
    work: () => Promise<R>,
    handler: (result: R) => void,
    { delayMs = 0, intervalMs }: EnumeratorSchedule,
  ): void {
    this.platform.timers.after(delayMs, () => {
      this.runAsync(work, (result) => {
        handler(result)
        if (intervalMs !== undefined) {
          this.schedule(work, handler, { delayMs: intervalMs, intervalMs })
        }
      })
    })
  }

  setIsProcessingBacklog(isProcessingBacklog: boolean): void {
    this.isProcessingBacklog = isProcessingBacklog
  }

  fail(error: unknown): void {
    this.failures.push(error)
  }
}
