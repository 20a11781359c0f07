import type { RestartSettings } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { decideRestart } from './restart-decision.ts'

const TWICE: RestartSettings = { kind: 'fixed-delay', attempts: 2, delayMs: 100 }

describe('the decision about a restart', () => {
  test.each([
    [0, { kind: 'restart', delayMs: 100 }],
    [1, { kind: 'restart', delayMs: 100 }],
    [2, { kind: 'fail' }],
    [3, { kind: 'fail' }],
  ])('when a job with two restarts had %d, then they decide', (restarts, decision) => {
    expect(decideRestart({ settings: TWICE, restarts, isRetryable: true })).toEqual(decision)
  })

  test('when the error will come again, then the job fails at once', () => {
    expect(decideRestart({ settings: TWICE, restarts: 0, isRetryable: false })).toEqual({
      kind: 'fail',
    })
  })

  test('when there are no restarts, then the job fails at once', () => {
    expect(decideRestart({ settings: { kind: 'none' }, restarts: 0, isRetryable: true })).toEqual({
      kind: 'fail',
    })
  })
})
