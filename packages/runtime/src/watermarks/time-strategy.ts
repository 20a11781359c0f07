// A watermark strategy as an operator of a plan has it, with its functions found and called safely.

import {
  MillraceError,
  NO_TIMESTAMP,
  show,
  type TimestampAssigner,
  type WatermarkGenerator,
  WatermarkStrategy,
  type WatermarkStrategyConfig,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { functionFailure } from '../operators/user-function.ts'

/** What gives the records of an operator their time. */
export class TimeStrategy<T> {
  readonly config: WatermarkStrategyConfig
  /** Whether records get timestamps here; otherwise they keep those of the source. */
  readonly hasAssigner: boolean
  readonly #context: OperatorContext
  readonly #assign: TimestampAssigner<T> | undefined
  #lastIngestion = NO_TIMESTAMP

  constructor(context: OperatorContext) {
    this.#context = context
    this.config = context.operator.config['watermarks'] as unknown as WatermarkStrategyConfig
    const assigner = context.operator.functions['timestampAssigner']
    this.#assign =
      assigner === undefined ? this.#ingestionTime() : context.functions.resolve(assigner)
    this.hasAssigner = this.#assign !== undefined
  }

  /** A fresh generator, or `undefined` for a strategy without watermarks. */
  createGenerator(): WatermarkGenerator<T> | undefined {
    const { config } = this
    const { functions, operator } = this.#context
    switch (config.generator) {
      case 'none':
        return undefined
      case 'custom':
        return functions.resolve<() => WatermarkGenerator<T>>(operator.functions['generator'])()
      case 'ingestion':
        return WatermarkStrategy.forIngestionTime<T>().createGenerator()
      case 'bounded': {
        const { delayMs, emit } = config
        return WatermarkStrategy.forBoundedOutOfOrderness<T>(delayMs, { emit }).createGenerator()
      }
    }
  }

  /** The timestamp of a record, by the assigner. */
  timestampOf(value: T, sourceTimestamp: number): number {
    let timestamp: number
    try {
      timestamp = (this.#assign as TimestampAssigner<T>)(
        value,
        sourceTimestamp === NO_TIMESTAMP ? undefined : sourceTimestamp,
      )
    } catch (error) {
      throw functionFailure(error, this.#context.operator, 'timestamp assigner')
    }
    if (Number.isSafeInteger(timestamp)) return timestamp
    throw this.invalidTimestamp(show(timestamp), value)
  }

  /** Time had come this far before the restart: ingestion time goes on behind it, whatever the clock shows now. */
  restoreTo(watermark: number): void {
    this.#lastIngestion = Math.max(this.#lastIngestion, watermark + 1)
  }

  invalidTimestamp(came: string, value: unknown): MillraceError {
    const { uid, name } = this.#context.operator
    return new MillraceError('TIMESTAMP_INVALID', {
      expected: `whole milliseconds since 1970 as the timestamp of each record of '${name}'`,
      came: `${came} for ${show(value)}`,
      todo: 'Give the watermark strategy a timestamp assigner that answers for every record.',
      ids: { uid },
    })
  }

  #ingestionTime(): TimestampAssigner<T> | undefined {
    if (this.config.generator !== 'ingestion') return undefined
    const { processingTime } = this.#context
    return () => {
      this.#lastIngestion = Math.max(this.#lastIngestion, Math.floor(processingTime.now()))
      return this.#lastIngestion
    }
  }
}
