import { existsSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from '../measuring/rounds.ts'
import { type Finding, short } from './finding.ts'

const PROGRAM = fileURLToPath(new URL('./first-record/main.ts', import.meta.url))
const BUILT = new URL('../../packages/millrace/dist/index.js', import.meta.url)

/** How long a program takes from its start to its first record, with the packages run from their sources. */
export async function measureStartup(rounds: number): Promise<Finding> {
  const fromSources: number[] = []
  const fromBuild: number[] = []
  const nodeAlone: number[] = []
  for (let round = 0; round < rounds * 2; round++) {
    fromSources.push(lifetimeMs(['--conditions=source', PROGRAM]))
    if (existsSync(BUILT)) fromBuild.push(lifetimeMs([PROGRAM]))
    nodeAlone.push(lifetimeMs(['--eval', '']))
  }
  return {
    name: 'startup',
    what: 'from the start of the process to the first record, from sources',
    value: median(fromSources),
    unit: 'ms',
    bar: { atMost: 300 },
    rounds: fromSources,
    details: {
      ...(fromBuild.length === 0 ? {} : { builtMs: median(fromBuild) }),
      nodeAloneMs: median(nodeAlone),
    },
  }
}

function lifetimeMs(args: readonly string[]): number {
  const startMs = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args)
  if (status !== 0) throw new Error(`the program ended with ${status}: ${stderr.toString()}`)
  return short(performance.now() - startMs)
}
