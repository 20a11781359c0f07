// The life of a job.
//
//   created ──> running ──────────────────────────> finished
//      │         │  ▲ │
//      │         │  │ └──> canceling ─────────────> canceled
//      │         ▼  │            ▲
//      └──> failing │            │
//              │ │  │            │
//              │ └> restarting ──┘
//              └──────────────────────────────────> failed

import { MillraceError } from '@millrace/core'
import type { JobStatus } from '@millrace/job-graph'

/** Every legal next status. */
export const JOB_TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  created: ['running', 'failing', 'canceling'],
  running: ['finished', 'failing', 'canceling'],
  failing: ['restarting', 'failed', 'canceling'],
  restarting: ['running', 'failing', 'canceling'],
  canceling: ['canceled'],
  finished: [],
  canceled: [],
  failed: [],
}

/** Throws `ILLEGAL_TRANSITION` unless a job may go from one status to the other. */
export function assertJobTransition(from: JobStatus, to: JobStatus): void {
  if (JOB_TRANSITIONS[from].includes(to)) return
  throw new MillraceError('ILLEGAL_TRANSITION', {
    expected: `the job to go from ${from} to one of [${JOB_TRANSITIONS[from].join(', ')}]`,
    came: to,
    todo: 'This is a bug in Millrace; please report it.',
  })
}
