export type { CsvDialect } from './csv-dialect.ts'
export { csvEncoder, type CsvEncoderOptions } from './csv-encoder.ts'
export { csv, type CsvFields, type CsvOptions } from './csv-format.ts'
