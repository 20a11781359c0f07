import { defineConfig } from 'vitest/config'
import { resultsReporter } from './scripts/results-reporter.ts'

// The slow suites: whole clusters, real processes, real servers. One after the other, each in a process of its own.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    include: [
      'packages/**/*.slow.test.ts',
      'examples/**/*.slow.test.ts',
      'scripts/**/*.slow.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: ['default', resultsReporter('integration')],
    pool: 'forks',
    execArgv: ['--conditions=source'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
