// Sinks and sources that reach outside, in this thread and on two, with a failure in the middle.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { StreamExecutionEnvironment } from 'millrace'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copies, NUMBERS, posts } from './jobs/writes-out.ts'

const ALL = Array.from({ length: NUMBERS }, (_, index) => index)

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-writing-'))
  process.env['MILLRACE_TEST_FOLDER'] = folder
})

afterEach(() => {
  rmSync(folder, { recursive: true })
  delete process.env['MILLRACE_TEST_FOLDER']
  delete process.env['MILLRACE_TEST_PORT']
})

describe.each([0, 2])('on %i threads', (threads) => {
  it('when a server throttles and takes batches in part, then it gets each number at least once', async () => {
    const server = new MoodyServer()
    process.env['MILLRACE_TEST_PORT'] = String(await server.listen())
    const env = environment(threads)
    posts(env)

    const { restarts } = await env.execute()
    await server.close()

    expect([...server.received].sort((a, b) => a - b)).toEqual(ALL)
    expect(server.throttledCount).toBeGreaterThan(0)
    expect(server.turnedDownCount).toBeGreaterThan(0)
    expect(restarts).toBe(1)
  })

  it('when a server refuses for good, then the job fails with what the client says', async () => {
    const server = new MoodyServer({ isBroken: true })
    process.env['MILLRACE_TEST_PORT'] = String(await server.listen())
    const env = environment(threads)
    posts(env)

    await expect(env.execute()).rejects.toThrow(/the server answered 500/)
    await server.close()
  })

  it('when files are read, compressed, sorted into folders and joined, then each record is there once', async () => {
    for (let file = 0; file < 8; file++) {
      mkdirSync(join(folder, 'in', String(file % 3)), { recursive: true })
      const mine = ALL.filter((value) => value % 8 === file)
      writeFileSync(join(folder, 'in', String(file % 3), `${file}.gz`), gzipSync(mine.join('\n')))
    }
    const env = environment(threads)
    copies(env)

    const { restarts } = await env.execute()

    const numbers = ['even', 'odd'].map((bucket) => numbersIn(join(folder, 'out', bucket)))
    expect(numbers).toEqual([0, 1].map((rest) => ALL.filter((value) => value % 2 === rest)))
    expect(restarts).toBe(1)
  })
})

function numbersIn(bucket: string): readonly number[] {
  return readdirSync(bucket)
    .flatMap((name) => {
      expect(name, 'all files are finished').toMatch(/^(?:compacted-)?part-.*\.gz$/)
      return gunzipSync(readFileSync(join(bucket, name)))
        .toString()
        .trimEnd()
        .split('\n')
    })
    .map(Number)
    .sort((a, b) => a - b)
}

function environment(threads: number): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    threads,
    parallelism: 2,
    module: fileURLToPath(new URL('jobs/writes-out.ts', import.meta.url)),
    checkpointing: { interval: '20 ms' },
    restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
  })
}

/** Takes numbers; sometimes it wants to be left alone, and sometimes it takes only a part. */
class MoodyServer {
  readonly received = new Set<number>()
  throttledCount = 0
  turnedDownCount = 0
  #requestCount = 0
  readonly #server: Server

  constructor({ isBroken = false } = {}) {
    this.#server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        const { status, text } = isBroken ? { status: 500, text: '' } : this.#answer(body)
        response.writeHead(status).end(text)
      })
    })
  }

  #answer(body: string): { readonly status: number; readonly text: string } {
    const turn = ++this.#requestCount
    if (turn % 4 === 0) {
      this.throttledCount += 1
      return { status: 429, text: '' }
    }
    const numbers = JSON.parse(body) as readonly number[]
    const turnedDown = turn % 3 === 0 ? numbers.slice(0, 5) : []
    this.turnedDownCount += turnedDown.length
    for (const value of numbers.slice(turnedDown.length)) this.received.add(value)
    return { status: 200, text: JSON.stringify(turnedDown) }
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
