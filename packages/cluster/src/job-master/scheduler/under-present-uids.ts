// A checkpoint of an earlier version of the program, read as one of this version: operators whose uid has changed are found
// under the uid hash that the program gives them. A pure function.

import type { CheckpointMetadata } from '@millrace/checkpoint'
import type { JobGraph } from '@millrace/job-graph'

/** The metadata with the uids of `graph`. An operator that the checkpoint knows under its own uid keeps that state. */
export function underPresentUids(
  metadata: CheckpointMetadata,
  graph: JobGraph,
): CheckpointMetadata {
  const stored = new Set(metadata.operators.map(({ uid }) => uid))
  const presentUids = new Map<string, string>()
  for (const { operators } of graph.vertices) {
    for (const { uid, uidHash } of operators) {
      if (uidHash !== undefined && !stored.has(uid)) presentUids.set(uidHash, uid)
    }
  }
  if (presentUids.size === 0) return metadata
  const operators = metadata.operators.map((operator) => ({
    ...operator,
    uid: presentUids.get(operator.uid) ?? operator.uid,
  }))
  return { ...metadata, operators }
}
