// npm run bench

import { isUsageError, runBenchmark, USAGE } from './benchmarks.ts'

runBenchmark(process.argv.slice(2)).catch((error: unknown) => {
  console.error(isUsageError(error) ? `${error.message}\n\n${USAGE}` : error)
  process.exitCode = 1
})
