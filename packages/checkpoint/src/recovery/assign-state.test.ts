import { keyGroupRangeFor, MillraceError } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CheckpointMetadata, StateHandle } from '../metadata/checkpoint-metadata.ts'
import { type AssignedState, assignState, type SubtaskAssignment } from './assign-state.ts'
import type { RestoringOperator } from './check-fit.ts'
import { dealtRun } from './deal.ts'

const SLOTS = ['keyed', 'operator', 'source', 'sink', 'accumulators']
const MAX_PARALLELISM = 16

describe('assignState', () => {
  const parallelism = fc.integer({ min: 1, max: MAX_PARALLELISM })

  test('when the parallelism is the same, then each subtask gets its own, and all operator state', () => {
    fc.assert(
      fc.property(parallelism, (same) => {
        assigned(same, same).forEach(({ slots }, subtaskIndex) => {
          for (const slot of SLOTS) {
            const all = slot === 'operator' ? range(same) : [subtaskIndex]
            expect(givers(slots[slot])).toEqual(all)
          }
        })
      }),
    )
  })

  test('when the parallelism changes, then each key group is in exactly one old and one new subtask', () => {
    fc.assert(
      fc.property(parallelism, parallelism, (before, after) => {
        fc.pre(before !== after)
        assigned(before, after).forEach(({ slots }, subtaskIndex) => {
          const wanted = keyGroupRangeFor(subtaskIndex, after, MAX_PARALLELISM)
          const needed = range(before).filter((old) => {
            const held = keyGroupRangeFor(old, before, MAX_PARALLELISM)
            return range(MAX_PARALLELISM).some(
              (group) =>
                group >= wanted.start &&
                group <= wanted.end &&
                group >= held.start &&
                group <= held.end,
            )
          })
          expect(givers(slots['keyed'])).toEqual(needed)
        })
      }),
    )
  })

  test('when the parallelism changes, then accumulators are neither lost nor counted twice', () => {
    fc.assert(
      fc.property(parallelism, parallelism, (before, after) => {
        const all = assigned(before, after).flatMap(({ slots }) => givers(slots['accumulators']))
        expect(all).toEqual(range(before))
      }),
    )
  })

  test('when the parallelism changes, then lists go to all subtasks to be dealt', () => {
    for (const { slots } of assigned(2, 3)) {
      expect(givers(slots['source'])).toEqual([0, 1])
      expect(givers(slots['operator'])).toEqual([0, 1])
    }
  })

  test('when some subtasks had finished, then those are finished again', () => {
    expect(assigned(2, 2, [0]).map((subtask) => subtask.isFinished)).toEqual([true, false])
    expect(assigned(2, 1, [0]).map((subtask) => subtask.isFinished)).toEqual([false])
    expect(assigned(2, 3, [0, 1]).map((subtask) => subtask.isFinished)).toEqual([true, true, true])
  })

  test('when an old subtask has no bytes in a slot, then it gives none', () => {
    const metadata = metadataOf(1, [])
    const [operator] = metadata.operators
    const without: CheckpointMetadata = {
      ...metadata,
      operators: [
        {
          ...operator!,
          subtasks: [{ subtaskIndex: 0, isFinished: true, slots: {} }],
        },
      ],
    }
    const assignment = assignState({ metadata: without, job: jobOf(1) })
    expect(assignment.get('count')).toEqual([{ subtaskIndex: 0, isFinished: true, slots: {} }])
  })

  test('when the job has an operator that the checkpoint does not know, then it starts empty', () => {
    const job = jobOf(1)
    const fresh = { ...job.operators[0]!, uid: 'new' }
    const assignment = assignState({
      metadata: metadataOf(1, []),
      job: { ...job, operators: [...job.operators, fresh] },
    })
    expect([...assignment.keys()]).toEqual(['count'])
  })
})

