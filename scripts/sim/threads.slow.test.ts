// Jobs of the simulator on real worker threads and real files, with a function that fails in the middle.

import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StreamExecutionEnvironment } from 'millrace'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compareRows } from './compare-rows.ts'
import { expectedOf } from './expected.ts'
import { inputFilesOf } from './input.ts'
import { SINKS } from './job.ts'
import type { Row } from './row.ts'
import type { Scenario } from './scenario.ts'
import threadsJob, {
  FOLDER_VARIABLE,
  SEED_VARIABLE,
  threadScenario,
  VIOLATIONS_FILE,
} from './threads-job.ts'

/** Jobs with different stages, sources and sinks. */
const SEEDS = Array.from({ length: 24 }, (_, index) => index + 1)

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-threads-job-'))
  process.env[FOLDER_VARIABLE] = folder
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  delete process.env[FOLDER_VARIABLE]
  delete process.env[SEED_VARIABLE]
})

describe('a random job on two worker threads', () => {
  test.each(SEEDS)(
    'when a function fails in the middle, then seed %i gives what it must',
    async (seed) => {
      process.env[SEED_VARIABLE] = String(seed)
      const scenario = threadScenario(seed)
      placeInput(scenario)
      const expected = expectedOf(scenario)
      const env = StreamExecutionEnvironment.getExecutionEnvironment({
        threads: 2,
        module: fileURLToPath(new URL('./threads-job.ts', import.meta.url)),
        maxParallelism: scenario.job.maxParallelism,
        checkpointing: { interval: '20 ms', directory: join(folder, 'checkpoints') },
        restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
        operatorChaining: scenario.job.layout.hasChains,
        autoWatermarkInterval: 20,
      })
      threadsJob(env)

      const { accumulators, restarts } = await env.execute()

      expect(compareRows(expected, rowsIn)).toEqual([])
      for (const [name, count] of Object.entries(expected.accumulators)) {
        expect(accumulators[name] ?? 0, name).toBe(count)
      }
      const violations = join(folder, VIOLATIONS_FILE)
      expect(existsSync(violations) ? readFileSync(violations, 'utf8') : '').toBe('')
      // Where few records come through, none of its subtasks may see enough of them.
      if ((expected.accumulators['events'] ?? 0) > 200) expect(restarts).toBe(1)
    },
    60_000,
  )
})

function placeInput(scenario: Scenario): void {
  for (const { path, text } of inputFilesOf(scenario)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

function rowsIn(sink: keyof typeof SINKS): readonly Row[] {
  return globSync(`${join(folder, SINKS[sink])}/**/*.jsonl`)
    .filter((path) => !basename(path).startsWith('.'))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
