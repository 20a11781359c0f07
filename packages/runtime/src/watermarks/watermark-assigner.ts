// Gives records their timestamps and a stream its watermarks, by a strategy: one time for all records, or one for each
// split of a source, of which the smallest counts. Used in sources, and as an operator.
//
// The last watermark is part of the checkpoint and is sent again after a restore, before any record: what was late
// before the failure is late after it, and a window that has fired cannot come back.

import {
  type JsonValue,
  MAX_WATERMARK,
  MIN_WATERMARK,
  type Timer,
  type WatermarkStrategyConfig,
} from '@millrace/core'
import type { Input, OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { restoredJson } from '../operators/restored-values.ts'
import { hasNumbers } from '../operators/slot-values.ts'
import { CombinedTime } from './combined-time.ts'
import { RecordTime, type RecordTimeState, TICKS_OF_IDLE_TIMEOUT } from './record-time.ts'
import { TimeAnnouncer } from './time-announcer.ts'
import { TimeStrategy } from './time-strategy.ts'

/** How the time of an operator is kept. */
export interface WatermarkAssignerInit<T> {
  readonly context: OperatorContext
  readonly output: Input<T>
  /** One time for each split, by {@link WatermarkAssigner.addSplit}, or one for all records. */
  readonly isPerSplit: boolean
  /** Whether records could have come since the last call, so that their absence means something. */
  readonly couldHaveRecords: () => boolean
}

/** A split, and its place among the others. */
interface SplitTime<T> {
  readonly time: RecordTime<T>
  readonly member: number
  isPaused: boolean
}

/** Timestamps and watermarks of one operator subtask. */
export class WatermarkAssigner<T> {
  readonly #init: WatermarkAssignerInit<T>
  readonly #strategy: TimeStrategy<T>
  readonly #announcer: TimeAnnouncer
  /** The time of all records; `undefined` if each split has its own. */
  readonly #main: RecordTime<T> | undefined
  readonly #splits = new Map<string, SplitTime<T>>()
  #combined = new CombinedTime({ rejoining: 'at-once' })
  /** The time of splits of the checkpoint that are not added yet. */
  #restoredSplits: Readonly<Record<string, RecordTimeState>> = {}
  #isWithoutInput = false
  #releasedRecords = 0
  #emitTimer: Timer | undefined
  #idleTimer: Timer | undefined

  constructor(init: WatermarkAssignerInit<T>) {
    this.#init = init
    this.#strategy = new TimeStrategy<T>(init.context)
    this.#announcer = new TimeAnnouncer(init.output, MIN_WATERMARK)
    if (!init.isPerSplit) this.#main = this.#createTime(() => this.#announce())
  }

  /** The strategy as data. */
  get config(): WatermarkStrategyConfig {
    return this.#strategy.config
  }

  /** The time of all records, for who has no time per split. */
  get main(): RecordTime<T> | undefined {
    return this.#main
  }

  /** The last watermark that was emitted. */
  get watermark(): number {
    return this.#announcer.watermark
  }

  /** Whether readers were told not to wait. */
  get isIdle(): boolean {
    return this.#announcer.isIdle
  }

  get recordCount(): number {
    let count = this.#releasedRecords + (this.#main?.recordCount ?? 0)
    for (const { time } of this.#splits.values()) count += time.recordCount
    return count
  }

  /** Puts the state back and sends the last watermark again. */
  open(): void {
    const { restored } = this.#init.context
    const states = restoredJson<RecordTimeState>(restored, 'watermark', {
      expected: 'a watermark and the state of its generator',
      test: isTimeState,
    }).map(({ value }) => value)
    if (states.length > 0) {
      const state = states.reduce((a, b) => (b.watermark < a.watermark ? b : a))
      this.#strategy.restoreTo(state.watermark)
      this.#combined = new CombinedTime({ rejoining: 'at-once', restored: state.watermark })
      this.#main?.restore(state)
      this.#announcer.announce(state.watermark, false)
    }
    const splits = restoredJson<Record<string, RecordTimeState>>(restored, 'split-times', {
      expected: 'the times of splits',
      test: areTimeStates,
    }).map(({ value }) => value)
    this.#restoredSplits = Object.assign({}, ...splits) as Record<string, RecordTimeState>
    this.#armEmitTimer()
    this.#armIdleTimer()
  }

  /** A split that counts from now on. Of one that the checkpoint knows, time goes on. */
  addSplit(splitId: string): void {
    if (this.#splits.has(splitId)) return
    const member = this.#combined.add()
    const time = this.#createTime(() => this.#splitChanged(splitId))
    this.#splits.set(splitId, { time, member, isPaused: false })
    const state = this.#restoredSplits[splitId]
    if (state !== undefined) time.restore(state)
    this.#announce()
    this.#armEmitTimer()
  }

  split(splitId: string): RecordTime<T> | undefined {
    return this.#splits.get(splitId)?.time
  }

  /** The split is over, or given back. */
  removeSplit(splitId: string): void {
    const split = this.#splits.get(splitId)
    if (split === undefined) return
    this.#releasedRecords += split.time.recordCount
    this.#splits.delete(splitId)
    this.#combined.remove(split.member)
    this.#announce()
  }

  /** The splits, each with its watermark. */
  *splitWatermarks(): Iterable<readonly [splitId: string, watermark: number]> {
    for (const [splitId, { time }] of this.#splits) yield [splitId, time.watermark]
  }

  /** A split that is held back does not become idle. */
  setPaused(splitId: string, isPaused: boolean): void {
    const split = this.#splits.get(splitId)
    if (split !== undefined) split.isPaused = isPaused
  }

  /** `true`: there is nothing to read, and nobody shall wait. */
  setWithoutInput(isWithoutInput: boolean): void {
    this.#isWithoutInput = isWithoutInput
    this.#announce()
  }

  /** Ends time: every window fires. */
  finish(): void {
    this.close()
    this.#announcer.announce(MAX_WATERMARK, false)
  }

  snapshot(): OperatorSnapshot {
    if (this.#main !== undefined) {
      const state = this.#main.snapshot()
      return { watermark: encode({ ...state, watermark: this.watermark }) }
    }
    const splits = [...this.#splits].map(([splitId, { time }]) => [splitId, time.snapshot()])
    return {
      watermark: encode({ watermark: this.watermark, generator: null }),
      'split-times': encode(Object.fromEntries(splits)),
    }
  }

  close(): void {
    this.#emitTimer?.cancel()
    this.#idleTimer?.cancel()
  }

  #createTime(onChange: () => void): RecordTime<T> {
    const { context, output } = this.#init
    return new RecordTime(context, this.#strategy, output, onChange)
  }

  #splitChanged(splitId: string): void {
    const { time, member } = this.#splits.get(splitId) as SplitTime<T>
    const hasAdvanced = this.#combined.advance(member, time.watermark)
    if (this.#combined.setIdle(member, time.isIdle) || hasAdvanced) this.#announce()
  }

  #announce(): void {
    const { watermark, isIdle } = this.#main ?? this.#combined
    // Who has no split for the moment may wait for one: then readers wait too.
    const hasTime = this.#main !== undefined || this.#splits.size > 0
    const isAllIdle = this.#isWithoutInput || (hasTime && isIdle)
    this.#announcer.announce(watermark, isAllIdle)
  }

  #armEmitTimer(): void {
    const { processingTime, autoWatermarkIntervalMs } = this.#init.context
    if (this.#emitTimer !== undefined || autoWatermarkIntervalMs === 0) return
    if (![...this.#times()].some((time) => time.isPeriodic)) return
    this.#emitTimer = processingTime.after(autoWatermarkIntervalMs, () => {
      this.#emitTimer = undefined
      for (const time of this.#times()) time.emitPeriodically()
      this.#armEmitTimer()
    })
  }

  #armIdleTimer(): void {
    const { idleTimeoutMs } = this.#strategy.config
    if (idleTimeoutMs === undefined) return
    const tickMs = Math.ceil(idleTimeoutMs / TICKS_OF_IDLE_TIMEOUT)
    this.#idleTimer = this.#init.context.processingTime.after(tickMs, () => {
      if (this.#init.couldHaveRecords()) this.#tick()
      this.#armIdleTimer()
    })
  }

  #tick(): void {
    this.#main?.tick()
    for (const { time, isPaused } of this.#splits.values()) if (!isPaused) time.tick()
  }

  *#times(): Iterable<RecordTime<T>> {
    if (this.#main !== undefined) yield this.#main
    for (const { time } of this.#splits.values()) yield time
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function isTimeState(json: JsonValue): boolean {
  return hasNumbers(json, 'watermark') && 'generator' in (json as object)
}

function areTimeStates(json: JsonValue): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  return Object.values(json as Readonly<Record<string, JsonValue>>).every(isTimeState)
}
