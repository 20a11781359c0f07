import { Types } from '@millrace/core'
import { LocalChannel } from '@millrace/exchange'
import { FunctionTable, type JobEdge, type JobVertex, type Partitioner } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { createRecordWriter } from './create-record-writer.ts'

const READER = { uid: 'read', name: 'reader' }

/** Writes records over so many channels; answers what each channel got. */
function written(
  partitioner: Partitioner,
  records: readonly unknown[],
  { channelCount = 3, functions = new FunctionTable(), drawn = [0] as readonly number[] } = {},
): readonly (readonly unknown[])[] {
  const channels = Array.from(
    { length: channelCount },
    () => new LocalChannel<unknown>({ onInput: () => {}, onReady: () => {} }),
  )
  let draws = 0
  const writer = createRecordWriter({
    edge: { id: 'edge', partitioner } as JobEdge,
    target: { operators: [READER], maxParallelism: 128 } as unknown as JobVertex,
    functions,
    subtaskIndex: 1,
    channels,
    random: { next: () => drawn[draws++ % drawn.length] as number, id: () => '' },
  })
  for (const record of records) writer.processElement(record, 0)
  writer.flush()
  return channels.map((channel) => {
    const batch = channel.poll()
    return batch?.kind === 'records' ? batch.records.slice(0, batch.count) : []
  })
}

describe('the writer of an edge', () => {
  test.each<[Partitioner, readonly (readonly number[])[]]>([
    [{ kind: 'forward' }, [[1, 2, 3, 4], [], []]],
    [{ kind: 'global' }, [[1, 2, 3, 4], [], []]],
    [
      { kind: 'broadcast' },
      [
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
    ],
    [{ kind: 'rebalance' }, [[3], [1, 4], [2]]],
    [{ kind: 'rebalance', isAdaptive: true }, [[3], [1, 4], [2]]],
    [{ kind: 'rescale' }, [[1, 4], [2], [3]]],
    [{ kind: 'rescale', isAdaptive: true }, [[1, 4], [2], [3]]],
    [{ kind: 'shuffle' }, [[2], [1, 3, 4], []]],
  ])('when it is %j, then records go where it says', (partitioner, expected) => {
    expect(written(partitioner, [1, 2, 3, 4], { drawn: [0.5, 0.1, 0.6, 0.4] })).toEqual(expected)
  })

  test('when it is by hash, then equal keys go to one channel', () => {
    const functions = new FunctionTable()
    const keySelector = functions.register('read', 'keySelector', (n: number) => n % 5)
    const records = Array.from({ length: 100 }, (_, n) => n)
    const shares = written({ kind: 'hash', keySelector, keyType: Types.int }, records, {
      functions,
    })
    for (let key = 0; key < 5; key++) {
      expect(shares.filter((share) => share.some((n) => (n as number) % 5 === key)).length).toBe(1)
    }
    expect(shares.flat().length).toBe(100)
  })
})

describe('a custom partitioner', () => {
  function custom(
    partition: (key: number, count: number) => unknown,
    key = (n: number): number => n,
  ) {
    const functions = new FunctionTable()
    const partitioner: Partitioner = {
      kind: 'custom',
      partitioner: functions.register('read', 'partitioner0', partition),
      keySelector: functions.register('read', 'partitionKey0', key),
    }
    return (records: readonly number[]) => written(partitioner, records, { functions })
  }

  test('when it names a channel, then the record goes there; it is told key and number of channels', () => {
    const told: number[][] = []
    const write = custom(
      (key, count) => {
        told.push([key, count])
        return key % count
      },
      (n) => n * 10,
    )
    expect(write([1, 2, 3])).toEqual([[3], [1], [2]])
    expect(told).toEqual([
      [10, 3],
      [20, 3],
      [30, 3],
    ])
  })

  test.each([-1, 3, 0.5, Number.NaN, undefined, '1'])(
    'when it answers %s, then the job fails for good and names the reader',
    (answer) => {
      const write = custom(() => answer)
      expect(() => write([1])).toThrow(
        expect.objectContaining({
          code: 'FUNCTION_FAILED',
          isRetryable: false,
          message: expect.stringContaining("from 0 to 2 from the partitioner before 'reader'"),
        }),
      )
    },
  )

  test('when it, or the key selector, throws or waits, then the job fails and names the reader', () => {
    const fail = (): never => {
      throw new Error('no idea')
    }
    expect(() => custom(fail)([1])).toThrow(/FUNCTION_FAILED.*partitioner of 'reader'.*no idea/)
    expect(() => custom(() => 0, fail)([1])).toThrow(/FUNCTION_FAILED.*no idea/)
    expect(() => custom(() => Promise.resolve(0))([1])).toThrow(
      /FUNCTION_RETURNED_PROMISE.*'reader'/,
    )
  })
})
