import {
  type JsonValue,
  MAX_WATERMARK,
  NO_TIMESTAMP,
  type Source,
  type SourceReader,
  type SourceReaderContext,
  type SourceSplit,
  type SplitEnumerator,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import { describe, expect, test } from 'vitest'

/** The numbers from `next` up to, but not including, `end`. */
interface Count extends SourceSplit {
  readonly next: number
  readonly end: number
}

function count(next: number, end: number): Count {
  return { splitId: `up to ${end}`, next, end }
}

class CountingSource implements Source<number, Count> {
  readonly name = 'counting'
  readonly type = undefined
  readonly boundedness: Source<number>['boundedness']
  readonly calls: string[] = []
  context: SourceReaderContext | undefined

  constructor(boundedness: Source<number>['boundedness'] = 'bounded') {
    this.boundedness = boundedness
  }

  describe(): JsonValue {
    return this.name
  }

  createEnumerator(): SplitEnumerator<Count> {
    throw new Error('the test is the coordinator')
  }

  createReader(context: SourceReaderContext): SourceReader<number, Count> {
    this.context = context
    let splits: Count[] = []
    let isComplete = false
    const { calls } = this
    return {
      start: () => void calls.push('start'),
      addSplits: (added) => void splits.push(...added),
      notifyNoMoreSplits: () => {
        isComplete = true
      },
      pollNext: (output, recordsMax) => {
        for (let emitted = 0; emitted < recordsMax; emitted++) {
          const split = splits.find(({ next, end }) => next < end)
          if (split === undefined) return isComplete ? 'end' : 'nothing-now'
          context.addToAccumulator('read', 1)
          output.collect(split.next)
          splits = splits.map((one) => (one === split ? { ...one, next: one.next + 1 } : one))
        }
        return 'more'
      },
      handleSourceEvent: (event) => void calls.push(`event ${JSON.stringify(event)}`),
      notifyCheckpointComplete: (checkpointId) => void calls.push(`complete ${checkpointId}`),
      notifyCheckpointAborted: (checkpointId) => void calls.push(`aborted ${checkpointId}`),
      notifyCheckpointSubsumed: (checkpointId) => void calls.push(`subsumed ${checkpointId}`),
      snapshot: () => splits,
      close: () => {},
    }
  }
}

function sourceOperator(
  splits: readonly Count[] | undefined,
  source: Source<number, Count> = new CountingSource(),
): OperatorHarnessOptions {
  return {
    kind: 'source',
    ...(splits !== undefined && { splits }),
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
    const harness = await OperatorHarness.open(sourceOperator([count(1, 6)]))
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
      ...sourceOperator([count(1, 2)]),
      config: { watermarks: { generator: 'none' } },
      functions: { source: new CountingSource() },
    })
    pollAll(harness)
    harness.finish()
    expect(harness.output).toEqual([{ value: 1, timestamp: NO_TIMESTAMP }])
    expect(harness.watermarks).toEqual([MAX_WATERMARK])
  })

  test('when it is restored, then it goes on at its positions, and time does not go back', async () => {
    const harness = await OperatorHarness.open(sourceOperator([count(1, 6)]))
    harness.poll(2)
    const restarted = await harness.restart()
    expect(restarted.watermarks).toEqual([1])
    expect(pollAll(restarted)).toEqual([3, 4, 5])
    expect(restarted.watermarks).toEqual([1, 2, 3, 4])
    expect(restarted.accumulators).toEqual({ read: 5 })
  })

  test('when it had ended, then it has ended after the restore too', async () => {
    const harness = await OperatorHarness.open(sourceOperator([count(1, 3)]))
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
        const splits = [0, 1].map((n) => {
          const first = 100 * (2 * subtaskIndex + n)
          return count(first, first + 3)
        })
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

  test('when there is nothing to read for it, then it ends, and with it its time', async () => {
    const harness = await OperatorHarness.open(sourceOperator([]))
    expect(harness.poll(1)).toBe('end')
    harness.finish()
    expect(harness.watermarks).toEqual([MAX_WATERMARK])
  })

  test('when reading fails outside of a poll, then so does the job', async () => {
    const source = new CountingSource()
    const harness = await OperatorHarness.open(sourceOperator([count(1, 2)], source))
    source.context?.fail(new Error('connection lost'))
    expect(() => harness.poll(1)).toThrow('connection lost')
  })
})

