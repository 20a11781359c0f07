// Gives records their timestamps and a stream its watermarks, by a strategy. Used in sources, and as an operator.
//
// The last watermark is part of the checkpoint and is sent again after a restore, before any record: what was late
// before the failure is late after it, and a window that has fired cannot come back.

import {
  MAX_WATERMARK,
  MillraceError,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  show,
  type Timer,
  type TimestampAssigner,
  type WatermarkGenerator,
  type WatermarkOutput,
  type JsonValue,
} from '@millrace/core'
import type { WatermarkStrategyConfig } from '@millrace/core'
import { WatermarkStrategy } from '@millrace/core'
import type { Input, OperatorContext, RestoredSlot } from '../operators/operator.ts'
import { callFunction, functionFailure } from '../operators/user-function.ts'

/** Timestamps and watermarks of one operator subtask. */
export class WatermarkAssigner<T> implements WatermarkOutput {
  readonly #context: OperatorContext
  readonly #output: Input<T>
  readonly #assign: TimestampAssigner<T> | undefined
  readonly #generator: WatermarkGenerator<T> | undefined
  readonly #onEvent: WatermarkGenerator<T>['onEvent']
  #watermark = MIN_WATERMARK
  #timer: Timer | undefined

  constructor(context: OperatorContext, output: Input<T>) {
    this.#context = context
    this.#output = output
    const { functions } = context.operator
    const assigner = functions['timestampAssigner']
    this.#assign = assigner === undefined ? undefined : context.functions.resolve(assigner)
    this.#generator = createGenerator(context)
    this.#onEvent = this.#generator?.onEvent?.bind(this.#generator)
  }

  /** Puts the state back and sends the last watermark again. */
  open(): void {
    const states = this.#context.restored.slot('watermark').map(decodeState)
    if (states.length > 0) {
      const state = states.reduce((a, b) => (b.watermark < a.watermark ? b : a))
      if (state.generator !== null) this.#generator?.restore?.(state.generator)
      this.emitWatermark(state.watermark)
    }
    this.#arm()
  }

  /** Emits a record with its timestamp. */
  emit(value: T, sourceTimestamp: number): void {
    let timestamp = sourceTimestamp
    if (this.#assign !== undefined) timestamp = this.#timestampOf(value, sourceTimestamp)
    this.#output.processElement(value, timestamp)
    if (this.#onEvent !== undefined) {
      if (timestamp === NO_TIMESTAMP) throw invalidTimestamp(this.#context, 'no timestamp', value)
      this.#tell(value, timestamp)
    }
  }

  emitWatermark(watermark: number): void {
    // A generator may say infinity; the end of time is a number that fits into a checkpoint.
    const next = Math.min(watermark, MAX_WATERMARK)
    if (next > this.#watermark) {
      this.#watermark = next
      this.#output.processWatermark(next)
    }
  }

  /** Ends time: every window fires. */
  finish(): void {
    this.#timer?.cancel()
    this.emitWatermark(MAX_WATERMARK)
  }

  snapshot(): Uint8Array {
    const state: AssignerState = {
      watermark: this.#watermark,
      generator: this.#generator?.snapshot?.() ?? null,
    }
    return new TextEncoder().encode(JSON.stringify(state))
  }

  close(): void {
    this.#timer?.cancel()
  }

  #tell(value: T, timestamp: number): void {
    try {
      this.#onEvent?.(value, timestamp, this)
    } catch (error) {
      throw functionFailure(error, this.#context.operator, 'watermark generator')
    }
  }

  #timestampOf(value: T, sourceTimestamp: number): number {
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
    throw invalidTimestamp(this.#context, show(timestamp), value)
  }

  #arm(): void {
    const generator = this.#generator
    if (generator?.onPeriodicEmit === undefined) return
    const { processingTime, autoWatermarkIntervalMs } = this.#context
    if (autoWatermarkIntervalMs === 0) return
    this.#timer = processingTime.after(autoWatermarkIntervalMs, () => {
      callFunction(this.#context.operator, 'watermark generator', () =>
        generator.onPeriodicEmit?.(this),
      )
      this.#arm()
    })
  }
}

interface AssignerState {
  readonly watermark: number
  readonly generator: JsonValue
}

function decodeState(slot: RestoredSlot): AssignerState {
  return JSON.parse(new TextDecoder().decode(slot.bytes)) as AssignerState
}

function createGenerator<T>(context: OperatorContext): WatermarkGenerator<T> | undefined {
  const config = context.operator.config['watermarks'] as unknown as WatermarkStrategyConfig
  switch (config.generator) {
    case 'none':
      return undefined
    case 'custom':
      return context.functions.resolve<() => WatermarkGenerator<T>>(
        context.operator.functions['generator'],
      )()
    case 'bounded':
      return WatermarkStrategy.forBoundedOutOfOrderness<T>(config.delayMs, {
        emit: config.emit,
      }).createGenerator()
  }
}

function invalidTimestamp(context: OperatorContext, came: string, value: unknown): MillraceError {
  return new MillraceError('TIMESTAMP_INVALID', {
    expected: `whole milliseconds since 1970 as the timestamp of each record of '${context.operator.name}'`,
    came: `${came} for ${show(value)}`,
    todo: 'Give the watermark strategy a timestamp assigner that answers for every record.',
    ids: { uid: context.operator.uid },
  })
}
