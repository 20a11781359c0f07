// Joins the records of two keyed streams whose times are near: left.time + lower <= right.time <= left.time + upper.
//
//   left  ───●────────────●──────      each record looks into the buffer of the other side, then waits in its own
//          ╱ ╎ ╲                       until time has passed all that it could meet:
//   right ──●──●──────●──────────          left: its time + max(upper, 0)       right: its time + max(-lower, 0)
//
// A record is late when its time is before the watermark. Records are kept one millisecond longer than Flink keeps them,
// while the watermark has not passed their last moment: a record at the watermark is not late, so it must find all its
// partners. What is joined is then a matter of times and watermarks only: a pair is emitted exactly if neither record was
// late, in whatever order they came. When a buffer is cleaned up cannot be seen in the results, so a key has one timer, not
// one for each record.

import {
  type Key,
  type KeySelector,
  MillraceError,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  type OutputTag,
  type ProcessJoinContext,
  type ProcessJoinFunction,
  show,
  type TypeDescriptor,
} from '@millrace/core'
import {
  KeyedSnapshotReader,
  KeyedSnapshotWriter,
  ownedStrings,
  ownString,
  type OwnStrings,
} from '@millrace/state'
import { TimestampedCollector } from '../operators/collector.ts'
import { checkedKeySelector } from '../operators/keyed-scope.ts'
import type { Input, OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { runtimeContext } from '../operators/runtime-context.ts'
import { TwoInputOperator } from '../operators/two-input-operator.ts'
import {
  callFunction,
  functionFailure,
  isPromise,
  promiseReturned,
} from '../operators/user-function.ts'
import { TimerQueue } from '../timers/timer-queue.ts'
import { TimeBuffer } from './time-buffer.ts'

/** The configuration of an interval join, as the API writes it into the plan. Both bounds are inclusive. */
export interface IntervalJoinConfig {
  readonly lowerMs: number
  readonly upperMs: number
  /** The side outputs of late records; without one they are dropped and counted. */
  readonly leftLateTag: string | null
  readonly rightLateTag: string | null
  readonly leftType: TypeDescriptor
  readonly rightType: TypeDescriptor
}

/** What one key has waiting. */
interface Waiting<LEFT, RIGHT> {
  readonly left: TimeBuffer<LEFT>
  readonly right: TimeBuffer<RIGHT>
  /** The earliest timer that will look at this key. */
  nextLookAt: number
}

const LEFT_TABLE = '$left'
const RIGHT_TABLE = '$right'

/** The pair being joined, as its function sees it; one object an operator. */
class PairContext implements ProcessJoinContext {
  leftTimestamp = 0
  rightTimestamp = 0
  timestamp = 0
  readonly #sideOutput: (tag: string) => Input<unknown>

  constructor(sideOutput: (tag: string) => Input<unknown>) {
    this.#sideOutput = sideOutput
  }

  output<X>(tag: OutputTag<X>, value: X): void {
    this.#sideOutput(tag.id).processElement(value, this.timestamp)
  }
}

/** Runs a `ProcessJoinFunction` on the pairs of an interval join. Input 0 is the left stream. */
export class IntervalJoinOperator<K extends Key, LEFT, RIGHT, OUT> extends TwoInputOperator<
  LEFT,
  RIGHT
> {
  readonly #config: IntervalJoinConfig
  readonly #function: ProcessJoinFunction<LEFT, RIGHT, OUT>
  readonly #keyOfLeft: KeySelector<LEFT, K>
  readonly #keyOfRight: KeySelector<RIGHT, K>
  readonly #keyType: TypeDescriptor
  readonly #collector: TimestampedCollector<OUT>
  readonly #pair: PairContext
  readonly #ownLeft: OwnStrings | undefined
  readonly #ownRight: OwnStrings | undefined
  readonly #waiting = new Map<K, Waiting<LEFT, RIGHT>>()
  readonly #timers = new TimerQueue<K>()
  /** How long after its time a record may still meet one that is not late. */
  readonly #keepLeftMs: number
  readonly #keepRightMs: number
  #watermark = MIN_WATERMARK

  constructor(context: OperatorContext) {
    super(context)
    const { operator, functions } = context
    const config = operator.config as unknown as IntervalJoinConfig
    this.#config = config
    this.#keepLeftMs = Math.max(config.upperMs, 0)
    this.#keepRightMs = Math.max(-config.lowerMs, 0)
    this.#function = functions.resolve<() => ProcessJoinFunction<LEFT, RIGHT, OUT>>(
      operator.functions['process'],
    )()
    this.#keyOfLeft = checkedKeySelector(functions, operator.functions['keySelector1'], operator)
    this.#keyOfRight = checkedKeySelector(functions, operator.functions['keySelector2'], operator)
    this.#keyType = operator.keyType ?? { kind: 'any' }
    this.#collector = new TimestampedCollector(this.output)
    this.#pair = new PairContext(context.sideOutput)
    this.#ownLeft = ownedStrings(config.leftType)
    this.#ownRight = ownedStrings(config.rightType)
  }

  override open(): void {
    const { leftType, rightType } = this.#config
    this.#readTable(LEFT_TABLE, leftType, (key, timestamp, value) =>
      this.#keepLeft(this.#waitingOf(key), key, value as LEFT, timestamp),
    )
    this.#readTable(RIGHT_TABLE, rightType, (key, timestamp, value) =>
      this.#keepRight(this.#waitingOf(key), key, value as RIGHT, timestamp),
    )
    callFunction(this.context.operator, 'open method', () =>
      this.#function.open?.(runtimeContext(this.context)),
    )
  }

  protected override processElement1(left: LEFT, timestamp: number): void {
    if (this.#isLate(left, timestamp)) return this.#dropLate('left', left, timestamp)
    const { lowerMs, upperMs } = this.#config
    const key = this.#keyOfLeft(left)
    const waiting = this.#waitingOf(key)
    const { timestamps, values } = waiting.right
    const latest = timestamp + upperMs
    for (let i = waiting.right.firstFrom(timestamp + lowerMs); i < timestamps.length; i++) {
      const rightTimestamp = timestamps[i] as number
      if (rightTimestamp > latest) break
      this.#join(left, timestamp, values[i] as RIGHT, rightTimestamp)
    }
    const own = this.#ownLeft
    this.#keepLeft(waiting, key, own === undefined ? left : (own(left) as LEFT), timestamp)
  }

  protected override processElement2(right: RIGHT, timestamp: number): void {
    if (this.#isLate(right, timestamp)) return this.#dropLate('right', right, timestamp)
    const { lowerMs, upperMs } = this.#config
    const key = this.#keyOfRight(right)
    const waiting = this.#waitingOf(key)
    const { timestamps, values } = waiting.left
    const latest = timestamp - lowerMs
    for (let i = waiting.left.firstFrom(timestamp - upperMs); i < timestamps.length; i++) {
      const leftTimestamp = timestamps[i] as number
      if (leftTimestamp > latest) break
      this.#join(values[i] as LEFT, leftTimestamp, right, timestamp)
    }
    const own = this.#ownRight
    this.#keepRight(waiting, key, own === undefined ? right : (own(right) as RIGHT), timestamp)
  }

  protected override onWatermark(watermark: number): void {
    this.#watermark = watermark
    while (this.#timers.earliest <= watermark) {
      for (const key of this.#timers.pollEarliest()?.keys ?? []) this.#cleanUp(key)
    }
    super.onWatermark(watermark)
  }

  override snapshot(): OperatorSnapshot {
    const { maxParallelism } = this.context
    const { leftType, rightType } = this.#config
    const writer = new KeyedSnapshotWriter({ keyType: this.#keyType, maxParallelism })
    for (const [name, side, valueType] of [
      [LEFT_TABLE, 'left', leftType],
      [RIGHT_TABLE, 'right', rightType],
    ] as const) {
      writer.writeTable({ name, kind: 'interval-join', valueType }, (add) => {
        for (const [key, waiting] of this.#waiting) {
          const { timestamps, values } = waiting[side]
          timestamps.forEach((timestamp, index) => add(key, timestamp, values[index]))
        }
      })
    }
    return { keyed: writer.finish() }
  }

  override close(): void {
    this.#function.close?.()
  }

  #join(left: LEFT, leftTimestamp: number, right: RIGHT, rightTimestamp: number): void {
    const timestamp = Math.max(leftTimestamp, rightTimestamp)
    const pair = this.#pair
    pair.leftTimestamp = leftTimestamp
    pair.rightTimestamp = rightTimestamp
    pair.timestamp = timestamp
    this.#collector.timestamp = timestamp
    const { operator } = this.context
    try {
      const results = this.#function.processElement(left, right, pair, this.#collector)
      if (results === undefined) return
      if (isPromise(results)) throw promiseReturned(results, operator, 'join function')
      for (const result of results) this.#collector.collect(result)
    } catch (error) {
      throw functionFailure(error, operator, 'join function')
    }
  }

  #isLate(value: unknown, timestamp: number): boolean {
    if (timestamp !== NO_TIMESTAMP) return timestamp < this.#watermark
    const { name, uid } = this.context.operator
    throw new MillraceError('TIMESTAMP_INVALID', {
      expected: `records with timestamps in the interval join '${name}'`,
      came: `one without: ${show(value)}`,
      todo: 'Call assignTimestampsAndWatermarks on both streams before the join.',
      ids: { uid },
    })
  }

  #dropLate(side: 'left' | 'right', value: unknown, timestamp: number): void {
    const { operator, accumulators, sideOutput } = this.context
    const tag = this.#config[`${side}LateTag`]
    if (tag === null) accumulators.get(`${operator.name}.late`).add(1)
    else sideOutput(tag).processElement(value, timestamp)
  }

  #waitingOf(key: K): Waiting<LEFT, RIGHT> {
    let waiting = this.#waiting.get(key)
    if (waiting === undefined) {
      waiting = {
        left: new TimeBuffer(),
        right: new TimeBuffer(),
        nextLookAt: Number.POSITIVE_INFINITY,
      }
      // A key cut out of a frame would keep the text of the whole frame alive.
      this.#waiting.set(ownString(key) as K, waiting)
    }
    return waiting
  }

  #keepLeft(waiting: Waiting<LEFT, RIGHT>, key: K, left: LEFT, timestamp: number): void {
    waiting.left.add(timestamp, left)
    this.#lookAt(waiting, key, timestamp + this.#keepLeftMs + 1)
  }

  #keepRight(waiting: Waiting<LEFT, RIGHT>, key: K, right: RIGHT, timestamp: number): void {
    waiting.right.add(timestamp, right)
    this.#lookAt(waiting, key, timestamp + this.#keepRightMs + 1)
  }

  /** Sees to it that the key is looked at when the watermark is there. */
  #lookAt(waiting: Waiting<LEFT, RIGHT>, key: K, timestamp: number): void {
    if (timestamp >= waiting.nextLookAt) return
    waiting.nextLookAt = timestamp
    this.#timers.add(timestamp, ownString(key) as K)
  }

  #cleanUp(key: K): void {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) return
    const { left, right } = waiting
    left.dropBefore(this.#watermark - this.#keepLeftMs)
    right.dropBefore(this.#watermark - this.#keepRightMs)
    if (left.size === 0 && right.size === 0) {
      this.#waiting.delete(key)
      return
    }
    waiting.nextLookAt = Number.POSITIVE_INFINITY
    const [firstLeft] = left.timestamps
    const [firstRight] = right.timestamps
    if (firstLeft !== undefined) this.#lookAt(waiting, key, firstLeft + this.#keepLeftMs + 1)
    if (firstRight !== undefined) this.#lookAt(waiting, key, firstRight + this.#keepRightMs + 1)
  }

  #readTable(
    name: string,
    valueType: TypeDescriptor,
    each: (key: K, timestamp: number, value: unknown) => void,
  ): void {
    const snapshots = this.context.restored.slot('keyed').map(({ bytes }) => bytes)
    const reader = new KeyedSnapshotReader(snapshots, this.context.keyGroupRange)
    reader.readTable(
      name,
      { kind: 'interval-join', keyType: this.#keyType, valueType },
      (k, t, v) => each(k as K, t, v),
    )
  }
}
