import { type SinkWriterContext, Types } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { CollectedRecords } from './collected-records.ts'
import { CollectSink } from './collect-sink.ts'

const RECORD = { timestamp: undefined, currentWatermark: 0 }
const FRESH = { isRestored: false, states: [], committables: [] }
const Entry = Types.record({ word: Types.string, at: Types.date })

/** A sink subtask and the client that receives what it sends. */
function collecting<T>(sink: CollectSink<T>, records: CollectedRecords<T>) {
  const subtask = (facts: Partial<SinkWriterContext>) => {
    const { subtaskIndex = 0 } = facts
    const context = {
      runId: 'run',
      subtaskIndex,
      attempt: 0,
      hasCheckpoints: false,
      sendToClient: (payload: unknown) => {
        records.accept({ uid: 'collect', subtaskIndex, payload: structuredClone(payload) })
      },
      ...facts,
    } as SinkWriterContext
    return { writer: sink.createWriter(context), committer: sink.createCommitter(context) }
  }
  return { subtask, records }
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
    expect(records.records()).toHaveLength(257)
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
    expect(records.records()).toEqual([7])
    second.writer.write(2, RECORD)
    await second.writer.prepareCommit()
    expect(records.records()).toEqual([7, 2])
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
