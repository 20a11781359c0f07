// What comes from outside and is wrong: the job fails at once and says where, or passes it over and counts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  csv,
  FileSource,
  jsonArray,
  jsonLines,
  StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { afterAll, describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-bad-input-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const Flight = Types.record({ origin: Types.string, delay: Types.int })

/** Three records, the second of which is malformed. */
const FILES = [
  {
    name: 'lines.jsonl',
    format: jsonLines({ type: Flight }),
    text: '{"origin":"LAX","delay":1}\n{"origin":"SFO","delay":\n{"origin":"JFK","delay":3}\n',
    line: 2,
    excerpt: '{"origin":"SFO","delay":',
  },
  {
    name: 'array.json',
    format: jsonArray({ type: Flight }),
    text: '[{"origin":"LAX","delay":1},\n{"origin":"SFO","delay":oops},\n{"origin":"JFK","delay":3}]',
    line: 2,
    excerpt: '{"origin":"SFO","delay":oops}',
  },
  {
    name: 'rows.csv',
    format: csv({ type: Flight }),
    text: 'origin,delay\nLAX,1\nSFO,soon\nJFK,3\n',
    line: 3,
    excerpt: 'SFO,soon',
  },
  {
    name: 'misfits.jsonl',
    format: jsonLines({ type: Flight }),
    text: '{"origin":"LAX","delay":1}\n{"origin":"SFO","delay":"late"}\n{"origin":"JFK","delay":3}\n',
    line: 2,
    excerpt: '{"origin":"SFO","delay":"late"}',
  },
] as const

describe('a record of a file that cannot be read', () => {
  it.each(FILES)(
    'when $name has one, then the job fails at once with file, line and text',
    async ({ name, format, text, line, excerpt }) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      const env = environmentWithRestarts()
      env
        .fromSource(FileSource.of({ path, format }), WatermarkStrategy.noWatermarks(), 'flights')
        .discard()

      const { error, restarts } = await failureOf(env)

      expect(error.code).toBe('RECORD_MALFORMED')
      expect(error.message).toContain(`${path}, line ${line}`)
      expect(error.message).toContain(JSON.stringify(excerpt))
      expect(error.message).toContain("onMalformed: 'skip'")
      expect(error.ids).toMatchObject({ file: path, line })
      expect(restarts).toBe(0)
    },
  )

  it.each(FILES)(
    'when $name has one and it may be skipped, then the others come through and it is counted',
    async ({ name, format, text }) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      const env = StreamExecutionEnvironment.getExecutionEnvironment()
      const source = FileSource.of({ path, format, onMalformed: 'skip' })
      const origins: string[] = []
      env
        .fromSource(source, WatermarkStrategy.noWatermarks<{ origin: string }>(), 'flights')
        .map(({ origin }) => origins.push(origin))
        .discard()

      const { accumulators } = await env.execute()

      expect(origins).toEqual(['LAX', 'JFK'])
      expect(accumulators).toEqual({ [`FileSource(${name}).malformed`]: 1 })
    },
  )
})

describe('a source that is not there', () => {
  it('when a file is missing, then the job does not start, and the message has the whole path', async () => {
    const path = join(folder, 'no-such-file.jsonl')
    const env = environmentWithRestarts()
    env
      .fromSource(
        FileSource.of({ path, format: jsonLines() }),
        WatermarkStrategy.noWatermarks(),
        'flights',
      )
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('FILE_MISSING')
    expect(error.message).toContain(path)
    expect(restarts).toBe(0)
  })

  it('when a socket is refused, then the job fails and says where it tried', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const port = await closedPort()
    env.socketTextStream('127.0.0.1', port).discard()

    const { error } = await failureOf(env)

    expect(error.code).toBe('SOCKET_FAILED')
    expect(error.message).toContain(`lines of text from 127.0.0.1:${port}`)
    expect(error.message).toContain('maxRetries')
    expect(String(error.cause)).toContain('refused')
  })

  it('when a socket stays refused, then the source tries as often as it may, and the job restarts as often as it may', async () => {
    const env = environmentWithRestarts()
    env
      .socketTextStream('127.0.0.1', await closedPort(), { maxRetries: 2, retryDelay: 1 })
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('SOCKET_FAILED')
    expect(error.message).toContain('after 2 of 2 retries')
    expect(restarts).toBe(2)
  })
})

describe('a record that does not fit its type', () => {
  it('when a value of an array does not, then the job fails at the source and names the field', async () => {
    const env = environmentWithRestarts()
    const values = [
      { origin: 'LAX', delay: 1 },
      { origin: 'SFO', delay: 1.5 },
    ]
    env.fromData(values, { type: Flight }).discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('TYPE_MISMATCH')
    expect(error.expected).toBe('int')
    expect(error.came).toContain('1.5 in field "delay"')
    expect(error.ids).toMatchObject({ field: 'delay' })
    expect(restarts).toBe(0)
  })
})

/** Two restarts: an error that a restart cannot help must not use them. */
function environmentWithRestarts(): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    checkpointing: { interval: '1 s' },
    restart: { strategy: 'fixed-delay', attempts: 2, delay: 1 },
  })
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
