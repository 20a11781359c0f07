// Everything of a keyed operator that belongs to keys: the current key, its state, its timers.

import {
  assertKey,
  MillraceError,
  MIN_WATERMARK,
  type Key,
  type KeySelector,
  show,
  type Timer,
  type TimerService,
  Types,
} from '@millrace/core'
import type { FunctionRef, FunctionTable } from '@millrace/job-graph'
import {
  HeapKeyedStateBackend,
  KeyedSnapshotCut,
  KeyedSnapshotReader,
  ownString,
} from '@millrace/state'
import { HashedTableCut } from '../snapshots/hashed-table-cut.ts'
import { TimerQueue } from '../timers/timer-queue.ts'
import type { OperatorContext, OperatorSnapshot } from './operator.ts'
import { restoredTimes } from './restored-values.ts'
import {
  functionFailure,
  isPromise,
  type NamedOperator,
  namingOperator,
  promiseReturned,
} from './user-function.ts'

const EVENT_TIMERS = '$timers.event-time'
const PROCESSING_TIMERS = '$timers.processing-time'

/** The slot that holds the watermark up to which event-time timers have fired. */
const TIMER_TIME_SLOT = 'timer-time'

/** From here on the pause of a snapshot can be felt, so that a type of the state is worth a word. */
const UNTYPED_BYTES_MIN = 256 * 1024

/** Called when a timer is due, with the current key set. */
export type TimerHandler = (timestamp: number) => void

/** The keyed state and timers of one operator subtask. */
export class KeyedScope<K extends Key> {
  readonly states: HeapKeyedStateBackend<K>
  readonly timerService: TimerService
  watermark: number
  readonly #context: OperatorContext
  readonly #eventTimers = new TimerQueue<K>()
  readonly #processingTimers = new TimerQueue<K>()
  readonly #onProcessingTimer: TimerHandler
  /** Timers of this time and before that are still there were set too late: they wait until time goes on. */
  #firedUpTo = MIN_WATERMARK
  #hasToldCost = false
  #snapshotBytes = 0
  #alarm: { readonly timestamp: number; readonly timer: Timer } | undefined

  constructor(context: OperatorContext, watermark: number, onProcessingTimer: TimerHandler) {
    this.#context = context
    this.watermark = watermark
    this.#onProcessingTimer = onProcessingTimer
    this.states = new HeapKeyedStateBackend<K>({
      keyType: context.operator.keyType ?? { kind: 'any' },
      maxParallelism: context.maxParallelism,
      keyGroupRange: context.keyGroupRange,
      restored: context.restored.slot('keyed').map(({ bytes }) => bytes),
      now: () => context.processingTime.now(),
    })
    this.timerService = this.#createTimerService()
  }

