import { describe, expect, test } from 'vitest'
import { CoFlatMap, CoMap } from './co-functions.ts'

function collecting() {
  const values: unknown[] = []
  return { values, out: { collect: (value: unknown) => void values.push(value) } }
}

const context = undefined as never

describe('functions of two inputs', () => {
  test('when records come, then each input has its own function', () => {
    const { values, out } = collecting()
    const map = new CoMap<number, string, unknown>(
      (n) => n + 1,
      (text) => `${text}!`,
    )
    map.processElement1(1, context, out)
    map.processElement2('a', context, out)
    const flatMap = new CoFlatMap<number, string, unknown>(
      (n) => [n, n],
      (text, collector) => collector.collect(text),
    )
    flatMap.processElement1(5, context, out)
    flatMap.processElement2('b', context, out)
    expect(values).toEqual([2, 'a!', 5, 5, 'b'])
  })

  test('when a function returns a promise, then it is refused', () => {
    const { out } = collecting()
    const map = new CoMap<number, number, unknown>(
      (n) => n,
      (n) => Promise.resolve(n),
    )
    expect(() => map.processElement2(1, context, out)).toThrow(/FUNCTION_RETURNED_PROMISE/)
    const flatMap = new CoFlatMap<number, number, unknown>(
      (() => Promise.resolve([])) as never,
      () => [],
    )
    expect(() => flatMap.processElement1(1, context, out)).toThrow(/FUNCTION_RETURNED_PROMISE/)
  })
})
