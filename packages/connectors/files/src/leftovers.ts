// What an earlier attempt left in the folder of a sink and no checkpoint will ever commit. Each subtask looks after the files of
// the old subtasks it stands for (old index modulo parallelism).
//
//   the writer commits itself       it is given all committables: every other pending file is a leftover
//   others commit (compaction)      committables may be in any operator's state: a leftover is what is younger than the checkpoint,
//                                   by the attempt and number in its name
//   no checkpoint                   only earlier attempts of this run can have left any

import type { JsonValue, RestoredSinkState, SinkWriterContext } from '@millrace/core'
import { type PartNaming, type PartOrigin, pendingPartOrigin, runOf } from './part-names.ts'
import { nextPartsOf, openPartsOf, partPathsOf } from './part-state.ts'
import { joinPath } from './paths.ts'

/** Whose leftovers are looked for. */
export interface LeftoverSearch {
  readonly naming: PartNaming
  readonly context: SinkWriterContext
  readonly restored: RestoredSinkState
  /** Whether the committables of a checkpoint are given to this writer, all of them. */
  readonly isGivenCommittables: boolean
  /** Whether parts may lie in folders below that of the sink. */
  readonly hasBuckets: boolean
}

/** Removes the leftovers that this writer answers for. */
export async function removeLeftovers(search: LeftoverSearch): Promise<void> {
  const { naming, context, restored } = search
  const { files } = context.platform
  const kept = keptPaths(restored)
  const next = nextPartsOf(restored.states)
  const visit = async (folder: string): Promise<void> => {
    for (const { name, isDirectory } of await files.list(folder)) {
      const path = joinPath(folder, name)
      if (isDirectory) {
        if (search.hasBuckets && !name.startsWith('.')) await visit(path)
        continue
      }
      const origin = pendingPartOrigin(naming, name)
      if (origin === undefined || kept.has(path)) continue
      if (isLeftover(origin, search, next)) await files.remove(path)
    }
  }
  await visit(naming.directory)
}

function isLeftover(
  origin: PartOrigin,
  { context, restored, isGivenCommittables }: LeftoverSearch,
  nextParts: readonly PartOrigin[],
): boolean {
  const { subtaskIndex, parallelism, runId } = context
  if (origin.subtaskIndex % parallelism !== subtaskIndex) return false
  const isOfThisRun = origin.run === runOf(runId)
  if (!restored.isRestored) return isOfThisRun
  if (isGivenCommittables) return true
  const next = nextParts.find((part) => part.subtaskIndex === origin.subtaskIndex)
  // The checkpoint is one of an earlier run, so it is older than all of this run.
  if (next === undefined || next.run !== origin.run) return isOfThisRun
  const isOfLaterAttempt = origin.attempt > next.attempt
  return isOfLaterAttempt || (origin.attempt === next.attempt && origin.number >= next.number)
}

function keptPaths({ committables, states }: RestoredSinkState): ReadonlySet<string> {
  const given = committables.map((committable: JsonValue) => partPathsOf(committable).pending)
  return new Set([...given, ...openPartsOf(states).map(({ pending }) => pending)])
}
