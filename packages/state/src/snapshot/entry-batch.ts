import { SnapshotEntry } from './snapshot-entry.ts'

/** The entries of one key group that wait to become a frame. Its objects are used again for the next frame. */
export class EntryBatch {
  readonly entries: SnapshotEntry[] = []
  namespaces: Float64Array = new Float64Array(FIRST_CAPACITY)
  count = 0

  add(key: unknown, namespace: number, value: unknown): void {
    const index = this.count
    if (index === this.entries.length) this.#grow(key, value)
    const entry = this.entries[index] as SnapshotEntry
    entry.key = key
    entry.value = value
    this.namespaces[index] = namespace
    this.count = index + 1
  }

  #grow(key: unknown, value: unknown): void {
    this.entries.push(new SnapshotEntry(key, value))
    if (this.entries.length <= this.namespaces.length) return
    const namespaces = new Float64Array(this.namespaces.length * 2)
    namespaces.set(this.namespaces)
    this.namespaces = namespaces
  }
}

const FIRST_CAPACITY = 16
