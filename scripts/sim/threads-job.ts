// A scenario's job as a module, so that worker threads can build it too. The scenario comes from the environment of the process.

import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StreamExecutionEnvironment } from 'millrace'
import { buildJob } from './job.ts'
import { drawScenario, type Scenario } from './scenario.ts'

/** The name of the variable with the seed, and of the one with the folder for all files. */
export const SEED_VARIABLE = 'MILLRACE_SIM_SEED'
export const FOLDER_VARIABLE = 'MILLRACE_SIM_FOLDER'

/** The file in the folder to which functions write what must not be. */
export const VIOLATIONS_FILE = 'violations'

/** What a seed is about, if it runs on threads: a function fails once, and nothing else goes wrong. */
export function threadScenario(seed: number): Scenario {
  const { input, trouble, ...rest } = drawScenario(seed)
  const { source } = input
  return {
    ...rest,
    input: {
      ...input,
      recordsPerStream: 300,
      source: source.kind === 'generator' ? { ...source, recordsPerSecond: 1000 } : source,
    },
    trouble: { ...trouble, failAfterRecords: 20 },
  }
}

/** Builds the job. */
export default function threadsJob(env: StreamExecutionEnvironment): void {
  const root = process.env[FOLDER_VARIABLE] ?? ''
  const observer = {
    // Subtasks in other threads would have to be asked.
    once: () => {},
    violation: (_checker: string, message: string) =>
      appendFileSync(join(root, VIOLATIONS_FILE), `${message}\n`),
  }
  buildJob(env, threadScenario(Number(process.env[SEED_VARIABLE])), 0, { observer, root })
}
