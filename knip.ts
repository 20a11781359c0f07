// Dead files, dead exports, and dependencies that are declared and unused or used and undeclared.

import { readFileSync } from 'node:fs'
import type { KnipConfig } from 'knip'

const SOURCES = 'src/**/*.ts'
const PROGRAMS_BESIDE_SOURCES = ['src/**/*.{bench,fuzz}.ts', 'src/**/*.test.ts']

/** A package that exports nothing yet has declared its dependencies ahead of its code. */
function isEmpty(folder: string): boolean {
  return readFileSync(`${folder}/src/index.ts`, 'utf8').trim() === 'export {}'
}

type Settings = Exclude<KnipConfig, (...args: never[]) => unknown>
type WorkspaceSettings = NonNullable<Settings['workspaces']>[string]

function packageWorkspace(folder: string): WorkspaceSettings {
  return {
    entry: ['src/**/entrypoints/*.ts', ...PROGRAMS_BESIDE_SOURCES],
    project: [SOURCES],
    ...(isEmpty(folder) ? { ignoreDependencies: [/.*/] } : {}),
  }
}

const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly workspaces: readonly string[]
}

const config: Settings = {
  // A type that a public signature mentions has to be exported, and may be used nowhere else.
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    '.': {
      entry: [
        'scripts/*.ts',
        'scripts/doc-examples/run-modules.ts',
        'scripts/sim/mutations/load-mutation.ts',
        'scripts/chaos/run-job.ts',
        'examples/*/main.ts',
        'benchmarks/**/main.ts',
        'vitest.slow.config.ts',
      ],
      project: ['scripts/**/*.ts', 'examples/**/*.ts', 'benchmarks/**/*.ts', '*.ts'],
    },
    ...Object.fromEntries(workspaces.map((folder) => [folder, packageWorkspace(folder)])),
  },
}

export default config
