import { checkInteger, MillraceError, Types } from '@millrace/core'
import { DataGeneratorSource } from './data-generator-source.ts'

/** The whole numbers `from` to `to`, both included. See {@link StreamExecutionEnvironment.fromSequence}. */
export function numberSequence(from: number, to: number): DataGeneratorSource<number> {
  const range = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }
  checkInteger('from', from, range)
  checkInteger('to', to, range)
  if (to < from - 1 || to - from >= Number.MAX_SAFE_INTEGER) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a sequence of 0 to 2^53 - 1 numbers',
      came: `from ${from} to ${to}`,
      todo: 'Give the smaller number first; to = from - 1 is the empty sequence.',
    })
  }
  return new DataGeneratorSource({
    name: 'Sequence Source',
    generator: (index) => from + index,
    count: to - from + 1,
    type: Types.long,
  })
}
