// Closes a CI run: what was skipped and why, then one line that sums up every runner.

import { asInCi, readAllResults, showCounts, sumResults } from './results.ts'

const all = sumResults(readAllResults())
const counted = asInCi(all)

for (const { name, reason } of all.skips) {
  const isFailure = !counted.skips.some((skip) => skip.name === name)
  console.log(`${isFailure ? 'failed' : 'skipped'} ${name}: ${reason}`)
}
console.log(showCounts(counted))
if (counted.failed > 0) process.exitCode = 1
