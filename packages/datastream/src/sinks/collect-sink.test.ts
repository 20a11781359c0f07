import { type Platform, type SinkWriterContext, type Timer, Types } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { CollectedRecords } from './collected-records.ts'
import { CollectSink, FRAMES_AHEAD_MAX } from './collect-sink.ts'

const RECORD = { timestamp: undefined, currentWatermark: 0 }
const FRESH = { isRestored: false, states: [], committables: [] }
const Entry = Types.record({ word: Types.string, at: Types.date })

/** A sink subtask and the client that receives what it sends. */
function collecting<T>(sink: CollectSink<T>, records: CollectedRecords<T>) {
  const wakes: number[] = []
  const alarms: (() => void)[] = []
  const alarmOf = (ring: () => void): Timer => {
    alarms.push(ring)
    return { cancel: () => void alarms.splice(alarms.indexOf(ring), 1) }
  }
  const subtask = (facts: Partial<SinkWriterContext>) => {
    const { subtaskIndex = 0 } = facts
    const context = {
      runId: 'run',
      subtaskIndex,
      attempt: 0,
      hasCheckpoints: false,
      platform: { timers: { after: (_delayMs, ring) => alarmOf(ring) } } as Platform,
      wake: () => wakes.push(subtaskIndex),
      fail: (error: unknown) => {
        throw error
      },
      sendToClient: (payload: unknown) => {
        records.accept({ uid: 'collect', subtaskIndex, payload: structuredClone(payload) })
      },
      ...facts,
    } as SinkWriterContext
    return { writer: sink.createWriter(context), committer: sink.createCommitter(context) }
  }
  return { subtask, records, wakes, alarms }
}

function collectNumbers() {
  return collecting(new CollectSink<number>(Types.int), new CollectedRecords<number>(Types.int))
}

describe('a collect sink with checkpoints', () => {
  test('when a barrier passes, then records come with the commit and not before', async () => {
    const { subtask, records } = collectNumbers()
    const { writer, committer } = subtask({ hasCheckpoints: true })
    await writer.open(FRESH)
    for (let n = 0; n < 300; n++) writer.write(n, RECORD)
    const committables = await writer.prepareCommit()
    expect(writer.snapshotState()).toEqual([])
    expect(records.records()).toEqual([])
    writer.write(-1, RECORD)
    await committer.commit(committables)
    expect(records.records()).toEqual(Array.from({ length: 300 }, (_, n) => n))
  })

  test('when a commit is repeated after a restore, then its records count once', async () => {
    const { subtask, records } = collectNumbers()
    const first = subtask({ hasCheckpoints: true })
    first.writer.write(1, RECORD)
    const committables = await first.writer.prepareCommit()
    await first.committer.commit(committables)
    const second = subtask({ hasCheckpoints: true, attempt: 1 })
    await second.writer.open({ isRestored: true, states: [], committables })
    await second.committer.commit(JSON.parse(JSON.stringify(committables)))
    second.writer.write(2, RECORD)
    await second.committer.commit(await second.writer.prepareCommit())
    expect(records.records()).toEqual([1, 2])
  })
})

describe('a collect sink without checkpoints', () => {
  test('when a frame is full, then it is sent at once, the rest at the end', async () => {
    const { subtask, records } = collectNumbers()
    const { writer } = subtask({})
    for (let n = 0; n < 256; n++) writer.write(n, RECORD)
    expect(records.records()).toHaveLength(256)
    writer.write(256, RECORD)
    expect(await writer.prepareCommit()).toEqual([])
    expect(records.records()).toEqual([256])
  })

  test('when a subtask starts over, then what it sent before is forgotten', async () => {
    const { subtask, records } = collectNumbers()
    const other = subtask({ subtaskIndex: 1 })
    other.writer.write(7, RECORD)
    await other.writer.prepareCommit()
    const first = subtask({})
    first.writer.write(1, RECORD)
    await first.writer.prepareCommit()
    const second = subtask({ attempt: 1 })
    await second.writer.open(FRESH)
    second.writer.write(2, RECORD)
    await second.writer.prepareCommit()
    expect(records.records()).toEqual([7, 2])
  })
})

describe('a collect sink whose client is slow', () => {
  test('when too many frames are not used, then it takes no records until one is', async () => {
    const { subtask, wakes } = collectNumbers()
    const { writer } = subtask({ attempt: 2 })
    for (let n = 0; n < FRAMES_AHEAD_MAX * 256 - 1; n++) writer.write(n, RECORD)
    expect(writer.isAvailable).toBe(true)
    writer.write(0, RECORD)
    expect(writer.isAvailable).toBe(false)
    writer.handleClientMessage?.({ attempt: 1 })
    expect(writer.isAvailable).toBe(false)
    expect(wakes).toEqual([])
    writer.handleClientMessage?.({ attempt: 2 })
    expect(writer.isAvailable).toBe(true)
    writer.handleClientMessage?.({ attempt: 2 })
    expect(wakes).toEqual([0])
  })

  test('when frames wait for a barrier, then they do not count before it', async () => {
    const { subtask } = collectNumbers()
    const { writer } = subtask({ hasCheckpoints: true })
    for (let n = 0; n < 2 * FRAMES_AHEAD_MAX * 256; n++) writer.write(n, RECORD)
    expect(writer.isAvailable).toBe(true)
    await writer.prepareCommit()
    expect(writer.isAvailable).toBe(false)
    for (let n = 0; n < FRAMES_AHEAD_MAX; n++) writer.handleClientMessage?.({ attempt: 0 })
    expect(writer.isAvailable).toBe(false)
    writer.handleClientMessage?.({ attempt: 0 })
    expect(writer.isAvailable).toBe(true)
  })
})

describe('a frame that does not fill up', () => {
  test('when there are no checkpoints, then it is sent after a while', () => {
    const { subtask, records, alarms } = collectNumbers()
    const { writer } = subtask({})
    writer.write(1, RECORD)
    writer.write(2, RECORD)
    expect(alarms).toHaveLength(1)
    alarms[0]?.()
    expect(records.records()).toEqual([1, 2])
    writer.write(3, RECORD)
    expect(alarms).toHaveLength(2)
    void writer.close()
    expect(alarms).toHaveLength(1)
  })

  test('when there are checkpoints, then it waits for the barrier', () => {
    const { subtask, alarms } = collectNumbers()
    subtask({ hasCheckpoints: true }).writer.write(1, RECORD)
    expect(alarms).toEqual([])
  })
})

describe('collected records', () => {
  test('when they have a type, then they come back as they were', async () => {
    const { subtask, records } = collecting(
      new CollectSink<{ word: string; at: Date }>(Entry),
      new CollectedRecords<{ word: string; at: Date }>(Entry),
    )
    const { writer } = subtask({})
    writer.write({ word: 'grün', at: new Date(5) }, RECORD)
    await writer.prepareCommit()
    expect({ ...records.records()[0] }).toEqual({ word: 'grün', at: new Date(5) })
  })

  test('when they have none, then any value comes back', async () => {
    const { subtask, records } = collecting(
      new CollectSink<unknown>(Types.any()),
      new CollectedRecords<unknown>(undefined),
    )
    const { writer } = subtask({})
    const values = ['text', 1.5, null, { nested: [1, 2] }]
    for (const value of values) writer.write(value, RECORD)
    await writer.prepareCommit()
    expect(records.records()).toEqual(values)
  })
})
