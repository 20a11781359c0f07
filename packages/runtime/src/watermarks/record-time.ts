// The time of one sequence of records: those of a split, or all of an operator. It has a generator of its own, notices
// when no records come any more, and tells its owner.
//
// Idleness is counted in ticks, not by a clock: a tick comes each quarter of the idle timeout in which a record could have
// come. So no time counts in which the job did not look: a job that is held back, or slow, does not take its input for idle.

import {
  type JsonValue,
  MAX_WATERMARK,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  type SplitOutput,
  type WatermarkGenerator,
  type WatermarkOutput,
} from '@millrace/core'
import type { Input, OperatorContext } from '../operators/operator.ts'
import { callFunction, functionFailure } from '../operators/user-function.ts'
import type { TimeStrategy } from './time-strategy.ts'

/** So many quiet ticks make an input idle. */
export const TICKS_OF_IDLE_TIMEOUT = 4

/** What a {@link RecordTime} leaves in a checkpoint. */
export interface RecordTimeState {
  readonly watermark: number
  readonly generator: JsonValue
}

/** Gives records their timestamps, and makes watermarks of them. */
export class RecordTime<T> implements WatermarkOutput, SplitOutput<T> {
  readonly #context: OperatorContext
  readonly #strategy: TimeStrategy<T>
  readonly #hasAssigner: boolean
  /** A generator of the user's own may know time by other means than timestamps. */
  readonly #needsTimestamps: boolean
  readonly #output: Input<T>
  readonly #onChange: () => void
  readonly #generator: WatermarkGenerator<T> | undefined
  readonly #onEvent: WatermarkGenerator<T>['onEvent']
  #recordCount = 0
  #watermark = MIN_WATERMARK
  #hasSeenRecord = false
  #quietTicks = 0
  /** No record came for too long. */
  #isQuiet = false
  /** The reader or the generator said so. */
  #isMarkedIdle = false

  constructor(
    context: OperatorContext,
    strategy: TimeStrategy<T>,
    output: Input<T>,
    onChange: () => void,
  ) {
    this.#context = context
    this.#strategy = strategy
    this.#hasAssigner = strategy.hasAssigner
    this.#needsTimestamps = strategy.config.generator !== 'custom'
    this.#output = output
    this.#onChange = onChange
    this.#generator = strategy.createGenerator()
    this.#onEvent = this.#generator?.onEvent?.bind(this.#generator)
  }

  get watermark(): number {
    return this.#watermark
  }

  get isIdle(): boolean {
    return this.#isQuiet || this.#isMarkedIdle
  }

  get recordCount(): number {
    return this.#recordCount
  }

  get isPeriodic(): boolean {
    return this.#generator?.onPeriodicEmit !== undefined
  }

  /** Emits a record with its timestamp. */
  collect(value: T, sourceTimestamp: number = NO_TIMESTAMP): void {
    let timestamp = sourceTimestamp
    if (this.#hasAssigner) timestamp = this.#strategy.timestampOf(value, sourceTimestamp)
    this.#recordCount++
    this.#hasSeenRecord = true
    if (this.#isQuiet) this.#endQuiet()
    this.#output.processElement(value, timestamp)
    if (this.#onEvent !== undefined) {
      if (timestamp === NO_TIMESTAMP && this.#needsTimestamps) {
        throw this.#strategy.invalidTimestamp('no timestamp', value)
      }
      this.#tell(value, timestamp)
    }
  }

  emitWatermark(watermark: number): void {
    // A generator may say infinity; the end of time is a number that fits into a checkpoint.
    const next = Math.min(watermark, MAX_WATERMARK)
    if (!(next > this.#watermark)) return
    this.#watermark = next
    this.#isQuiet = false
    this.#isMarkedIdle = false
    this.#onChange()
  }

  markIdle(): void {
    if (this.#isMarkedIdle) return
    this.#isMarkedIdle = true
    this.#onChange()
  }

  markActive(): void {
    if (!this.#isMarkedIdle && !this.#isQuiet) return
    this.#isMarkedIdle = false
    this.#endQuiet()
  }

  /** It is time to ask a periodic generator. */
  emitPeriodically(): void {
    callFunction(this.#context.operator, 'watermark generator', () =>
      this.#generator?.onPeriodicEmit?.(this),
    )
  }

  /** A quarter of the idle timeout has passed, and records could have come. */
  tick(): void {
    if (this.#hasSeenRecord) {
      this.#hasSeenRecord = false
      this.#quietTicks = 0
    } else if (++this.#quietTicks === TICKS_OF_IDLE_TIMEOUT) {
      this.#isQuiet = true
      this.#onChange()
    }
  }

  snapshot(): RecordTimeState {
    return { watermark: this.#watermark, generator: this.#generator?.snapshot?.() ?? null }
  }

  restore({ watermark, generator }: RecordTimeState): void {
    if (generator !== null) this.#generator?.restore?.(generator)
    this.emitWatermark(watermark)
  }

  #endQuiet(): void {
    this.#isQuiet = false
    this.#quietTicks = 0
    this.#onChange()
  }

  #tell(value: T, timestamp: number): void {
    try {
      this.#onEvent?.(value, timestamp, this)
    } catch (error) {
      throw functionFailure(error, this.#context.operator, 'watermark generator')
    }
  }
}
