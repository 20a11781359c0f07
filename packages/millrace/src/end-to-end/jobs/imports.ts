import { readFileSync } from 'node:fs'
import { type StreamExecutionEnvironment, Types } from 'millrace'
import { SumOf } from './sum-of.ts'

// A CommonJS module, found by its place, at top level and awaited.
const { default: old } = await import('./half.cjs')
const lines = readFileSync(new URL('./imports.ts', import.meta.url), 'utf8').split('\n').length

/** Half of each even number up to 200, summed up; and what the module knows of its own place. */
export default function imports(env: StreamExecutionEnvironment): void {
  env
    .fromSequence(1, 100)
    .map((value) => old.half(value * 2), { type: Types.int })
    .keyBy((value) => value % 10, { type: Types.int })
    .process(() => new SumOf('halves'), { type: Types.int })
    .discard()
  env
    .fromData([1])
    .map(() => (old.here.startsWith(import.meta.dirname) ? lines : -1), { type: Types.int })
    .keyBy(() => 0, { type: Types.int })
    .process(() => new SumOf('lines'), { type: Types.int })
    .discard()
}
