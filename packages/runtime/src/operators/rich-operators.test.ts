import {
  type Collector,
  type KeyedRuntimeContext,
  rich,
  type RichFilterFunction,
  type RichFlatMapFunction,
  type RichMapFunction,
  type RichReduceFunction,
  Types,
  type ValueState,
} from '@millrace/core'
import {
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
} from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

type Pair = readonly [key: string, value: number]

/** How often its key has come: what all functions here remember. */
abstract class Counting {
  #count!: ValueState<number>

  readonly open = (context: KeyedRuntimeContext): void => {
    this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
  }

  protected next(): number {
    this.#count.update(this.#count.value() + 1)
    return this.#count.value()
  }
}

class CountingMap extends Counting implements RichMapFunction<Pair, string> {
  map([key, value]: Pair): string {
    return `${key} ${value} ${this.next()}`
  }
}

/** The sum of every two values of a key, as Flink's documentation has it. */
class EveryTwo implements RichFlatMapFunction<Pair, number> {
  #sum!: ValueState<{ count: number; sum: number }>

  open(context: KeyedRuntimeContext): void {
    this.#sum = context.getValueState({ name: 'sum', defaultValue: { count: 0, sum: 0 } })
  }

  flatMap([, value]: Pair, out: Collector<number>): void {
    const { count, sum } = this.#sum.value()
    this.#sum.update({ count: count + 1, sum: sum + value })
    if (count + 1 < 2) return
    out.collect(sum + value)
    this.#sum.clear()
  }
}

class EverySecond extends Counting implements RichFilterFunction<Pair> {
  filter(): boolean {
    return this.next() % 2 === 0
  }
}

class CountingSum extends Counting implements RichReduceFunction<Pair> {
  reduce([key, left]: Pair, [, right]: Pair): Pair {
    return [key, left + right + 1000 * this.next()]
  }
}

const keySelector = ([key]: Pair): string => key

const CASES: readonly [OperatorHarnessOptions, (pairs: readonly Pair[]) => unknown[]][] = [
  [
    { kind: 'map', functions: { rich: rich(() => new CountingMap()), keySelector } },
    (pairs) => pairs.map(([key, value], i) => `${key} ${value} ${nth(pairs, i)}`),
  ],
  [
    { kind: 'flat-map', functions: { rich: rich(() => new EveryTwo()), keySelector } },
    (pairs) =>
      pairs.flatMap(([key, value], i) => {
        const before = pairs.slice(0, i).filter(([other]) => other === key)
        return nth(pairs, i) % 2 === 0 ? [value + (before.at(-1)?.[1] ?? 0)] : []
      }),
  ],
  [
    { kind: 'filter', functions: { rich: rich(() => new EverySecond()), keySelector } },
    (pairs) => pairs.filter((_, i) => nth(pairs, i) % 2 === 0),
  ],
  [
    { kind: 'keyed-reduce', functions: { rich: rich(() => new CountingSum()), keySelector } },
    (pairs) =>
      pairs.map(([key], i) => {
        const all = pairs.slice(0, i + 1).filter(([other]) => other === key)
        return [key, all.reduce((sum, [, value], n) => sum + value + 1000 * n, 0)]
      }),
  ],
]

/** Which one of its key the pair at `index` is, from 1. */
function nth(pairs: readonly Pair[], index: number): number {
  const key = pairs[index]?.[0]
  return pairs.slice(0, index + 1).filter(([other]) => other === key).length
}

