/**
 * The entries of a map as they were at one moment, to be read bit by bit while the map goes on.
 *
 *   cut ─> read* (nothing may change)                          small state: read at once
 *   cut ─> hold ─> ( read | the map changes )* ─> release      large state: what is about to change is kept first
 */
export interface EntriesCut<K, V> {
  /** The number of entries in all. */
  readonly size: number
  /** From here on the map may change. One cut of a map holds it at a time; one that is read to its end need not. */
  hold(): void
  /** Calls `each` for the next entries, at most `countMax`, in the map's order. Answers how many there were: 0 at the end. */
  read(countMax: number, each: (value: V, key: K) => void): number
  /** Reads no more; what was kept goes away. Any number of times. */
  release(): void
}
