// The timers of a queue at one moment. A timestamp that fires or loses its last key leaves the queue and stays in the cut, by the cut
// of the map of timestamps. Of the keys of one timestamp the first ones are those of the cut, in the order in which they came, as long
// as none goes: while the cut holds the queue, a key that is deleted is noted beside the set and taken out at the end.
//
// So nothing is copied, however many keys wait for the same moment.

import type { AddEntry, MapCut } from '@millrace/state'
import type { OperatorEntriesCut } from '../snapshots/hashed-table-cut.ts'

/** What has happened to the keys of one timestamp. */
interface TouchedKeys<K> {
  /** So many of the keys, the first ones, belong to the cut. */
  readonly sizeAtCut: number
  /** Keys that are still in the set, and deleted nevertheless. */
  readonly deleted: Set<K>
}

/** The pending timers of a queue, as they were. */
export class TimerCut<K> implements OperatorEntriesCut {
  readonly #timestamps: MapCut<number, Set<K>>
  readonly #setHolder: (cut: TimerCut<K> | undefined) => void
  readonly #touched = new Map<Set<K>, TouchedKeys<K>>()
  #isHolding = false
  #isReleased = false
  /** The timestamp that is being read. */
  #timestamp = 0
  #keys: Set<K> | undefined
  #keysToRead: Iterator<K> | undefined
  #keysLeft = 0

  /** `setHolder` tells the queue whom to ask before keys change, from `hold` to `release`. */
  constructor(
    timestamps: MapCut<number, Set<K>>,
    setHolder: (cut: TimerCut<K> | undefined) => void,
  ) {
    this.#timestamps = timestamps
    this.#setHolder = setHolder
  }

  /** The number of timestamps: at least so many timers there are. */
  get size(): number {
    return this.#timestamps.size
  }

  /** From here on the queue may change. */
  hold(): void {
    if (this.#isReleased) return
    this.#isHolding = true
    this.#timestamps.hold()
    // It may be one of many keys, of which some are read.
    if (this.#keys !== undefined) this.#touch(this.#keys)
    this.#setHolder(this)
  }

  /** A key is about to be added to those of a timestamp. True if it was among them, deleted; then nothing is left to do. */
  putBack(keys: Set<K>, key: K): boolean {
    return this.#touch(keys).deleted.delete(key)
  }

  /** Deletes a key from those of a timestamp. Answers how many are left; `undefined` if it was not there. */
  takeOut(keys: Set<K>, key: K): number | undefined {
    if (!keys.has(key)) return undefined
    const { deleted } = this.#touch(keys)
    if (deleted.has(key)) return undefined
    deleted.add(key)
    return keys.size - deleted.size
  }

  /** The keys of a timestamp without those that were deleted. */
  pending(keys: ReadonlySet<K>): ReadonlySet<K> {
    const deleted = this.#touched.get(keys as Set<K>)?.deleted
    if (deleted === undefined || deleted.size === 0) return keys
    return new Set([...keys].filter((key) => !deleted.has(key)))
  }

  /** Adds the next timers, at most `countMax`, as entries without a value. Answers how many there were: 0 at the end. */
  read(countMax: number, add: AddEntry): number {
    let left = countMax
    while (left > 0 && this.#findKeys()) {
      const count = Math.min(left, this.#keysLeft)
      const keys = this.#keysToRead as Iterator<K>
      for (let read = 0; read < count; read++) {
        add(keys.next().value as K, this.#timestamp, undefined)
      }
      left -= count
      this.#keysLeft -= count
      if (this.#keysLeft > 0 && this.#isHolding) this.#touch(this.#keys as Set<K>)
    }
    return countMax - left
  }

  /** Reads no more. Any number of times. */
  release(): void {
    this.#isReleased = true
    this.#timestamps.release()
    this.#keys = undefined
    this.#keysLeft = 0
    for (const [keys, { deleted }] of this.#touched) for (const key of deleted) keys.delete(key)
    this.#touched.clear()
    if (!this.#isHolding) return
    this.#isHolding = false
    this.#setHolder(undefined)
  }

  /** Goes on to the next timestamp if the last one is read. False at the end. */
  #findKeys(): boolean {
    if (this.#keysLeft > 0) return true
    this.#keys = undefined
    const found = this.#timestamps.read(1, (keys, timestamp) => {
      this.#timestamp = timestamp
      this.#keys = keys
      this.#keysToRead = keys.values()
      this.#keysLeft = this.#touched.get(keys)?.sizeAtCut ?? keys.size
    })
    return found > 0
  }

  #touch(keys: Set<K>): TouchedKeys<K> {
    let touched = this.#touched.get(keys)
    if (touched === undefined) {
      touched = { sizeAtCut: keys.size, deleted: new Set() }
      this.#touched.set(keys, touched)
    }
    return touched
  }
}