  /** Puts restored timers back. Call it in `open`. */
  open(): void {
    const snapshots = this.#context.restored.slot('timers').map(({ bytes }) => bytes)
    const reader = new KeyedSnapshotReader(snapshots, this.#context.keyGroupRange)
    const keyType = this.#context.operator.keyType ?? { kind: 'any' }
    const table = { kind: 'timers', keyType, valueType: undefined } as const
    reader.readTable(EVENT_TIMERS, table, (key, timestamp) =>
      this.#eventTimers.add(timestamp, key as K),
    )
    reader.readTable(PROCESSING_TIMERS, table, (key, timestamp) =>
      this.#processingTimers.add(timestamp, key as K),
    )
    const times = restoredTimes(this.#context.restored, TIMER_TIME_SLOT)
    if (times.length > 0) this.#firedUpTo = Math.min(...times)
    this.#arm()
  }

  /**
   * Fires the event-time timers up to the watermark, in order of time. A watermark that is sent again after a restart fires
   * none: it would fire those that were set too late before their time, and a failure would be seen in the results.
   */
  advance(watermark: number, onTimer: TimerHandler): void {
    this.watermark = watermark
    if (watermark <= this.#firedUpTo) return
    this.#firedUpTo = watermark
    const timers = this.#eventTimers
    while (timers.earliest <= watermark) {
      const due = timers.pollEarliest()
      if (due === undefined) return
      for (const key of due.keys) {
        this.states.setCurrentKey(key)
        onTimer(due.timestamp)
      }
    }
  }

  /** The key of the record or timer being processed. */
  get currentKey(): K {
    const key = this.states.currentKey
    if (key !== undefined) return key
    throw new MillraceError('STATE_ACCESS_INVALID', {
      expected: 'a record or timer with a key',
      came: 'a call outside of one',
      todo: 'Keys and timers belong to keyed elements: a broadcast element has none.',
    })
  }

  /** What is large may come later, by promises. */
  snapshot(): OperatorSnapshot {
    const { operator, maxParallelism, snapshots } = this.#context
    const init = { keyType: operator.keyType ?? { kind: 'any' }, maxParallelism } as const
    const queues = [
      [EVENT_TIMERS, this.#eventTimers],
      [PROCESSING_TIMERS, this.#processingTimers],
    ] as const
    const timers = queues.map(
      ([name, queue]) =>
        new HashedTableCut({ name, kind: 'timers', valueType: undefined }, queue.cut()),
    )
    const keyed = this.states.cut({ sizeBytesHint: this.#snapshotBytes })
    return {
      keyed: this.#noticed(snapshots.encode(keyed)),
      timers: snapshots.encode(new KeyedSnapshotCut(init, timers)),
      [TIMER_TIME_SLOT]: new TextEncoder().encode(String(this.#firedUpTo)),
    }
  }

  close(): void {
    this.#alarm?.timer.cancel()
  }

  /** The same bytes, after a look at how many they are. */
  #noticed(encoded: Uint8Array | Promise<Uint8Array>): Uint8Array | Promise<Uint8Array> {
    if (encoded instanceof Promise) return encoded.then((bytes) => this.#noticed(bytes))
    // The next snapshot is about as large: with room for it, it is not copied while it grows.
    this.#snapshotBytes = encoded.length
    this.#tellCostOfUntypedState(encoded.length)
    return encoded
  }

  /** Once for each operator: only its first subtask says so, at its first start, and when there is something to win. */
  #tellCostOfUntypedState(snapshotBytes: number): void {
    const { operator, subtaskIndex, attempt, platform } = this.#context
    if (this.#hasToldCost || snapshotBytes < UNTYPED_BYTES_MIN || attempt > 0 || subtaskIndex > 0)
      return
    const untyped = this.states.untypedStates().map((name) => `the state '${name}'`)
    if ((operator.keyType ?? Types.any()).kind === 'any') untyped.unshift('the keys')
    if (untyped.length === 0) return
    this.#hasToldCost = true
    platform.log.warn(
      `${untyped.join(' and ')} of '${operator.name}' have no type: snapshots write them by msgpackr, several times slower, ` +
        'and a changed type is not noticed. Give them one, with the option type of keyBy and of the state.',
      { uid: operator.uid, snapshotBytes },
    )
  }

  #createTimerService(): TimerService {
    return {
      currentProcessingTime: () => this.#context.processingTime.now(),
      currentWatermark: () => this.watermark,
      registerEventTimeTimer: (timestamp) =>
        this.#eventTimers.add(this.#checkedTime(timestamp), this.#keptKey()),
      deleteEventTimeTimer: (timestamp) => this.#eventTimers.delete(timestamp, this.currentKey),
      registerProcessingTimeTimer: (timestamp) => {
        this.#processingTimers.add(this.#checkedTime(timestamp), this.#keptKey())
        this.#arm()
      },
      deleteProcessingTimeTimer: (timestamp) =>
        this.#processingTimers.delete(timestamp, this.currentKey),
    }
  }

  /** The current key, copied out of the frame in which it came. */
  #keptKey(): K {
    return ownString(this.currentKey) as K
  }

  #checkedTime(timestamp: number): number {
    if (Number.isInteger(timestamp)) return timestamp
    throw new MillraceError('TIMESTAMP_INVALID', {
      expected: `whole milliseconds since 1970 for a timer of '${this.#context.operator.name}'`,
      came: show(timestamp),
      todo: 'Check what the timestamp is computed from: a missing field makes it NaN.',
      ids: { uid: this.#context.operator.uid },
    })
  }

  /** One alarm, for the earliest processing-time timer. */
  #arm(): void {
    const { earliest } = this.#processingTimers
    if (earliest === Number.POSITIVE_INFINITY || earliest >= (this.#alarm?.timestamp ?? Infinity))
      return
    this.#alarm?.timer.cancel()
    const timer = this.#context.processingTime.at(earliest, () => this.#fireProcessingTimers())
    this.#alarm = { timestamp: earliest, timer }
  }

  #fireProcessingTimers(): void {
    this.#alarm = undefined
    const now = this.#context.processingTime.now()
    while (this.#processingTimers.earliest <= now) {
      const due = this.#processingTimers.pollEarliest()
      for (const key of due?.keys ?? []) {
        this.states.setCurrentKey(key)
        this.#onProcessingTimer(due?.timestamp ?? now)
      }
    }
    this.#arm()
  }
}

/** A key selector that fails with the operator's name, and refuses what cannot be a key. */
export function checkedKeySelector<T, K extends Key>(
  functions: FunctionTable,
  ref: FunctionRef | undefined,
  operator: NamedOperator,
): KeySelector<T, K> {
  const selector = functions.resolve<KeySelector<T, K>>(ref)
  return (value) => {
    let key: K
    try {
      key = selector(value)
    } catch (error) {
      throw functionFailure(error, operator, 'key selector')
    }
    if (typeof key !== 'string') assertKeyOf(operator, key)
    return key
  }
}

function assertKeyOf(operator: NamedOperator, key: unknown): void {
  if (isPromise(key)) throw promiseReturned(key, operator, 'key selector')
  try {
    assertKey(key)
  } catch (error) {
    throw namingOperator(error, operator)
  }
}
