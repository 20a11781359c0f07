// Any state of any operator, read from a checkpoint by its name alone: kinds and types are in the snapshots.

import type { CheckpointMetadata, OperatorCheckpoint, StateHandle } from '@millrace/checkpoint'
import { MillraceError, show } from '@millrace/core'
import { decodeOperatorState, dropTimes, KeyedSnapshotReader } from '@millrace/state'

/** Where to look. */
export interface StateOfCheckpointInit {
  readonly metadata: CheckpointMetadata
  readonly readBytes: (handle: StateHandle) => Promise<Uint8Array>
}

/** The names of one kind, and how to read one of them. */
interface NamedStates {
  readonly names: readonly string[]
  readonly read: (name: string) => Map<unknown, unknown>
}

/**
 * A state of an operator: by key if it is keyed; by its own keys if it was broadcast; by subtask index if it is a list that
 * belongs to no key.
 *
 * @throws MillraceError `STATE_ACCESS_INVALID` if the operator has no such state.
 */
export async function stateOfCheckpoint(
  { metadata, readBytes }: StateOfCheckpointInit,
  uid: string,
  name: string,
): Promise<ReadonlyMap<unknown, unknown>> {
  const operator = metadata.operators.find((each) => each.uid === uid)
  if (operator === undefined) return new Map()
  const slot = (slotName: string): Promise<readonly Uint8Array[]> =>
    Promise.all(
      operator.subtasks.flatMap(({ slots }) => {
        const handle = slots[slotName]
        return handle === undefined ? [] : [readBytes(handle)]
      }),
    )
  const kinds = [keyedStates(await slot('keyed'), operator), operatorStates(await slot('operator'))]
  const found = kinds.find(({ names }) => names.includes(name))
  if (found !== undefined) return found.read(name)
  throw unknownState(
    operator,
    name,
    kinds.flatMap(({ names }) => names),
  )
}

function keyedStates(
  snapshots: readonly Uint8Array[],
  { maxParallelism }: OperatorCheckpoint,
): NamedStates {
  const reader = new KeyedSnapshotReader(snapshots, { start: 0, end: maxParallelism - 1 })
  const tables = reader.unclaimedTables().filter((table) => !table.name.startsWith('$'))
  return {
    names: tables.map((table) => table.name),
    read: (name) => {
      const values = new Map<unknown, unknown>()
      const table = tables.find((each) => each.name === name)
      if (table !== undefined) {
        const plain = table.hasTimes === true ? dropTimes(table.kind) : (value: unknown) => value
        table.forEachEntry((key, _namespace, value) => values.set(key, plain(value)))
      }
      return values
    },
  }
}

function operatorStates(snapshots: readonly Uint8Array[]): NamedStates {
  const decoded = snapshots.map(decodeOperatorState)
  return {
    names: decoded.flatMap(({ states }) => states.map((state) => state.name)),
    read: (name) => {
      const values = new Map<unknown, unknown>()
      for (const { subtaskIndex, states } of decoded) {
        for (const { mode, entries } of states.filter((state) => state.name === name)) {
          if (mode === 'broadcast') for (const { key, value } of entries) values.set(key, value)
          else
            values.set(
              subtaskIndex,
              entries.map(({ key }) => key),
            )
        }
      }
      return values
    },
  }
}

function unknownState(
  { name: operatorName }: OperatorCheckpoint,
  name: string,
  names: readonly string[],
): MillraceError {
  const known = [...new Set(names)].map((each) => show(each)).join(', ')
  return new MillraceError('STATE_ACCESS_INVALID', {
    expected: `a state of '${operatorName}': ${known === '' ? 'it has none' : known}`,
    came: show(name),
    todo: 'Use the name in the descriptor of the state; one that was never declared is not there.',
    ids: { state: name },
  })
}
