// The slow suites, one after the other: every *.slow.test.ts. A suite whose server is not there calls
// context.skip('server missing: …'); that is a printed skip at a desk and a failure in CI, where servers are promised.

import { openRepository } from './tidy/repository.ts'
import { asInCi, clearRunner, readResults, showCounts, writeResults } from './results.ts'
import { ROOT, runCommand } from './run-command.ts'

const RUNNER = 'integration'

await main(process.env['CI'] === 'true')

async function main(isCi: boolean): Promise<void> {
  const suites = openRepository(ROOT).paths.filter((path) => path.endsWith('.slow.test.ts'))
  if (suites.length === 0) {
    console.log('integration: there is no *.slow.test.ts yet')
    return
  }
  clearRunner(RUNNER)
  console.log(`integration: ${suites.length} suites, one after the other`)
  const { isOk, output } = await runCommand(['vitest', 'run', '--config', 'vitest.slow.config.ts'])
  const left = readResults(RUNNER)
  const counted = left !== undefined && (isOk || left.failed > 0)
  const results = counted ? left : { passed: 0, failed: 1, skips: left?.skips ?? [] }
  if (!counted) writeResults(RUNNER, results)
  const { passed, failed, skips } = isCi ? asInCi(results) : results
  if (!isOk) console.log(output.trim())
  for (const { name, reason } of results.skips) console.log(`skipped ${name}: ${reason}`)
  console.log(`integration: ${showCounts({ passed, failed, skips })}`)
  if (failed > 0) process.exitCode = 1
}
