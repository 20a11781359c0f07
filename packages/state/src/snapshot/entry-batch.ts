import { SnapshotEntry } from './snapshot-entry.ts'

/** The entries of one key group that wait to become a frame. Its objects are used again for the next frame, and snapshot. */
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

  /** Forgets the entries, so that nothing of a user is kept alive. */
  clear(): void {
    for (const entry of this.entries) {
      entry.key = undefined
      entry.value = undefined
    }
    this.count = 0
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

/**
 * Batches that wait to be used again. A snapshot whose entries come in any order needs one for each key group, all of its life; new
 * ones each time cost as much in garbage collections as the encoding.
 */
const FREE: EntryBatch[] = []

/** About 15 MB, if all are full. */
const FREE_MAX = 256

/** An empty batch. */
export function takeBatch(): EntryBatch {
  return FREE.pop() ?? new EntryBatch()
}

/** The batch is not used any more. */
export function giveBackBatch(batch: EntryBatch): void {
  if (FREE.length === FREE_MAX) return
  batch.clear()
  FREE.push(batch)
}
