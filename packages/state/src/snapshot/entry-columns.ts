// Entries as columns, so that they can be put in the order of their key groups without an object per entry: a
// counting sort over the group column, stable and linear.

import { assert } from '@millrace/core'
import type { AddGroupedEntry } from './keyed-snapshot-writer.ts'

/** A table's entries in the order of adding, to be taken out group by group. */
export class EntryColumns {
  readonly #keys: unknown[] = []
  readonly #values: unknown[] = []
  #namespaces: Float64Array = new Float64Array(FIRST_CAPACITY)
  #groups: Uint16Array = new Uint16Array(FIRST_CAPACITY)
  #count = 0

  add(keyGroup: number, key: unknown, namespace: number, value: unknown): void {
    const index = this.#count
    if (index === this.#groups.length) this.#grow()
    this.#groups[index] = keyGroup
    this.#namespaces[index] = namespace
    this.#keys.push(key)
    this.#values.push(value)
    this.#count = index + 1
  }

  /** Every entry, the key groups in order. */
  forEachByGroup(maxParallelism: number, take: AddGroupedEntry): void {
    const order = this.#sortedIndexes(maxParallelism)
    for (let position = 0; position < this.#count; position++) {
      const index = order[position] as number
      take(
        this.#groups[index] as number,
        this.#keys[index],
        this.#namespaces[index] as number,
        this.#values[index],
      )
    }
  }

  #sortedIndexes(maxParallelism: number): Uint32Array {
    const groups = this.#groups
    const count = this.#count
    const next = new Uint32Array(maxParallelism + 1)
    for (let index = 0; index < count; index++) {
      const group = groups[index] as number
      assert(group < maxParallelism, 'a key group is below maxParallelism')
      next[group + 1] = (next[group + 1] as number) + 1
    }
    for (let group = 0; group < maxParallelism; group++) {
      next[group + 1] = (next[group + 1] as number) + (next[group] as number)
    }
    const order = new Uint32Array(count)
    for (let index = 0; index < count; index++) {
      const group = groups[index] as number
      const position = next[group] as number
      order[position] = index
      next[group] = position + 1
    }
    return order
  }

  #grow(): void {
    const namespaces = new Float64Array(this.#namespaces.length * 2)
    namespaces.set(this.#namespaces)
    this.#namespaces = namespaces
    const groups = new Uint16Array(this.#groups.length * 2)
    groups.set(this.#groups)
    this.#groups = groups
  }
}

const FIRST_CAPACITY = 1024
