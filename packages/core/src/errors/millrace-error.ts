// The one error base. Every failure a user can meet carries a stable code from the table below, who can
// mend it, whether trying again may help, and a message in three parts: expected, came, what to do.

/** Who can mend an error: the author of the job, the world outside, or the authors of Millrace. */
export type ErrorDomain = 'user' | 'external' | 'internal'

/** What a code says about the error. */
export interface ErrorFacts {
  readonly domain: ErrorDomain
  /** Whether a restart of the job may succeed without a change by a person. */
  readonly isRetryable: boolean
}

const user: ErrorFacts = { domain: 'user', isRetryable: false }
const retryableUser: ErrorFacts = { domain: 'user', isRetryable: true }
const external: ErrorFacts = { domain: 'external', isRetryable: true }
const externalFinal: ErrorFacts = { domain: 'external', isRetryable: false }
const internal: ErrorFacts = { domain: 'internal', isRetryable: false }

/** Every error code with its domain and whether a retry may help. `docs/reference/errors.md` lists them. */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorFacts>> = {
  OPTION_UNKNOWN: user,
  OPTION_INVALID: user,
  DURATION_INVALID: user,
  TYPE_INVALID: user,
  TYPE_MISMATCH: user,
  KEY_INVALID: user,
  TIMESTAMP_INVALID: user,
  WINDOW_INVALID: user,
  ITERATION_INVALID: user,
  FUNCTION_INVALID: user,
  FUNCTION_FAILED: retryableUser,
  FUNCTION_RETURNED_PROMISE: user,
  UID_DUPLICATE: user,
  JOB_EMPTY: user,
  JOB_WITHOUT_SINK: user,
  JOB_GRAPH_DIFFERS: user,
  JOB_MODULE_INVALID: user,
  JOB_CANCELED: user,
  JOB_NOT_RUNNING: user,
  STATE_INCOMPATIBLE: user,
  STATE_UNCLAIMED: user,
  STATE_ACCESS_INVALID: user,
  RECORD_MALFORMED: user,
  ASYNC_TIMED_OUT: external,
  FILE_MISSING: externalFinal,
  FILE_UNREADABLE: external,
  FILE_UNWRITABLE: external,
  SOCKET_FAILED: external,
  CHECKPOINT_DIRECTORY_UNWRITABLE: externalFinal,
  CHECKPOINT_CORRUPT: externalFinal,
  CHECKPOINT_MISSING: user,
  CHECKPOINT_OF_ANOTHER_JOB: user,
  CHECKPOINT_FAILED: external,
  SAVEPOINT_FAILED: external,
  COMMIT_FAILED: external,
  FRAME_CORRUPT: internal,
  WORKER_LOST: external,
  SIMULATION_FAILED: user,
  TEST_FAILED: user,
  ILLEGAL_TRANSITION: internal,
  ASSERTION_FAILED: internal,
}

/** A stable error code. */
export type ErrorCode =
  | 'OPTION_UNKNOWN'
  | 'OPTION_INVALID'
  | 'DURATION_INVALID'
  | 'TYPE_INVALID'
  | 'TYPE_MISMATCH'
  | 'KEY_INVALID'
  | 'TIMESTAMP_INVALID'
  | 'WINDOW_INVALID'
  | 'ITERATION_INVALID'
  | 'FUNCTION_INVALID'
  | 'FUNCTION_FAILED'
  | 'FUNCTION_RETURNED_PROMISE'
  | 'UID_DUPLICATE'
  | 'JOB_EMPTY'
  | 'JOB_WITHOUT_SINK'
  | 'JOB_GRAPH_DIFFERS'
  | 'JOB_MODULE_INVALID'
  | 'JOB_CANCELED'
  | 'JOB_NOT_RUNNING'
  | 'STATE_INCOMPATIBLE'
  | 'STATE_UNCLAIMED'
  | 'STATE_ACCESS_INVALID'
  | 'RECORD_MALFORMED'
  | 'ASYNC_TIMED_OUT'
  | 'FILE_MISSING'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'SOCKET_FAILED'
  | 'CHECKPOINT_DIRECTORY_UNWRITABLE'
  | 'CHECKPOINT_CORRUPT'
  | 'CHECKPOINT_MISSING'
  | 'CHECKPOINT_OF_ANOTHER_JOB'
  | 'CHECKPOINT_FAILED'
  | 'SAVEPOINT_FAILED'
  | 'COMMIT_FAILED'
  | 'FRAME_CORRUPT'
  | 'WORKER_LOST'
  | 'SIMULATION_FAILED'
  | 'TEST_FAILED'
  | 'ILLEGAL_TRANSITION'
  | 'ASSERTION_FAILED'

