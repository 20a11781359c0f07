// How a stream gets its event time: which timestamp a record has, and when a watermark says that no older
// record is expected. A strategy is immutable; each `with…` returns a new one.

import { checkOptions } from '../config/check-options.ts'
import { checkRestored } from '../errors/check-restored.ts'
import { MillraceError, show } from '../errors/millrace-error.ts'
import { checkFactory, checkFunction } from '../functions/check-function.ts'
import type { JsonValue } from '../types/json.ts'
import { type Duration, durationMs } from './duration.ts'
import { MIN_WATERMARK } from './timestamps.ts'

/** The event time of a record, in milliseconds since 1970. `recordTimestamp` is what the source gave, if anything. */
export type TimestampAssigner<T> = (value: T, recordTimestamp: number | undefined) => number

/** Takes watermarks. */
export interface WatermarkOutput {
  /** One that is not greater than the last is ignored; one that is also ends idleness. */
  emitWatermark(watermark: number): void
  /** Nothing is to be waited for here: the time of readers goes on without it. Any number of times. */
  markIdle(): void
  /** The opposite of {@link markIdle}. Any number of times. */
  markActive(): void
}

/** Decides when watermarks are emitted. One generator for each parallel subtask, or for each split of a source. */
export interface WatermarkGenerator<T> {
  /** Called for each record, after the record was emitted. `timestamp` is `NO_TIMESTAMP` for a record that has none. */
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

/** A strategy as data; see {@link WatermarkStrategy}. What a strategy does without is left out. */
export type WatermarkStrategyConfig = WatermarkGeneratorConfig & {
  readonly idleTimeoutMs?: number
  readonly alignment?: WatermarkAlignment
}

/** How watermarks are made. */
export type WatermarkGeneratorConfig =
  | { readonly generator: 'none' }
  | { readonly generator: 'custom' }
  | { readonly generator: 'ingestion' }
  | {
      readonly generator: 'bounded'
      readonly delayMs: number
      readonly emit: 'periodic' | 'per-record'
    }

/** How sources wait for each other; see {@link WatermarkStrategy.withWatermarkAlignment}. */
export interface WatermarkAlignment {
  readonly group: string
  readonly maxDriftMs: number
  readonly updateIntervalMs: number
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
    checkOptions('a watermark strategy', options, ['emit'])
    const delayMs = durationMs(delay, { what: 'an out-of-orderness' })
    return new WatermarkStrategy({
      generator: 'bounded',
      delayMs,
      emit: checkEmission(options.emit ?? 'periodic'),
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

  /**
   * Time is when a record comes in: its timestamp is what the clock shows at the source, and no record is late. It never goes
   * back, whatever the clock does.
   */
  static forIngestionTime<T>(): WatermarkStrategy<T> {
    return new WatermarkStrategy({ generator: 'ingestion' })
  }

  /** Watermarks by a generator of your own, a fresh one for each subtask and each restart. */
  static forGenerator<T>(factory: () => WatermarkGenerator<T>): WatermarkStrategy<T> {
    checkFactory('forGenerator', factory, 'MyGenerator')
    return new WatermarkStrategy<T>({ generator: 'custom' }, undefined, factory)
  }

  /**
   * Takes the timestamp out of the record. Without it, the source's own timestamp counts. `assigner` may want more of a record
   * than this strategy does; then the new one does too.
   */
  withTimestampAssigner<U extends T = T>(assigner: TimestampAssigner<U>): WatermarkStrategy<U> {
    if (this.config.generator === 'ingestion') throw ingestionWithAssigner()
    checkFunction('withTimestampAssigner', assigner)
    return new WatermarkStrategy<U>(this.config, assigner, this.generatorFactory)
  }

  /**
   * Readers do not wait for an input that gave no record for so long. Of a source with time per split, each split counts for
   * itself. Only time counts in which a record could have come: not while the job holds the input back, by back-pressure
   * or because it is too far ahead. It is noticed within a quarter of the timeout.
   *
   * @throws MillraceError `DURATION_INVALID`, `OPTION_INVALID`
   * @example
   * ```ts
   * import { WatermarkStrategy } from '@millrace/core'
   *
   * const strategy = WatermarkStrategy.forBoundedOutOfOrderness('5 s').withIdleness('1 min')
   * console.log(strategy.config.idleTimeoutMs) // 60000
   * ```
   */
  withIdleness(timeout: Duration): WatermarkStrategy<T> {
    const idleTimeoutMs = positiveMs('an idle timeout', timeout)
    return this.#with({ ...this.config, idleTimeoutMs })
  }

  /**
   * Sources of one group, and their splits, do not run ahead of each other: who is more than `maxDrift` ahead of the one that is
   * furthest behind waits. Who is idle or at its end is not waited for. So the state of joins and windows stays small when
   * inputs are of different speed. Every `updateInterval` (default `'1 s'`) sources tell where they are; up to that long they
   * run further ahead. Takes effect in `fromSource`.
   *
   * @throws MillraceError `DURATION_INVALID`, `OPTION_INVALID`
   * @example
   * ```ts
   * import { WatermarkStrategy } from '@millrace/core'
   *
   * const strategy = WatermarkStrategy.forMonotonousTimestamps().withWatermarkAlignment('all', '20 s')
   * console.log(strategy.config.alignment?.maxDriftMs) // 20000
   * ```
   */
  withWatermarkAlignment(
    group: string,
    maxDrift: Duration,
    updateInterval: Duration = '1 s',
  ): WatermarkStrategy<T> {
    const maxDriftMs = durationMs(maxDrift, { what: 'a drift' })
    const updateIntervalMs = positiveMs('an update interval', updateInterval)
    const alignment = { group: checkGroup(group), maxDriftMs, updateIntervalMs }
    return this.#with({ ...this.config, alignment })
  }

  /** A fresh generator, or `undefined` for a strategy without watermarks. */
  createGenerator(): WatermarkGenerator<T> | undefined {
    switch (this.config.generator) {
      case 'none':
        return undefined
      case 'custom':
        return this.generatorFactory?.()
      case 'ingestion':
        return new PeriodicBoundedGenerator(0)
      case 'bounded':
        return this.config.emit === 'per-record'
          ? new PerRecordBoundedGenerator(this.config.delayMs)
          : new PeriodicBoundedGenerator(this.config.delayMs)
    }
  }

  #with(config: WatermarkStrategyConfig): WatermarkStrategy<T> {
    return new WatermarkStrategy(config, this.timestampAssigner, this.generatorFactory)
  }
}

function ingestionWithAssigner(): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: 'ingestion time, or a timestamp assigner',
    came: 'both',
    todo: 'Use forMonotonousTimestamps() or forBoundedOutOfOrderness(…) for timestamps of the records.',
  })
}

function positiveMs(what: string, duration: Duration): number {
  const ms = durationMs(duration, { what })
  if (ms > 0) return ms
  throw new MillraceError('OPTION_INVALID', {
    expected: `${what} of more than 0 ms`,
    came: `${ms} ms`,
    todo: "Give a positive duration, such as '1 min'.",
  })
}

function checkEmission(emit: 'periodic' | 'per-record'): 'periodic' | 'per-record' {
  if (emit === 'periodic' || emit === 'per-record') return emit
  throw new MillraceError('OPTION_INVALID', {
    expected: "emit as 'periodic' or 'per-record'",
    came: show(emit),
    todo: "Leave it out for 'periodic'.",
  })
}

function checkGroup(group: string): string {
  if (typeof group === 'string' && group !== '') return group
  throw new MillraceError('OPTION_INVALID', {
    expected: 'the name of an alignment group',
    came: show(group),
    todo: "Write for example withWatermarkAlignment('all', '20 s').",
  })
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
    this.#largest = restoredTime(state)
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
    this.#largest = restoredTime(state)
  }
}

function restoredTime(state: JsonValue): number {
  checkRestored(typeof state === 'number', 'the largest timestamp of a watermark generator', state)
  return state
}
