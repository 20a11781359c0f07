// A folder that is watched: a reader whose files are read does not hold back the time of the others.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StreamExecutionEnvironment } from 'millrace'
import { afterEach, beforeEach, expect, it } from 'vitest'
import monitoredFiles from './jobs/monitored-files.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-monitored-'))
  process.env['MILLRACE_TEST_FOLDER'] = folder
})

afterEach(() => {
  delete process.env['MILLRACE_TEST_FOLDER']
  rmSync(folder, { recursive: true })
})

it.each([0, 2])(
  'when the file of one reader ends earlier, on %i threads, then windows go on with the other',
  async (threads) => {
    const numbersBelow = (end: number): number[] => Array.from({ length: end }, (_, n) => n)
    writeFileSync(join(folder, 'a'), numbersBelow(50).join('\n'))
    writeFileSync(join(folder, 'b'), numbersBelow(1_000).join('\n'))
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      parallelism: 2,
      autoWatermarkInterval: 5,
      ...(threads > 0 && {
        threads,
        module: fileURLToPath(new URL('jobs/monitored-files.ts', import.meta.url)),
      }),
    })
    monitoredFiles(env)
    // The watermark is just before the largest number: all windows but the last have fired.
    const fired = (900 * 899) / 2 + (50 * 49) / 2

    const job = await env.executeAsync()
    const sum = (): unknown => job.metrics().accumulators['fired']
    await expect.poll(sum, { timeout: 10_000, interval: 20 }).toBe(fired)
    await job.cancel()
    await job.result().catch(() => {})
  },
)
