// The entries of a keyed state whose keys and values are numbers, or whose values are true and false: the same table as
// keyed-table.ts, with the same snapshots, in typed arrays. Records stay in the other one: there what a function keeps of an
// object is the stored object itself, which no array of numbers can offer.

import {
  assert,
  type KeyGroupRange,
  MillraceError,
  show,
  type TypeDescriptor,
} from '@millrace/core'
import type { TableEvolution } from '../evolution/stored-table-conversion.ts'
import type { TableInfo } from '../snapshot/keyed-snapshot-format.ts'
import type { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import { GroupedTableCut, type TableCut } from '../snapshot/table-cut.ts'
import type { CurrentKey } from './current-key.ts'
import { NumericMap } from './numeric-map.ts'
import type { StateTable } from './state-table.ts'

/** Whether a state with these keys and values can lie in a {@link NumericTable}. */
export function isNumericTable(
  kind: string,
  keyType: TypeDescriptor,
  valueType: TypeDescriptor,
): boolean {
  const isOneValue = kind === 'value' || kind === 'reducing' || kind === 'aggregating'
  return (
    isOneValue && isNumberType(keyType) && (isNumberType(valueType) || valueType.kind === 'boolean')
  )
}

/** A table of numbers or booleans by numbers: a {@link NumericMap} a key group. */
export class NumericTable implements StateTable<number | boolean> {
  readonly name: string
  readonly kind: string
  readonly valueType: TypeDescriptor
  readonly #current: CurrentKey
  readonly #range: KeyGroupRange
  readonly #groups: (NumericMap | undefined)[]
  readonly #isBoolean: boolean

  constructor(
    { name, kind, valueType }: TableInfo & { readonly valueType: TypeDescriptor },
    current: CurrentKey,
    keyGroupRange: KeyGroupRange,
  ) {
    this.name = name
    this.kind = kind
    this.valueType = valueType
    this.#current = current
    this.#range = keyGroupRange
    this.#groups = Array.from(
      { length: keyGroupRange.end - keyGroupRange.start + 1 },
      () => undefined,
    )
    this.#isBoolean = valueType.kind === 'boolean'
  }

  get(): number | boolean | undefined {
    const group = this.#groups[this.#current.keyGroup - this.#range.start]
    if (group === undefined) return undefined
    const value = group.get(this.#current.key as number)
    return this.#isBoolean && value !== undefined ? value !== 0 : value
  }

  put(value: number | boolean): void {
    const { keyGroup, key } = this.#current
    this.#set(keyGroup, key, value)
  }

  remove(): void {
    this.#groups[this.#current.keyGroup - this.#range.start]?.delete(this.#current.key as number)
  }

  *keys(): Iterable<unknown> {
    for (const group of this.#groups) {
      const keys: number[] = []
      group?.forEach((_value, key) => keys.push(key))
      yield* keys
    }
  }

  restoreFrom(
    reader: KeyedSnapshotReader,
    keyType: TypeDescriptor,
    evolution: TableEvolution = {},
  ): void {
    const { name, kind, valueType } = this
    reader.readTable(
      name,
      { kind, keyType, valueType, ...evolution },
      (key, _namespace, value, keyGroup) => this.#set(keyGroup, key, value as number | boolean),
    )
  }

  cut(): TableCut {
    const groups = this.#groups.flatMap((group, index) =>
      group === undefined ? [] : [{ keyGroup: this.#range.start + index, entries: group.cut() }],
    )
    return new GroupedTableCut(this, groups, this.#isBoolean ? (value) => value !== 0 : undefined)
  }

  #set(keyGroup: number, key: unknown, value: number | boolean): void {
    // Checked here: an array of numbers would make NaN of anything else.
    if (typeof key !== 'number') throw this.#mismatch('keys', 'a number', key)
    if (typeof value !== (this.#isBoolean ? 'boolean' : 'number')) {
      throw this.#mismatch('values', this.valueType.kind, value)
    }
    this.#groupOf(keyGroup).set(key, value as number)
  }

  #groupOf(keyGroup: number): NumericMap {
    const index = keyGroup - this.#range.start
    let group = this.#groups[index]
    if (group === undefined) {
      assert(
        index >= 0 && index < this.#groups.length,
        `key group ${keyGroup} is one of ${this.#range.start} to ${this.#range.end} of this subtask`,
      )
      group = new NumericMap()
      this.#groups[index] = group
    }
    return group
  }

  #mismatch(what: string, expected: string, came: unknown): MillraceError {
    return new MillraceError('TYPE_MISMATCH', {
      expected: `${what} of the state ${show(this.name)} to be ${expected}, as declared`,
      came: show(came),
      todo: 'Correct the function, or declare the type that it uses.',
      ids: { state: this.name },
    })
  }
}

/** Whether all values of a type are numbers in JavaScript, and none is missing. */
export function isNumberType({ kind }: TypeDescriptor): boolean {
  return NUMBERS.includes(kind)
}

const NUMBERS: readonly TypeDescriptor['kind'][] = [
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
]
