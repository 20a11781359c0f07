// When state with a time to live expires. The rules are Flink's: what was used at t and lives for d has expired as soon as
// the clock shows t + d.

import {
  checkInteger,
  checkOptions,
  durationMs,
  MillraceError,
  show,
  type StateTtl,
  type StateTtlCleanup,
} from '@millrace/core'

/** A time to live, checked and with its defaults. Plain data: two declarations of a state are compared by it. */
export interface TtlSettings {
  readonly durationMs: number
  readonly updatesOnRead: boolean
  readonly showsExpired: boolean
  readonly isLeftOutOfSnapshots: boolean
  /** Keys that are looked at each time; 0 for none. */
  readonly entriesPerAccess: number
  readonly looksAtEveryRecord: boolean
}

/**
 * Checks a time to live as it was written.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID` or `DURATION_INVALID`
 */
export function ttlSettings(ttl: StateTtl): TtlSettings {
  checkOptions('ttl', ttl, ['duration', 'update', 'visibility', 'cleanup'])
  const { update = UPDATES[0], visibility = VISIBILITIES[0], cleanup = {} } = ttl
  const lifeMs = durationMs(ttl.duration)
  if (lifeMs <= 0) throw invalid('a duration of more than 0', ttl.duration, "Write '1 h'.")
  checkChoice('update', update, UPDATES)
  checkChoice('visibility', visibility, VISIBILITIES)
  checkOptions('ttl.cleanup', cleanup, ['fullSnapshot', 'incremental'])
  return {
    durationMs: lifeMs,
    updatesOnRead: update === 'on-read-and-write',
    showsExpired: visibility === 'return-expired-if-not-cleaned-up',
    isLeftOutOfSnapshots: checkFlag('fullSnapshot', cleanup.fullSnapshot),
    ...incrementalSettings(cleanup),
  }
}

/** The clock of all state with a time to live in one operator: it does not go back. */
export class TtlClock {
  readonly #now: () => number
  #latest = Number.NEGATIVE_INFINITY

  /** `now` answers milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now
  }

  now(): number {
    const now = this.#now()
    if (now > this.#latest) this.#latest = now
    return this.#latest
  }
}

/** Whether what was last used at `accessedAt` has expired. */
export function isExpired(accessedAt: number, lifeMs: number, nowMs: number): boolean {
  return accessedAt + lifeMs <= nowMs
}

const UPDATES = ['on-create-and-write', 'on-read-and-write'] as const
const VISIBILITIES = ['never-return-expired', 'return-expired-if-not-cleaned-up'] as const

/** Flink's. */
const ENTRIES_PER_ACCESS = 5

function incrementalSettings({
  incremental = {},
}: StateTtlCleanup): Pick<TtlSettings, 'entriesPerAccess' | 'looksAtEveryRecord'> {
  if (incremental === false) return { entriesPerAccess: 0, looksAtEveryRecord: false }
  checkOptions('ttl.cleanup.incremental', incremental, ['entriesPerAccess', 'runForEveryRecord'])
  const { entriesPerAccess = ENTRIES_PER_ACCESS, runForEveryRecord } = incremental
  return {
    entriesPerAccess: checkInteger('entriesPerAccess', entriesPerAccess, { min: 1, max: 10_000 }),
    looksAtEveryRecord: checkFlag('runForEveryRecord', runForEveryRecord),
  }
}

function checkFlag(name: string, value: boolean | undefined = false): boolean {
  if (typeof value === 'boolean') return value
  throw invalid(`${name} as true or false`, value, 'Leave it out for false.')
}

function checkChoice(name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return
  throw invalid(`${name} as one of ${choices.join(', ')}`, value, `Write '${choices[0]}'.`)
}

function invalid(expected: string, came: unknown, todo: string): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: `a time to live with ${expected}`,
    came: show(came),
    todo,
  })
}
