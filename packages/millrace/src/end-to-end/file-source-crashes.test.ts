// The file source under crashes and changes of parallelism: whatever is split into ranges or found later, each line is read once.

import {
  FileSink,
  FileSource,
  StreamExecutionEnvironment,
  textLines,
  WatermarkStrategy,
} from 'millrace'
import {
  SeededRandom,
  SimulatedExecutor,
  type SimulatedProgram,
  Simulation,
} from '@millrace/testing'
import { expect, test } from 'vitest'

const SEEDS = 40
const FILES = 8

/** What one seed is about. */
interface Scenario {
  readonly isMonitoring: boolean
  readonly splitBytes: number | undefined
  readonly bufferBytes: number
  readonly threads: number
  readonly parallelisms: readonly number[]
  /** The lines of each file, and when it comes. */
  readonly files: readonly { readonly lines: readonly string[]; readonly atMs: number }[]
}

function drawScenario(seed: number): Scenario {
  const random = new SeededRandom(seed).fork('scenario')
  const any = (max: number): number => random.integer({ min: 1, max })
  const isMonitoring = random.chance(0.5)
  return {
    isMonitoring,
    splitBytes: random.chance(0.6) ? 40 + any(300) : undefined,
    bufferBytes: 50 + any(500),
    threads: random.integer({ min: 0, max: 2 }),
    parallelisms: [any(3), any(3), any(3)],
    files: Array.from({ length: FILES }, (_, file) => ({
      lines: Array.from(
        { length: any(40) },
        (__, line) => `file ${file} line ${line} ${'x'.repeat(any(30))}`,
      ),
      atMs: isMonitoring && random.chance(0.6) ? any(600) : 0,
    })),
  }
}

function programOf(scenario: Scenario, parallelism: number): SimulatedProgram<unknown> {
  return (executor) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads: scenario.threads,
      parallelism,
      checkpointing: { interval: '20 ms', directory: '/checkpoints', restoreFrom: 'latest' },
      restart: { strategy: 'fixed-delay', attempts: 1000, delay: 10 },
    })
    const source = FileSource.of({
      path: '/in/**/*.txt',
      format: textLines(),
      bufferBytes: scenario.bufferBytes,
      ...(scenario.splitBytes !== undefined && { splitBytes: scenario.splitBytes }),
      ...(scenario.isMonitoring && { monitorInterval: '30 ms' }),
    })
    env.fromSource(source, WatermarkStrategy.noWatermarks(), 'lines').sinkTo(
      FileSink.of({
        path: '/out',
        encoder: { name: 'lines', encode: (line: string) => `${line}\n` },
      }),
    )
    return env.execute()
  }
}

/** The lines that the job has written when it ended, or when there is nothing more to come. */
async function run(
  seed: number,
): Promise<{ readonly found: readonly string[]; readonly expected: readonly string[] }> {
  const scenario = drawScenario(seed)
  const expected = scenario.files.flatMap(({ lines }) => lines).toSorted()
  const crashes = {
    count: { min: 1, max: 4 },
    withinMs: { min: 0, max: 700 },
    downMs: { min: 1, max: 40 },
  }
  const simulation = new Simulation({ seed, faults: { crashes } })
  const disk = simulation.disk('program')
  scenario.files.forEach(({ lines, atMs }, index) => {
    const place = (): void => disk.place(`/in/${index % 3}/${index}.txt`, lines.join('\n'))
    if (atMs === 0) place()
    else simulation.after(atMs, place)
  })
  const found = (): readonly string[] =>
    disk
      .paths()
      .filter((path) => /^\/out\/[^.]/.test(path))
      .flatMap((path) => new TextDecoder().decode(disk.contentOf(path)).trimEnd().split('\n'))
      .toSorted()
  let starts = 0
  let isOver = false
  const supervisor = simulation.supervise('program', async (process) => {
    const parallelism = scenario.parallelisms[starts++ % 3] as number
    const program = programOf(scenario, parallelism)
    await program(new SimulatedExecutor({ simulation, process, program }))
    if (process.isAlive) isOver = true
  })
  if (scenario.isMonitoring) {
    // It never ends by itself. What comes twice comes within a second.
    await simulation.run(() => found().length >= expected.length, { simulatedMsMax: 20_000 })
    await simulation.runFor(1000)
    supervisor.stop()
  } else await simulation.run(() => isOver, { simulatedMsMax: 20_000 })
  return { found: found(), expected }
}

test('when a program that reads files crashes again and again, then each line is read once', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { found, expected } = await run(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
    })
    expect(found, `seed ${seed}`).toEqual(expected)
  }
})
