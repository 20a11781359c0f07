import {
  CollectingSourceOutput,
  type Connection,
  type MillraceError,
  type Platform,
  type SourceReaderContext,
  type StandardSchema,
} from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { BUFFER_CHARS_MAX, type SocketSplit } from './socket-reader.ts'
import { type SocketTextOptions, SocketTextSource } from './socket-source.ts'

/** The server's end of a connection. */
class PretendConnection implements Connection {
  send: (text: string | Uint8Array) => void = () => {}
  end: (error?: Error) => void = () => {}
  isPaused = false
  isClosed = false

  onData(handler: (bytes: Uint8Array) => void): void {
    this.send = (text) => handler(typeof text === 'string' ? new TextEncoder().encode(text) : text)
  }

  onClose(handler: (error?: Error) => void): void {
    this.end = handler
  }

  write(): void {}

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  close(): void {
    this.isClosed = true
  }
}

const CONNECTION: SocketSplit = { splitId: 'connection', isEnded: false }

/** A reader whose network answers with these, in turn: a connection, or a refusal. */
async function open(
  answers: readonly (PretendConnection | Error)[],
  options: SocketTextOptions = {},
  splits: readonly SocketSplit[] = [CONNECTION],
) {
  const failures: unknown[] = []
  const timers: { delayMs: number; callback: () => void }[] = []
  const remaining = [...answers]
  const counts = { wakes: 0, connects: 0 }
  const platform = {
    network: {
      connect: async () => {
        counts.connects++
        const answer = remaining.shift()
        if (answer instanceof PretendConnection) return answer
        throw answer ?? new Error('no answer is left')
      },
    },
    timers: {
      after: (delayMs: number, callback: () => void) => {
        const timer = { delayMs, callback }
        timers.push(timer)
        return { cancel: () => void timers.splice(timers.indexOf(timer), 1) }
      },
    },
    log: { info: () => {} },
  } as unknown as Platform
  const source = new SocketTextSource({ host: 'localhost', port: 9999 }, options)
  const reader = source.createReader({
    platform,
    operatorName: 'Source: Socket Stream',
    subtaskIndex: 0,
    parallelism: 1,
    wake: () => void counts.wakes++,
    fail: (error: unknown) => void failures.push(error),
  } as unknown as SourceReaderContext)
  reader.addSplits(splits)
  reader.notifyNoMoreSplits()
  await settle()
  const output = new CollectingSourceOutput<string>()
  const poll = (recordsMax = 100) => reader.pollNext(output, recordsMax)
  const lines = output.values
  const retry = async () => {
    timers.shift()?.callback()
    await settle()
  }
  return { reader, poll, lines, failures, timers, retry, counts }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a socket source', () => {
  test('when lines arrive in pieces, then whole lines are emitted and the engine is woken', async () => {
    const server = new PretendConnection()
    const { poll, lines, counts } = await open([server])
    expect(poll()).toBe('nothing-now')
    server.send('hel')
    expect(counts.wakes).toBe(0)
    const euro = new TextEncoder().encode('€')
    server.send('lo\r\nprice ')
    server.send(euro.subarray(0, 1))
    server.send(euro.subarray(1))
    server.send('\nrest')
    expect(counts.wakes).toBe(2)
    expect(poll()).toBe('nothing-now')
    expect(lines).toEqual(['hello', 'price €'])
  })

  test('when fewer lines are asked for, then the others wait', async () => {
    const server = new PretendConnection()
    const { poll, lines } = await open([server])
    server.send('a\nb\nc\n')
    expect(poll(2)).toBe('more')
    expect(lines).toEqual(['a', 'b'])
    server.send('d\n')
    expect(poll(2)).toBe('nothing-now')
    expect(lines).toEqual(['a', 'b', 'c', 'd'])
  })

  test('when the server ends the connection, then the rest is a line and the stream ends', async () => {
    const server = new PretendConnection()
    const { reader, poll, lines, counts } = await open([server])
    server.send('a\nlast')
    server.end()
    expect(reader.snapshot()).toEqual([CONNECTION])
    expect(counts.wakes).toBeGreaterThan(0)
    expect(poll()).toBe('end')
    expect(lines).toEqual(['a', 'last'])
    expect(reader.snapshot()).toEqual([{ ...CONNECTION, isEnded: true }])
  })

  test('when restored after the end, then it does not connect again', async () => {
    const { poll, counts } = await open([], {}, [{ ...CONNECTION, isEnded: true }])
    expect(poll()).toBe('end')
    expect(counts.connects).toBe(0)
  })

  test('when a subtask has no split, then it ends at once', async () => {
    const { reader, poll, counts } = await open([], {}, [])
    expect(poll()).toBe('end')
    expect(reader.snapshot()).toEqual([])
    expect(counts.connects).toBe(0)
  })

  test('when nobody listens, then the job fails with the address and the cause', async () => {
    const cause = new Error('ECONNREFUSED')
    const { failures } = await open([cause])
    expect(failures).toHaveLength(1)
    const [failure] = failures as [MillraceError]
    expect(failure.code).toBe('SOCKET_FAILED')
    expect(failure.message).toContain('localhost:9999')
    expect(failure.cause).toBe(cause)
  })

  test('when retries are allowed, then it waits and connects again, up to that number', async () => {
    const server = new PretendConnection()
    const { poll, lines, failures, timers, retry } = await open([new Error('down'), server], {
      maxRetries: 2,
      retryDelay: '2 s',
    })
    expect(failures).toEqual([])
    expect(timers[0]?.delayMs).toBe(2000)
    await retry()
    server.send('a\nhalf')
    server.end(new Error('reset'))
    expect(poll()).toBe('nothing-now')
    await retry()
    expect(lines).toEqual(['a'])
    expect(failures[0]).toMatchObject({ code: 'SOCKET_FAILED' })
    expect((failures[0] as Error).message).toContain('after 2 of 2 retries')
  })

  test('when a connection breaks, then half a line is not emitted and not mixed with the next', async () => {
    const [first, second] = [new PretendConnection(), new PretendConnection()]
    const { poll, lines, retry } = await open([first, second], { maxRetries: 1 })
    first.send('half')
    first.end(new Error('reset'))
    await retry()
    second.send('whole\n')
    poll()
    expect(lines).toEqual(['whole'])
  })

  test('when the engine is slow, then the connection is paused, and resumed at half', async () => {
    const server = new PretendConnection()
    const { poll, lines } = await open([server])
    const line = 'x'.repeat(1023)
    server.send(`${line}\n`.repeat(1024))
    expect(server.isPaused).toBe(false)
    server.send('y\n')
    expect(server.isPaused).toBe(true)
    poll(500)
    expect(server.isPaused).toBe(true)
    poll(13)
    expect(server.isPaused).toBe(false)
    poll(10_000)
    expect(lines).toHaveLength(1025)
    expect(lines.at(-1)).toBe('y')
  })

  test('when a line never ends, then the job fails instead of filling the memory', async () => {
    const server = new PretendConnection()
    const { failures } = await open([server])
    server.send('x'.repeat(BUFFER_CHARS_MAX + 1))
    expect(failures).toMatchObject([{ code: 'RECORD_MALFORMED' }])
    expect(server.isClosed).toBe(true)
  })

  test('when closed, then it lets go of the connection and of a pending retry', async () => {
    const server = new PretendConnection()
    const { reader, poll, failures } = await open([server])
    await reader.close()
    expect(server.isClosed).toBe(true)
    server.send('late\n')
    server.end(new Error('reset'))
    expect(failures).toEqual([])
    expect(poll()).toBe('nothing-now')
    const waiting = await open([new Error('down')], { maxRetries: 1 })
    await waiting.reader.close()
    expect(waiting.timers).toEqual([])
  })
})

describe('a socket source with a schema', () => {
  test('when lines come, then records are what the schema makes of them', async () => {
    const schema: StandardSchema<number> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (line) =>
          Number.isNaN(Number(line))
            ? { issues: [{ message: 'no number' }] }
            : { value: Number(line) },
      },
    }
    const source = new SocketTextSource({ host: 'localhost', port: 1 }, { schema })
    expect(source.type).toBeUndefined()
    const connection = new PretendConnection()
    const { poll, lines } = await open([connection], { schema } as unknown as SocketTextOptions)
    connection.send('1\n2.5\n')
    expect(poll()).toBe('nothing-now')
    expect(lines).toEqual([1, 2.5])
    connection.send('x\n')
    expect(() => poll()).toThrow(/^RECORD_MALFORMED: .*Socket Stream.* no number, in "x"/)
  })
})
