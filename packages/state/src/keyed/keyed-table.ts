// The entries of one keyed state: a map a key group, made when its first key comes. What a key has is changed in
// place wherever possible; replacing small objects all the time costs long garbage collections.

import { assert, type KeyGroupRange, type TypeDescriptor } from '@millrace/core'
import type { TableEvolution } from '../evolution/stored-table-conversion.ts'
import type { TableInfo } from '../snapshot/keyed-snapshot-format.ts'
import type { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import { valueCopier } from '../snapshot/copy-value.ts'
import { type OwnStrings, ownedStrings, ownString } from '../snapshot/owned-strings.ts'
import { GroupedTableCut, type TableCut } from '../snapshot/table-cut.ts'
import type { CurrentKey } from './current-key.ts'
import { type CopyValue, KeyMap } from './key-map.ts'
import type { StateTable } from './state-table.ts'

/** The table for keys and values of any type. */
export class KeyedTable<V> implements StateTable<V> {
  readonly name: string
  readonly kind: string
  readonly valueType: TypeDescriptor
  readonly hasTimes: true | undefined
  readonly #current: CurrentKey
  readonly #range: KeyGroupRange
  readonly #groups: (KeyMap<unknown, V> | undefined)[]
  readonly #ownStrings: OwnStrings | undefined
  readonly #copy: CopyValue<V> | undefined
  #storedNow: (() => (value: V) => V | undefined) | undefined

  constructor(
    { name, kind, valueType, hasTimes }: TableInfo & { readonly valueType: TypeDescriptor },
    current: CurrentKey,
    keyGroupRange: KeyGroupRange,
  ) {
    this.name = name
    this.kind = kind
    this.valueType = valueType
    this.hasTimes = hasTimes
    this.#current = current
    this.#range = keyGroupRange
    this.#groups = Array.from(
      { length: keyGroupRange.end - keyGroupRange.start + 1 },
      () => undefined,
    )
    this.#ownStrings = ownedStrings(valueType)
    this.#copy = valueCopier(valueType) as CopyValue<V> | undefined
  }

  /** The keys and what they have, a map a key group; for sweeps. */
  get groups(): readonly (KeyMap<unknown, V> | undefined)[] {
    return this.#groups
  }

  /** What the current key has, or `undefined`. */
  get(): V | undefined {
    return this.#groups[this.#current.keyGroup - this.#range.start]?.get(this.#current.key)
  }

  /** Sets what the current key has. `value` becomes the table's own, with copies of its strings. */
  put(value: V): void {
    const group = this.#groupOf(this.#current.keyGroup)
    const { key } = this.#current
    const own = this.#ownStrings
    const kept = own === undefined ? value : (own(value) as V)
    group.set(typeof key === 'string' && !group.hasKey(key) ? ownString(key) : key, kept)
  }

  /** Removes what the current key has. */
  remove(): void {
    this.#groups[this.#current.keyGroup - this.#range.start]?.delete(this.#current.key)
  }

  /** The keys that have something. */
  *keys(): Iterable<unknown> {
    for (const group of this.#groups) if (group !== undefined) yield* group.keys()
  }

  /**
   * Snapshots hold what is answered of each value, and nothing where that is undefined. `storedNow` is called at the cut, and what it
   * answers for each value.
   */
  leaveOut(storedNow: () => (value: V) => V | undefined): void {
    this.#storedNow = storedNow
  }

  /** Reads the table from the checkpoint that the subtask was restored from, if it is there. */
  restoreFrom(
    reader: KeyedSnapshotReader,
    keyType: TypeDescriptor,
    evolution: TableEvolution = {},
  ): void {
    const { kind, valueType, hasTimes } = this
    reader.readTable(
      this.name,
      { kind, keyType, valueType, hasTimes, ...evolution },
      (key, _namespace, value, keyGroup) => {
        this.#groupOf(keyGroup).set(key, value as V)
      },
    )
  }

  cut(): TableCut {
    const groups = this.#groups.flatMap((group, index) =>
      group === undefined ? [] : [{ keyGroup: this.#range.start + index, entries: group.cut() }],
    )
    return new GroupedTableCut<V>(this, groups, this.#storedNow?.())
  }

  #groupOf(keyGroup: number): KeyMap<unknown, V> {
    const index = keyGroup - this.#range.start
    let group = this.#groups[index]
    if (group === undefined) {
      assert(
        index >= 0 && index < this.#groups.length,
        `key group ${keyGroup} is one of ${this.#range.start} to ${this.#range.end} of this subtask`,
      )
      group = new KeyMap(this.#copy)
      this.#groups[index] = group
    }
    return group
  }
}
