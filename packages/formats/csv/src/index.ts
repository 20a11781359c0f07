export type { CsvDialect } from './csv-dialect.ts'
export { csvEncoder, type CsvEncoderOptions } from './csv-encoder.ts'
export type { CsvFields } from './csv-fields.ts'
export { csv, type CsvOptions } from './csv-format.ts'
