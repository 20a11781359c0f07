// A checkpoint that the first version wrote in the middle of a job, kept in the repository: a program in which every type of
// its state has changed goes on from it, and counts each record once.

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ExecutionOptions, StreamExecutionEnvironment, type TypeInfo, Types } from 'millrace'
import { afterAll, describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'
import keptState, { RECORDS } from './jobs/kept-state.ts'

const KEPT = join(import.meta.dirname, '../../test-data/v1')
const folder = mkdtempSync(join(tmpdir(), 'millrace-kept-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a checkpoint of version 1', () => {
  it.each<[string, ExecutionOptions]>([
    ['in this thread', {}],
    ['with another parallelism', { parallelism: 3 }],
    ['on two threads', { parallelism: 2, threads: 2 }],
  ])(
    'when the program changed and runs %s, then it goes on with all its state',
    async (name, options) => {
      const env = environment(name, options)
      keptState(env)

      const { accumulators } = await env.execute('kept state')

      expect(Object.keys(accumulators).toSorted()).toEqual(expectedTexts().toSorted())
      expect(Object.values(accumulators)).toEqual(expectedTexts().map(() => 1))
    },
  )

  it('when a type cannot follow, then the job does not start, and the message names operator, state and remedy', async () => {
    const env = environment('refused', {})
    const CountAsText = Types.record({ count: Types.string })
    keptState(env, CountAsText as TypeInfo<never>)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('STATE_INCOMPATIBLE')
    expect(error.message).toMatch(/"total".*"count": int cannot become string.*migrate/s)
    expect(restarts).toBe(0)
  })
})

/** An environment that goes on from a copy of the kept checkpoint. */
function environment(name: string, options: ExecutionOptions): StreamExecutionEnvironment {
  const directory = join(folder, name)
  cpSync(KEPT, directory, { recursive: true })
  return StreamExecutionEnvironment.getExecutionEnvironment({
    checkpointing: { interval: '1 min', directory, restoreFrom: 'latest' },
    restart: { strategy: 'none' },
    module: fileURLToPath(new URL('jobs/kept-state.ts', import.meta.url)),
    ...options,
  })
}

/** What the program finds at the end, computed without it. */
function expectedTexts(): readonly string[] {
  const texts = ['factor {"factor":7}']
  for (let digit = 0; digit < 10; digit++) {
    const values = Array.from({ length: RECORDS / 10 }, (_, index) => 10 * index + digit)
    const sum = values.reduce((left, right) => left + right)
    const total = `${values.length} records, ${sum} in all`
    const states = [
      { sum, note: 'restored', count: values.length },
      values.slice(0, 3),
      { 'even tens': values.length / 2, 'odd tens': values.length / 2 },
      String(values.at(-1)),
      total,
    ]
    texts.push(
      `timer ${digit} at 1000000: ${JSON.stringify(states)}`,
      `window ${digit} from 0: ${total}`,
      `session ${digit} from ${10 * digit} to ${10 * (values.at(-1) ?? 0) + 60_000}: ${total}`,
    )
  }
  return texts
}
