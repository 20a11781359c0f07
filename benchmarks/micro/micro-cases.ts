import { UsageError } from '../command-line.ts'
import { CODEC_CASES } from './codec-cases.ts'
import type { MicroCase } from './micro-case.ts'
import { OPERATOR_CASES } from './operator-cases.ts'
import { STATE_CASES } from './state-cases.ts'

/** Every case. */
export const MICRO_CASES: readonly MicroCase[] = [...OPERATOR_CASES, ...CODEC_CASES, ...STATE_CASES]

/** The cases whose names have all of these words in them. */
export function casesWith(words: string): readonly MicroCase[] {
  const wanted = words.split(/[\s,]+/).filter((word) => word !== '')
  const found = MICRO_CASES.filter(({ name }) => wanted.every((word) => name.includes(word)))
  if (found.length > 0) return found
  throw new UsageError(`--cases expects words of names such as 'state value', but got '${words}'`)
}
