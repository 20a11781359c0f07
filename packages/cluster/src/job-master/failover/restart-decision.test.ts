import type { RestartSettings } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { decideRestart, NO_FAILURES, type RestartHistory } from './restart-decision.ts'

const TWICE: RestartSettings = { kind: 'fixed-delay', attempts: 2, delayMs: 100 }

const TWO_A_SECOND: RestartSettings = {
  kind: 'failure-rate',
  attempts: 2,
  intervalMs: 1000,
  delayMs: 10,
}

const GROWING: RestartSettings = {
  kind: 'exponential-delay',
  initialMs: 100,
  maxMs: 350,
  multiplier: 2,
  resetThresholdMs: 5000,
  jitter: 0,
  attempts: null,
}

/** The pauses after failures at these times; `fail` is the end. */
function pauses(
  settings: RestartSettings,
  failuresMs: readonly number[],
  { chance = 0.5, isRetryable = true } = {},
): readonly (number | 'fail')[] {
  let history: RestartHistory = NO_FAILURES
  const answers: (number | 'fail')[] = []
  for (const nowMs of failuresMs) {
    const decision = decideRestart({ settings, history, isRetryable, nowMs, chance })
    if (decision.kind === 'fail') return [...answers, 'fail']
    answers.push(decision.delayMs)
    history = decision.history
  }
  return answers
}

describe('the decision about a restart', () => {
  test.each<
    [
      what: string,
      settings: RestartSettings,
      failuresMs: number[],
      answers: readonly (number | 'fail')[],
    ]
  >([
    ['no restarts are wanted', { kind: 'none' }, [0], ['fail']],
    ['two are', TWICE, [0, 1e6, 2e9], [100, 100, 'fail']],
    ['two failures lie in a second', TWO_A_SECOND, [0, 500], [10, 10]],
    ['three do', TWO_A_SECOND, [0, 500, 1000], [10, 10, 'fail']],
    ['each three take longer than a second', TWO_A_SECOND, [0, 500, 1001, 1501], [10, 10, 10, 10]],
    ['the pause grows', GROWING, [0, 200, 500, 1000, 1500], [100, 200, 350, 350, 350]],
    // Stable from the end of the pause: 100 + 5000 ms after the failure.
    ['it was not stable for long enough', GROWING, [0, 5099], [100, 200]],
    ['it was stable for long enough', GROWING, [0, 200, 5400], [100, 200, 100]],
    [
      'attempts are counted without a stable time between them',
      { ...GROWING, attempts: 2 },
      [0, 200, 5400, 5600, 5900],
      [100, 200, 100, 200, 'fail'],
    ],
  ])('when %s, then the pauses are those', (_, settings, failuresMs, answers) => {
    expect(pauses(settings, failuresMs)).toEqual(answers)
  })

  test.each([
    [0, 90],
    [0.5, 100],
    [0.999999, 110],
  ])('when chance is %d, then it moves the pause by the jitter at most', (chance, delayMs) => {
    const [pause] = pauses({ ...GROWING, jitter: 0.1 }, [0], { chance })
    expect(pause).toBeCloseTo(delayMs, 3)
  })

  test('when chance would lengthen the longest pause, then it does not', () => {
    const settings = { ...GROWING, initialMs: 350, jitter: 0.5 }
    expect(pauses(settings, [0], { chance: 0.9 })).toEqual([350])
  })

  test.each([TWICE, TWO_A_SECOND, GROWING])(
    'when the error will come again, then the job fails at once, whatever the strategy',
    (settings) => {
      expect(pauses(settings, [0], { isRetryable: false })).toEqual(['fail'])
    },
  )
})
