import {
  type JsonValue,
  MAX_WATERMARK,
  NO_TIMESTAMP,
  type Source,
  type SourceReader,
  type SourceReaderContext,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import { describe, expect, test } from 'vitest'

/** Counts each split `[next, end]` up. */
class CountingSource implements Source<number> {
  readonly name = 'counting'
  readonly type = undefined
  readonly boundedness: Source<number>['boundedness']
  context: SourceReaderContext | undefined

  constructor(boundedness: Source<number>['boundedness'] = 'bounded') {
    this.boundedness = boundedness
  }

  describe(): JsonValue {
    return this.name
  }

  enumerateSplits(): Promise<readonly JsonValue[]> {
    return Promise.resolve([])
  }

  createReader(context: SourceReaderContext): SourceReader<number> {
    this.context = context
    const { boundedness } = this
    let splits: [number, number][] = []
    return {
      open: (given) => {
        splits = structuredClone(given) as [number, number][]
      },
      pollNext: (output, recordsMax) => {
        for (let count = 0; count < recordsMax; count++) {
          const split = splits.find(([next, end]) => next < end)
          if (split === undefined) return boundedness === 'bounded' ? 'end' : 'nothing-now'
          context.addToAccumulator('read', 1)
          output.collect(split[0]++)
        }
        return 'more'
      },
      snapshot: () => splits,
      close: () => {},
    }
  }
}

function sourceOperator(
  splits: readonly JsonValue[],
  source: Source<number> = new CountingSource(),
): OperatorHarnessOptions {
  return {
    kind: 'source',
    splits,
    config: { watermarks: { generator: 'bounded', delayMs: 0, emit: 'per-record' } },
    functions: { source, timestampAssigner: (value: number) => value },
  }
}

function pollAll(harness: OperatorHarness): unknown[] {
  while (harness.poll(3) === 'more');
  return harness.output.map(({ value }) => value)
}

describe('a source', () => {
  test('when it is polled, then it emits at most as many, with their times', async () => {
    const harness = await OperatorHarness.open(sourceOperator([[1, 6]]))
    expect(harness.poll(3)).toBe('more')
    expect(harness.output).toEqual([1, 2, 3].map((value) => ({ value, timestamp: value })))
    expect(harness.watermarks).toEqual([0, 1, 2])
    expect(harness.poll(3)).toBe('end')
    expect(harness.poll(3)).toBe('end')
    expect(harness.output).toHaveLength(5)
    harness.finish()
    expect(harness.watermarks.at(-1)).toBe(MAX_WATERMARK)
  })

  test('when it has no watermark strategy, then its records have no time, and its end has', async () => {
    const harness = await OperatorHarness.open({
      ...sourceOperator([[1, 2]]),
      config: { watermarks: { generator: 'none' } },
      functions: { source: new CountingSource() },
    })
    pollAll(harness)
    harness.finish()
    expect(harness.output).toEqual([{ value: 1, timestamp: NO_TIMESTAMP }])
    expect(harness.watermarks).toEqual([MAX_WATERMARK])
  })

  test('when it is restored, then it goes on at its positions, and time does not go back', async () => {
    const harness = await OperatorHarness.open(sourceOperator([[1, 6]]))
    harness.poll(2)
    const restarted = await harness.restart()
    expect(restarted.watermarks).toEqual([1])
    expect(pollAll(restarted)).toEqual([3, 4, 5])
    expect(restarted.watermarks).toEqual([1, 2, 3, 4])
    expect(restarted.accumulators).toEqual({ read: 5 })
  })

  test('when it had ended, then it has ended after the restore too', async () => {
    const harness = await OperatorHarness.open(sourceOperator([[1, 3]]))
    pollAll(harness)
    harness.finish()
    const restarted = await harness.restart()
    expect(restarted.poll(3)).toBe('end')
    expect(restarted.output).toEqual([])
    expect(restarted.watermarks).toEqual([MAX_WATERMARK])
  })

  test('when the parallelism changes, then each split goes on in one subtask', async () => {
    const old = await Promise.all(
      [0, 1].map(async (subtaskIndex) => {
        const splits = [0, 1].map((n) => [
          100 * (2 * subtaskIndex + n),
          100 * (2 * subtaskIndex + n) + 3,
        ])
        const harness = await OperatorHarness.open({
          ...sourceOperator(splits),
          subtaskIndex,
          parallelism: 2,
        })
        harness.poll(1)
        return harness.snapshot()
      }),
    )
    for (const parallelism of [1, 3]) {
      const read = await Promise.all(
        Array.from({ length: parallelism }, async (_, subtaskIndex) => {
          const place = { subtaskIndex, parallelism, restored: old }
          return pollAll(await OperatorHarness.open({ ...sourceOperator([]), ...place }))
        }),
      )
      expect(read.filter((values) => values.length === 0)).toEqual([])
      expect(read.flat().sort((a, b) => Number(a) - Number(b))).toEqual([
        1, 2, 100, 101, 102, 201, 202, 300, 301, 302,
      ])
    }
  })

  test('when a bounded one has nothing to read, then nobody waits for its watermark', async () => {
    const bounded = await OperatorHarness.open(sourceOperator([]))
    expect(bounded.watermarks).toEqual([MAX_WATERMARK])
    const unbounded = await OperatorHarness.open(
      sourceOperator([], new CountingSource('unbounded')),
    )
    expect(unbounded.watermarks).toEqual([])
    expect(unbounded.poll(1)).toBe('nothing-now')
  })

  test('when reading fails outside of a poll, then so does the job', async () => {
    const source = new CountingSource()
    const harness = await OperatorHarness.open(sourceOperator([[1, 2]], source))
    source.context?.fail(new Error('connection lost'))
    expect(() => harness.poll(1)).toThrow('connection lost')
  })
})
