// What a window operator knows of its records: their keys, and where they go when they are late. With two streams, each record is
// tagged with the input it came from, and each input has its own.

import type { Key, KeySelector, TaggedUnion, WindowPlan } from '@millrace/core'
import { checkedKeySelector } from '../operators/keyed-scope.ts'
import type { Input, OperatorContext } from '../operators/operator.ts'

/** The records of a window operator. */
export interface WindowInput<K extends Key, IN> {
  readonly keyOf: KeySelector<IN, K>
  /** All windows of the record are gone. */
  readonly dropLate: (value: IN, timestamp: number) => void
}

/** What the plan says about the records of a window operator. */
export function windowInput<K extends Key, IN>(
  context: OperatorContext,
  { lateTag, coGroup }: WindowPlan,
): WindowInput<K, IN> {
  const { operator, functions } = context
  if (coGroup === undefined) {
    return {
      keyOf: checkedKeySelector(functions, operator.functions['keySelector'], operator),
      dropLate: lateOutput(context, lateTag),
    }
  }
  const { keySelector1, keySelector2 } = operator.functions
  const keyOf1 = checkedKeySelector<unknown, K>(functions, keySelector1, operator)
  const keyOf2 = checkedKeySelector<unknown, K>(functions, keySelector2, operator)
  const dropLate1 = lateOutput(context, lateTag)
  const dropLate2 = lateOutput(context, coGroup.lateTag2)
  const tagged: WindowInput<K, TaggedUnion<unknown, unknown>> = {
    keyOf: ({ input, value }) => (input === 1 ? keyOf1(value) : keyOf2(value)),
    dropLate: ({ input, value }, timestamp) =>
      input === 1 ? dropLate1(value, timestamp) : dropLate2(value, timestamp),
  }
  return tagged as unknown as WindowInput<K, IN>
}

function lateOutput(
  context: OperatorContext,
  tag: string | null,
): (value: unknown, timestamp: number) => void {
  if (tag === null) {
    const { operator, accumulators } = context
    return () => accumulators.get(`${operator.name}.late`).add(1)
  }
  const output: Input<unknown> = context.sideOutput(tag)
  return (value, timestamp) => output.processElement(value, timestamp)
}
