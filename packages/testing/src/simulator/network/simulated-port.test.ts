import type { PortPair } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import type { SimulatedProcess } from '../simulated-process.ts'
import { Simulation } from '../simulation.ts'

describe('a pair of ports', () => {
  test('when messages are posted, then they arrive later and in order, in both directions', async () => {
    const { simulation, ports } = connect()
    const seen: number[] = []
    const answers: number[] = []
    ports.right.onMessage((message) => {
      seen.push(Number(message))
      ports.right.post(Number(message) * 2)
    })
    ports.left.onMessage((message) => answers.push(Number(message)))
    for (let index = 0; index < 200; index++) ports.left.post(index)
    expect(seen).toEqual([])
    await simulation.run(() => answers.length === 200)
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index))
    expect(answers).toEqual(seen.map((index) => index * 2))
    expect(simulation.nowMs).toBeGreaterThan(0.02)
  })

  test('when a buffer is transferred, then it is empty for the sender and whole for the receiver', async () => {
    const { simulation, ports } = connect()
    const frame = new Uint8Array([1, 2, 3]).buffer
    const seen: unknown[] = []
    ports.right.onMessage((message) => seen.push(message))
    ports.left.post({ frame }, [frame])
    expect(frame.byteLength).toBe(0)
    expect(() => new Uint8Array(frame)).toThrow(TypeError)
    await simulation.run(() => seen.length === 1)
    expect(seen).toEqual([{ frame: new Uint8Array([1, 2, 3]).buffer }])
  })

  test('when the sender changes an object after posting it, then the receiver does not see the change', async () => {
    const { simulation, ports } = connect()
    const message = { count: 1, nested: { list: [1] } }
    const seen: unknown[] = []
    ports.right.onMessage((received) => seen.push(received))
    ports.left.post(message)
    message.count = 2
    message.nested.list.push(2)
    await simulation.run(() => seen.length === 1)
    expect(seen).toEqual([{ count: 1, nested: { list: [1] } }])
  })

  test('when messages arrive before there is a receiver, then it gets them, but not inside the call', async () => {
    const { simulation, ports } = connect()
    ports.left.post(undefined)
    ports.left.post('second')
    await simulation.runFor(10)
    const seen: unknown[] = []
    ports.right.onMessage((message) => seen.push(message))
    ports.left.post('third')
    expect(seen).toEqual([])
    await simulation.run(() => seen.length === 3)
    expect(seen).toEqual([undefined, 'second', 'third'])
  })

  test('when a message takes promises to handle, then they settle before the next message', async () => {
    const { simulation, ports } = connect()
    const seen: string[] = []
    ports.right.onMessage((message) => {
      void Promise.resolve()
        .then(() => undefined)
        .then(() => seen.push(`settled ${String(message)}`))
      seen.push(`received ${String(message)}`)
    })
    ports.left.post(1)
    ports.left.post(2)
    await simulation.run(() => seen.length === 4)
    expect(seen).toEqual(['received 1', 'settled 1', 'received 2', 'settled 2'])
  })

  test('when a port was closed, then what was posted before arrives and nothing else', async () => {
    const { simulation, ports } = connect()
    const seen: unknown[] = []
    const seenByClosed: unknown[] = []
    ports.right.onMessage((message) => seen.push(message))
    ports.left.onMessage((message) => seenByClosed.push(message))
    ports.left.post('before')
    ports.left.close()
    ports.left.post('after')
    ports.right.post('to the closed one')
    await simulation.runFor(10)
    expect(seen).toEqual(['before'])
    expect(seenByClosed).toEqual([])
  })

  test.each(['left', 'right'] as const)(
    'when the %s process crashes, then nothing on its way is delivered',
    async (side) => {
      const { simulation, ports, processes } = connect()
      const seen: unknown[] = []
      ports.left.onMessage((message) => seen.push(message))
      ports.right.onMessage((message) => seen.push(message))
      const postBoth = (): void => {
        ports.left.post(1)
        ports.right.post(2)
      }
      postBoth()
      processes[side].crash()
      postBoth()
      await simulation.runFor(10)
      expect(seen).toEqual([])
    },
  )
})

interface ConnectedWorld {
  readonly simulation: Simulation
  readonly ports: PortPair
  readonly processes: { readonly left: SimulatedProcess; readonly right: SimulatedProcess }
}

function connect(): ConnectedWorld {
  const simulation = new Simulation({ seed: 1 })
  const left = simulation.process('left')
  const right = simulation.process('right')
  return { simulation, ports: simulation.portPair(left, right), processes: { left, right } }
}
