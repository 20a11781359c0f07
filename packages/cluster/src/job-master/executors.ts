// The executors that a job master has: which are there, where a task is, and what is said to all of them.

import type { JobGraph } from '@millrace/job-graph'
import { channelName, targetsOf } from '../gateways/channel-layout.ts'
import type { ExecutorHandle, ExecutorPool } from '../gateways/executor-pool.ts'
import type { ExecutorCommand, Placement } from '../gateways/messages.ts'
import { Roll } from './roll.ts'

/** What they are made from. */
export interface ExecutorsInit {
  readonly pool: ExecutorPool
  readonly graph: JobGraph
  readonly placement: Placement
}

/** The executors of one job. */
export class Executors {
  readonly #init: ExecutorsInit
  readonly #byIndex = new Map<number, ExecutorHandle>()

  constructor(init: ExecutorsInit) {
    this.#init = init
  }

  /** How many there are at this moment. */
  get count(): number {
    return this.#byIndex.size
  }

  /** The indices of those that are still to be started. */
  get missing(): readonly number[] {
    return Array.from({ length: this.#init.pool.size }, (_, index) => index).filter(
      (index) => !this.#byIndex.has(index),
    )
  }

  add(executor: ExecutorHandle): void {
    this.#byIndex.set(executor.index, executor)
  }

  /** Forgets one that was lost. */
  remove(index: number): void {
    this.#byIndex.delete(index)
  }

  /** Where a task is placed; `undefined` while that executor is not there. */
  of(vertexId: string, subtaskIndex: number): ExecutorHandle | undefined {
    return this.#byIndex.get(this.#init.placement[vertexId]?.[subtaskIndex] ?? -1)
  }

  /** A roll on which each of them is to answer once. */
  roll(): Roll {
    return new Roll(this.#byIndex.keys())
  }

  broadcast(command: ExecutorCommand): void {
    for (const executor of this.#byIndex.values()) executor.control.post(command)
  }

  /** Says to each what `commandFor` makes for it. */
  tellEach(commandFor: (index: number) => ExecutorCommand): void {
    for (const executor of this.#byIndex.values()) {
      executor.control.post(commandFor(executor.index))
    }
  }

  /** Opens the channels of an attempt between tasks of different executors. */
  connectChannels(attempt: number): void {
    const { graph, pool } = this.#init
    for (const edge of graph.edges) {
      const source = graph.vertices.find(({ id }) => id === edge.fromVertex)
      const target = graph.vertices.find(({ id }) => id === edge.toVertex)
      if (source === undefined || target === undefined) continue
      for (let from = 0; from < source.parallelism; from++) {
        for (const to of targetsOf(edge, from, source, target)) {
          const left = this.of(source.id, from)
          const right = this.of(target.id, to)
          if (left !== right && left !== undefined && right !== undefined) {
            pool.connect(left, right, `${attempt}/${channelName(edge, from, to)}`)
          }
        }
      }
    }
  }
}
