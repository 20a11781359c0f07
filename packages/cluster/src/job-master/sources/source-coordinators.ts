// The coordinators of all sources of a job, for one attempt.

import type { CheckpointMetadata, EnumeratorStates } from '@millrace/checkpoint'
import type { MillraceError, Platform, Source } from '@millrace/core'
import type { FunctionTable, JobGraph } from '@millrace/job-graph'
import type { SourceCommand, SourceEvent } from '@millrace/runtime'
import { type EnumeratorStart, SourceCoordinator } from './source-coordinator.ts'

/** What they are made from. */
export interface SourceCoordinatorsInit {
  readonly platform: Platform
  readonly graph: JobGraph
  readonly functions: FunctionTable
  /** The checkpoint that is restored. */
  readonly metadata: CheckpointMetadata | undefined
  readonly send: (vertexId: string, subtaskIndex: number, command: SourceCommand) => void
  readonly fail: (error: MillraceError) => void
}

/** One coordinator for each source; a source is the first operator of its vertex, so the vertex has its uid. */
export class SourceCoordinators {
  readonly #byVertex: ReadonlyMap<string, SourceCoordinator>

  constructor(init: SourceCoordinatorsInit) {
    this.#byVertex = new Map(
      init.graph.vertices.flatMap(({ id, parallelism, operators: [head] }) => {
        if (head?.kind !== 'source') return []
        const coordinator = new SourceCoordinator({
          platform: init.platform,
          source: init.functions.resolve<Source<unknown>>(head.functions['source']),
          uid: head.uid,
          name: head.name,
          parallelism,
          start: startOf(head.uid, init.metadata),
          send: (command, subtaskIndex) => init.send(id, subtaskIndex, command),
          fail: init.fail,
        })
        return [[id, coordinator] as const]
      }),
    )
  }

  /** Starts the enumerators; rejects with the first failure. */
  async start(): Promise<void> {
    await Promise.all([...this.#byVertex.values()].map((coordinator) => coordinator.start()))
  }

  onEvent(vertexId: string, subtaskIndex: number, event: SourceEvent): void {
    this.#byVertex.get(vertexId)?.onEvent(event, subtaskIndex)
  }

  /** The states of all enumerators at this moment, by operator uid. */
  snapshot(checkpointId: number): EnumeratorStates {
    return new Map(
      [...this.#byVertex].flatMap(([uid, coordinator]) => {
        const state = coordinator.snapshot(checkpointId)
        return state === undefined ? [] : [[uid, state] as const]
      }),
    )
  }

  notifyCheckpointComplete(checkpointId: number): void {
    for (const coordinator of this.#byVertex.values()) {
      coordinator.notifyCheckpointComplete(checkpointId)
    }
  }

  /** Resolves when all enumerators are closed. */
  async close(): Promise<void> {
    await Promise.all([...this.#byVertex.values()].map((coordinator) => coordinator.close()))
  }
}

function startOf(uid: string, metadata: CheckpointMetadata | undefined): EnumeratorStart {
  const old = metadata?.operators.find((operator) => operator.uid === uid)
  if (old === undefined) return { kind: 'fresh' }
  const { enumerator } = old
  return enumerator === undefined
    ? { kind: 'all-assigned' }
    : { kind: 'restored', state: enumerator }
}
