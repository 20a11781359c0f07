import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connection } from '../platform.ts'
import { NodeNetwork } from './node-network.ts'

const host = '127.0.0.1'
let server: Server
let port: number
const accepted: Socket[] = []

beforeEach(async () => {
  server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    accepted.push(socket)
    server.emit('accepted')
  })
  server.listen(0, host)
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(() => {
  for (const socket of accepted.splice(0)) socket.destroy()
  server.close()
})

test('when bytes and the end come before the handlers, then nothing is lost and the order stays', async () => {
  const { connection, peer } = await connected()
  peer.write('hello ')
  peer.end('world')
  await turns(20)
  const seen: string[] = []
  const closed = new Promise<Error | undefined>((resolve) => connection.onClose(resolve))
  connection.onData((bytes) => seen.push(Buffer.from(bytes).toString()))
  expect(seen).toEqual([])
  expect(await closed).toBeUndefined()
  expect(seen.join('')).toBe('hello world')
})

test('when bytes are written and the connection closed, then the peer gets them all', async () => {
  const { connection, peer } = await connected()
  const chunks: Buffer[] = []
  peer.on('data', (chunk: Buffer) => chunks.push(chunk))
  const piece = Buffer.alloc(100_000, 7)
  for (let index = 0; index < 10; index++) connection.write(piece)
  connection.close()
  const closed = new Promise<Error | undefined>((resolve) => connection.onClose(resolve))
  await once(peer, 'close')
  expect(Buffer.concat(chunks).byteLength).toBe(1_000_000)
  expect(await closed).toBeUndefined()
  connection.write(piece)
})

test('when paused, then no handler is called until resume, and the sender is slowed', async () => {
  const { connection, peer } = await connected()
  const sent = 8 * 1024 * 1024
  let received = 0
  connection.pause()
  connection.onData((bytes) => {
    received += bytes.byteLength
  })
  const closed = new Promise<void>((resolve) => connection.onClose(() => resolve()))
  peer.end(Buffer.alloc(sent))
  await turns(50)
  expect(received).toBe(0)
  expect(peer.writableLength).toBeGreaterThan(0)
  connection.resume()
  await closed
  expect(received).toBe(sent)
})

test('when no handler is set, then what waits is bounded', async () => {
  const { connection, peer } = await connected()
  peer.write(Buffer.alloc(8 * 1024 * 1024))
  await turns(50)
  expect(peer.writableLength).toBeGreaterThan(0)
  connection.close()
})

test('when the other side resets the connection, then the close handler gets the cause', async () => {
  const { connection, peer } = await connected()
  connection.onData(() => {})
  const closed = new Promise<Error | undefined>((resolve) => connection.onClose(resolve))
  peer.resetAndDestroy()
  expect(await closed).toMatchObject({
    code: 'SOCKET_FAILED',
    message: expect.stringContaining(`${host}:${port}`),
  })
  expect((await closed)?.message).toContain('reset')
})

test('when nothing listens, then the error names host, port and cause', async () => {
  server.close()
  await once(server, 'close')
  await expect(new NodeNetwork().connect({ host, port })).rejects.toMatchObject({
    code: 'SOCKET_FAILED',
    message: expect.stringMatching(new RegExp(`${host}:${port}.*refused`)),
    isRetryable: true,
  })
})

test('when nobody answers, then the timeout is the cause', async () => {
  // A thread that listens and then stands still: the system completes a few connections, and no more.
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const server = require('node:net').createServer()
     server.listen({ port: 0, host: '${host}', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
     })`,
    { eval: true },
  )
  const [silentPort] = (await once(worker, 'message')) as [number]
  const network = new NodeNetwork(100)
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => network.connect({ host, port: silentPort })),
  )
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') outcome.value.close()
  await worker.terminate()
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [String(outcome.reason)] : [],
  )
  expect(failures[0]).toContain(`SOCKET_FAILED: expected a connection to ${host}:${silentPort}`)
  expect(failures[0]).toContain('no answer within 100 ms')
})

test('when the port is no port, then that is the cause', async () => {
  await expect(new NodeNetwork().connect({ host, port: 70_000 })).rejects.toMatchObject({
    code: 'SOCKET_FAILED',
    message: expect.stringContaining('70000, which is no port number'),
  })
})

async function connected(): Promise<{ connection: Connection; peer: Socket }> {
  const accepting = once(server, 'accepted')
  const connection = await new NodeNetwork().connect({ host, port })
  await accepting
  return { connection, peer: accepted.at(-1) as Socket }
}

async function turns(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
