// Jobs between a simulated topic and simulated tables: each record once, whatever crashes.

import {
  type Collector,
  type KeyedProcessFunction,
  MillraceError,
  Types,
  WatermarkStrategy,
} from '@millrace/core'
import type { StreamExecutionEnvironment } from '@millrace/datastream'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CheckedProgram, SimulatedRun } from './seed-run.ts'
import type { SimulateFaults } from './simulate-faults.ts'
import { simulate } from './simulate.ts'
import type { SimulatedWorld } from './simulated-world.ts'

interface Word {
  readonly word: string
  readonly count: number
}

const RECORDS: readonly Word[] = Array.from({ length: 120 }, (_, index) => ({
  word: 'abc'[index % 3] ?? '',
  count: 1,
}))

/** The sink of {@link countWords}. */
type SinkKind = 'append' | 'upsert'

function countWords(kind: SinkKind): CheckedProgram<void> {
  return async (env, world) => {
    const table = world.table<Word>('counts')
    words(env, world)
      .keyBy(({ word }) => word, { type: Types.string })
      .sum('count')
      .sinkTo(
        kind === 'append' ? table.appendSink() : table.upsertSink({ keyOf: ({ word }) => word }),
      )
    await env.execute()
  }
}

function words(env: StreamExecutionEnvironment, world: SimulatedWorld) {
  const topic = world.topic('words', { records: RECORDS, partitions: 3 })
  return env.fromSource(topic.source(), WatermarkStrategy.noWatermarks<Word>(), 'words')
}

function sorted(rows: readonly Word[]): readonly string[] {
  return rows.map(({ word, count }) => `${word}${String(count).padStart(2, '0')}`).toSorted()
}

const ALL = ['a', 'b', 'c'].flatMap((word) =>
  Array.from({ length: 40 }, (_, index) => ({ word, count: index + 1 })),
)

