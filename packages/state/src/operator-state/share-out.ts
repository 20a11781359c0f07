// What one subtask gets of the non-keyed state of all old subtasks. Pure.
//
//   mode        same parallelism     another parallelism
//   split       its own list         all lists in the order of the old subtasks, cut into contiguous runs
//   union       all lists            all lists
//   broadcast   the map of any one   the map of any one

import { typesEqual } from '@millrace/core'
import { corruptSnapshot } from '../snapshot/corrupt-snapshot.ts'
import type { SnapshotEntry } from '../snapshot/snapshot-entry.ts'
import type {
  OperatorSnapshot,
  OperatorStateContent,
  OperatorStateInfo,
} from './operator-snapshot.ts'

/** Which subtask of how many. */
export interface SubtaskPlace {
  /** From 0. */
  readonly subtaskIndex: number
  readonly parallelism: number
}

/** The states of one new subtask, in the order in which they are first met. */
export function shareOut(
  snapshots: readonly OperatorSnapshot[],
  place: SubtaskPlace,
): readonly OperatorStateContent[] {
  const ordered = snapshots.toSorted((left, right) => left.subtaskIndex - right.subtaskIndex)
  checkOneRun(ordered)
  const infoByName = new Map<string, OperatorStateInfo>()
  for (const state of ordered.flatMap((snapshot) => snapshot.states)) {
    const known = infoByName.get(state.name)
    if (known === undefined) infoByName.set(state.name, state)
    else checkSameState(known, state)
  }
  return Array.from(infoByName.values(), ({ name, mode, keyType, valueType }) => ({
    name,
    mode,
    keyType,
    valueType,
    entries: entriesOf(name, mode, ordered, place),
  }))
}

function entriesOf(
  name: string,
  mode: OperatorStateInfo['mode'],
  snapshots: readonly OperatorSnapshot[],
  { subtaskIndex, parallelism }: SubtaskPlace,
): readonly SnapshotEntry[] {
  const lists = snapshots.flatMap((snapshot) =>
    snapshot.states
      .filter((state) => state.name === name)
      .map(({ entries }) => ({ snapshot, entries })),
  )
  if (mode === 'broadcast') return lists[0]?.entries ?? []
  const isSameParallelism = snapshots[0]?.parallelism === parallelism
  if (mode === 'split' && isSameParallelism) {
    return lists.find((list) => list.snapshot.subtaskIndex === subtaskIndex)?.entries ?? []
  }
  const all = lists.flatMap((list) => list.entries)
  if (mode === 'union') return all
  return all.slice(
    Math.floor((all.length * subtaskIndex) / parallelism),
    Math.floor((all.length * (subtaskIndex + 1)) / parallelism),
  )
}

function checkOneRun(snapshots: readonly OperatorSnapshot[]): void {
  const parallelisms = new Set(snapshots.map((snapshot) => snapshot.parallelism))
  const indexes = new Set(snapshots.map((snapshot) => snapshot.subtaskIndex))
  if (parallelisms.size > 1 || indexes.size < snapshots.length) {
    const came = snapshots.map(({ subtaskIndex, parallelism }) => `${subtaskIndex}/${parallelism}`)
    throw corruptSnapshot(
      'the operator state of a checkpoint',
      'one snapshot for each subtask of one parallelism',
      `the subtasks ${came.join(', ')}`,
    )
  }
}

function checkSameState(known: OperatorStateInfo, came: OperatorStateInfo): void {
  if (isSameState(known, came)) return
  throw corruptSnapshot(
    'the operator state of a checkpoint',
    `one mode and type of the state ${known.name} in all subtasks`,
    'different ones',
  )
}

/** Whether two states of the same name can hold the same content. */
export function isSameState(left: OperatorStateInfo, right: OperatorStateInfo): boolean {
  if (left.mode !== right.mode || !typesEqual(left.keyType, right.keyType)) return false
  if (left.valueType === undefined || right.valueType === undefined) {
    return left.valueType === right.valueType
  }
  return typesEqual(left.valueType, right.valueType)
}
