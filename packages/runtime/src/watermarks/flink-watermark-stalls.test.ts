// Every ticket of Flink's tracker that we know of in which time stood still, or ran away, because of idleness, alignment,
// ends or back-pressure: what went wrong there, as a test that it does not here.

import { type JsonObject, MAX_WATERMARK } from '@millrace/core'
import { OperatorHarness, ScriptedSource, type ScriptedSourceOptions } from '@millrace/testing'
import { describe, expect, test } from 'vitest'
import { CombinedTime, type Rejoining } from './combined-time.ts'

const IDLE_MS = 400
const ALIGNED = { group: 'all', maxDriftMs: 10, updateIntervalMs: 100 }
const watermarks = { generator: 'bounded', delayMs: 0, emit: 'per-record' } as const

async function openSource(
  options: ScriptedSourceOptions,
  more: JsonObject,
): Promise<{ readonly source: ScriptedSource; readonly harness: OperatorHarness<number> }> {
  const source = new ScriptedSource(options)
  const harness = await OperatorHarness.open<number>({
    kind: 'source',
    config: { watermarks: { ...watermarks, ...more } },
    functions: { source },
  })
  return { source, harness }
}

function give(harness: OperatorHarness<number>, ...splitIds: readonly string[]): void {
  harness.tellSource({ kind: 'add-splits', splits: splitIds.map((splitId) => ({ splitId })) })
}

/** Time passes; the task asks the source only if it is not held back. */
function pass(harness: OperatorHarness<number>, ms: number, isTaskRunning = true): void {
  for (let step = 0; step < ms; step += 10) {
    harness.time.advanceBy(10)
    if (isTaskRunning) harness.poll(100)
  }
}

/** What a source has reported for its alignment. */
function reports(harness: OperatorHarness<number>): readonly unknown[] {
  return harness.sourceEvents
    .filter((event) => event.kind === 'watermark')
    .map(({ watermark, isIdle }) => (isIdle ? 'idle' : watermark))
}

const REJOININGS: readonly Rejoining[] = ['at-once', 'when-caught-up']

describe.each(REJOININGS)('channels, inputs and splits (%s)', (rejoining) => {
  // The valve emitted nothing when the last channel became idle, so the final watermark depended on the order.
  // The same for splits is FLINK-38454: two combiners of Flink disagreed. Here all use one class.
  test.each([
    [0, 1],
    [1, 0],
  ])(
    'FLINK-7728, FLINK-38454: when all become idle, %i first, then the largest counts',
    (...order) => {
      const time = new CombinedTime({ memberCount: 2, rejoining })
      time.advance(0, 5)
      time.advance(1, 4)
      for (const member of order) time.setIdle(member, true)
      expect([time.watermark, time.isIdle]).toEqual([5, true])
    },
  )

  // An input that had ended, with the largest possible watermark, won as soon as the others were idle: the end of time,
  // while records were still to come, and no join gave any result.
  test('FLINK-38477: when some have ended and the others become idle, then that is not the end of time', () => {
    const time = new CombinedTime({ memberCount: 3, rejoining })
    time.advance(0, MAX_WATERMARK)
    time.advance(1, 7)
    time.advance(2, 9)
    time.setIdle(1, true)
    time.setIdle(2, true)
    expect([time.watermark, time.isIdle]).toEqual([9, true])
    time.setIdle(1, false)
    time.advance(1, 20)
    expect([time.watermark, time.isIdle]).toEqual([20, false])
    time.advance(1, MAX_WATERMARK)
    time.advance(2, MAX_WATERMARK)
    expect([time.watermark, time.isIdle]).toEqual([MAX_WATERMARK, false])
  })

  // When a channel came back and caught up, the minimum was not computed again: its watermark stalled if it was the only
  // active one, and the flush when all are idle was left out.
  test('FLINK-40475: when one comes back as the only active one, then its watermark counts at once', () => {
    const time = new CombinedTime({ memberCount: 2, rejoining })
    time.advance(0, 10)
    time.advance(1, 30)
    time.setIdle(0, true)
    time.setIdle(1, true)
    expect(time.watermark).toBe(30)
    time.setIdle(0, false)
    time.advance(0, 20)
    expect([time.watermark, time.isIdle]).toEqual([30, false])
    time.advance(0, 40)
    expect(time.watermark).toBe(40)
    time.setIdle(1, false)
    time.advance(1, 35)
    time.setIdle(0, true)
    expect(time.watermark).toBe(40)
    time.setIdle(1, true)
    expect([time.watermark, time.isIdle]).toEqual([40, true])
  })

  // Nothing is stored about this number; taken to be the neighbour of FLINK-39586 and FLINK-40504: members that leave while
  // the others are idle, and members that come back without new time, did not change the status of all.
  test('FLINK-40093: when the last active one leaves, then all are idle; when one comes back, then they are not', () => {
    const time = new CombinedTime({ memberCount: 2, rejoining })
    time.advance(0, 10)
    time.advance(1, 30)
    time.setIdle(1, true)
    time.remove(0)
    expect([time.watermark, time.isIdle]).toEqual([30, true])
    expect(time.setIdle(1, false)).toBe(true)
    expect([time.watermark, time.isIdle]).toEqual([30, false])
    time.remove(1)
    expect([time.watermark, time.isIdle]).toEqual([30, true])
  })
})

