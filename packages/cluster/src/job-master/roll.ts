/** Which executors have answered in the current phase of the current attempt. */
export class Roll {
  readonly #missing: Set<number>

  constructor(indices: Iterable<number>) {
    this.#missing = new Set(indices)
  }

  /** Notes an answer. True once, when it was the last one. */
  answer(index: number): boolean {
    return this.#missing.delete(index) && this.#missing.size === 0
  }
}
