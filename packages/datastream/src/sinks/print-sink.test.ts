import { Decimal, type Platform, type SinkWriterContext } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { PrintSink } from './print-sink.ts'

function printedBy(
  sink: PrintSink<unknown>,
  values: readonly unknown[],
  parallelism = 1,
): string[] {
  const lines: string[] = []
  const platform = {
    print: (line) => void lines.push(line),
    printError: (line) => void lines.push(`stderr ${line}`),
  } as Platform
  const context = { platform, subtaskIndex: parallelism - 1, parallelism } as SinkWriterContext
  const writer = sink.createWriter(context)
  for (const value of values) writer.write(value, { timestamp: undefined, currentWatermark: 0 })
  return lines
}

describe('a print sink', () => {
  test('when records are text or plain values, then they are printed as they are', () => {
    const price = Decimal.parse('12.50')
    expect(printedBy(new PrintSink(), ['a b', price, 1.5, 10n, true, null, undefined])).toEqual([
      'a b',
      '12.50',
      '1.5',
      '10',
      'true',
      'null',
      'undefined',
    ])
  })

  test('when records are objects, then they are JSON on one line', () => {
    const record = {
      word: 'a',
      big: 2n ** 64n,
      at: new Date(0),
      map: new Map([['k', 1]]),
      set: new Set([1]),
      bytes: Uint8Array.of(1, 2),
      price: Decimal.parse('12.50'),
      samples: Float64Array.of(0.5, 1),
      nan: Number.NaN,
    }
    expect(printedBy(new PrintSink(), [record, [1, [2]]])).toEqual([
      '{"word":"a","big":"18446744073709551616","at":"1970-01-01T00:00:00.000Z","map":{"k":1},"set":[1],"bytes":[1,2],"price":"12.50","samples":[0.5,1],"nan":"NaN"}',
      '[1,[2]]',
    ])
  })

  test('when there are several subtasks or a prefix, then it stands before each line', () => {
    expect(printedBy(new PrintSink(), ['a'], 2)).toEqual(['2> a'])
    expect(printedBy(new PrintSink('late'), ['a'])).toEqual(['late> a'])
    expect(printedBy(new PrintSink('late'), ['a'], 3)).toEqual(['late:3> a'])
  })

  test('when a barrier passes, then there is nothing to commit', async () => {
    const writer = new PrintSink('p').createWriter({ platform: {} } as SinkWriterContext)
    expect(await writer.prepareCommit()).toEqual([])
    expect(writer.snapshotState()).toEqual([])
    expect(writer.isAvailable).toBe(true)
    expect(new PrintSink('p').describe()).toEqual({ sink: 'print', prefix: 'p' })
  })
})
