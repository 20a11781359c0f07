/** The texts of one record: by the names of its columns or, where there are none, by position from 0. */
export type CsvFields = Readonly<Record<string | number, string>>
