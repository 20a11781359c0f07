import { describe, expect, test } from 'vitest'
import { CoFlatMap, CoMap, richCoFlatMap, richCoMap } from './co-functions.ts'

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

  test('when a function has a life cycle, then its methods are those of the adapter, no more', () => {
    class Numbered {
      #opened = ''
      open(context: unknown): void {
        this.#opened = `${context as string}`
      }
      snapshotState(): string {
        return this.#opened
      }
      map1(value: number): string {
        return `1 ${value} ${this.#opened}`
      }
      map2(value: string): string {
        return `2 ${value}`
      }
    }
    const { values, out } = collecting()
    const map = richCoMap<number, string, unknown>(new Numbered()) as CoMap<
      number,
      string,
      unknown
    > &
      Numbered
    map.open('opened')
    map.processElement1(1, context, out)
    map.processElement2('a', context, out)
    expect(values).toEqual(['1 1 opened', '2 a'])
    expect(map.snapshotState()).toBe('opened')
    expect(Object.keys(map).sort()).toEqual(['open', 'snapshotState'])

    const flatMap = richCoFlatMap<number, number, unknown>({
      flatMap1: (value) => [value, value],
      flatMap2: (value, collector) => collector.collect(-value),
      close: () => values.push('closed'),
    })
    flatMap.processElement1(3, context, out)
    flatMap.processElement2(3, context, out)
    ;(flatMap as unknown as { close(): void }).close()
    expect(values.slice(2)).toEqual([3, 3, -3, 'closed'])

    expect(() => richCoMap({ map1: () => 1 } as never)).toThrow(/FUNCTION_INVALID.*without map2/)
    expect(() => richCoFlatMap({} as never)).toThrow(/FUNCTION_INVALID.*without flatMap1/)
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
