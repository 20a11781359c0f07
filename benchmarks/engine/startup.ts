import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from '../measuring/rounds.ts'
import { type Finding, short } from './finding.ts'

const PROGRAM = fileURLToPath(new URL('./first-record/main.ts', import.meta.url))
const BUILT_PACKAGE = fileURLToPath(
  new URL('../../packages/millrace/dist/bundle/index.js', import.meta.url),
)

/**
 * How long a program takes from its start to its first record: with the built packages, as users have them, if there has been
 * a build; and with the packages run from their sources, as in this repository, where Node strips the types first.
 */
export async function measureStartup(rounds: number): Promise<Finding> {
  const isBuilt = existsSync(BUILT_PACKAGE)
  const built: number[] = []
  const fromSources: number[] = []
  const fromSourcesCached: number[] = []
  const nodeAlone: number[] = []
  const cache = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  try {
    lifetimeMs(['--conditions=source', PROGRAM], { NODE_COMPILE_CACHE: cache })
    for (let round = 0; round < rounds * 2; round++) {
      if (isBuilt) built.push(lifetimeMs([PROGRAM]))
      fromSources.push(lifetimeMs(['--conditions=source', PROGRAM]))
      fromSourcesCached.push(
        lifetimeMs(['--conditions=source', PROGRAM], { NODE_COMPILE_CACHE: cache }),
      )
      nodeAlone.push(lifetimeMs(['--eval', '']))
    }
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
  return {
    name: 'startup',
    what: `from the start of the process to the first record, packages ${isBuilt ? 'as built' : 'from sources'}`,
    value: median(isBuilt ? built : fromSources),
    unit: 'ms',
    bar: { atMost: 300 },
    rounds: isBuilt ? built : fromSources,
    details: {
      fromSourcesMs: median(fromSources),
      fromSourcesWithCompileCacheMs: median(fromSourcesCached),
      nodeAloneMs: median(nodeAlone),
    },
  }
}

function lifetimeMs(args: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const startMs = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env: { ...process.env, ...env } })
  if (status !== 0) throw new Error(`the program ended with ${status}: ${stderr.toString()}`)
  return short(performance.now() - startMs)
}
