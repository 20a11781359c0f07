import type { JobStatus } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { assertJobTransition, JOB_TRANSITIONS } from './job-status.ts'

/** The diagram of job-status.ts, an arrow a line. */
const ARROWS: ReadonlySet<string> = new Set([
  'created running',
  'created failing',
  'created canceling',
  'running finished',
  'running failing',
  'running canceling',
  'failing restarting',
  'failing failed',
  'failing canceling',
  'restarting running',
  'restarting failing',
  'restarting canceling',
  'canceling canceled',
])

const all = Object.keys(JOB_TRANSITIONS) as JobStatus[]
const pairs = all.flatMap((from) => all.map((to) => [from, to] as const))

describe('the life of a job', () => {
  test.each(pairs)('when it goes from %s to %s, then the diagram decides', (from, to) => {
    const go = (): void => assertJobTransition(from, to)
    if (ARROWS.has(`${from} ${to}`)) expect(go).not.toThrow()
    else expect(go).toThrow(`ILLEGAL_TRANSITION: expected the job to go from ${from}`)
  })

  test('when it has begun, then it ends finished, canceled or failed', () => {
    const ends = all.filter((status) => JOB_TRANSITIONS[status].length === 0)
    expect(ends.sort()).toEqual(['canceled', 'failed', 'finished'])
  })
})
