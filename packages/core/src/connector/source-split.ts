/**
 * A part of the input that one reader reads in order: a file, a range of it, a partition. Plain JSON; the state of a split
 * that is partly read has the same shape.
 */
export interface SourceSplit {
  /** Differs between any two splits of a source, and stays the same for the life of the split. */
  readonly splitId: string
}
