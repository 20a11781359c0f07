// The benchmarks by name. README.md here says what each measures.

import { UsageError } from './command-line.ts'
import { CHECKPOINT_USAGE, ENGINE_USAGE, runCheckpoint, runEngine } from './engine/engine.ts'
import { LATENCY_USAGE, runLatency } from './latency/latency.ts'
import { LIMITS_USAGE, runLimits } from './limits/limits.ts'
import { MICRO_USAGE, runMicro } from './micro/micro.ts'
import { NEXMARK_USAGE, runNexmark } from './nexmark/nexmark.ts'
import { runSkew, SKEW_USAGE } from './skew/skew.ts'
import { runState, STATE_USAGE } from './state/state.ts'

interface Benchmark {
  readonly usage: string
  readonly run: (args: readonly string[]) => Promise<void>
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  nexmark: { usage: NEXMARK_USAGE, run: runNexmark },
  engine: { usage: ENGINE_USAGE, run: runEngine },
  checkpoint: { usage: CHECKPOINT_USAGE, run: runCheckpoint },
  latency: { usage: LATENCY_USAGE, run: runLatency },
  skew: { usage: SKEW_USAGE, run: runSkew },
  limits: { usage: LIMITS_USAGE, run: runLimits },
  micro: { usage: MICRO_USAGE, run: runMicro },
  state: { usage: STATE_USAGE, run: runState },
}

/** How to call all of them. */
export const USAGE: string = Object.values(BENCHMARKS)
  .map(({ usage }) => usage)
  .join('\n\n')

/**
 * Runs the benchmark that the command line begins with; the rest are its options.
 *
 * @throws UsageError, or the `TypeError` of `parseArgs`; see {@link isUsageError}.
 */
export async function runBenchmark([name = '', ...args]: readonly string[]): Promise<void> {
  const benchmark = BENCHMARKS[name]
  if (benchmark === undefined) {
    throw new UsageError(
      `expected a benchmark of ${Object.keys(BENCHMARKS).join(', ')}, but got '${name}'`,
    )
  }
  await benchmark.run(args)
}

/** Whether the command line is to blame: `parseArgs` throws a `TypeError` with a code of its own. */
export function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return error instanceof TypeError && String(Object(error).code).startsWith('ERR_PARSE_ARGS')
}
