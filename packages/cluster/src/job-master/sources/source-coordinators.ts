// The coordinators of all sources of a job, for one attempt, and the groups of sources that wait for each other.

import type { CheckpointMetadata, EnumeratorStates } from '@millrace/checkpoint'
import type {
  MillraceError,
  Platform,
  Source,
  Timer,
  WatermarkAlignment,
  WatermarkStrategyConfig,
} from '@millrace/core'
import type { FunctionTable, JobGraph, JobOperator, JobVertex } from '@millrace/job-graph'
import type { SourceCommand, SourceEvent } from '@millrace/runtime'
import { AlignmentGroup } from './alignment-group.ts'
import {
  type EnumeratorStart,
  SourceCoordinator,
  type WatermarkReport,
} from './source-coordinator.ts'

/** What they are made from. */
export interface SourceCoordinatorsInit {
  readonly platform: Platform
  readonly graph: JobGraph
  readonly functions: FunctionTable
  /** The checkpoint that is restored. */
  readonly metadata: CheckpointMetadata | undefined
  readonly send: (vertexId: string, subtaskIndex: number, command: SourceCommand) => void
  readonly fail: (error: MillraceError) => void
  /** Whether any source is working off a backlog: whenever it has changed. */
  readonly onBacklog: (isProcessingBacklog: boolean) => void
}

/** One coordinator for each source; a source is the first operator of its vertex, so the vertex has its uid. */
export class SourceCoordinators {
  readonly #init: SourceCoordinatorsInit
  readonly #byVertex = new Map<string, SourceCoordinator>()
  readonly #groups = new Map<string, AlignmentGroup>()
  readonly #alignmentTimers = new Map<string, Timer>()
  readonly #withBacklog = new Set<string>()

  constructor(init: SourceCoordinatorsInit) {
    this.#init = init
    for (const vertex of init.graph.vertices) {
      const [head] = vertex.operators
      if (head?.kind === 'source') this.#byVertex.set(vertex.id, this.#create(vertex, head))
    }
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
    for (const timer of this.#alignmentTimers.values()) timer.cancel()
    await Promise.all([...this.#byVertex.values()].map((coordinator) => coordinator.close()))
  }

  #create({ id, parallelism }: JobVertex, head: JobOperator): SourceCoordinator {
    const { platform, functions, metadata, send, fail } = this.#init
    const { alignment } = head.config['watermarks'] as unknown as WatermarkStrategyConfig
    if (alignment !== undefined) this.#groupOf(alignment).addSource(id, alignment.maxDriftMs)
    return new SourceCoordinator({
      platform,
      source: functions.resolve<Source<unknown>>(head.functions['source']),
      uid: head.uid,
      name: head.name,
      parallelism,
      start: startOf(head.uid, metadata),
      send: (command, subtaskIndex) => send(id, subtaskIndex, command),
      fail,
      onWatermark: (subtaskIndex, report) => {
        if (alignment !== undefined) this.#align(alignment, { vertexId: id, subtaskIndex }, report)
      },
      onBacklog: (isProcessingBacklog) => this.#onBacklog(id, isProcessingBacklog),
    })
  }

  #groupOf({ group }: WatermarkAlignment): AlignmentGroup {
    let readers = this.#groups.get(group)
    if (readers === undefined) {
      readers = new AlignmentGroup()
      this.#groups.set(group, readers)
    }
    return readers
  }

  /** The reports of one interval are answered together. */
  #align(
    alignment: WatermarkAlignment,
    reader: { readonly vertexId: string; readonly subtaskIndex: number },
    { watermark, isIdle }: WatermarkReport,
  ): void {
    const { group, updateIntervalMs } = alignment
    this.#groupOf(alignment).report(reader, watermark, isIdle)
    if (this.#alignmentTimers.has(group)) return
    const timer = this.#init.platform.timers.after(updateIntervalMs, () => {
      this.#alignmentTimers.delete(group)
      for (const { vertexId, maxWatermark } of this.#groupOf(alignment).takeChanges()) {
        const { parallelism = 0 } = this.#byVertex.get(vertexId) ?? {}
        for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
          this.#init.send(vertexId, subtaskIndex, { kind: 'align', maxWatermark })
        }
      }
    })
    this.#alignmentTimers.set(group, timer)
  }

  #onBacklog(vertexId: string, isProcessingBacklog: boolean): void {
    const before = this.#withBacklog.size > 0
    if (isProcessingBacklog) this.#withBacklog.add(vertexId)
    else this.#withBacklog.delete(vertexId)
    const after = this.#withBacklog.size > 0
    if (after !== before) this.#init.onBacklog(after)
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
