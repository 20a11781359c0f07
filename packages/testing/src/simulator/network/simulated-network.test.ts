import type { Connection } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import type { SimulatedProcess } from '../simulated-process.ts'
import { Simulation } from '../simulation.ts'

const ADDRESS = { host: 'broker', port: 9092 }

describe('the simulated network', () => {
  test('when nobody listens, then a connection is refused after a while', async () => {
    const simulation = new Simulation({ seed: 1 })
    const { network } = simulation.process('client')
    await expect(simulation.resultOf(network.connect(ADDRESS))).rejects.toMatchObject({
      code: 'SOCKET_FAILED',
      isRetryable: true,
    })
    expect(simulation.nowMs).toBeGreaterThan(0)
  })

  test('when bytes are written, then they arrive whole and in order, not in the pieces of the writes', async () => {
    const { simulation, client, server } = await connect()
    const sent: number[] = []
    const received: number[] = []
    let pieceCount = 0
    server.onData((bytes) => {
      pieceCount++
      received.push(...bytes)
    })
    for (let index = 0; index < 100; index++) {
      const bytes = new Uint8Array([index, index + 1, index + 2])
      sent.push(...bytes)
      client.write(bytes)
      bytes.fill(0)
    }
    await simulation.run(() => received.length === sent.length)
    expect(received).toEqual(sent)
    expect(pieceCount).toBeGreaterThan(110)
  })

  test('when the receiver pauses, then nothing comes until it resumes, and nothing is lost', async () => {
    const { simulation, client, server } = await connect()
    const received: number[] = []
    server.onData((bytes) => {
      received.push(...bytes)
      server.pause()
    })
    for (let index = 0; index < 10; index++) client.write(new Uint8Array([index]))
    await simulation.runFor(10)
    expect(received).toEqual([0])
    server.resume()
    expect(received).toEqual([0])
    await simulation.runFor(10)
    expect(received).toEqual([0, 1])
    server.onData((bytes) => received.push(...bytes))
    server.resume()
    await simulation.run(() => received.length === 10)
    expect(received).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('when one end closes, then the other gets all bytes and then the end, and both hear it once', async () => {
    const { simulation, client, server } = await connect()
    const seen: string[] = []
    server.onClose((error) => seen.push(`server closed ${String(error)}`))
    client.onClose((error) => seen.push(`client closed ${String(error)}`))
    client.write(new Uint8Array(3))
    client.close()
    client.close()
    client.write(new Uint8Array(3))
    await simulation.runFor(10)
    let lengthBytes = 0
    server.onData((bytes) => {
      lengthBytes += bytes.length
      seen.push('server received')
    })
    await simulation.runFor(10)
    expect(lengthBytes).toBe(3)
    expect(new Set(seen)).toEqual(
      new Set(['client closed undefined', 'server received', 'server closed undefined']),
    )
    expect(seen.at(-1)).toBe('server closed undefined')
    expect(seen.filter((line) => line.includes('closed')).length).toBe(2)
  })

  test('when the handler of the end is set after the end, then it is called all the same', async () => {
    const { simulation, client, server } = await connect()
    client.close()
    await simulation.runFor(10)
    const seen: string[] = []
    server.onClose(() => seen.push('replaced'))
    server.onClose(() => seen.push('latest'))
    expect(seen).toEqual([])
    await simulation.runFor(10)
    expect(seen).toEqual(['latest'])
  })

  test('when the process of the server crashes, then the client gets what had arrived and hears of a broken connection', async () => {
    const { simulation, client, server, process } = await connect()
    const errors: unknown[] = []
    let lengthBytes = 0
    server.write(new Uint8Array(3))
    await simulation.runFor(10)
    client.onData((bytes) => {
      lengthBytes += bytes.length
    })
    client.onClose((error) => errors.push(error))
    server.write(new Uint8Array(10))
    process.crash()
    await simulation.run(() => errors.length === 1)
    expect(errors).toEqual([expect.objectContaining({ code: 'SOCKET_FAILED' })])
    expect(lengthBytes).toBe(3)
    const reconnect = simulation.process('client 2').network.connect(ADDRESS)
    await expect(simulation.resultOf(reconnect)).rejects.toMatchObject({ code: 'SOCKET_FAILED' })
  })

  test('when a server was closed, then new connections are refused and its address is free', async () => {
    const simulation = new Simulation({ seed: 1 })
    const { network } = simulation.process('client')
    const options = { ...ADDRESS, accept: () => undefined }
    const server = simulation.listen(options)
    expect(() => simulation.listen(options)).toThrow(/SOCKET_FAILED.*another server/)
    await simulation.resultOf(network.connect(ADDRESS))
    server.close()
    await expect(simulation.resultOf(network.connect(ADDRESS))).rejects.toThrow('no server there')
    simulation.listen(options)
    await simulation.resultOf(network.connect(ADDRESS))
  })

  test('when a delay is planned, then messages take as long', async () => {
    const delayMs = { min: 50, max: 60 }
    const simulation = new Simulation({ seed: 1, faults: { network: { delayMs } } })
    const ports = simulation.portPair(simulation.process('left'), simulation.process('right'))
    let arrivedAtMs = 0
    ports.right.onMessage(() => {
      arrivedAtMs = simulation.nowMs
    })
    ports.left.post('hello')
    await simulation.run(() => arrivedAtMs > 0)
    expect(arrivedAtMs).toBeGreaterThanOrEqual(50)
    expect(arrivedAtMs).toBeLessThanOrEqual(60.001)
  })

  test('when there are stragglers, then those behind them wait, and other ways overtake', async () => {
    const stragglers = { chance: 0.1, delayMs: { min: 50, max: 60 } }
    const simulation = new Simulation({ seed: 1, faults: { network: { stragglers } } })
    const [left, right] = [simulation.process('left'), simulation.process('right')]
    const pairs = [simulation.portPair(left, right), simulation.portPair(left, right)]
    const seen: [number, number][] = []
    pairs.forEach((pair, way) => {
      pair.right.onMessage((message) => seen.push([way, Number(message)]))
    })
    for (let number = 0; number < 20; number++) for (const { left } of pairs) left.post(number)
    await simulation.run(() => seen.length === 40)
    const onWay = (way: number) => seen.flatMap(([own, number]) => (own === way ? [number] : []))
    const inOrder = Array.from({ length: 20 }, (_, number) => number)
    expect([onWay(0), onWay(1)]).toEqual([inOrder, inOrder])
    const numbers = seen.map(([, number]) => number)
    expect(numbers).not.toEqual(numbers.toSorted((one, other) => one - other))
    expect(simulation.nowMs).toBeGreaterThan(50)
  })
})

interface ConnectedWorld {
  readonly simulation: Simulation
  readonly client: Connection
  readonly server: Connection
  /** The process of the server. */
  readonly process: SimulatedProcess
}

async function connect(): Promise<ConnectedWorld> {
  const simulation = new Simulation({ seed: 1 })
  const process = simulation.process('broker')
  const accepted = new Promise<Connection>((resolve) => {
    simulation.listen({ ...ADDRESS, process, accept: resolve })
  })
  const client = await simulation.resultOf(simulation.process('client').network.connect(ADDRESS))
  return { simulation, client, server: await simulation.resultOf(accepted), process }
}
