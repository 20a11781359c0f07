// A sink of several operators in whole jobs that fail once: what is committed is complete, grouped, and passed all stages.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StreamExecutionEnvironment } from 'millrace'
import { afterEach, beforeEach, expect, it } from 'vitest'
import sinkTopology, { KEYS, NUMBERS, type Part } from './jobs/sink-topology.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-topology-'))
  process.env['MILLRACE_TEST_FOLDER'] = folder
})

afterEach(() => {
  delete process.env['MILLRACE_TEST_FOLDER']
  rmSync(folder, { recursive: true })
})

it.each([0, 2])(
  'when the job fails between checkpoints, on %i threads, then each number is committed once, with all of its key',
  async (threads) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      parallelism: 2,
      checkpointing: { interval: '15 ms' },
      restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
      ...(threads > 0 && {
        threads,
        module: fileURLToPath(new URL('jobs/sink-topology.ts', import.meta.url)),
      }),
    })
    sinkTopology(env)

    const { restarts } = await env.execute()

    expect(restarts).toBe(1)
    const committed = partsIn('committed')
    expect(committed.flatMap(({ numbers }) => numbers).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: NUMBERS }, (_, number) => number),
    )
    expect(committed.every(({ isChecked }) => isChecked === true)).toBe(true)
    expect(partsIn('noted'), 'what went through the last stage').toEqual(committed)
    const writersOf = Array.from({ length: KEYS }, () => new Set<number>())
    for (const { writer, numbers } of committed) {
      for (const number of numbers) writersOf[number % KEYS]?.add(writer)
    }
    expect(writersOf.map(({ size }) => size)).toEqual(Array.from({ length: KEYS }, () => 1))
  },
)

function partsIn(kind: string): readonly Part[] {
  return readdirSync(join(folder, kind))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, kind, name), 'utf8')) as Part)
}