describe('assignState refuses', () => {
  test('when no operator of the checkpoint is in the job, then both jobs are named', () => {
    expectError(
      () => restore({ uid: 'other' }, 'flights'),
      'CHECKPOINT_OF_ANOTHER_JOB',
      /'flights'.*'words'.*'count'.*directory of its own/s,
    )
    expectError(
      () => restore({ uid: 'other' }),
      'CHECKPOINT_OF_ANOTHER_JOB',
      /The operators lost their uids/,
    )
  })

  test('when one operator with state is missing, then it is named', () => {
    const metadata = metadataOf(1, [])
    const other = { ...metadata.operators[0]!, uid: 'sum', name: 'sum up' }
    const both = { ...metadata, operators: [...metadata.operators, other] }
    expectError(
      () => assignState({ metadata: both, job: jobOf(1) }),
      'STATE_UNCLAIMED',
      /uid of 'sum' \(sum up\).*its uid back/s,
    )
  })

  test('when a missing operator had no state, then nothing is lost and all is well', () => {
    const metadata = metadataOf(1, [])
    const stateless = {
      ...metadata.operators[0]!,
      uid: 'map',
      subtasks: [{ subtaskIndex: 0, isFinished: false, slots: {} }],
    }
    const both = { ...metadata, operators: [...metadata.operators, stateless] }
    expect(assignState({ metadata: both, job: jobOf(1) }).size).toBe(1)
  })

  test('when maxParallelism changed, then the old one is named', () => {
    expectError(
      () => restore({ maxParallelism: 32 }),
      'STATE_INCOMPATIBLE',
      /maxParallelism 16.*got 32.*to 16 again/s,
    )
  })

  test('when maxParallelism changed of an operator without keyed state, then all is well', () => {
    const metadata = metadataOf(1, [], ['source'])
    const operators = [{ ...jobOf(1).operators[0]!, maxParallelism: 32 }]
    expect(assignState({ metadata, job: { name: 'words', operators } }).size).toBe(1)
  })
})

describe('dealtRun', () => {
  test('when a list is dealt, then the runs join to the whole and are of nearly one length', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), fc.integer({ min: 1, max: 50 }), (count, parallelism) => {
        let end = 0
        const lengths = range(parallelism).map((subtaskIndex) => {
          const run = dealtRun({ count, subtaskIndex, parallelism })
          expect(run.start).toBe(end)
          end = run.end
          return run.end - run.start
        })
        expect(end).toBe(count)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      }),
    )
  })
})

function assigned(
  before: number,
  after: number,
  finished: readonly number[] = [],
): readonly SubtaskAssignment[] {
  const assignment = assignState({ metadata: metadataOf(before, finished), job: jobOf(after) })
  const subtasks = assignment.get('count') ?? []
  expect(subtasks.map((subtask) => subtask.subtaskIndex)).toEqual(range(after))
  return subtasks
}

function restore(change: Partial<RestoringOperator>, name = 'words'): void {
  const operators = [{ ...jobOf(1).operators[0]!, ...change }]
  assignState({ metadata: metadataOf(1, []), job: { name, operators } })
}

function jobOf(parallelism: number): { name: string; operators: readonly RestoringOperator[] } {
  const operator = { uid: 'count', name: 'count words', maxParallelism: MAX_PARALLELISM }
  return { name: 'words', operators: [{ ...operator, parallelism }] }
}

function metadataOf(
  parallelism: number,
  finished: readonly number[],
  slots: readonly string[] = SLOTS,
): CheckpointMetadata {
  return {
    formatVersion: 1,
    checkpointId: 5,
    kind: 'checkpoint',
    triggeredAtMs: 0,
    completedAtMs: 1,
    jobName: 'words',
    graphHash: '',
    operators: [
      {
        uid: 'count',
        name: 'count words',
        kind: 'process',
        parallelism,
        maxParallelism: MAX_PARALLELISM,
        subtasks: range(parallelism).map((subtaskIndex) => ({
          subtaskIndex,
          isFinished: finished.includes(subtaskIndex),
          slots: Object.fromEntries(slots.map((slot) => [slot, handleOf(slot, subtaskIndex)])),
        })),
      },
    ],
  }
}

function handleOf(slot: string, subtaskIndex: number): StateHandle {
  return { kind: 'file', path: `${slot}-${subtaskIndex}`, offset: 0, sizeBytes: 1, crc32: 0 }
}

/** The old subtasks that give to a slot; each must give its own handle. */
function givers(states: readonly AssignedState[] = []): readonly number[] {
  return states.map(({ fromSubtaskIndex, handle }) => {
    expect(handle.kind === 'file' && handle.path).toMatch(new RegExp(`-${fromSubtaskIndex}$`))
    return fromSubtaskIndex
  })
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}

function expectError(act: () => unknown, code: string, message: RegExp): void {
  let error: unknown
  try {
    act()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(MillraceError)
  expect((error as MillraceError).code).toBe(code)
  expect((error as MillraceError).message).toMatch(message)
}
