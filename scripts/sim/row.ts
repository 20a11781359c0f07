/** A row of a sink. */
export type Row = Readonly<Record<string, string | number | readonly number[]>>
