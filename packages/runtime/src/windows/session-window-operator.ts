// Session windows: a record opens the window [t, t + gap); windows of a key that touch become one. The end of a
// session moves with each record, so its timer is not moved along: it looks when it is due, and waits again.

import {
  type AggregateFunction,
  type Key,
  type KeySelector,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  type SessionWindowAssigner,
  type Timer,
  type TypeDescriptor,
} from '@millrace/core'
import {
  KeyedSnapshotReader,
  KeyedSnapshotWriter,
  ownedStrings,
  ownString,
  type OwnStrings,
} from '@millrace/state'
import { OneInputOperator } from '../operators/base-operator.ts'
import { checkedKeySelector } from '../operators/keyed-scope.ts'
import type { Input, OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { functionFailure, promiseReturned } from '../operators/user-function.ts'
import { TimerQueue } from '../timers/timer-queue.ts'
import {
  lateCounterName,
  type Merging,
  missingTimestamp,
  windowAggregate,
  type WindowConfig,
  windowConfig,
  windowMerging,
} from './window-config.ts'
import { WindowEmitter } from './window-emitter.ts'

const SESSIONS = 'sessions'

interface Session<ACC> {
  start: number
  end: number
  accumulator: ACC
  /** It has fired, and is kept for late records. */
  hasFired: boolean
}

/** Keyed windows that end with a gap. */
export class SessionWindowOperator<K extends Key, IN, ACC, OUT> extends OneInputOperator<IN> {
  readonly #config: WindowConfig<SessionWindowAssigner>
  readonly #isEventTime: boolean
  readonly #aggregate: AggregateFunction<IN, ACC, unknown>
  readonly #merging: Merging<ACC>
  /** Copies what is kept out of the frames in which records came. */
  readonly #ownStrings: OwnStrings | undefined
  readonly #keyOf: KeySelector<IN, K>
  readonly #emitter: WindowEmitter<K, ACC, OUT>
  readonly #lateOutput: Input<unknown> | undefined
  readonly #sessions = new Map<K, Session<ACC>[]>()
  readonly #timers = new TimerQueue<K>()
  #time = MIN_WATERMARK
  #watermark = MIN_WATERMARK
  #alarm: { readonly timestamp: number; readonly timer: Timer } | undefined

  constructor(context: OperatorContext) {
    super(context)
    this.#config = windowConfig(context)
    this.#isEventTime = this.#config.assigner.time === 'event-time'
    this.#aggregate = windowAggregate(context)
    this.#merging = windowMerging(context.operator, this.#aggregate)
    this.#ownStrings = ownedStrings(this.#config.accumulatorType)
    this.#keyOf = checkedKeySelector(
      context.functions,
      context.operator.functions['keySelector'],
      context.operator,
    )
    this.#emitter = new WindowEmitter(context, this.#aggregate as never)
    const { lateTag } = this.#config
    this.#lateOutput = lateTag === null ? undefined : context.sideOutput(lateTag)
  }

  override open(): void {
    const { restored, keyGroupRange } = this.context
    const reader = new KeyedSnapshotReader(
      restored.slot('keyed').map(({ bytes }) => bytes),
      keyGroupRange,
    )
    reader.readTable(SESSIONS, this.#table(), (key, end, stored) => {
      const { start, hasFired, accumulator } = stored as StoredSession<ACC>
      const session = { start, end, hasFired, accumulator }
      this.#sessionsOf(key as K).push(session)
      this.#timers.add(this.#nextMoment(session), key as K)
    })
    this.#arm()
  }

  override processElement(value: IN, timestamp: number): void {
    const time = this.#isEventTime ? timestamp : this.#processingTime()
    if (time === NO_TIMESTAMP) throw missingTimestamp(this.context, value)
    const key = this.#keyOf(value)
    const sessions = this.#sessions.get(key)
    const session =
      sessions?.length === 1 &&
      touches(sessions[0] as Session<ACC>, time, this.#config.assigner.gapMs)
        ? (sessions[0] as Session<ACC>)
        : this.#join(key, time)
    if (session === undefined) return this.#dropLate(value, timestamp)
    if (time < session.start) session.start = time
    const end = time + this.#config.assigner.gapMs
    if (end > session.end) session.end = end
    try {
      const after = this.#aggregate.add(session.accumulator, value)
      if (after instanceof Promise) {
        throw promiseReturned(after, this.context.operator, 'aggregate function')
      }
      if (after !== session.accumulator) {
        session.accumulator =
          this.#ownStrings === undefined ? after : (this.#ownStrings(after) as ACC)
      }
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'aggregate function')
    }
    if (session.end - 1 <= this.#time) this.#fire(key, session)
    else if (session.hasFired) {
      session.hasFired = false
      this.#timers.add(this.#nextMoment(session), ownString(key) as K)
    }
  }

  override processWatermark(watermark: number): void {
    this.#watermark = watermark
    if (this.#isEventTime) this.#advance(watermark)
    this.output.processWatermark(watermark)
  }

  /** Sessions of processing time end with the input. */
  override finish(): void {
    this.#alarm?.timer.cancel()
    if (!this.#isEventTime) this.#advance(Number.MAX_SAFE_INTEGER)
  }

  override snapshot(): OperatorSnapshot {
    const { operator, maxParallelism } = this.context
    const writer = new KeyedSnapshotWriter({
      keyType: operator.keyType ?? { kind: 'any' },
      maxParallelism,
    })
    writer.writeTable({ name: SESSIONS, ...this.#table() }, (add) => {
      for (const [key, sessions] of this.#sessions) {
        for (const session of sessions) add(key, session.end, session satisfies StoredSession<ACC>)
      }
    })
    return { keyed: writer.finish() }
  }

  override close(): void {
    this.#alarm?.timer.cancel()
  }

  #table(): { kind: 'window'; keyType: TypeDescriptor; valueType: TypeDescriptor } {
    return {
      kind: 'window',
      keyType: this.context.operator.keyType ?? { kind: 'any' },
      valueType: storedSessionType(this.#config.accumulatorType),
    }
  }

  #sessionsOf(key: K): Session<ACC>[] {
    let sessions = this.#sessions.get(key)
    if (sessions === undefined) {
      sessions = []
      this.#sessions.set(key, sessions)
    }
    return sessions
  }

  /** The session that a record of `time` belongs to: all it touches, merged, or a new one. Undefined if it is late. */
  #join(key: K, time: number): Session<ACC> | undefined {
    const { gapMs } = this.#config.assigner
    const sessions = this.#sessions.get(key) ?? []
    const [first, ...others] = sessions.filter((session) => touches(session, time, gapMs))
    if (first === undefined) return this.#openSession(key, time)
    for (const other of others) {
      first.start = Math.min(first.start, other.start)
      first.end = Math.max(first.end, other.end)
      first.accumulator = this.#merging.merge(first.accumulator, other.accumulator)
      sessions.splice(sessions.indexOf(other), 1)
    }
    return first
  }

  #openSession(recordKey: K, time: number): Session<ACC> | undefined {
    const end = time + this.#config.assigner.gapMs
    if (end - 1 + this.#config.allowedLatenessMs <= this.#time) return undefined
    const key = ownString(recordKey) as K
    const accumulator = this.#merging.create()
    const session = { start: time, end, accumulator, hasFired: false }
    this.#sessionsOf(key).push(session)
    this.#timers.add(this.#nextMoment(session), key)
    if (!this.#isEventTime) this.#arm()
    return session
  }

  /** When something happens to a session next: it fires, or it is forgotten. */
  #nextMoment(session: Session<ACC>): number {
    return session.end - 1 + (session.hasFired ? this.#config.allowedLatenessMs : 0)
  }

  #advance(time: number): void {
    this.#time = time
    while (this.#timers.earliest <= time) {
      for (const key of this.#timers.pollEarliest()?.keys ?? []) this.#look(key)
    }
    if (!this.#isEventTime) this.#arm()
  }

  /** A timer of the key is due: fires and forgets what has come to its end, and waits for the rest. */
  #look(key: K): void {
    const sessions = this.#sessions.get(key)
    if (sessions === undefined) return
    for (const session of [...sessions]) {
      if (!session.hasFired && session.end - 1 <= this.#time) this.#fire(key, session)
      if (this.#nextMoment(session) <= this.#time) sessions.splice(sessions.indexOf(session), 1)
      else this.#timers.add(this.#nextMoment(session), key)
    }
    if (sessions.length === 0) this.#sessions.delete(key)
  }

  #fire(key: K, session: Session<ACC>): void {
    session.hasFired = true
    const { start, end, accumulator } = session
    // Without lateness the session is dropped now, and its accumulator may go to the user as it is.
    const content =
      this.#config.allowedLatenessMs > 0 ? this.#merging.copy(accumulator) : accumulator
    this.#emitter.emit(key, { start, end }, content, this.#watermark)
  }

  #dropLate(value: IN, timestamp: number): void {
    if (this.#lateOutput === undefined) {
      this.context.accumulators.get(lateCounterName(this.context)).add(1)
    } else this.#lateOutput.processElement(value, timestamp)
  }

  /** The clock, except that it does not go back to what is over. */
  #processingTime(): number {
    return Math.max(this.context.processingTime.now(), this.#time + 1)
  }

  #arm(): void {
    const timestamp = this.#timers.earliest
    if (this.#isEventTime || timestamp >= (this.#alarm?.timestamp ?? Number.POSITIVE_INFINITY))
      return
    this.#alarm?.timer.cancel()
    // All before the moment shown is over, so the last millisecond of a session is over one later.
    const timer = this.context.processingTime.at(timestamp + 1, () => {
      this.#alarm = undefined
      this.#advance(this.#processingTime() - 1)
    })
    this.#alarm = { timestamp, timer }
  }
}

interface StoredSession<ACC> {
  readonly start: number
  readonly hasFired: boolean
  readonly accumulator: ACC
}

function storedSessionType(accumulatorType: TypeDescriptor): TypeDescriptor {
  return {
    kind: 'record',
    fields: [
      { name: 'start', type: { kind: 'long' } },
      { name: 'hasFired', type: { kind: 'boolean' } },
      { name: 'accumulator', type: accumulatorType },
    ],
  }
}

function touches(session: Session<unknown>, time: number, gapMs: number): boolean {
  return time <= session.end && time + gapMs >= session.start
}
