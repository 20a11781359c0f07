// Types from end to end: between threads, in keyed state and its snapshots, and at sources with a schema.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  csv,
  Decimal,
  type ExecutionOptions,
  FileSource,
  jsonLines,
  StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf } from './failure-of.ts'
import foreignType from './jobs/foreign-type.ts'
import orders, {
  type Account,
  CUSTOMERS,
  EVENTS,
  Money,
  newAccount,
  orderEvent,
  withEvent,
} from './jobs/orders.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-types-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a job whose records and state are of every kind', () => {
  it.each<[string, ExecutionOptions]>([
    ['in one thread', {}],
    ['on two threads', { threads: 2, parallelism: 2, module: jobModule('orders.ts') }],
  ])(
    'when it runs %s and fails on the way, then its accounts are right',
    async (_where, options) => {
      const env = StreamExecutionEnvironment.getExecutionEnvironment({
        checkpointing: { interval: '10 ms' },
        restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
        ...options,
      })
      const last = new Map<string, Account>()
      for (const account of await orders(env)) last.set(account.customer, account)
      expect(last).toEqual(expectedAccounts())
      const [account] = last.values()
      expect(account?.fees).toBeInstanceOf(Money)
      expect(account?.total).toBeInstanceOf(Decimal)
    },
  )

  it('when a thread does not know a custom type, then the job fails and says what to do', async () => {
    Types.custom<string>({
      name: 'foreign',
      encode: (text) => Buffer.from(text),
      decode: (bytes) => Buffer.from(bytes).toString(),
    })
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      threads: 2,
      parallelism: 2,
      module: jobModule('foreign-type.ts'),
      restart: { strategy: 'none' },
    })
    foreignType(env)
    const { error } = await failureOf(env)
    expect(error.code).toBe('TYPE_INVALID')
    expect(error.message).toMatch(/custom type "foreign".*registered in this process.*top level/)
  })
})

const Flight = z.object({ origin: z.string(), delay: z.coerce.number().int() })

describe('a source with a schema', () => {
  const FILES = [
    {
      name: 'flights.jsonl',
      format: jsonLines({ schema: Flight }),
      text: '{"origin":"LAX","delay":"1"}\n{"origin":7,"delay":2}\n{"origin":"JFK","delay":3}\n',
      line: 2,
      reason: 'field "origin": ',
    },
    {
      name: 'flights.csv',
      format: csv({ schema: Flight }),
      text: 'origin,delay\nLAX,1\nSFO,soon\nJFK,3\n',
      line: 3,
      reason: 'field "delay": ',
    },
  ] as const

  it.each(FILES)(
    'when $name has a record that it refuses, then the job fails, or passes it over and counts',
    async ({ name, format, text, line, reason }) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      const read = (onMalformed: 'fail' | 'skip') =>
        environment().fromSource(
          FileSource.of({ path, format, onMalformed }),
          WatermarkStrategy.noWatermarks(),
          'flights',
        )
      expect(await read('skip').executeAndCollect()).toEqual([
        { origin: 'LAX', delay: 1 },
        { origin: 'JFK', delay: 3 },
      ])
      await expect(read('fail').executeAndCollect()).rejects.toMatchObject({
        code: 'RECORD_MALFORMED',
        message: expect.stringContaining(`line ${line}, but got ${reason}`),
      })
    },
  )

  it('when values of a program are validated, then the same holds', async () => {
    const values: unknown[] = [
      { origin: 'LAX', delay: '1' },
      { origin: 'SFO', delay: 'soon' },
    ]
    const env = environment()
    env.fromData(values, { schema: Flight, onMalformed: 'skip' }).discard()
    const { accumulators } = await env.execute()
    expect(accumulators).toEqual({ 'Collection Source.malformed': 1 })
    const named = environment()
    for (const name of ['early', 'late']) {
      named.fromData(values, { schema: Flight, onMalformed: 'skip' }).name(name).discard()
    }
    expect((await named.execute()).accumulators, 'counted by the names of the sources').toEqual({
      'early.malformed': 1,
      'late.malformed': 1,
    })
    await expect(
      environment().fromData(values, { schema: Flight }).executeAndCollect(),
    ).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
      message: expect.stringMatching(/Collection Source .*field "delay": .*"soon"/),
    })
  })

  it('when it answers promises, then the job fails, also where malformed records are skipped', async () => {
    const schema = z.string().refine(async () => true)
    const env = environment()
    env.fromData(['x'], { schema, onMalformed: 'skip' }).discard()
    const { error, restarts } = await failureOf(env)
    expect(error.code).toBe('FUNCTION_RETURNED_PROMISE')
    expect(restarts).toBe(0)
  })
})

describe('values without a type', () => {
  it('when they are plain objects that agree, then functions may make of them what they like', async () => {
    const env = environment({ checkpointing: { interval: '1 ms' } })
    const values = [
      { key: 'a', value: 1 },
      { key: 'a', value: 2 },
      { key: 'b', value: 3 },
    ]
    const halves = env
      .fromData<{ key: string; value: number | null; more?: string }>(values)
      .keyBy((entry) => entry.key)
      .reduce((left, right) => ({ ...right, value: null, more: `${left.value}/${right.value}` }))
    expect(await halves.executeAndCollect()).toStrictEqual([
      { key: 'a', value: 1 },
      { key: 'a', value: null, more: '1/2' },
      { key: 'b', value: 3 },
    ])
  })
})

function expectedAccounts(): Map<string, Account> {
  const expected = new Map<string, Account>()
  for (let index = 0; index < EVENTS; index++) {
    const event = orderEvent(index)
    const before = expected.get(event.customer) ?? newAccount(event.customer)
    expected.set(event.customer, withEvent(before, event))
  }
  expect(expected.size).toBe(CUSTOMERS)
  return expected
}

function jobModule(name: string): string {
  return fileURLToPath(new URL(`jobs/${name}`, import.meta.url))
}

function environment(options: ExecutionOptions = {}): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
    ...options,
  })
}
