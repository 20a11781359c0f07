export { jsonArray } from './json-array.ts'
export type { JsonFormatOptions } from './json-format.ts'
export { jsonLines } from './json-lines.ts'
export { jsonLinesEncoder } from './json-lines-encoder.ts'
