import type { CommitOutcome, Committer, JsonValue } from '@millrace/core'
import { Simulation } from '@millrace/testing'
import { describe, expect, test } from 'vitest'
import { CommitRun } from './commit-run.ts'

const operator = { uid: 'ledger', name: 'the ledger' }
const committed: CommitOutcome = { kind: 'committed' }

/** A run over a committer that answers as told, call by call; the last answer is repeated. */
function runOf(...answers: readonly (readonly CommitOutcome[] | undefined)[]) {
  const simulation = new Simulation({ seed: 1 })
  const process = simulation.process('worker')
  const calls: { readonly atMs: number; readonly committables: readonly JsonValue[] }[] = []
  const committer: Committer = {
    commit: async (committables) => {
      calls.push({ atMs: Math.round(simulation.nowMs), committables })
      return answers[Math.min(calls.length, answers.length) - 1]
    },
  }
  return { run: new CommitRun(committer, process, operator), calls, simulation }
}

describe('what a committer answers', () => {
  test('when it answers nothing, then all is committed', async () => {
    const { run } = runOf(undefined)
    expect(await run.commit(['a', 'b'])).toEqual(['a', 'b'])
  })

  test('when some are to be retried, then they are, after longer and longer pauses, and may have changed', async () => {
    const { run, calls, simulation } = runOf(
      [committed, { kind: 'retry' }, { kind: 'retry', committable: 'C' }],
      [{ kind: 'retry' }, { kind: 'already-committed' }],
      [committed],
    )
    expect(await simulation.resultOf(run.commit(['a', 'b', 'c']))).toEqual(['a', 'C', 'b'])
    expect(calls).toEqual([
      { atMs: 0, committables: ['a', 'b', 'c'] },
      { atMs: 100, committables: ['b', 'C'] },
      { atMs: 300, committables: ['b'] },
    ])
  })

  test('when one is retried for ever, then the commit fails after ten retries', async () => {
    const { run, calls, simulation } = runOf([{ kind: 'retry' }])
    await expect(simulation.resultOf(run.commit(['a']))).rejects.toMatchObject({
      code: 'COMMIT_FAILED',
      isRetryable: true,
      message: expect.stringContaining('the ledger'),
    })
    expect(calls).toHaveLength(11)
  })

  test('when one failed for a known reason, then the others count and it is left out', async () => {
    const { run } = runOf([{ kind: 'failed', isKnown: true, reason: 'too old' }, committed])
    expect(await run.commit(['a', 'b'])).toEqual(['b'])
  })

  test('when one failed for an unknown reason, then the commit fails with it', async () => {
    const reason = new Error('500')
    const { run } = runOf([{ kind: 'failed', isKnown: false, reason }])
    await expect(run.commit(['a'])).rejects.toMatchObject({ code: 'COMMIT_FAILED', cause: reason })
  })

  test('when the outcomes are too few, then that is an error', async () => {
    const { run } = runOf([committed])
    await expect(run.commit(['a', 'b'])).rejects.toThrow(/COMMIT_FAILED.*1 outcomes for 2/)
  })

  test('when it is closed in a pause, then it does not commit any more', async () => {
    const { run, calls, simulation } = runOf([{ kind: 'retry' }])
    const committing = run.commit(['a'])
    await simulation.runFor(50)
    await run.close()
    expect(await committing).toEqual([])
    expect(calls).toHaveLength(1)
  })
})
