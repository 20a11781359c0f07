// npm run bench: the benchmarks by name. README.md here says what each measures.

import { UsageError } from './command-line.ts'
import { NEXMARK_USAGE, runNexmark } from './nexmark/nexmark.ts'

interface Benchmark {
  readonly usage: string
  readonly run: (args: readonly string[]) => Promise<void>
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  nexmark: { usage: NEXMARK_USAGE, run: runNexmark },
}

const USAGE = Object.values(BENCHMARKS)
  .map(({ usage }) => usage)
  .join('\n\n')

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const benchmark = BENCHMARKS[name]
  if (benchmark === undefined) {
    throw new UsageError(
      `expected a benchmark of ${Object.keys(BENCHMARKS).join(', ')}, but got '${name}'`,
    )
  }
  await benchmark.run(args)
}

/** `parseArgs` throws a `TypeError` with such a code. */
function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return error instanceof TypeError && String(Object(error).code).startsWith('ERR_PARSE_ARGS')
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(isUsageError(error) ? `${error.message}\n\n${USAGE}` : error)
  process.exitCode = 1
})
