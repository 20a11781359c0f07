import {
  type BroadcastProcessFunction,
  type KeyedBroadcastProcessFunction,
  Types,
} from '@millrace/core'
import { expect, test } from 'vitest'
import { ProcessFunctionTestHarnesses as Harnesses } from './process-function-test-harnesses.ts'

const RULES = { name: 'rules', keyType: Types.string, valueType: Types.int }
const byFirst = { keySelector: (word: string) => word.charAt(0), keyType: Types.string }

test('when a function has one input, then its harness is there by the name of Flink', async () => {
  const plain = await Harnesses.forProcessFunction<string, number>(() => ({
    processElement: (word, _, out) => out.collect(word.length),
  }))
  plain.processElement('be')
  expect(plain.values).toEqual([2])
  const keyed = await Harnesses.forKeyedProcessFunction<string, string, string>(
    () => ({ processElement: (_, context, out) => out.collect(context.currentKey) }),
    byFirst,
  )
  keyed.processElement('be')
  expect(keyed.values).toEqual(['b'])
})

test('when a function has two inputs, then its harness is there by the name of Flink', async () => {
  const plain = await Harnesses.forCoProcessFunction<string, number, string>(() => ({
    processElement1: (word, _, out) => out.collect(`1 ${word}`),
    processElement2: (n, _, out) => out.collect(`2 ${n}`),
  }))
  plain.processElement2(7)
  plain.processElement1('be')
  expect(plain.values).toEqual(['2 7', '1 be'])
  const keyed = await Harnesses.forKeyedCoProcessFunction<string, string, string, string>(
    () => ({
      processElement1: (_, context, out) => out.collect(`1 ${context.currentKey}`),
      processElement2: (_, context, out) => out.collect(`2 ${context.currentKey}`),
    }),
    byFirst,
    { keySelector: (word) => word.slice(-1), keyType: Types.string },
  )
  keyed.processElement1('to')
  keyed.processElement2('to')
  expect(keyed.values).toEqual(['1 t', '2 o'])
})

test('when one input is broadcast, then its harness is there by the name of Flink', async () => {
  const plain = await Harnesses.forBroadcastProcessFunction(
    (): BroadcastProcessFunction<string, number, string> => ({
      processElement: (word, context, out) =>
        out.collect(`${word} ${context.getBroadcastState(RULES).get('rule')}`),
      processBroadcastElement: (n, context) => context.getBroadcastState(RULES).put('rule', n),
    }),
    RULES,
  )
  plain.processElement2(7)
  plain.processElement1('be')
  expect(plain.values).toEqual(['be 7'])
  const keyed = await Harnesses.forKeyedBroadcastProcessFunction(
    (): KeyedBroadcastProcessFunction<string, string, number, string> => ({
      processElement: (_, context, out) =>
        out.collect(`${context.currentKey} ${context.getBroadcastState(RULES).get('rule')}`),
      processBroadcastElement: (n, context) => context.getBroadcastState(RULES).put('rule', n),
    }),
    byFirst,
    RULES,
  )
  keyed.processElement2(8)
  keyed.processElement1('be')
  expect(keyed.values).toEqual(['b 8'])
})
