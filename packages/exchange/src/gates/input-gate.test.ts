import { describe, expect, test } from 'vitest'
import type { InputChannel } from '../channels/channel.ts'
import type { StreamEvent } from '../events/stream-event.ts'
import { InputGate } from './input-gate.ts'

/** A channel whose input is a number of events. */
class CountedChannel implements InputChannel<unknown> {
  left: number
  isClosed = false

  constructor(left: number) {
    this.left = left
  }

  get hasInput(): boolean {
    return this.left > 0
  }

  poll(): StreamEvent | undefined {
    if (this.left === 0) return undefined
    return { kind: 'watermark', watermark: this.left-- }
  }

  release(): void {}

  announceBarriers(): void {}

  recordUntil(): void {}

  stopRecording(): void {}

  close(): void {
    this.isClosed = true
  }
}

function gateOf(...counts: readonly number[]): {
  readonly gate: InputGate
  readonly channels: readonly CountedChannel[]
} {
  const channels = counts.map((count) => new CountedChannel(count))
  return { channels, gate: new InputGate(channels.map((channel) => ({ channel, input: 0 }))) }
}

/** The channels from which everything is taken, in order. */
function takeAll(gate: InputGate): number[] {
  const order: number[] = []
  for (let index = gate.next(); index >= 0; index = gate.next()) {
    expect(gate.poll(index)).toBeDefined()
    order.push(index)
  }
  return order
}

describe('InputGate', () => {
  test('when all channels have input, then they take turns', () => {
    expect(takeAll(gateOf(3, 2, 3).gate)).toEqual([0, 1, 2, 0, 1, 2, 0, 2])
  })

  test('when one channel is always full, then it starves nobody', () => {
    const { gate, channels } = gateOf(1_000_000, 0, 5)
    const order = Array.from({ length: 12 }, () => {
      const index = gate.next()
      gate.poll(index)
      return index
    })
    expect(order.filter((index) => index === 2)).toHaveLength(5)
    ;(channels[1] as CountedChannel).left = 1
    expect([gate.next(), gate.next()]).toContain(1)
  })

  test('when a channel is blocked, then its input stays where it is until all are unblocked', () => {
    const { gate, channels } = gateOf(2, 2)
    gate.block(0)
    expect(takeAll(gate)).toEqual([1, 1])
    expect(channels[0]?.left).toBe(2)
    gate.unblockAll()
    expect(takeAll(gate)).toEqual([0, 0])
  })

  test('when nothing is there, then there is no next', () => {
    expect(gateOf(0, 0).gate.next()).toBe(-1)
    expect(gateOf().gate.next()).toBe(-1)
  })

  test('when it is closed, then so are its channels', () => {
    const { gate, channels } = gateOf(1, 0)
    gate.close()
    expect(channels.map(({ isClosed }) => isClosed)).toEqual([true, true])
  })
})
