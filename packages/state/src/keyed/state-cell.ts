/** Where one state keeps what the current key has: a table of keys, or a slot of the current window. */
export interface StateCell<V> {
  /** What is there, or `undefined`. */
  get(): V | undefined
  /** Sets what is there. `value` becomes the cell's own, with copies of its strings. */
  put(value: V): void
  remove(): void
}
