import { describe, expect, test } from 'vitest'
import { longWatermark } from '../time/generalized-watermark.ts'
import { CollectingSourceOutput } from './collecting-source-output.ts'
import { HybridSource } from './hybrid-source.ts'
import { rateLimited } from './rate-limited-source.ts'
import { RateLimiterStrategy } from './rate-limiter-strategy.ts'
import type { SourceReader, SourceReaderContext } from './source-reader.ts'
import type { Source } from './source.ts'

/** Emits 0, 1, 2 … up to `available`, for the split `a` if it has time per split. */
class Numbers {
  available = Number.POSITIVE_INFINITY
  next = 0
  readonly calls: string[] = []
  readonly source: Source<number>

  constructor(hasTimePerSplit = false) {
    const { calls } = this
    const reader: SourceReader<number> = {
      start: () => void calls.push('start'),
      addSplits: (splits) => void calls.push(`splits ${splits.length}`),
      notifyNoMoreSplits: () => void calls.push('no more'),
      pollNext: (output, recordsMax) => {
        const end = Math.min(this.next + recordsMax, this.available)
        const target = hasTimePerSplit ? output.forSplit('a') : output
        while (this.next < end) target.collect(this.next++)
        return this.next < this.available ? 'more' : 'nothing-now'
      },
      snapshot: () => [],
      handleSourceEvent: (event) => void calls.push(`event ${String(event)}`),
      notifyCheckpointComplete: (id) => void calls.push(`complete ${id}`),
      notifyCheckpointAborted: (id) => void calls.push(`aborted ${id}`),
      notifyCheckpointSubsumed: (id) => void calls.push(`subsumed ${id}`),
      close: () => void calls.push('close'),
    }
    this.source = {
      name: 'numbers',
      boundedness: 'unbounded',
      type: undefined,
      hasTimePerSplit,
      describe: () => 'numbers',
      createEnumerator: () => {
        throw new Error('not of interest')
      },
      createReader: () => reader,
    }
  }
}

/** A limited reader of several, with a clock of the test. */
function limited(numbers: Numbers, strategy: RateLimiterStrategy, parallelism = 1) {
  const world = { nowMs: 0, delays: [] as number[], wakes: 0 }
  const reader = rateLimited(numbers.source, strategy).createReader({
    parallelism,
    wake: () => void world.wakes++,
    platform: {
      clock: { monotonicMs: () => world.nowMs },
      timers: {
        after: (delayMs: number) => {
          world.delays.push(delayMs)
          return { cancel: () => {} }
        },
      },
    },
  } as unknown as SourceReaderContext)
  const output = new CollectingSourceOutput<number>()
  return { reader, world, output, poll: (max = 100) => reader.pollNext(output, max) }
}

describe('a limit per second', () => {
  test('when time passes, then readers share the records of it, and wait between them', () => {
    const { world, output, poll } = limited(new Numbers(), RateLimiterStrategy.perSecond(100), 2)
    expect(poll()).toBe('nothing-now')
    expect(world.delays).toEqual([20])
    world.nowMs = 500
    expect(poll()).toBe('more')
    expect(output.values).toHaveLength(25)
    world.nowMs = 100_000
    poll()
    expect(output.values).toHaveLength(75)
  })

  test('when there are fewer records than allowed, then the rest is for later', () => {
    const numbers = new Numbers(true)
    const { world, output, poll } = limited(numbers, RateLimiterStrategy.perSecond(10))
    numbers.available = 3
    world.nowMs = 1000
    expect(poll()).toBe('nothing-now')
    numbers.available = 20
    poll()
    expect(output.values).toHaveLength(10)
    expect(new Set(output.splitIds)).toEqual(new Set(['a']))
    expect(poll()).toBe('nothing-now')
  })
})

describe('a limit per checkpoint', () => {
  test('when a checkpoint completes, then as many again may come, and not before', async () => {
    const { reader, world, output, poll } = limited(
      new Numbers(),
      RateLimiterStrategy.perCheckpoint(5),
      2,
    )
    expect(poll()).toBe('more')
    expect(poll()).toBe('nothing-now')
    expect(output.values).toEqual([0, 1, 2])
    expect(world.delays).toEqual([])
    await reader.notifyCheckpointComplete?.(1)
    expect(world.wakes).toBe(1)
    poll()
    expect(output.values).toEqual([0, 1, 2, 3, 4, 5])
  })
})

test('when a source is limited, then the rest of it is as before', async () => {
  const numbers = new Numbers(true)
  const { reader } = limited(numbers, RateLimiterStrategy.perCheckpoint(1))
  await reader.start()
  reader.addSplits([{ splitId: 'a' }])
  reader.notifyNoMoreSplits()
  reader.handleSourceEvent?.('hello')
  await reader.notifyCheckpointComplete?.(4)
  reader.notifyCheckpointAborted?.(5)
  reader.notifyCheckpointSubsumed?.(3)
  await reader.close()
  expect(numbers.calls).toEqual([
    'start',
    'splits 1',
    'no more',
    'event hello',
    'complete 4',
    'aborted 5',
    'subsumed 3',
    'close',
  ])
  expect(reader.pauseOrResumeSplits).toBeUndefined()
  const source = rateLimited(numbers.source, RateLimiterStrategy.perSecond(2))
  expect(source.hasTimePerSplit).toBe(true)
  expect(source.describe()).toEqual({
    source: 'numbers',
    rateLimit: { kind: 'per-second', recordsPerSecond: 2 },
  })
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
  'when the rate is %d, then it is refused',
  (rate) => {
    expect(() => RateLimiterStrategy.perSecond(rate)).toThrow(/OPTION_INVALID/)
    expect(() => RateLimiterStrategy.perCheckpoint(rate)).toThrow(/OPTION_INVALID/)
  },
)

describe('watermarks of the own kinds of a user', () => {
  const newest = longWatermark('newest')

  /** Emits one, then a record. */
  const emitting: Source<number> = {
    name: 'emitting',
    boundedness: 'bounded',
    type: undefined,
    describe: () => 'emitting',
    createEnumerator: () => {
      throw new Error('not of interest')
    },
    createReader: () => ({
      start: () => {},
      addSplits: () => {},
      notifyNoMoreSplits: () => {},
      pollNext: (output) => {
        output.emitWatermark(newest, 41)
        output.collect(1)
        return 'end'
      },
      snapshot: () => [],
      close: () => {},
    }),
  }
  const context = {
    parallelism: 1,
    wake: () => {},
    sendSourceEvent: () => {},
  } as unknown as SourceReaderContext

  test('they go through a limit, and do not count', () => {
    let nowMs = 0
    const clock = { monotonicMs: () => nowMs }
    const platform = { clock, timers: { after: () => ({ cancel: () => {} }) } }
    const limit = RateLimiterStrategy.perSecond(1)
    const reader = rateLimited(emitting, limit).createReader({ ...context, platform } as never)
    const output = new CollectingSourceOutput<number>()
    expect(reader.pollNext(output, 10)).toBe('nothing-now')
    nowMs = 1_000
    expect(reader.pollNext(output, 10)).toBe('end')
    expect(output.generalizedWatermarks).toEqual([{ declaration: newest, value: 41 }])
    expect(output.values).toEqual([1])
  })

  test('they go through a hybrid source', () => {
    const reader = HybridSource.builder(emitting).build().createReader(context)
    reader.handleSourceEvent?.({ kind: 'switch', index: 0, position: null })
    const output = new CollectingSourceOutput<number>()
    expect(reader.pollNext(output, 10)).toBe('end')
    expect(output.generalizedWatermarks).toEqual([{ declaration: newest, value: 41 }])
  })
})
