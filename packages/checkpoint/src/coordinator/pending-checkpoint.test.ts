import { describe, expect, test } from 'vitest'
import type { CheckpointMetadata, StateHandle } from '../metadata/checkpoint-metadata.ts'
import { METADATA_FORMAT_VERSION } from '../metadata/metadata-format.ts'
import { assembleMetadata } from './assemble-metadata.ts'
import {
  CHECKPOINT_TRANSITIONS,
  type CheckpointState,
  type OperatorSnapshot,
  PendingCheckpoint,
} from './pending-checkpoint.ts'

function pendingOf(...subtasks: string[]): PendingCheckpoint {
  return new PendingCheckpoint({
    checkpointId: 3,
    kind: 'checkpoint',
    triggeredAtMs: 100,
    subtasks,
  })
}

function snapshotOf(uid: string, subtaskIndex: number): OperatorSnapshot {
  const keyed: StateHandle = { kind: 'inline', bytes: Uint8Array.of(subtaskIndex) }
  return { uid, subtaskIndex, isFinished: false, slots: { keyed } }
}

describe('a pending checkpoint', () => {
  test('when the last task acknowledges, then it is fully acknowledged and may complete', () => {
    const pending = pendingOf('a', 'b')
    expect(pending.acknowledge('a', [])).toBe('accepted')
    expect(pending.isFullyAcknowledged).toBe(false)
    expect(pending.unacknowledged).toEqual(['b'])
    expect(() => pending.complete()).toThrow(/ASSERTION_FAILED/)
    expect(pending.acknowledge('b', [])).toBe('accepted')
    expect(pending.isFullyAcknowledged).toBe(true)
    pending.complete()
    expect(pending.state).toBe('completed')
  })

  test('when a task acknowledges twice, then the first counts', () => {
    const pending = pendingOf('a', 'b')
    pending.acknowledge('a', [snapshotOf('map', 0)])
    expect(pending.acknowledge('a', [snapshotOf('map', 1)])).toBe('duplicate')
    expect(pending.snapshots).toEqual([snapshotOf('map', 0)])
  })

  test('when a task acknowledges after the end, then it is late and changes nothing', () => {
    const aborted = pendingOf('a')
    aborted.abort('a task failed')
    expect(aborted.acknowledge('a', [snapshotOf('map', 0)])).toBe('late')
    expect(aborted.snapshots).toEqual([])
    expect(aborted.abortReason).toBe('a task failed')

    const completed = pendingOf('a')
    completed.acknowledge('a', [])
    completed.complete()
    expect(completed.acknowledge('a', [])).toBe('late')
  })

  test('when a task that is not waited for acknowledges, then it is unknown', () => {
    expect(pendingOf('a').acknowledge('z', [])).toBe('unknown-subtask')
  })

  test('when there is nothing to wait for, then it is fully acknowledged at once', () => {
    expect(pendingOf().isFullyAcknowledged).toBe(true)
  })

  test('when two tasks have one key, then that is a bug', () => {
    expect(() => pendingOf('a', 'a')).toThrow(/ASSERTION_FAILED/)
  })

  const moves: Readonly<Record<string, (pending: PendingCheckpoint) => void>> = {
    completed: (pending) => pending.complete(),
    aborted: (pending) => pending.abort('reason'),
    subsumed: (pending) => pending.subsume(),
  }
  const ways: Readonly<Record<CheckpointState, readonly string[]>> = {
    triggered: [],
    completed: ['completed'],
    aborted: ['aborted'],
    subsumed: ['subsumed'],
  }
  for (const from of Object.keys(ways) as CheckpointState[]) {
    for (const [to, move] of Object.entries(moves)) {
      const isLegal = CHECKPOINT_TRANSITIONS[from].includes(to as CheckpointState)
      test(`when it is ${from} and shall be ${to}, then that is ${isLegal ? 'done' : 'refused'}`, () => {
        const pending = pendingOf()
        for (const step of ways[from]) moves[step]?.(pending)
        if (isLegal) {
          move(pending)
          expect(pending.state).toBe(to)
        } else {
          expect(() => move(pending)).toThrow(/ILLEGAL_TRANSITION/)
          expect(pending.state).toBe(from)
        }
      })
    }
  }

  test('when the table of transitions is read, then it is that of the picture', () => {
    expect(CHECKPOINT_TRANSITIONS).toEqual({
      triggered: ['completed', 'aborted', 'subsumed'],
      completed: ['subsumed'],
      aborted: [],
      subsumed: [],
    })
  })
})

describe('assembleMetadata', () => {
  const map = { uid: 'map', name: 'to words', kind: 'map', parallelism: 2, maxParallelism: 128 }
  const facts = {
    jobName: 'words',
    graphHash: 'ab',
    oldestOwnId: 3,
    completedAtMs: 150,
    operators: [map],
  }

  function acknowledged(...snapshots: OperatorSnapshot[]): PendingCheckpoint {
    const pending = pendingOf('a')
    pending.acknowledge('a', snapshots)
    return pending
  }

  test('when all subtasks acknowledged, then they are in order', () => {
    const pending = acknowledged(snapshotOf('map', 1), snapshotOf('map', 0))
    const expected: CheckpointMetadata = {
      formatVersion: METADATA_FORMAT_VERSION,
      checkpointId: 3,
      kind: 'checkpoint',
      triggeredAtMs: 100,
      completedAtMs: 150,
      jobName: 'words',
      graphHash: 'ab',
      oldestOwnId: 3,
      operators: [
        {
          ...map,
          subtasks: [0, 1].map((subtaskIndex) => ({
            subtaskIndex,
            isFinished: false,
            slots: { keyed: { kind: 'inline', bytes: Uint8Array.of(subtaskIndex) } },
          })),
        },
      ],
    }
    expect(assembleMetadata(pending, facts)).toEqual(expected)
  })

  test.each([
    ['a subtask is missing', [snapshotOf('map', 0)]],
    ['a subtask is there twice', [snapshotOf('map', 0), snapshotOf('map', 0)]],
    [
      'an operator is not of the job',
      [snapshotOf('map', 0), snapshotOf('map', 1), snapshotOf('other', 0)],
    ],
  ])('when %s, then no metadata is made', (_, snapshots) => {
    expect(() => assembleMetadata(acknowledged(...snapshots), facts)).toThrow(/ASSERTION_FAILED/)
  })

  test('when not all tasks acknowledged, then no metadata is made', () => {
    expect(() => assembleMetadata(pendingOf('a'), { ...facts, operators: [] })).toThrow(
      /ASSERTION_FAILED/,
    )
  })
})
