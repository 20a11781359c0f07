import type { EntriesCut } from '../keyed/entries-cut.ts'
import type { TableInfo } from './keyed-snapshot-format.ts'
import type { AddGroupedEntry, KeyedSnapshotWriter } from './keyed-snapshot-writer.ts'
import type { Steps } from './steps.ts'

/** A table as it was at one moment, to be written at once, or bit by bit after {@link hold}. */
export interface TableCut {
  /** From here on the table may change. */
  hold(): void
  /** Writes the table, with pauses. Once. */
  writeInto(writer: KeyedSnapshotWriter): Steps
  /** Gives up what is held, written or not. Any number of times. */
  release(): void
}

/** The entries of one key group. */
export interface GroupCut<V> {
  readonly keyGroup: number
  readonly entries: EntriesCut<unknown, V>
}

/** The cut of a table that keeps the entries of each key group for themselves. */
export class GroupedTableCut<V> implements TableCut {
  readonly #table: TableInfo
  readonly #groups: readonly GroupCut<V>[]
  readonly #stored: ((value: V) => unknown) | undefined

  /** Entries are written as what `stored` answers of their value; those of which it answers `undefined` are left out. */
  constructor(table: TableInfo, groups: readonly GroupCut<V>[], stored?: (value: V) => unknown) {
    this.#table = table
    this.#groups = groups
    this.#stored = stored
  }

  hold(): void {
    for (const { entries } of this.#groups) entries.hold()
  }

  *writeInto(writer: KeyedSnapshotWriter): Steps {
    const groups = this.#groups
    const entryCount = groups.reduce((sum, { entries }) => sum + entries.size, 0)
    let next = 0
    const read = (countMax: number, add: AddGroupedEntry): number => {
      for (; next < groups.length; next++) {
        const { keyGroup, entries } = groups[next] as GroupCut<V>
        const count = entries.read(countMax, this.#adding(keyGroup, add))
        if (count > 0) return count
        entries.release()
      }
      return 0
    }
    yield* writer.writeGroupedTableInSteps(this.#table, read, { entryCount })
  }

  release(): void {
    for (const { entries } of this.#groups) entries.release()
  }

  #adding(keyGroup: number, add: AddGroupedEntry): (value: V, key: unknown) => void {
    const stored = this.#stored
    if (stored === undefined) return (value, key) => add(keyGroup, key, 0, value)
    return (value, key) => {
      const written = stored(value)
      if (written !== undefined) add(keyGroup, key, 0, written)
    }
  }
}
