import type { Reporter, TestModule } from 'vitest/node'
import { type Skip, writeResults } from './results.ts'

const NO_REASON = 'no reason given'

/** A vitest reporter that leaves the counts, and the reason of every skip, in out/results. */
export function resultsReporter(runner: string): Reporter {
  return {
    onTestRunEnd(modules, errors) {
      let passed = 0
      // An error outside any test, such as an unhandled rejection, fails the run too.
      let failed = errors.length
      const skips: Skip[] = []
      for (const module of modules) {
        failed += module.errors().length
        for (const test of module.children.allTests()) {
          const result = test.result()
          if (result.state === 'passed') passed += 1
          else if (result.state === 'skipped') {
            skips.push({ name: nameOf(module, test.fullName), reason: result.note ?? NO_REASON })
          } else failed += 1
        }
      }
      writeResults(runner, { passed, failed, skips })
    },
  }
}

function nameOf(module: TestModule, test: string): string {
  return `${module.relativeModuleId} > ${test}`
}