describe('sources', () => {
  // A subtask without splits reported the smallest possible watermark, and everybody waited for it for ever.
  test('FLINK-32414: when a reader has no split, or no record yet, then the group does not wait for it', async () => {
    const { source, harness } = await openSource({}, { alignment: ALIGNED })
    harness.time.advanceBy(100)
    expect(reports(harness)).toEqual([])
    harness.tellSource({ kind: 'no-splits-now' })
    harness.time.advanceBy(100)
    expect(reports(harness)).toEqual(['idle'])
    give(harness, 'a')
    source.put('a', 6)
    harness.poll(1)
    harness.time.advanceBy(100)
    expect(reports(harness)).toEqual(['idle', 5])
  })

  // A reader that waits for the others became idle meanwhile, and was not resumed when it was its turn.
  test('FLINK-32496: when a reader waits for others, then it is not idle, and goes on when it may', async () => {
    const { source, harness } = await openSource({}, { alignment: ALIGNED, idleTimeoutMs: IDLE_MS })
    give(harness, 'a')
    source.put('a', 50)
    harness.tellSource({ kind: 'align', maxWatermark: 20 })
    harness.poll(1)
    source.put('a', 60)
    pass(harness, 10 * IDLE_MS)
    expect(harness.times).toEqual([49])
    expect(source.waitingCount).toBe(1)
    harness.tellSource({ kind: 'align', maxWatermark: 49 })
    harness.poll(1)
    expect(harness.times).toEqual([49, 59])
  })

  // Time in which the task was held back by its readers counted as time without records.
  test('FLINK-35886: when the task is held back, then the source does not become idle', async () => {
    const { source, harness } = await openSource({}, { idleTimeoutMs: IDLE_MS })
    give(harness, 'a')
    source.put('a', 10)
    harness.poll(1)
    source.put('a', 20)
    pass(harness, 10 * IDLE_MS, false)
    expect(harness.times).toEqual([9])
    harness.poll(1)
    expect(harness.times).toEqual([9, 19])
  })

  test('FLINK-35886: when a stream with watermarks of its own is held back, then it does not become idle', async () => {
    const harness = await OperatorHarness.open<number>({
      kind: 'timestamps-watermarks',
      config: { watermarks: { ...watermarks, idleTimeoutMs: IDLE_MS } },
    })
    harness.processElement(1, 10)
    harness.isInputBlocked = true
    harness.time.advanceBy(10 * IDLE_MS)
    expect(harness.times).toEqual([9])
    harness.isInputBlocked = false
    harness.time.advanceBy(1.25 * IDLE_MS)
    expect(harness.times).toEqual([9, 'idle'])
    harness.processElement(2, 10)
    expect(harness.times).toEqual([9, 'idle', 'active'])
  })

  // With one split only, the clock of its idleness was not stopped while it was paused.
  test.each([true, false])(
    'FLINK-36751: when a source has one split, which waits for others, then it is not idle (single splits: %s)',
    async (canPauseSplits) => {
      const { source, harness } = await openSource(
        { hasTimePerSplit: true, canPauseSplits },
        { alignment: ALIGNED, idleTimeoutMs: IDLE_MS },
      )
      give(harness, 'a')
      harness.tellSource({ kind: 'align', maxWatermark: 20 })
      source.put('a', 50)
      harness.poll(1)
      source.put('a', 60)
      pass(harness, 10 * IDLE_MS)
      expect([source.waitingCount, ...harness.times]).toEqual([1, 49])
      harness.tellSource({ kind: 'align', maxWatermark: 100 })
      harness.poll(1)
      expect(harness.times).toEqual([49, 59])
    },
  )

  // Split 1 emits 5 and rests, split 2 emits 4 and rests: which was first must not matter.
  test('FLINK-38454: when the splits of a reader become idle one after the other, then the largest counts', async () => {
    const { source, harness } = await openSource({ hasTimePerSplit: true }, {})
    give(harness, 'a', 'b')
    source.put('a', 6)
    source.put('b', 5)
    harness.poll(2)
    source.output.forSplit('b').markIdle()
    source.output.forSplit('a').markIdle()
    expect(harness.times).toEqual([4, 5, 'idle'])
  })

  // An aligned source whose splits were all read, and that got no others, was never polled again: it could not end.
  test('FLINK-37670: when a reader that waits for others is at its end, then it ends when they are', async () => {
    const { source, harness } = await openSource({}, { alignment: ALIGNED })
    give(harness, 'a')
    harness.tellSource({ kind: 'align', maxWatermark: 20 })
    source.put('a', 50)
    harness.poll(1)
    harness.tellSource({ kind: 'no-more-splits' })
    expect(harness.poll(1)).toBe('nothing-now')
    harness.tellSource({ kind: 'align', maxWatermark: MAX_WATERMARK })
    expect(harness.poll(1)).toBe('end')
    harness.finish()
    expect(reports(harness).at(-1)).toBe(MAX_WATERMARK)
  })

  // A split that is idle was held back too: what could have ended its idleness never came.
  test('FLINK-39073: when single splits are held back, then an idle one is still read', async () => {
    const { source, harness } = await openSource(
      { hasTimePerSplit: true, canPauseSplits: true },
      { alignment: ALIGNED, idleTimeoutMs: IDLE_MS },
    )
    give(harness, 'ahead', 'resting')
    source.put('ahead', 50)
    harness.poll(1)
    pass(harness, 2 * IDLE_MS)
    harness.tellSource({ kind: 'align', maxWatermark: 20 })
    expect([...source.paused]).toEqual(['ahead'])
    source.put('resting', 15)
    harness.poll(1)
    expect(harness.output.map(({ value }) => value)).toEqual([50, 15])
  })

  // A slow function behind the source outlasted the idle timeout: splits whose records waited were taken for idle.
  test('FLINK-40234: when one slice takes longer than the timeout, then nobody is idle by that', async () => {
    const { source, harness } = await openSource(
      { hasTimePerSplit: true },
      { idleTimeoutMs: IDLE_MS },
    )
    give(harness, 'a', 'b')
    source.put('a', 10)
    source.put('b', 20)
    harness.poll(1)
    harness.time.advanceBy(10 * IDLE_MS)
    expect(harness.isIdle).toBe(false)
    harness.poll(1)
    expect(harness.times).toEqual([9])
  })

  // After the switch of a hybrid source, a subtask without splits of the second one held time back for ever.
  test('FLINK-39586: when all splits were read and no others are there, then the reader is idle', async () => {
    const { source, harness } = await openSource({ hasTimePerSplit: true }, {})
    give(harness, 'bounded')
    source.put('bounded', 10)
    harness.poll(1)
    source.release('bounded')
    expect(harness.times).toEqual([9, 'idle'])
  })

  // Who came back after all were idle, with watermarks below what was flushed then, stayed idle for its readers.
  test('FLINK-40504: when a split comes back behind the others, then readers wait again', async () => {
    const { source, harness } = await openSource(
      { hasTimePerSplit: true },
      { idleTimeoutMs: IDLE_MS },
    )
    give(harness, 'a', 'b')
    source.put('a', 100)
    source.put('b', 10)
    harness.poll(2)
    pass(harness, 2 * IDLE_MS)
    expect(harness.times).toEqual([9, 99, 'idle'])
    source.put('b', 20)
    harness.poll(1)
    expect(harness.times).toEqual([9, 99, 'idle', 'active'])
  })
})
