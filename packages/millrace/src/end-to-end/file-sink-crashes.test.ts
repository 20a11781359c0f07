// The file sink under crashes, full disks and changes of parallelism: whatever rolls, is compressed, sorted into buckets or
// joined, the finished files hold each record once.

import { gunzipSync } from 'node:zlib'
import {
  dateTimeBuckets,
  FileSink,
  type FileSinkOptions,
  gzip,
  type RecordEncoder,
  rollWhen,
  StreamExecutionEnvironment,
} from 'millrace'
import {
  SeededRandom,
  SimulatedExecutor,
  type SimulatedProgram,
  Simulation,
} from '@millrace/testing'
import { expect, test } from 'vitest'

const SEEDS = 150
const COUNT = 150
const ALL = Array.from({ length: COUNT }, (_, index) => index)

/** What one seed is about. */
interface Scenario {
  readonly options: FileSinkOptions<number>
  readonly header: string
  readonly isZipped: boolean
  readonly threads: number
  readonly parallelisms: readonly number[]
}

function drawScenario(seed: number): Scenario {
  const random = new SeededRandom(seed).fork('scenario')
  const any = (max: number): number => random.integer({ min: 1, max })
  const isZipped = random.chance(0.3)
  const header = !isZipped && random.chance(0.3) ? 'numbers\n' : ''
  const padding = 'x'.repeat(random.chance(0.2) ? 5000 : 10)
  const encoder: RecordEncoder<number> = {
    name: 'padded',
    ...(header !== '' && { header }),
    encode: (value) => `${value} ${padding}\n`,
  }
  const buckets = [
    undefined,
    (value: number) => (value % 3 === 0 ? '' : `third/${value % 3}`),
    dateTimeBuckets({ pattern: 'HH-mm-ss' }),
  ][any(3) - 1]
  const rolling = random.chance(0.6)
    ? rollWhen({ sizeBytes: any(8 * padding.length), age: any(200), idle: any(200) })
    : undefined
  const compaction = random.chance(0.5)
    ? {
        sizeBytes: any(20 * padding.length),
        checkpoints: any(4),
        ...(random.chance(0.5) && { parallelism: any(3) }),
      }
    : undefined
  return {
    options: {
      path: '/out',
      ...(isZipped ? { bulkFormat: gzip(encoder) } : { encoder }),
      ...(buckets !== undefined && { buckets }),
      ...(rolling !== undefined && { rolling }),
      ...(compaction !== undefined && { compaction }),
      checkInterval: any(50),
    },
    header,
    isZipped,
    threads: random.integer({ min: 0, max: 2 }),
    parallelisms: [any(3), any(3), any(3)],
  }
}

function programOf({ options, threads }: Scenario, parallelism: number): SimulatedProgram<unknown> {
  return (executor) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads,
      parallelism,
      checkpointing: {
        interval: '30 ms',
        directory: '/checkpoints',
        restoreFrom: 'latest',
        tolerableFailures: 3,
      },
      restart: { strategy: 'fixed-delay', attempts: 1000, delay: 10 },
    })
    env
      .generate({ count: COUNT, recordsPerSecond: 300, generator: (index) => index })
      .sinkTo(FileSink.of(options))
    return env.execute()
  }
}

/** What readers find when a job has come to its end in spite of all, and what is left besides. */
async function run(
  seed: number,
): Promise<{ readonly numbers: readonly number[]; readonly leftovers: readonly string[] }> {
  const scenario = drawScenario(seed)
  const random = new SeededRandom(seed).fork('trouble')
  const simulation = new Simulation({
    seed,
    faults: {
      crashes: {
        count: { min: 0, max: 5 },
        withinMs: { min: 0, max: 800 },
        downMs: { min: 1, max: 50 },
      },
      disk: {
        ...(random.chance(0.3) && { latencyMs: { min: 0.02, max: 10 } }),
        ...(random.chance(0.3) && { writeErrorChance: 0.01 }),
      },
      untilMs: 900,
    },
  })
  let starts = 0
  let isOver = false
  simulation.supervise('program', async (process) => {
    const parallelism = scenario.parallelisms[starts++ % 3] as number
    const program = programOf(scenario, parallelism)
    try {
      await program(new SimulatedExecutor({ simulation, process, program }))
      if (process.isAlive) isOver = true
    } catch (error) {
      // Who watches over the program starts it again; once nothing goes wrong any more, it has to work.
      if (!process.isAlive) return
      if (simulation.nowMs > 900) throw error
      process.crash()
    }
  })
  await simulation.run(() => isOver, { simulatedMsMax: 60_000 })
  const disk = simulation.disk('program')
  const paths = disk.paths().filter((path) => path.startsWith('/out/'))
  const numbers = paths
    .filter((path) => !/\/\./.test(path))
    .flatMap((path) => numbersIn(disk.contentOf(path) as Uint8Array, scenario))
  return {
    numbers: numbers.sort((a, b) => a - b),
    leftovers: leftoversIn(paths),
  }
}

/**
 * Hidden files of a run that has made something visible. A run that crashed before its first checkpoint leaves its own, because
 * the next one cannot tell them from those of another job.
 */
function leftoversIn(paths: readonly string[]): readonly string[] {
  const runOf = (path: string): string => /part-\d+-(\w+)-/.exec(path)?.[1] ?? path
  const runs = new Set(paths.filter((path) => !/\/\./.test(path)).map(runOf))
  return paths.filter((path) => /\/\./.test(path) && runs.has(runOf(path)))
}

function numbersIn(bytes: Uint8Array, { header, isZipped }: Scenario): readonly number[] {
  const text = (isZipped ? gunzipSync(bytes) : Buffer.from(bytes)).toString()
  expect(text.startsWith(header)).toBe(true)
  const lines = text.slice(header.length).split('\n')
  expect(lines.pop(), 'every line is whole').toBe('')
  return lines.map((line) => {
    expect(line).toMatch(/^\d+ x+$/)
    return Number.parseInt(line, 10)
  })
}

test('when all kinds of trouble come over a file sink, then its finished files hold each record once', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { numbers, leftovers } = await run(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
    })
    expect(numbers, `seed ${seed}`).toEqual(ALL)
    expect(leftovers, `seed ${seed}`).toEqual([])
  }
})
