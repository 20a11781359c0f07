import { nameOption } from '../command-line.ts'
import { measureCheckpointCost } from './checkpoint-cost.ts'
import type { Finding } from './finding.ts'
import { measureAgainstHandWritten } from './hand-written.ts'
import { measureShuffle } from './shuffle.ts'
import { measureStartup } from './startup.ts'
import { measureWindowCost } from './window-cost.ts'

/** Measures a case in so many rounds. */
export type MeasureCase = (rounds: number) => Promise<Finding>

/** What of the engine is measured, by name. */
export const CASES: Readonly<Record<string, MeasureCase>> = {
  shuffle: measureShuffle,
  'window-cost': measureWindowCost,
  checkpoint: (rounds) =>
    measureCheckpointCost({ name: 'checkpoint', everyMs: 1000, atMost: 1.05 }, rounds),
  'checkpoint-often': (rounds) =>
    measureCheckpointCost({ name: 'checkpoint-often', everyMs: 200, atMost: 1.1 }, rounds),
  startup: measureStartup,
  'hand-written': measureAgainstHandWritten,
}

/** The case of that name. */
export function caseNamed(name: string): MeasureCase {
  return CASES[nameOption('case', name, Object.keys(CASES))] as MeasureCase
}
