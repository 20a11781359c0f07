import { MillraceError, show } from '../errors/millrace-error.ts'
import { checkMethods } from '../functions/check-function.ts'
import type { Timer } from '../platform/platform.ts'
import type { WatermarkDeclaration, WatermarkValueOf } from '../time/generalized-watermark.ts'
import type { JsonValue } from '../types/json.ts'
import { type RateLimiter, RateLimiterStrategy } from './rate-limiter-strategy.ts'
import type {
  PollResult,
  SourceOutput,
  SourceReader,
  SourceReaderContext,
  SplitOutput,
} from './source-reader.ts'
import type { SourceSplit } from './source-split.ts'
import type { Source } from './source.ts'

/**
 * A source that emits no more records than a strategy allows, whatever source it is.
 *
 * @example
 * ```ts
 * import { DataGeneratorSource, rateLimited, RateLimiterStrategy } from 'millrace'
 *
 * const numbers = new DataGeneratorSource({ count: 3, generator: (index) => index })
 * const slow = rateLimited(numbers, RateLimiterStrategy.perSecond(100))
 * console.log(slow.name) // Data Generator
 * ```
 */
export function rateLimited<T, S extends SourceSplit>(
  source: Source<T, S>,
  strategy: RateLimiterStrategy,
): Source<T, S> {
  checkMethods('rateLimited', source, ['describe', 'createEnumerator', 'createReader'])
  if (!(strategy instanceof RateLimiterStrategy)) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a rate limiter strategy',
      came: show(strategy),
      todo: 'Write for example rateLimited(source, RateLimiterStrategy.perSecond(100)).',
    })
  }
  const { name, boundedness, type, hasTimePerSplit, reassignsSplitsOnRecovery } = source
  return {
    name,
    boundedness,
    type,
    ...(hasTimePerSplit !== undefined && { hasTimePerSplit }),
    ...(reassignsSplitsOnRecovery !== undefined && { reassignsSplitsOnRecovery }),
    describe: (): JsonValue => ({ source: source.describe(), rateLimit: strategy.config }),
    createEnumerator: (context, restored) => source.createEnumerator(context, restored),
    createReader: (context) =>
      new RateLimitedReader(source.createReader(context), strategy, context),
  }
}

class RateLimitedReader<T, S extends SourceSplit> implements SourceReader<T, S> {
  readonly pauseOrResumeSplits: SourceReader<T, S>['pauseOrResumeSplits']
  readonly #reader: SourceReader<T, S>
  readonly #context: SourceReaderContext
  readonly #limiter: RateLimiter
  readonly #output = new CountingOutput<T>()
  #timer: Timer | undefined

  constructor(
    reader: SourceReader<T, S>,
    strategy: RateLimiterStrategy,
    context: SourceReaderContext,
  ) {
    this.#reader = reader
    this.#context = context
    const { clock } = context.platform
    this.#limiter = strategy.createLimiter(context.parallelism, () => clock.monotonicMs())
    // Only who can pause splits says so.
    this.pauseOrResumeSplits = reader.pauseOrResumeSplits?.bind(reader)
  }

  start(): void | Promise<void> {
    return this.#reader.start()
  }

  addSplits(splits: readonly S[]): void {
    this.#reader.addSplits(splits)
  }

  notifyNoMoreSplits(): void {
    this.#reader.notifyNoMoreSplits()
  }

  pollNext(output: SourceOutput<T>, recordsMax: number): PollResult {
    const allowed = this.#limiter.take(recordsMax)
    if (allowed === 0) return this.#wait()
    const counting = this.#output
    counting.begin(output)
    try {
      return this.#reader.pollNext(counting, allowed)
    } finally {
      this.#limiter.giveBack(allowed - counting.count)
    }
  }

  snapshot(): readonly S[] {
    return this.#reader.snapshot()
  }

  handleSourceEvent(event: JsonValue): void {
    this.#reader.handleSourceEvent?.(event)
  }

  notifyCheckpointComplete(checkpointId: number): void | Promise<void> {
    this.#limiter.onCheckpointComplete()
    this.#context.wake()
    return this.#reader.notifyCheckpointComplete?.(checkpointId)
  }

  notifyCheckpointAborted(checkpointId: number): void {
    this.#reader.notifyCheckpointAborted?.(checkpointId)
  }

  notifyCheckpointSubsumed(checkpointId: number): void {
    this.#reader.notifyCheckpointSubsumed?.(checkpointId)
  }

  close(): void | Promise<void> {
    this.#timer?.cancel()
    return this.#reader.close()
  }

  #wait(): PollResult {
    this.#timer?.cancel()
    const { delayMs } = this.#limiter
    if (delayMs !== undefined) {
      this.#timer = this.#context.platform.timers.after(delayMs, this.#context.wake)
    }
    return 'nothing-now'
  }
}

/** Counts what goes through to another output. */
class CountingOutput<T> implements SourceOutput<T> {
  count = 0
  #output: SourceOutput<T> | undefined
  readonly #splits = new Map<string, SplitOutput<T>>()

  begin(output: SourceOutput<T>): void {
    this.#output = output
    this.count = 0
  }

  collect(value: T, timestamp?: number): void {
    this.count++
    this.#output?.collect(value, timestamp)
  }

  forSplit(splitId: string): SplitOutput<T> {
    let split = this.#splits.get(splitId)
    if (split === undefined) {
      split = this.#countingSplit(splitId)
      this.#splits.set(splitId, split)
    }
    return split
  }

  releaseSplit(splitId: string): void {
    this.#splits.delete(splitId)
    this.#output?.releaseSplit(splitId)
  }

  markIdle(): void {
    this.#output?.markIdle()
  }

  markActive(): void {
    this.#output?.markActive()
  }

  emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void {
    this.#output?.emitWatermark(declaration, value)
  }

  #countingSplit(splitId: string): SplitOutput<T> {
    return {
      collect: (value, timestamp) => {
        this.count++
        this.#output?.forSplit(splitId).collect(value, timestamp)
      },
      markIdle: () => this.#output?.forSplit(splitId).markIdle(),
      markActive: () => this.#output?.forSplit(splitId).markActive(),
    }
  }
}