describe.each(CASES)('a rich function of a keyed stream, %o', (options, expected) => {
  test('when the operator is restarted at random, then it emits what a plain computation does', async () => {
    const pairs = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ max: 99 })))
    await fc.assert(
      fc.asyncProperty(pairs, fc.func(fc.boolean()), async (all, restartAfter) => {
        const steps = all.map(
          (pair): HarnessStep =>
            (harness) =>
              harness.processElement(pair, 7),
        )
        const outputs = await runSteps(options, steps, { restartAfter })
        const records = outputs.flatMap((output) => output.records)
        expect(records.map(({ value }) => value)).toEqual(expected(all))
        expect(records.every(({ timestamp }) => timestamp === 7)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('when the parallelism changes, then each key takes its state along', async () => {
    const keys = Array.from({ length: 9 }, (_, index) => `key ${index}`)
    const whole = await OperatorHarness.open({ ...options, keyType: Types.string })
    for (const key of keys) whole.processElement([key, 1], 0)
    const restored = [await whole.snapshot()]
    const found: string[] = []
    for (const subtaskIndex of [0, 1, 2]) {
      const place = { subtaskIndex, parallelism: 3, restored, keyType: Types.string }
      const part = await OperatorHarness.open({ ...options, ...place })
      for (const key of keys.filter((each) => isOf(part, each))) {
        found.push(key)
        const before = expected([[key, 1]]).length
        const afterTwo = expected([
          [key, 1],
          [key, 1],
        ])
        const emitted = part.output.map(({ value }) => value)
        expect(emitted).toEqual(expect.arrayContaining(afterTwo.slice(before)))
      }
      expect(part.output.length).toBeLessThanOrEqual(keys.length)
    }
    expect(found.sort()).toEqual(keys)
  })
})

/** Whether the key belongs to the subtask: another one fails on its first access of state. */
function isOf(harness: OperatorHarness, key: string): boolean {
  try {
    harness.processElement([key, 1], 0)
    return true
  } catch {
    return false
  }
}

describe('a rich function without keys', () => {
  test('when it asks for keyed state, then it is told to key the stream', async () => {
    const opening = OperatorHarness.open({
      kind: 'map',
      name: 'counts',
      functions: { rich: rich(() => new CountingMap()) },
    })
    await expect(opening).rejects.toThrow(/STATE_ACCESS_INVALID.*'counts'.*keyBy/)
  })

  test.each([
    ['map', 'map', 'map'],
    ['flat-map', 'flatMap', 'flatMap'],
    ['filter', 'filter', 'filter'],
  ] as const)('when that of %s does wrong, then the error names it', async (kind, method, what) => {
    const wrongs = [
      [() => Promise.resolve([]), `FUNCTION_RETURNED_PROMISE.*${what} function`],
      [
        () => {
          throw new Error('boom')
        },
        `FUNCTION_FAILED.*${what} function of 'wrong'.*boom`,
      ],
    ] as const
    for (const [wrong, message] of wrongs) {
      const harness = await OperatorHarness.open({
        kind,
        name: 'wrong',
        functions: { rich: rich(() => ({ [method]: wrong })) },
      })
      expect(() => harness.processElement(1)).toThrow(new RegExp(message))
    }
  })
})

test.each([
  ['map', {}],
  ['flat-map', {}],
  ['filter', {}],
  ['keyed-reduce', { keySelector }],
] as const)(
  'when a rich function of %s has no such method, then it says which it needs',
  async (kind, keyed) => {
    const opening = OperatorHarness.open({
      kind,
      name: 'empty',
      functions: { ...keyed, rich: rich(() => ({ open: () => {} })) },
    })
    await expect(opening).rejects.toThrow(
      /FUNCTION_INVALID.*with the method (map|flatMap|filter|reduce) from the factory of 'empty'/,
    )
  },
)

test('when a rich reduce function uses the name of the state of the operator, then it is refused', async () => {
  const opening = OperatorHarness.open({
    kind: 'keyed-reduce',
    functions: {
      keySelector,
      rich: rich(() => ({
        open: (context: KeyedRuntimeContext) => context.getValueState({ name: 'reduced' }),
        reduce: (left: Pair) => left,
      })),
    },
  })
  await expect(opening).rejects.toThrow(/STATE_ACCESS_INVALID.*"reduced"/)
})
