// A table outside of the job, with two sinks:
//
//   appendSink   two-phase commit: rows are prepared as a transaction before a checkpoint, and visible after it
//                  written ── prepare(id, rows) ──> prepared ── commit(id) ──> visible; committed twice, visible once
//   upsertSink   the last row of a key is visible at once; writing a row twice changes nothing
//
// A transaction of a checkpoint that never came to be complete stays prepared, and is never seen.

import {
  type Committer,
  type CommitterContext,
  type JsonValue,
  MillraceError,
  type Sink,
  type SinkWriter,
  type SinkWriterContext,
} from '@millrace/core'
import type { SimulatedServices } from './simulated-services.ts'

/** A table of a {@link SimulatedWorld}: what a database is to a job in production. */
export class SimulatedTable<Row> {
  readonly name: string
  readonly #services: SimulatedServices
  readonly #prepared = new Map<string, readonly Row[]>()
  readonly #committed = new Set<string>()
  readonly #appended: Row[] = []
  readonly #byKey = new Map<string, Row>()

  constructor(name: string, services: SimulatedServices) {
    this.name = name
    this.#services = services
  }

  /** What a reader of the table sees now: rows that were appended, in the order of their commits, then rows by key. */
  get rows(): readonly Row[] {
    return [...this.#appended, ...this.#byKey.values()]
  }

  /** Writes each row exactly once, by transactions. */
  appendSink(): Sink<Row> {
    const { name } = this
    return {
      name: `SimulatedTable(${name})`,
      describe: () => ({ table: name, sink: 'append' }),
      createWriter: (context) => new AppendWriter(this, this.#services, context),
      createCommitter: (context) => this.#committer(context),
    }
  }

  /** Writes the latest row of each key. */
  upsertSink(options: { readonly keyOf: (row: Row) => string }): Sink<Row> {
    const { name } = this
    return {
      name: `SimulatedTable(${name})`,
      describe: () => ({ table: name, sink: 'upsert' }),
      createWriter: (context) =>
        new UpsertWriter(this.#services, context, {
          system: `table ${name}`,
          apply: (rows) => {
            for (const row of rows) this.#byKey.set(options.keyOf(row), row)
          },
        }),
    }
  }

  /** Called by writers, when a request for it arrives. */
  prepare(transaction: string, rows: readonly Row[]): void {
    this.#prepared.set(transaction, rows)
  }

  #committer({ platform }: CommitterContext): Committer {
    return {
      commit: async (transactions) => {
        for (const transaction of transactions) {
          await this.#services.request(platform, `table ${this.name}`, () =>
            this.#commit(transaction as string),
          )
        }
      },
    }
  }

  #commit(transaction: string): void {
    if (this.#committed.has(transaction)) return
    const rows = this.#prepared.get(transaction)
    if (rows === undefined) {
      throw new MillraceError('SIMULATION_FAILED', {
        expected: `a transaction that was prepared in table ${this.name}`,
        came: transaction,
        todo: 'Committables must be those that a writer prepared.',
      })
    }
    this.#prepared.delete(transaction)
    this.#committed.add(transaction)
    this.#appended.push(...rows)
  }
}

class AppendWriter<Row> implements SinkWriter<Row> {
  readonly isAvailable = true
  readonly #table: SimulatedTable<Row>
  readonly #services: SimulatedServices
  readonly #context: SinkWriterContext
  #rows: Row[] = []

  constructor(table: SimulatedTable<Row>, services: SimulatedServices, context: SinkWriterContext) {
    this.#table = table
    this.#services = services
    this.#context = context
  }

  open(): void {}

  write(row: Row): void {
    this.#rows.push(structuredClone(row))
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    const rows = this.#rows
    this.#rows = []
    if (rows.length === 0) return []
    const { platform } = this.#context
    const transaction = platform.random.id()
    await this.#services.request(platform, `table ${this.#table.name}`, () =>
      this.#table.prepare(transaction, rows),
    )
    return [transaction]
  }

  snapshotState(): readonly JsonValue[] {
    return []
  }

  close(): void {}
}

/** Where the rows of an {@link UpsertWriter} go. */
interface UpsertTarget<Row> {
  readonly system: string
  readonly apply: (rows: readonly Row[]) => void
}

/** Sends rows in batches, one request after the other, and waits for all of them at each barrier. */
class UpsertWriter<Row> implements SinkWriter<Row> {
  readonly #services: SimulatedServices
  readonly #context: SinkWriterContext
  readonly #target: UpsertTarget<Row>
  #rows: Row[] = []
  #requests = 0
  #sent: Promise<void> = Promise.resolve()

  constructor(services: SimulatedServices, context: SinkWriterContext, target: UpsertTarget<Row>) {
    this.#services = services
    this.#context = context
    this.#target = target
  }

  get isAvailable(): boolean {
    return this.#requests < REQUESTS_MAX
  }

  open(): void {}

  write(row: Row): void {
    this.#rows.push(structuredClone(row))
    if (this.#rows.length < BATCH_ROWS) return
    // Whoever waits for the last request hears of the failure; without a barrier, the job hears of it here.
    this.#send().catch((error: unknown) => this.#context.fail(error))
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    await this.#send()
    return []
  }

  snapshotState(): readonly JsonValue[] {
    return []
  }

  close(): void {}

  #send(): Promise<void> {
    const rows = this.#rows
    if (rows.length === 0) return this.#sent
    this.#rows = []
    this.#requests++
    const { platform, wake } = this.#context
    const { system, apply } = this.#target
    this.#sent = this.#sent.then(async () => {
      await this.#services.request(platform, system, () => apply(rows))
      this.#requests--
      wake()
    })
    return this.#sent
  }
}

const BATCH_ROWS = 20
const REQUESTS_MAX = 4
