// The sinks of the second branch that do not write files: they write to systems outside of the job.

import {
  AsyncSink,
  type CommitStage,
  type CommitStageContext,
  type CommitStageProcessor,
  type CommittableBatch,
  type JsonValue,
  type Sink,
} from 'millrace'
import type { SimulatedServices, SimulatedTable } from '@millrace/testing'
import type { Row } from './row.ts'

/** The systems outside, as the second branch of a job sees them. */
export interface Outside {
  readonly services: SimulatedServices
  /** What a sink of several operators writes, with transactions. */
  readonly table: SimulatedTable<Row>
  /** What an asynchronous sink has sent: each row at least once. */
  readonly sent: Row[]
}

/** Sends rows in batches to a service that turns some of them down. */
export function asyncSink({ services, sent }: Outside): Sink<Row> {
  return AsyncSink.of<Row, JsonValue>({
    name: 'a service',
    toRequest: (row) => ({ ...row }) as JsonValue,
    batchRequests: 10,
    timeInBuffer: '20 ms',
    createClient: ({ platform }) => ({
      send: (requests) =>
        services.request(platform, 'a service', () => {
          const taken = services.random.chance(0.9) ? requests.length : requests.length >> 1
          sent.push(...(requests.slice(0, taken) as Row[]))
          return requests.slice(taken)
        }),
    }),
  })
}

/** Writes transactions that one committer for the whole job commits, behind a stage of its own. */
export function tableSink({ table }: Outside, stageParallelism: number): Sink<Row> {
  const sink = table.appendSink()
  const stage: CommitStage = {
    name: 'wait for the next checkpoint',
    parallelism: stageParallelism,
    createProcessor: (context) => new WaitingStage(context),
  }
  return {
    name: sink.name,
    describe: () => sink.describe(),
    createWriter: (context) => sink.createWriter(context),
    createCommitter: (context) => sink.createCommitter?.(context) ?? { commit: async () => {} },
    commitParallelism: 1,
    preCommit: [stage],
  }
}

/** Hands batches on when the next checkpoint is complete; until then they are its state. */
class WaitingStage implements CommitStageProcessor {
  readonly #context: CommitStageContext
  #held: CommittableBatch[] = []

  constructor(context: CommitStageContext) {
    this.#context = context
  }

  open(states: readonly JsonValue[]): void {
    this.#held = states.map((state) => state as CommittableBatch)
  }

  process(batch: CommittableBatch): void {
    this.#held.push(batch)
  }

  onCheckpointComplete(): void {
    const held = this.#held
    this.#held = []
    for (const batch of held) this.#context.emit(batch)
  }

  get isHolding(): boolean {
    return this.#held.some(({ committables }) => committables.length > 0)
  }

  snapshotState(): readonly JsonValue[] {
    return [...this.#held]
  }
}