/** What an error is built from. The three sentences are joined into its message. */
export interface MillraceErrorInit {
  /** What should have been there. */
  readonly expected: string
  /** What was there instead. */
  readonly came: string
  /** What the reader can do about it. */
  readonly todo: string
  /** The ids that locate the failure: operator, file, line, subtask … */
  readonly ids?: Readonly<Record<string, string | number>>
  readonly cause?: unknown
  /** Overrides the code's own answer, for a cause that is known to be final or passing. */
  readonly isRetryable?: boolean
}

/**
 * The error every part of Millrace throws.
 *
 * @example
 * ```ts
 * import { MillraceError } from '@millrace/core'
 *
 * const error = new MillraceError('DURATION_INVALID', {
 *   expected: "a duration such as '10 s'",
 *   came: "'ten seconds'",
 *   todo: 'Write a number and a unit (ms, s, min, h, d), or milliseconds as a number.',
 * })
 * console.log(error.code, error.domain, error.isRetryable) // DURATION_INVALID user false
 * ```
 */
export class MillraceError extends Error {
  /** Stable: what a program may ask for. */
  readonly code: ErrorCode
  /** Who can mend it: the user, somebody outside, or we. */
  readonly domain: ErrorDomain
  /** Whether it may pass when the job is restarted as it is. */
  readonly isRetryable: boolean
  /** Which operator, checkpoint or file it is about. */
  readonly ids: Readonly<Record<string, string | number>>
  /** What should have been. */
  readonly expected: string
  /** What was instead. */
  readonly came: string
  /** What to do about it. */
  readonly todo: string

  constructor(code: ErrorCode, init: MillraceErrorInit) {
    const { cause } = init
    super(
      `${code}: expected ${init.expected}, but got ${init.came}. ${init.todo}`,
      cause === undefined ? undefined : { cause },
    )
    this.name = 'MillraceError'
    this.code = code
    this.domain = ERROR_CODES[code].domain
    this.isRetryable = init.isRetryable ?? ERROR_CODES[code].isRetryable
    this.ids = init.ids ?? {}
    this.expected = init.expected
    this.came = init.came
    this.todo = init.todo
  }
}

/** Throws `ASSERTION_FAILED`: a bug in Millrace, never in the job. The message says what must hold. */
export function assert(condition: boolean, mustHold: string): asserts condition {
  if (!condition) {
    throw new MillraceError('ASSERTION_FAILED', {
      expected: mustHold,
      came: 'the opposite',
      todo: 'This is a bug in Millrace; please report it with this stack trace.',
    })
  }
}

/** Shows a value in an error message: short, on one line, strings in quotes. */
export function show(value: unknown): string {
  let text: string
  if (typeof value === 'string') text = JSON.stringify(value)
  else if (typeof value === 'function') text = `function ${value.name || '(anonymous)'}`
  else if (typeof value === 'object' && value !== null) {
    try {
      text = JSON.stringify(value) ?? String(value)
    } catch {
      // Not `String(value)`: it throws for an object without a prototype.
      text = Object.prototype.toString.call(value)
    }
  } else text = String(value)
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
