// The keyed state of one operator subtask at a barrier, on its way to bytes.
//
//   cut ─> encode, all steps at once                                        state that takes a few milliseconds
//   cut ─> encode, some steps ─> hold ─> ( steps | records )* ─> bytes      the rest of larger state
//                                    └─> release                            the checkpoint is given up
//
// The bytes are the same either way.

import type { RawTable } from './keyed-snapshot-format.ts'
import { KeyedSnapshotWriter, type KeyedSnapshotWriterInit } from './keyed-snapshot-writer.ts'
import type { Steps } from './steps.ts'
import type { TableCut } from './table-cut.ts'

/** State that was cut, and is to become bytes. */
export interface CutState {
  /** From here on the state may change: what is about to is kept first. Called between two steps, at most once. */
  hold(): void
  /** The bytes, in steps of a fraction of a millisecond. Once. */
  encode(): Steps<Uint8Array>
  /** Gives up what is held, encoded or not. Any number of times. */
  release(): void
}

/** Tables of one operator subtask, cut at the same moment. */
export class KeyedSnapshotCut implements CutState {
  readonly #writer: KeyedSnapshotWriter
  readonly #tables: readonly TableCut[]
  readonly #rawTables: readonly RawTable[]

  /** `rawTables` are copied behind the others. */
  constructor(
    init: KeyedSnapshotWriterInit,
    tables: readonly TableCut[],
    rawTables: readonly RawTable[] = [],
  ) {
    this.#writer = new KeyedSnapshotWriter(init)
    this.#tables = tables
    this.#rawTables = rawTables
  }

  hold(): void {
    for (const table of this.#tables) table.hold()
  }

  *encode(): Steps<Uint8Array> {
    try {
      for (const table of this.#tables) yield* table.writeInto(this.#writer)
      for (const table of this.#rawTables) yield* this.#writer.copyTableInSteps(table)
    } finally {
      this.release()
    }
    return yield* this.#writer.finishInSteps()
  }

  release(): void {
    for (const table of this.#tables) table.release()
  }
}
