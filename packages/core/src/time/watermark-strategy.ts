// How a stream gets its event time: which timestamp a record has, and when a watermark says that no older
// record is expected. A strategy is immutable; each `with…` returns a new one.

import { MillraceError, show } from '../errors/millrace-error.ts'
import type { JsonValue } from '../types/json.ts'
import { type Duration, durationMs } from './duration.ts'
import { MIN_WATERMARK } from './timestamps.ts'

/** The event time of a record, in milliseconds since 1970. `recordTimestamp` is what the source gave, if anything. */
export type TimestampAssigner<T> = (value: T, recordTimestamp: number | undefined) => number

/** Takes watermarks. One that is not greater than the last is ignored. */
export interface WatermarkOutput {
  emitWatermark(watermark: number): void
}

/** Decides when watermarks are emitted. One generator for each parallel subtask. */
export interface WatermarkGenerator<T> {
  /** Called for each record, after the record was emitted. */
  onEvent?(value: T, timestamp: number, output: WatermarkOutput): void
  /** Called about every `autoWatermarkInterval`. */
  onPeriodicEmit?(output: WatermarkOutput): void
  /** What must survive a restart, as JSON. The last emitted watermark is kept by the engine anyway. */
  snapshot?(): JsonValue
  /** Called before the first record after a restart, with what {@link snapshot} gave. */
  restore?(state: JsonValue): void
}

/** Options of {@link WatermarkStrategy.forBoundedOutOfOrderness}. */
export interface WatermarkEmission {
  /**
   * `'periodic'` (default) emits about every `autoWatermarkInterval`, which is cheap, but what counts as late then depends
   * on timing. `'per-record'` emits after each record that advances time: results are the same in every run.
   */
  readonly emit?: 'periodic' | 'per-record'
}

/** A strategy as data; see {@link WatermarkStrategy}. */
export type WatermarkStrategyConfig =
  | { readonly generator: 'none' }
  | { readonly generator: 'custom' }
  | {
      readonly generator: 'bounded'
      readonly delayMs: number
      readonly emit: 'periodic' | 'per-record'
    }

/**
 * Timestamps and watermarks of a stream.
 *
 * @example
 * ```ts
 * import { WatermarkStrategy } from '@millrace/core'
 *
 * const strategy = WatermarkStrategy.forBoundedOutOfOrderness<{ at: number }>('5 s')
 *   .withTimestampAssigner((event) => event.at)
 * console.log(strategy.config.generator) // bounded
 * ```
 */
export class WatermarkStrategy<T> {
  readonly config: WatermarkStrategyConfig
  readonly timestampAssigner: TimestampAssigner<T> | undefined
  readonly generatorFactory: (() => WatermarkGenerator<T>) | undefined

  private constructor(
    config: WatermarkStrategyConfig,
    timestampAssigner?: TimestampAssigner<T>,
    generatorFactory?: () => WatermarkGenerator<T>,
  ) {
    this.config = config
    this.timestampAssigner = timestampAssigner
    this.generatorFactory = generatorFactory
  }

  /** Records may come up to `delay` after a younger one: the watermark is `largest timestamp - delay - 1`. */
  static forBoundedOutOfOrderness<T>(
    delay: Duration,
    options: WatermarkEmission = {},
  ): WatermarkStrategy<T> {
    const delayMs = durationMs(delay, { what: 'an out-of-orderness' })
    return new WatermarkStrategy({
      generator: 'bounded',
      delayMs,
      emit: options.emit ?? 'periodic',
    })
  }

  /** Timestamps never decrease. The same as a bound of 0. */
  static forMonotonousTimestamps<T>(options: WatermarkEmission = {}): WatermarkStrategy<T> {
    return WatermarkStrategy.forBoundedOutOfOrderness(0, options)
  }

  /** No event time: the only watermark is the last one, at the end of a bounded stream. */
  static noWatermarks<T>(): WatermarkStrategy<T> {
    return new WatermarkStrategy({ generator: 'none' })
  }

  /** Watermarks by a generator of your own, a fresh one for each subtask and each restart. */
  static forGenerator<T>(factory: () => WatermarkGenerator<T>): WatermarkStrategy<T> {
    if (typeof factory !== 'function') {
      throw new MillraceError('FUNCTION_INVALID', {
        expected: 'a factory of watermark generators',
        came: show(factory),
        todo: 'Write forGenerator(() => new MyGenerator()).',
      })
    }
    return new WatermarkStrategy<T>({ generator: 'custom' }, undefined, factory)
  }

  /**
   * Takes the timestamp out of the record. Without it, the source's own timestamp counts. `assigner` may want more of a record
   * than this strategy does; then the new one does too.
   */
  withTimestampAssigner<U extends T = T>(assigner: TimestampAssigner<U>): WatermarkStrategy<U> {
    return new WatermarkStrategy<U>(this.config, assigner, this.generatorFactory)
  }

  /** A fresh generator, or `undefined` for a strategy without watermarks. */
  createGenerator(): WatermarkGenerator<T> | undefined {
    switch (this.config.generator) {
      case 'none':
        return undefined
      case 'custom':
        return this.generatorFactory?.()
      case 'bounded':
        return this.config.emit === 'per-record'
          ? new PerRecordBoundedGenerator(this.config.delayMs)
          : new PeriodicBoundedGenerator(this.config.delayMs)
    }
  }
}

class PeriodicBoundedGenerator implements WatermarkGenerator<unknown> {
  readonly #delayMs: number
  #largest = MIN_WATERMARK

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  onEvent(_value: unknown, timestamp: number): void {
    if (timestamp > this.#largest) this.#largest = timestamp
  }

  onPeriodicEmit(output: WatermarkOutput): void {
    if (this.#largest > MIN_WATERMARK) output.emitWatermark(this.#largest - this.#delayMs - 1)
  }

  snapshot(): JsonValue {
    return this.#largest
  }

  restore(state: JsonValue): void {
    this.#largest = Number(state)
  }
}

class PerRecordBoundedGenerator implements WatermarkGenerator<unknown> {
  readonly #delayMs: number
  #largest = MIN_WATERMARK

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  onEvent(_value: unknown, timestamp: number, output: WatermarkOutput): void {
    if (timestamp > this.#largest) {
      this.#largest = timestamp
      output.emitWatermark(timestamp - this.#delayMs - 1)
    }
  }

  snapshot(): JsonValue {
    return this.#largest
  }

  restore(state: JsonValue): void {
    this.#largest = Number(state)
  }
}
