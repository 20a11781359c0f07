import { type Collector, MAX_WATERMARK, NO_TIMESTAMP, Types } from '@millrace/core'
import {
  type HarnessSnapshot,
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
} from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

/** All words of a partition, in order. */
const joined = {
  createAccumulator: (): string[] => [],
  add: (words: string[], word: string): string[] => {
    words.push(word)
    return words
  },
  merge: (left: string[], right: string[]): string[] => left.concat(right),
  emit: (words: string[]): string[] => [words.join(' ')],
}

function partition(
  kind: 'partition' | 'keyed-partition',
  fold: object = {},
): OperatorHarnessOptions {
  return {
    kind,
    config: {
      accumulatorType: { kind: 'array', element: { kind: 'string' } },
      keptRecordType: { kind: 'string' },
      emitsEmpty: true,
    },
    functions: {
      fold: { ...joined, ...fold },
      ...(kind === 'keyed-partition' && { keySelector: (word: string) => word.charAt(0) }),
    },
    ...(kind === 'keyed-partition' && { keyType: Types.string }),
  }
}

const words = fc.array(fc.constantFrom('ant', 'a word of more than a slice', 'bee', 'cat', 'cow'), {
  maxLength: 20,
})

/** What a naive program makes of the words. */
function expectedOf(kind: string, given: readonly string[]): string[] {
  if (kind === 'partition') return [given.join(' ')]
  return Object.values(Object.groupBy(given, (word) => word.charAt(0)))
    .map((group = []) => group.join(' '))
    .sort()
}

describe.each(['partition', 'keyed-partition'] as const)('%s', (kind) => {
  test('when it is restored after any step, also at the end, then each partition is emitted once', async () => {
    await fc.assert(
      fc.asyncProperty(words, fc.array(fc.nat(22)), async (given, restartSteps) => {
        const steps: HarnessStep<string>[] = [
          ...given.map(
            (word, at): HarnessStep<string> =>
              (harness) =>
                harness.processElement(word, at),
          ),
          (harness) => harness.finish(),
          (harness) => harness.finish(),
        ]
        const outputs = await runSteps<string>(partition(kind), steps, {
          restartAfter: (index) => restartSteps.includes(index),
        })
        const emitted = outputs.map(({ records }) => records.map(({ value }) => value))
        const nothing = given.map(() => [])
        expect(emitted).toEqual([...nothing, expectedOf(kind, given), []])
      }),
      { numRuns: 100 },
    )
  })

  test('when the number of subtasks changes, then no record is lost and none counts twice', async () => {
    await fc.assert(
      fc.asyncProperty(words, fc.integer({ min: 1, max: 4 }), async (given, parallelism) => {
        const old = await OperatorHarness.open<string>({ ...partition(kind), parallelism: 1 })
        for (const word of given) old.processElement(word)
        let restored: readonly HarnessSnapshot[] = [await old.snapshot()]
        for (const count of [parallelism, 2, 1]) {
          const harnesses = await Promise.all(
            Array.from({ length: count }, (_, subtaskIndex) =>
              OperatorHarness.open<string>({
                ...partition(kind),
                subtaskIndex,
                parallelism: count,
                restored,
              }),
            ),
          )
          restored = await Promise.all(harnesses.map((harness) => harness.snapshot()))
        }
        const last = await OperatorHarness.open<string>({ ...partition(kind), restored })
        last.finish()
        expect(last.output.map(({ value }) => value).sort()).toEqual(expectedOf(kind, given))
      }),
      { numRuns: 50 },
    )
  })

  test('when the input ends, then the results have no time and come before the last watermark', async () => {
    const log: unknown[] = []
    const harness = await OperatorHarness.open<string>(
      partition(kind, {
        emit: (_: string[], out: Collector<string>) => {
          log.push(...harness.watermarks)
          out.collect('result')
        },
      }),
    )
    harness.processElement('ant', 5)
    harness.processWatermark(7)
    harness.finish()
    expect(log).toEqual([7])
    expect(harness.watermarks).toEqual([7, MAX_WATERMARK])
    expect(harness.output).toEqual([{ value: 'result', timestamp: NO_TIMESTAMP }])
  })

  test.each([
    ['add', () => Promise.reject(new Error('given up')), /FUNCTION_RETURNED_PROMISE/],
    ['emit', async () => [], /FUNCTION_RETURNED_PROMISE/],
    [
      'emit',
      () => {
        throw new Error('boom')
      },
      /FUNCTION_FAILED.*partition function.*boom/,
    ],
  ])('when %s does wrong, then the error names the function', async (method, wrong, message) => {
    const harness = await OperatorHarness.open(partition(kind, { [method]: wrong }))
    expect(() => {
      harness.processElement('ant')
      harness.finish()
    }).toThrow(message)
  })
})

test('when a subtask has no records, then it emits an empty partition only if it should', async () => {
  const { config, ...options } = partition('partition')
  for (const emitsEmpty of [true, false]) {
    const harness = await OperatorHarness.open<string>({
      ...options,
      config: { ...config, emitsEmpty },
    })
    harness.finish()
    expect(harness.output.map(({ value }) => value)).toEqual(emitsEmpty ? [''] : [])
  }
})
