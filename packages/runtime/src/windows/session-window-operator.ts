// Session windows: a record opens the window [t, t + gap); windows of a key that touch become one. The end of a
// session moves with each record, so its timer is not moved along: it looks when it is due, and waits again. The gap is
// the same for all records, or each record says its own.

import type { Key, SessionWindowAssigner, TypeDescriptor, WindowAssignerPlan } from '@millrace/core'
import { type CopyValue, KeyMap, valueCopier } from '@millrace/state'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { TimerQueue } from '../timers/timer-queue.ts'
import { gapExtractor } from './session-gap.ts'
import { TimedWindowOperator } from './timed-window-operator.ts'

const SESSIONS = '$sessions'

type SessionAssigner =
  | SessionWindowAssigner
  | Extract<WindowAssignerPlan, { readonly kind: 'dynamic-session' }>

interface Session<ACC> {
  start: number
  end: number
  accumulator: ACC
  /** It has fired, and is kept for late records. */
  hasFired: boolean
}

/** Keyed windows that end with a gap. */
export class SessionWindowOperator<K extends Key, IN, ACC, OUT> extends TimedWindowOperator<
  K,
  IN,
  ACC,
  OUT,
  SessionAssigner
> {
  readonly #gapOf: (value: IN) => number
  readonly #storedType: TypeDescriptor
  readonly #sessions: KeyMap<K, Session<ACC>[]>
  readonly #timers = new TimerQueue<K>()

  constructor(context: OperatorContext) {
    super(context)
    this.#gapOf = gapExtractor(context, this.config.assigner)
    const { accumulatorType } = this.config
    this.#storedType = storedSessionType(accumulatorType)
    const copy = valueCopier(accumulatorType) as CopyValue<ACC> | undefined
    this.#sessions = new KeyMap((sessions) => copiedSessions(sessions, copy))
  }

  override open(): void {
    const putBack = (key: K, end: number, stored: unknown): void => {
      const { start, hasFired, accumulator } = stored as StoredSession<ACC>
      const session = { start, end, hasFired, accumulator }
      this.#sessionsOf(key).push(session)
      this.#timers.add(this.#nextMoment(session), key)
    }
    this.readTable(SESSIONS, this.#storedType, putBack, 'accumulator')
    this.wakeAfter(this.#timers.earliest)
  }

  override processElement(value: IN, timestamp: number): void {
    const time = this.timeOf(value, timestamp)
    const key = this.keyOf(value)
    const gapMs = this.#gapOf(value)
    const sessions = this.#sessions.get(key)
    const only = sessions?.length === 1 ? sessions[0] : undefined
    const session =
      only !== undefined && touches(only, time, gapMs) ? only : this.#join(key, time, gapMs)
    if (session === undefined) return this.dropLate(value, timestamp)
    if (time < session.start) session.start = time
    if (time + gapMs > session.end) session.end = time + gapMs
    const after = this.add(session.accumulator, value)
    if (after !== session.accumulator) session.accumulator = this.owned(after)
    if (session.end - 1 <= this.time) this.#fire(key, session)
    else if (session.hasFired) {
      session.hasFired = false
      this.#timers.add(this.#nextMoment(session), this.ownedKey(key))
    }
  }

  override snapshot(): OperatorSnapshot {
    const cut = this.#sessions.cut()
    const keyed = this.writeTable(SESSIONS, this.#storedType, {
      size: cut.size,
      hold: () => cut.hold(),
      read: (countMax, add) =>
        cut.read(countMax, (sessions, key) => {
          for (const session of sessions)
            add(key, session.end, session satisfies StoredSession<ACC>)
        }),
      release: () => cut.release(),
    })
    return { keyed }
  }

  protected override advance(time: number): void {
    this.time = time
    while (this.#timers.earliest <= time) {
      for (const key of this.#timers.pollEarliest()?.keys ?? []) this.#look(key)
    }
    this.wakeAfter(this.#timers.earliest)
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
  #join(key: K, time: number, gapMs: number): Session<ACC> | undefined {
    const sessions = this.#sessions.get(key) ?? []
    const [first, ...others] = sessions.filter((session) => touches(session, time, gapMs))
    if (first === undefined) return this.#openSession(key, time, gapMs)
    for (const other of others) {
      first.start = Math.min(first.start, other.start)
      first.end = Math.max(first.end, other.end)
      first.accumulator = this.merging.merge(first.accumulator, other.accumulator)
      sessions.splice(sessions.indexOf(other), 1)
    }
    return first
  }

  #openSession(recordKey: K, time: number, gapMs: number): Session<ACC> | undefined {
    const key = this.ownedKey(recordKey)
    const end = time + gapMs
    if (end - 1 + this.config.allowedLatenessMs <= this.time) return undefined
    const accumulator = this.merging.create()
    const session = { start: time, end, accumulator, hasFired: false }
    this.#sessionsOf(key).push(session)
    this.#timers.add(this.#nextMoment(session), key)
    this.wakeAfter(this.#timers.earliest)
    return session
  }

  /** When something happens to a session next: it fires, or it is forgotten. */
  #nextMoment(session: Session<ACC>): number {
    return session.end - 1 + (session.hasFired ? this.config.allowedLatenessMs : 0)
  }

  /** A timer of the key is due: fires and forgets what has come to its end, and waits for the rest. */
  #look(key: K): void {
    const sessions = this.#sessions.get(key)
    if (sessions === undefined) return
    for (const session of [...sessions]) {
      if (!session.hasFired && session.end - 1 <= this.time) this.#fire(key, session)
      if (this.#nextMoment(session) <= this.time) sessions.splice(sessions.indexOf(session), 1)
      else this.#timers.add(this.#nextMoment(session), key)
    }
    if (sessions.length === 0) this.#sessions.delete(key)
  }

  #fire(key: K, session: Session<ACC>): void {
    session.hasFired = true
    const { start, end, accumulator } = session
    // Without lateness the session is dropped now, and its accumulator may go to the user as it is.
    const content = this.config.allowedLatenessMs > 0 ? this.merging.copy(accumulator) : accumulator
    this.emitter.emit(key, { start, end }, content, this.watermark)
  }
}

function copiedSessions<ACC>(
  sessions: readonly Session<ACC>[],
  copy: CopyValue<ACC> | undefined,
): Session<ACC>[] {
  return sessions.map(({ start, end, hasFired, accumulator }) => ({
    start,
    end,
    accumulator: copy === undefined ? accumulator : copy(accumulator),
    hasFired,
  }))
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
