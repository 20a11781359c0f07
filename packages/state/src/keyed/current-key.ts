import { type Key, keyGroupOf, MillraceError } from '@millrace/core'

/**
 * The key that state access belongs to. Set for each record, so setting is two stores; the key group is hashed
 * only when a state is touched.
 */
export class CurrentKey {
  readonly #maxParallelism: number
  #key: Key | undefined
  #keyGroup = UNKNOWN

  constructor(maxParallelism: number) {
    this.#maxParallelism = maxParallelism
  }

  /** The key, or `undefined` when none is set. */
  get key(): Key | undefined {
    return this.#key
  }

  set(key: Key): void {
    this.#key = key
    this.#keyGroup = UNKNOWN
  }

  clear(): void {
    this.#key = undefined
    this.#keyGroup = UNKNOWN
  }

  /** @throws MillraceError `STATE_ACCESS_INVALID` when no key is set. */
  get keyGroup(): number {
    if (this.#keyGroup === UNKNOWN) this.#keyGroup = this.#hash()
    return this.#keyGroup
  }

  #hash(): number {
    if (this.#key === undefined) {
      throw new MillraceError('STATE_ACCESS_INVALID', {
        expected: 'a current key when keyed state is read or written',
        came: 'an access outside of a record or timer',
        todo:
          'Keyed state belongs to the key of the record being processed. Ask for the handle in open, ' +
          'but use it only in processElement and onTimer.',
      })
    }
    return keyGroupOf(this.#key, this.#maxParallelism)
  }
}

const UNKNOWN = -1
