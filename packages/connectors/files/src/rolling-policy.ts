// When a part file is closed and the next one begins.

import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  type JsonValue,
} from '@millrace/core'

/** A part file that is being written. */
export interface OpenPart {
  readonly bucket: string
  /** Written so far, encoded text that is not in the file yet included. */
  readonly sizeBytes: number
  /** When its first record came, in milliseconds since 1970. */
  readonly createdMs: number
  /** When its last record came, to the precision of the sink's `checkInterval`. */
  readonly lastWriteMs: number
}

/** Decides when a part file is closed. A closed part becomes visible with the next checkpoint. */
export interface RollingPolicy<T> {
  /** Part of the plan. */
  describe(): JsonValue
  /** Asked at each checkpoint. A part that stays open is continued after it, also after a restart. */
  rollsOnCheckpoint(part: OpenPart): boolean
  /** Asked before each record that would go into an open part. */
  rollsOnRecord(part: OpenPart, value: T): boolean
  /** Asked every `checkInterval` of the sink. Left out by policies that do not look at the clock. */
  rollsOnTime?(part: OpenPart, nowMs: number): boolean
}

/** When {@link rollWhen} closes a part. */
export interface RollWhenOptions {
  /** Before the record that would come when it is this large. Default: 128 MiB. */
  readonly sizeBytes?: number
  /** So long after its first record. Default: 1 min. */
  readonly age?: Duration
  /** So long after its last record. Default: 1 min. */
  readonly idle?: Duration
}

/**
 * Closes every part at each checkpoint: the default. Records become visible with the checkpoint that follows them.
 *
 * @example
 * ```ts
 * import { rollOnCheckpoint } from '@millrace/connector-files'
 *
 * console.log(rollOnCheckpoint().describe()) // { rolls: 'on-checkpoint' }
 * ```
 */
export function rollOnCheckpoint(): RollingPolicy<unknown> {
  return ON_CHECKPOINT
}

const ON_CHECKPOINT: RollingPolicy<unknown> = {
  describe: () => ({ rolls: 'on-checkpoint' }),
  rollsOnCheckpoint: () => true,
  rollsOnRecord: () => false,
}

/**
 * Closes a part when it is large, old, or has got nothing for a while; checkpoints leave it open. Fewer and larger files, whose
 * records become visible later.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`, `DURATION_INVALID`
 * @example
 * ```ts
 * import { rollWhen } from '@millrace/connector-files'
 *
 * const rolling = rollWhen({ sizeBytes: 1024, age: '10 min', idle: '30 s' })
 * const part = { bucket: '', sizeBytes: 10, createdMs: 0, lastWriteMs: 0 }
 * console.log(rolling.rollsOnRecord(part, 'a'), rolling.rollsOnTime?.(part, 30_000)) // false true
 * ```
 */
export function rollWhen(options: RollWhenOptions = {}): RollingPolicy<unknown> {
  checkOptions('rollWhen', options, ['sizeBytes', 'age', 'idle'])
  const { sizeBytes = 128 * 1024 * 1024, age = '1 min', idle = '1 min' } = options
  const max = Number.MAX_SAFE_INTEGER
  const sizeBytesMax = checkInteger('sizeBytes', sizeBytes, { min: 1, max })
  const ageMs = checkInteger('age in milliseconds', durationMs(age), { min: 1, max })
  const idleMs = checkInteger('idle in milliseconds', durationMs(idle), { min: 1, max })
  return {
    describe: () => ({ rolls: 'when', sizeBytes: sizeBytesMax, ageMs, idleMs }),
    rollsOnCheckpoint: (part) => part.sizeBytes >= sizeBytesMax,
    rollsOnRecord: (part) => part.sizeBytes >= sizeBytesMax,
    rollsOnTime: (part, nowMs) =>
      nowMs - part.createdMs >= ageMs || nowMs - part.lastWriteMs >= idleMs,
  }
}