describe('a simulated world', () => {
  test('when a job appends to a table, then each row is there once, under all faults', async () => {
    const hashes = new Map<number, string>()
    const report = await simulate(countWords('append'), {
      seeds: 12,
      check: (_, { world, seed, traceHash }) => {
        hashes.set(seed, traceHash)
        expect(sorted(world.table<Word>('counts').rows)).toEqual(sorted(ALL))
      },
    })
    expect(report.crashes).toBeGreaterThan(8)
    expect(report.programCrashes).toBeGreaterThan(2)
    await simulate(countWords('append'), {
      seeds: [3],
      check: (_, { seed, traceHash }) => void hashes.set(seed + 100, traceHash),
    })
    expect(hashes.get(103)).toBe(hashes.get(3))
    expect(hashes.get(4)).not.toBe(hashes.get(3))
  })

  test('when a job upserts, then the table ends with the latest row of each key', async () => {
    await simulate(countWords('upsert'), {
      seeds: 12,
      check: (_, { world }) =>
        expect(sorted(world.table<Word>('counts').rows)).toEqual(['a40', 'b40', 'c40']),
    })
  })

  test('when a job forgets at a crash of its program, then a seed shows it', async () => {
    class Forgetful implements KeyedProcessFunction<string, Word, Word> {
      readonly #counts = new Map<string, number>()

      processElement({ word }: Word, _: unknown, out: Collector<Word>): void {
        const count = (this.#counts.get(word) ?? 0) + 1
        this.#counts.set(word, count)
        out.collect({ word, count })
      }
    }
    const faults: SimulateFaults = {
      executorCrashes: false,
      programCrashes: { count: { min: 2, max: 2 }, downMs: { min: 1, max: 5 } },
    }
    const failing = simulate(
      async (env, world) => {
        words(env, world)
          .keyBy(({ word }) => word, { type: Types.string })
          .process(() => new Forgetful())
          .sinkTo(world.table<Word>('counts').appendSink())
        await env.execute()
      },
      {
        seeds: 5,
        faults,
        check: (_, { world }) =>
          expect(sorted(world.table<Word>('counts').rows)).toEqual(sorted(ALL)),
      },
    )
    await expect(failing).rejects.toThrow(/after 0 crashes and \d crash(es)? of the program/)
  })

  test('when a partition of a topic is read, then its records come in order and are copies', async () => {
    const records = Array.from({ length: 60 }, (_, index) => ({ at: index }))
    const seen = new Map<number, number>()
    await simulate(
      async (env, world) => {
        const topic = world.topic('numbers', {
          records,
          partitions: 2,
          partitionOf: ({ at }) => (at % 3 === 0 ? 0 : 1),
          timestampOf: ({ at }) => at,
        })
        env
          .fromSource(
            topic.source(),
            WatermarkStrategy.forMonotonousTimestamps<{ at: number }>(),
            'n',
          )
          .setParallelism(1)
          .map((record) => {
            record.at += 1000
            return record.at - 1000
          })
          .setParallelism(1)
          .sinkTo(world.table<number>('numbers').appendSink())
          .setParallelism(1)
        await env.execute()
      },
      {
        seeds: 4,
        check: (_, { world, crashes }) => {
          const rows = world.table<number>('numbers').rows
          for (const remainders of [[0], [1, 2]]) {
            const own = rows.filter((at) => remainders.includes(at % 3))
            expect(own).toEqual(own.toSorted((left, right) => left - right))
          }
          expect(rows.length).toBe(60)
          seen.set(seen.size, crashes)
        },
      },
    )
    expect(records[0]).toEqual({ at: 0 })
    expect(Math.max(...seen.values())).toBeGreaterThan(0)
  })

  test('when a trace is asked for, then it tells of both runs, and of the faults', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-trace-'))
    const trace = join(folder, 'trace')
    try {
      await simulate(countWords('append'), { seeds: [3], trace, check: () => {} })
      const text = readFileSync(trace, 'utf8')
      expect(text).toMatch(/^=== seed 3, undisturbed\n/)
      expect(text).toMatch(/=== seed 3, with faults\n\{\n {2}"plan"/)
      expect(text).toMatch(/ms program#1 .*posts/)
      expect(text).toMatch(/executor-\d#\d crashes/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('when a program is not the same each time, then the error says so', async () => {
    let runs = 0
    const failure = await simulate(
      (env) => {
        const delayed = ++runs
        return env.generate({ count: 20 + delayed, generator: (at) => at }).executeAndCollect()
      },
      { seeds: [1], check: () => expect(1).toBe(2) },
    ).catch((error: unknown) => error)
    if (!(failure instanceof MillraceError)) throw new Error('it did not fail')
    expect(failure.message).toMatch(/went another way/)
  })

  test('when options are wrong, then they are refused', async () => {
    const run = (options: object, program: CheckedProgram<void> = countWords('append')) =>
      simulate(program, { seeds: 1, check: () => {}, ...options })
    const crashes = { executorCrashes: { moments: ['always'] } }
    await expect(run({ fault: {} })).rejects.toThrow(/OPTION_UNKNOWN.*faults/)
    await expect(run({ faults: { disks: {} } })).rejects.toThrow(/OPTION_UNKNOWN.*disk/)
    await expect(run({ faults: { disk: { slowly: 1 } } })).rejects.toThrow(/OPTION_UNKNOWN/)
    await expect(run({ faults: crashes })).rejects.toThrow(/OPTION_INVALID.*moments/)
    await expect(run({ faults: { services: { failureChance: 2 } } })).rejects.toThrow(/from 0 to 1/)
    await expect(
      run({ faults: { executorCrashes: { count: { min: 2, max: 1 } } } }),
    ).rejects.toThrow(/min <= max/)
    await expect(run({ seeds: 2, trace: 'file' })).rejects.toThrow(/single seed/)
    await expect(run({ seeds: [-1] })).rejects.toThrow(/OPTION_INVALID/)
    await expect(run({}, async (_, world) => void world.topic('missing').source())).rejects.toThrow(
      /records of topic missing/,
    )
    await expect(
      run({}, async (_, world) => {
        world.topic('words', { records: [1], partitionOf: () => 7 })
      }),
    ).rejects.toThrow(/partitionOf/)
    await expect(
      run(
        { faults: { programCrashes: {} } },
        async (env) => void (await env.fromData([1]).executeAndCollect()),
      ),
    ).rejects.toThrow(/goes on without its program/)
  })

  test('when faults are switched off, then nothing goes wrong', async () => {
    const runs: SimulatedRun[] = []
    await simulate(countWords('append'), {
      seeds: 3,
      faults: {
        executorCrashes: false,
        programCrashes: false,
        disk: false,
        network: false,
        clock: false,
        services: false,
      },
      check: (_, run) => void runs.push(run),
    })
    const hashes = (remainder: number) =>
      runs.flatMap(({ traceHash }, index) => (index % 2 === remainder ? [traceHash] : []))
    expect(hashes(0)).toEqual(hashes(1))
  })
})
