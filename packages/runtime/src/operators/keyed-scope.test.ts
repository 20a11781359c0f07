import { type TypeDescriptor, Types } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { SnapshotEncoder } from '../snapshots/snapshot-encoder.ts'
import { KeyedScope } from './keyed-scope.ts'
import type { OperatorContext } from './operator.ts'

interface Init {
  readonly keyType?: TypeDescriptor
  readonly valueType?: TypeDescriptor
  readonly keys?: number
  readonly attempt?: number
  readonly subtaskIndex?: number
}

/** What is logged when an operator with so many keys takes two snapshots. */
function warningsOf(init: Init): readonly string[] {
  const { keyType = Types.any(), valueType = Types.any(), keys = 20_000 } = init
  const warnings: string[] = []
  const snapshots = new SnapshotEncoder({ clock: { monotonicMs: () => 0 }, wake: () => {} })
  snapshots.begin(1)
  const context = {
    platform: { log: { warn: (message: string) => void warnings.push(message) } },
    operator: { uid: 'totals', name: 'running totals', keyType },
    subtaskIndex: init.subtaskIndex ?? 0,
    attempt: init.attempt ?? 0,
    maxParallelism: 128,
    keyGroupRange: { start: 0, end: 127 },
    restored: { slot: () => [] },
    snapshots,
  } as unknown as OperatorContext
  const scope = new KeyedScope<string>(context, 0, () => {})
  const state = scope.states.getListState({ name: 'seen', type: valueType })
  for (let index = 0; index < keys; index++) {
    scope.states.setCurrentKey(`key ${index}`)
    state.add({ index })
  }
  scope.snapshot()
  scope.snapshot()
  return warnings
}

describe('a snapshot of keyed state without a type', () => {
  test('when it is large, then its cost is told once, with the operator and what has no type', () => {
    expect(warningsOf({})).toEqual([
      expect.stringMatching(
        /^the keys and the state 'seen' of 'running totals' have no type: .*msgpackr/,
      ),
    ])
    expect(warningsOf({ keyType: Types.string })).toEqual([
      expect.stringMatching(/^the state 'seen' of 'running totals'/),
    ])
    expect(warningsOf({ valueType: Types.record({ index: Types.int }) })).toEqual([
      expect.stringMatching(/^the keys of 'running totals'/),
    ])
  })

  test.each<[string, Init]>([
    ['small', { keys: 100 }],
    ['typed', { keyType: Types.string, valueType: Types.record({ index: Types.int }) }],
    ['of another subtask', { subtaskIndex: 1 }],
    ['after a restart', { attempt: 1 }],
  ])('when it is %s, then nothing is told', (_what, init) => {
    expect(warningsOf(init)).toEqual([])
  })
})
