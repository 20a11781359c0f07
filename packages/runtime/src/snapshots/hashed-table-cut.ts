import {
  type AddEntry,
  type KeyedSnapshotWriter,
  type Steps,
  type TableCut,
  type TableInfo,
  valueCopier,
} from '@millrace/state'

/** The entries of a table of an operator at one moment. The calls are those of `EntriesCut` in `@millrace/state`. */
export interface OperatorEntriesCut {
  /** About how many entries there are. */
  readonly size: number
  hold(): void
  /** Adds what about `countMax` of the operator's entries are in the snapshot. Answers 0 at the end. */
  read(countMax: number, add: AddEntry): number
  release(): void
}

/** The cut of a table whose entries do not lie by key group: each key is hashed when it is written. */
export class HashedTableCut implements TableCut {
  readonly #table: TableInfo
  readonly #entries: OperatorEntriesCut

  constructor(table: TableInfo, entries: OperatorEntriesCut) {
    this.#table = table
    this.#entries = entries
  }

  hold(): void {
    this.#entries.hold()
  }

  *writeInto(writer: KeyedSnapshotWriter): Steps {
    const { valueType } = this.#table
    yield* writer.writeTableInSteps(
      this.#table,
      (countMax, add) => this.#entries.read(countMax, add),
      {
        entryCount: this.#entries.size,
        hasFixedValues: valueType === undefined || valueCopier(valueType) === undefined,
      },
    )
    this.#entries.release()
  }

  release(): void {
    this.#entries.release()
  }
}
