// The time of a source: per split, idle, without splits, restored.

import { type JsonObject, MAX_WATERMARK, MIN_WATERMARK } from '@millrace/core'
import { OperatorHarness, ScriptedSource, type ScriptedSourceOptions } from '@millrace/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const IDLE_MS = 400
const bounded = { generator: 'bounded', delayMs: 0, emit: 'per-record' } as const

/** A source operator that a test drives. */
async function open(
  options: ScriptedSourceOptions = {},
  watermarks: JsonObject = bounded,
): Promise<{ readonly source: ScriptedSource; readonly harness: OperatorHarness<number> }> {
  const source = new ScriptedSource(options)
  const harness = await OperatorHarness.open<number>({
    kind: 'source',
    config: { watermarks },
    functions: { source },
  })
  return { source, harness }
}

function give(harness: OperatorHarness<number>, ...splitIds: readonly string[]): void {
  harness.tellSource({ kind: 'add-splits', splits: splitIds.map((splitId) => ({ splitId })) })
}

/** Time passes in which the source is asked again and again. */
function pass(harness: OperatorHarness<number>, ms: number): void {
  for (let step = 0; step < ms; step += 10) {
    harness.time.advanceBy(10)
    harness.poll(100)
  }
}

describe('a source without splits', () => {
  test('when the coordinator has not answered, then it is waited for; when it has none, then not', async () => {
    const { harness } = await open()
    expect(harness.times).toEqual([])
    harness.tellSource({ kind: 'no-splits-now' })
    expect(harness.times).toEqual(['idle'])
    give(harness, 'a')
    expect(harness.times).toEqual(['idle', 'active'])
  })

  test('when it has released the last one, then it is idle, but not while it asks for another', async () => {
    const { source, harness } = await open({ hasTimePerSplit: true })
    give(harness, 'a')
    source.put('a', 10)
    harness.poll(1)
    source.request()
    source.release('a')
    expect(harness.times).toEqual([9])
    harness.tellSource({ kind: 'no-splits-now' })
    expect(harness.times).toEqual([9, 'idle'])
    give(harness, 'b')
    source.put('b', 20)
    harness.poll(1)
    expect(harness.times).toEqual([9, 'idle', 'active', 19])
  })
})

describe('time per split', () => {
  test('when splits are of different age, then the smallest counts, from the moment they are given', async () => {
    const { source, harness } = await open({ hasTimePerSplit: true })
    give(harness, 'a', 'b')
    source.put('a', 100)
    harness.poll(1)
    expect(harness.watermarks).toEqual([])
    source.put('b', 50)
    source.put('b', 120)
    harness.poll(2)
    expect(harness.watermarks).toEqual([49, 99])
    source.release('a')
    expect(harness.watermarks).toEqual([49, 99, 119])
  })

  test('when a reader emits for no split, or for one it does not have, then that is said', async () => {
    const { source, harness } = await open({ hasTimePerSplit: true })
    give(harness, 'a')
    harness.poll(1)
    expect(() => source.output.collect(1)).toThrow(/to emit through forSplit/)
    expect(() => source.output.forSplit('b')).toThrow(/not given, or has released/)
    const plain = await open()
    plain.harness.poll(1)
    expect(() => plain.source.output.forSplit('a')).toThrow(/hasTimePerSplit: true/)
  })

  test('when it is restored, then each split goes on in its own time, at another parallelism too', async () => {
    const { source, harness } = await open({ hasTimePerSplit: true })
    give(harness, 'a', 'b')
    source.put('a', 100)
    source.put('b', 50)
    harness.poll(2)
    const restored = [await harness.snapshot()]
    for (const [subtaskIndex, mine, at] of [
      [0, 'a', 100],
      [1, 'b', 50],
    ] as const) {
      const again = new ScriptedSource({ hasTimePerSplit: true })
      const reader = await OperatorHarness.open<number>({
        kind: 'source',
        config: { watermarks: bounded },
        functions: { source: again },
        subtaskIndex,
        parallelism: 2,
        restored,
      })
      expect(reader.watermarks).toEqual(at === 100 ? [49, 99] : [49])
      again.put(mine, 60)
      reader.poll(1)
      expect(reader.watermarks.at(-1)).toBe(Math.max(at - 1, 59))
    }
  })
})

