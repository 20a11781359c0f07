/**
 * The arrays or maps of one column while a frame is read: made empty when their length is met in the parent table,
 * filled when the reader comes to the child table.
 */
export class RowGroups<Group> {
  readonly groups: Group[] = []
  readonly sizes: number[] = []
  /** The rows of the child table: the sum of all sizes. */
  rowCount = 0
  readonly #rowCountMax: number

  /** Every row takes a byte at least, so `rowCountMax` is the bytes that are left for tables. */
  constructor(rowCountMax: number) {
    this.#rowCountMax = rowCountMax
  }

  /** Notes a group of `size` rows and answers it. */
  add(group: Group, size: number): Group {
    if (size < 0 || size > this.#rowCountMax - this.rowCount) {
      throw new RangeError(`${size} more rows in a child table`)
    }
    this.rowCount += size
    this.groups.push(group)
    this.sizes.push(size)
    return group
  }
}
