import { describeType } from '../types/describe-type.ts'
import type { TypeDescriptor } from '../types/type-info.ts'

/**
 * What was generated for a type, kept so that structurally equal types share one record class and one codec.
 * Bounded: beyond `typesMax` (10 000 by default) the oldest entry goes. Nothing breaks when an entry is made again; a stream
 * then sees records of two classes of the same fields, which is slower.
 */
export class TypeCache<V> {
  readonly #build: (type: TypeDescriptor) => V
  readonly #typesMax: number
  readonly #entries = new Map<string, V>()

  constructor(build: (type: TypeDescriptor) => V, typesMax: number = CACHED_TYPES_MAX) {
    this.#build = build
    this.#typesMax = typesMax
  }

  get(type: TypeDescriptor): V {
    const key = describeType(type)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = this.#build(type)
      if (this.#entries.size >= this.#typesMax) this.#dropOldest()
      this.#entries.set(key, entry)
    }
    return entry
  }

  #dropOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key)
      return
    }
  }
}

/** Far above the types of any job; a SQL gateway that runs for months may meet more. */
const CACHED_TYPES_MAX = 10_000
