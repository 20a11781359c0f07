import { EnumeratorHarness, ManualTime, Simulation } from '@millrace/testing'
import type { FileSystem, JsonValue, Platform } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import type { FileSplit } from './file-split.ts'
import { FileSource, type FileSourceOptions, textLines } from './index.ts'

/** Files in memory whose calls settle at once, on a clock that the test moves. */
function world(names: readonly string[]) {
  const present = new Set(names)
  const files: Partial<FileSystem> = {
    stat: async (path) => {
      if (path !== '/in' && !present.has(path)) return undefined
      return { isDirectory: path === '/in', sizeBytes: 10, modifiedMs: 0 }
    },
    list: async () =>
      [...present].map((path) => ({ name: path.slice('/in/'.length), isDirectory: false })),
  }
  const time = new ManualTime()
  const outside = new Simulation({ seed: 1 }).process('outside')
  const platform: Platform = {
    ...outside,
    clock: time,
    timers: time,
    files: files as FileSystem,
  }
  const start = (restored?: JsonValue, options: Partial<FileSourceOptions<string>> = {}) =>
    EnumeratorHarness.start<FileSplit>({
      source: FileSource.of({ path: '/in', format: textLines(), ...options }),
      parallelism: 2,
      platform,
      ...(restored !== undefined && { restored }),
    })
  return { present, time, start }
}

function pathsOf(harness: EnumeratorHarness<FileSplit>): readonly (readonly string[])[] {
  return harness.assigned.map((splits) => splits.map(({ path }) => path.slice('/in/'.length)))
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('files that are found once', () => {
  test('when a reader asks more often, then it gets more, and at last each hears that there are no more', async () => {
    const harness = await world(['/in/a', '/in/b', '/in/c']).start()
    harness.registerAll()
    for (const reader of [0, 1, 1, 1, 0]) harness.enumerator.handleSplitRequest?.(reader)
    expect(pathsOf(harness)).toEqual([['a'], ['b', 'c']])
    expect(harness.complete).toEqual([1, 0])
  })

  test('when it is restored, then it goes on with what was not assigned, and splits come back', async () => {
    const { start, present } = world(['/in/a', '/in/b'])
    const before = await start()
    before.registerAll()
    before.enumerator.handleSplitRequest?.(0)
    present.add('/in/late')
    const harness = await start(before.snapshot())
    harness.enumerator.addSplitsBack(before.assigned[0] as FileSplit[], 0)
    harness.registerAll()
    for (const reader of [1, 1, 1]) harness.enumerator.handleSplitRequest?.(reader)
    expect(pathsOf(harness)).toEqual([[], ['a', 'b']])
    expect(harness.complete).toEqual([1])
  })
})

describe('files that are looked for again and again', () => {
  const monitored = { monitorInterval: '1 s' }

  test('when new files come, then readers that wait get them, each file once, also after a restore', async () => {
    const { start, present, time } = world(['/in/a'])
    const first = await start(undefined, monitored)
    first.registerAll()
    for (const reader of [0, 0, 1]) first.enumerator.handleSplitRequest?.(reader)
    present.add('/in/b')
    await advance(time)
    expect(pathsOf(first)).toEqual([['a', 'b'], []])
    present.add('/in/c').add('/in/d')
    await advance(time)
    expect(pathsOf(first)).toEqual([['a', 'b'], ['c']])
    expect(first.complete).toEqual([])

    const restored = first.snapshot()
    present.add('/in/e').delete('/in/a')
    const second = await start(restored, monitored)
    second.registerAll()
    for (const reader of [1, 1, 1]) second.enumerator.handleSplitRequest?.(reader)
    expect(pathsOf(second)).toEqual([[], ['d']])
    await advance(time)
    expect(pathsOf(second)).toEqual([[], ['d', 'e']])
    expect([...first.failures, ...second.failures]).toEqual([])
  })

  test('when it is described, then the source has no end', () => {
    const source = FileSource.of({ path: '/in', format: textLines(), ...monitored })
    expect(source.boundedness).toBe('unbounded')
    expect(source.describe()).toMatchObject({ monitorIntervalMs: 1000 })
  })
})

/** A second, and what is found in it. */
async function advance(time: ManualTime): Promise<void> {
  time.advanceBy(1000)
  await settled()
}
