import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { resultsReporter } from './scripts/results-reporter.ts'

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    include: [
      'packages/**/*.test.ts',
      'examples/**/*.test.ts',
      'benchmarks/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.slow.test.ts'],
    reporters: ['default', resultsReporter('unit')],
    pool: 'threads',
    // Much of a test is waiting, for timers and for threads of its own: two processors hold two at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
  },
})