describe('a source and its coordinator', () => {
  test('when it opens, then its reader has started, and it registers before all it says', async () => {
    const source = new CountingSource()
    const createReader = source.createReader.bind(source)
    source.createReader = (context) => {
      const reader = createReader(context)
      return { ...reader, start: () => context.sendSplitRequest() }
    }
    const harness = await OperatorHarness.open(sourceOperator(undefined, source))
    source.context?.sendSourceEvent({ lag: 3 })
    expect(harness.sourceEvents).toEqual([
      { kind: 'register', splits: [], hasEnded: false, requestsSplit: true },
      { kind: 'custom', event: { lag: 3 } },
    ])
  })

  test('when splits come one after the other, then it waits between them, and ends after the last', async () => {
    const harness = await OperatorHarness.open(sourceOperator(undefined))
    expect(harness.poll(3)).toBe('nothing-now')
    harness.tellSource({ kind: 'add-splits', splits: [count(1, 3)] })
    expect(harness.poll(3)).toBe('nothing-now')
    harness.tellSource({ kind: 'add-splits', splits: [count(7, 8)] })
    harness.tellSource({ kind: 'no-more-splits' })
    expect(pollAll(harness)).toEqual([1, 2, 7])
    expect(harness.poll(3)).toBe('end')
  })

  test('when it is restored, then it reports its splits and goes on with them', async () => {
    const harness = await OperatorHarness.open(sourceOperator([count(1, 6)]))
    harness.poll(2)
    const restarted = await harness.restart()
    expect(restarted.sourceEvents).toEqual([
      { kind: 'register', splits: [count(3, 6)], hasEnded: false, requestsSplit: false },
    ])
  })

  test('when splits go back to the enumerator, then they are in snapshots until it has them', async () => {
    const harness = await OperatorHarness.open(sourceOperator([count(1, 6)]))
    harness.poll(2)
    const source = new CountingSource()
    const restored = [await harness.snapshot()]
    const options = { ...sourceOperator(undefined, reassigning(source)), restored }
    const restarted = await OperatorHarness.open(options)
    expect(restarted.sourceEvents).toEqual([
      { kind: 'register', splits: [count(3, 6)], hasEnded: false, requestsSplit: false },
    ])
    expect(restarted.poll(3)).toBe('nothing-now')
    expect(await splitsIn(restarted)).toEqual([count(3, 6)])
    restarted.tellSource({ kind: 'registered' })
    expect(await splitsIn(restarted)).toEqual([])
    restarted.tellSource({ kind: 'add-splits', splits: [count(3, 4)] })
    expect(await splitsIn(restarted)).toEqual([count(3, 4)])
  })

  test('when the enumerator sends something, or a checkpoint has ended, then the reader hears of it', async () => {
    const source = new CountingSource()
    const harness = await OperatorHarness.open(sourceOperator(undefined, source))
    harness.tellSource({ kind: 'custom', event: { pause: true } })
    await harness.snapshot()
    await harness.notifyCheckpointComplete()
    harness.notifyCheckpointSubsumed()
    await harness.snapshot()
    harness.notifyCheckpointAborted()
    expect(source.calls).toEqual([
      'start',
      'event {"pause":true}',
      'complete 1',
      'subsumed 1',
      'aborted 2',
    ])
  })

  test('when a reader ends before it was told to, then splits that come later are not lost in silence', async () => {
    const source = new CountingSource()
    const createReader = source.createReader.bind(source)
    source.createReader = (context) => ({ ...createReader(context), pollNext: () => 'end' })
    const harness = await OperatorHarness.open(sourceOperator(undefined, source))
    harness.poll(1)
    expect(() => harness.tellSource({ kind: 'add-splits', splits: [count(1, 2)] })).toThrow(
      /FUNCTION_FAILED.*until it is told of no more splits/,
    )
  })

  test('when the checkpoint is of a release whose splits had no id, then they get one', async () => {
    const harness = await OperatorHarness.open(sourceOperator([count(1, 6)]))
    const { slots, ...rest } = await harness.snapshot()
    const restored = (splits: string): Promise<OperatorHarness> =>
      OperatorHarness.open({
        ...sourceOperator([]),
        restored: [{ ...rest, slots: { ...slots, splits: new TextEncoder().encode(splits) } }],
      })
    expect(pollAll(await restored('[{"next":4,"end":6},{"next":7,"end":8}]'))).toEqual([4, 5, 7])
    await expect(restored('[4]')).rejects.toThrow(/STATE_INCOMPATIBLE.*splits with an id/)
  })
})

function reassigning(source: CountingSource): Source<number, Count> {
  return Object.assign(source, { reassignsSplitsOnRecovery: true })
}

async function splitsIn(harness: OperatorHarness): Promise<unknown> {
  const { slots } = await harness.snapshot()
  return JSON.parse(new TextDecoder().decode(slots['splits']))
}
