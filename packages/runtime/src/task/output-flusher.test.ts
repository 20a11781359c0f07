import { describe, expect, test } from 'vitest'
import type { Timer } from '@millrace/core'
import { type FlushedWriter, OutputFlusher } from './output-flusher.ts'

class NotingWriter {
  flushes = 0
  readonly isLocal: boolean

  constructor(isLocal: boolean) {
    this.isLocal = isLocal
  }

  flush(): void {
    this.flushes++
  }
}

function setUp(...timeouts: readonly number[]) {
  const alarms: { readonly delayMs: number; readonly ring: () => void }[] = []
  const processingTime = {
    after: (delayMs: number, ring: () => void): Timer => {
      alarms.push({ delayMs, ring })
      return { cancel: () => {} }
    },
  }
  const remote = timeouts.map(() => new NotingWriter(false))
  const writers = remote.map((writer, index): FlushedWriter => ({
    writer,
    bufferTimeoutMs: timeouts[index] as number,
  }))
  return { alarms, remote, flusher: new OutputFlusher(writers, processingTime) }
}

describe('flushing', () => {
  test('when the timeout is 0, then each slice is flushed', () => {
    const { flusher, remote } = setUp(0)
    flusher.afterSlice(1, true)
    flusher.afterSlice(1, true)
    expect(remote[0]?.flushes).toBe(2)
  })

  test('when there is a timeout, then it passes between two flushes', () => {
    const { flusher, remote, alarms } = setUp(10)
    const flushes = [100, 105, 109, 110, 111].map((nowMs) => {
      flusher.afterSlice(nowMs, true)
      return remote[0]?.flushes
    })
    expect(flushes).toEqual([1, 1, 1, 2, 2])
    expect(alarms).toEqual([])
  })

  test('when no input waits, then an alarm flushes what the timeout has not, and only one is set', () => {
    const { flusher, remote, alarms } = setUp(10)
    flusher.afterSlice(100, true)
    flusher.afterSlice(101, false)
    flusher.afterSlice(102, false)
    expect(alarms.map(({ delayMs }) => delayMs)).toEqual([10])
    alarms[0]?.ring()
    expect(remote[0]?.flushes).toBe(2)
    flusher.afterSlice(103, false)
    expect(alarms.length).toBe(2)
  })

  test('when no input waits and nothing is encoded, then the flush comes at once', () => {
    const writer = new NotingWriter(true)
    const flusher = new OutputFlusher([{ writer, bufferTimeoutMs: 10 }], {
      after: () => expect.unreachable(),
    })
    flusher.afterSlice(100, true)
    flusher.afterSlice(101, false)
    expect(writer.flushes).toBe(2)
  })

  test('when the timeout is -1, then nothing is flushed by time', () => {
    const { flusher, remote, alarms } = setUp(-1)
    for (let nowMs = 0; nowMs < 100_000; nowMs += 1000) flusher.afterSlice(nowMs, nowMs % 3 === 0)
    expect(remote[0]?.flushes).toBe(0)
    expect(alarms).toEqual([])
  })

  test('when writers have timeouts of their own, then each keeps to its own', () => {
    const { flusher, remote } = setUp(10, 0, -1, 10)
    flusher.afterSlice(100, true)
    flusher.afterSlice(105, true)
    expect(remote.map(({ flushes }) => flushes)).toEqual([1, 2, 0, 1])
  })
})