describe('idleness', () => {
  const idle = { ...bounded, idleTimeoutMs: IDLE_MS }

  test('when no record comes for so long, then readers do not wait, until one comes', async () => {
    const { source, harness } = await open({}, idle)
    give(harness, 'a')
    source.put('a', 10)
    harness.poll(1)
    pass(harness, IDLE_MS)
    expect(harness.times).toEqual([9])
    pass(harness, IDLE_MS / 4 + 10)
    expect(harness.times).toEqual([9, 'idle'])
    source.put('a', 5)
    harness.poll(1)
    expect(harness.times).toEqual([9, 'idle', 'active'])
  })

  test('when one split is quiet and the others are not, then only that one is idle', async () => {
    const { source, harness } = await open({ hasTimePerSplit: true }, idle)
    give(harness, 'a', 'b')
    for (let at = 10; at <= 100; at += 10) {
      source.put('a', at)
      pass(harness, IDLE_MS / 8)
    }
    expect(harness.times.at(-1)).toBe(99)
    expect(harness.isIdle).toBe(false)
    source.put('b', 40)
    source.put('a', 110)
    harness.poll(10)
    expect(harness.watermarks.at(-1)).toBe(99)
  })

  test('when a reader says itself that nothing will come, then the same, until the next watermark', async () => {
    const { source, harness } = await open()
    give(harness, 'a')
    harness.poll(1)
    source.output.markIdle()
    source.output.markIdle()
    expect(harness.times).toEqual(['idle'])
    source.output.markActive()
    expect(harness.times).toEqual(['idle', 'active'])
    source.output.markIdle()
    source.put('a', 10)
    harness.poll(1)
    expect(harness.times).toEqual(['idle', 'active', 'idle', 'active', 9])
  })
})

describe('ingestion time', () => {
  test('when records come, then their time is the clock, and never goes back, not over a restart either', async () => {
    const { source, harness } = await open({}, { generator: 'ingestion' })
    harness.time.setCalendar(5000)
    give(harness, 'a')
    source.put('a', 1)
    harness.poll(1)
    harness.time.setCalendar(4000)
    source.put('a', 2)
    harness.poll(1)
    expect(harness.output.map(({ timestamp }) => timestamp)).toEqual([5000, 5000])
    harness.time.advanceBy(200)
    expect(harness.watermarks).toEqual([4999])
    const again = await harness.restart()
    source.put('a', 3)
    again.poll(1)
    expect(again.output.map(({ timestamp }) => timestamp)).toEqual([5000])
  })
})

describe('any source', () => {
  test('when splits come, go, emit and rest at random, then its time is that of a naive model', async () => {
    const steps = fc.array(
      fc.record({
        kind: fc.constantFrom('record', 'record', 'record', 'rest', 'give', 'release' as const),
        pick: fc.nat(),
        at: fc.nat({ max: 100 }),
      }),
      { maxLength: 40, size: 'max' },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { source, harness } = await open(
          { hasTimePerSplit: true },
          { ...bounded, idleTimeoutMs: IDLE_MS },
        )
        harness.poll(1)
        const model = new NaiveSplits()
        let given = 0
        for (const { kind, pick, at } of all) {
          const ids = [...model.splits.keys()]
          const splitId = ids[pick % ids.length]
          if (kind === 'give') {
            give(harness, `${given}`)
            model.give(`${given++}`)
          } else if (splitId === undefined) continue
          else if (kind === 'record') {
            source.put(splitId, at)
            harness.poll(1)
            model.record(splitId, at)
          } else if (kind === 'release') {
            source.release(splitId)
            model.release(splitId)
          } else {
            // Quiet for long enough, whenever the next tick is.
            pass(harness, IDLE_MS * 1.25)
            model.rest()
          }
          const watermark = Math.max(MIN_WATERMARK, ...harness.watermarks)
          expect([watermark, harness.isIdle]).toEqual([model.watermark, model.isIdle])
        }
        await harness.close()
      }),
      { numRuns: 300 },
    )
  })
})

/** What a source with time per split must tell: computed anew from all splits after each step. */
class NaiveSplits {
  readonly splits = new Map<string, { watermark: number; isIdle: boolean }>()
  watermark = MIN_WATERMARK
  isIdle = false

  give(splitId: string): void {
    this.splits.set(splitId, { watermark: MIN_WATERMARK, isIdle: false })
    this.#combine()
  }

  record(splitId: string, at: number): void {
    const split = this.splits.get(splitId)
    if (split === undefined) return
    split.isIdle = false
    split.watermark = Math.max(split.watermark, at - 1)
    this.#combine()
  }

  release(splitId: string): void {
    this.splits.delete(splitId)
    this.#combine()
  }

  rest(): void {
    for (const split of this.splits.values()) {
      split.isIdle = true
      this.#combine()
    }
  }

  #combine(): void {
    const all = [...this.splits.values()]
    const active = all.filter(({ isIdle }) => !isIdle).map(({ watermark }) => watermark)
    this.isIdle = active.length === 0
    if (active.length > 0) this.watermark = Math.max(this.watermark, Math.min(...active))
    else this.watermark = Math.max(this.watermark, ...all.map(({ watermark }) => watermark))
  }
}

test('when the end of a bounded source comes, then it is the end of time, idle or not', async () => {
  const { harness } = await open({}, { generator: 'none' })
  harness.tellSource({ kind: 'no-splits-now' })
  harness.tellSource({ kind: 'no-more-splits' })
  expect(harness.poll(1)).toBe('end')
  harness.finish()
  expect(harness.times).toEqual(['idle', 'active', MAX_WATERMARK])
})
