// The only gate. Each stage is a command; independent stages run side by side, a stage that needs another waits
// for it, and a failure never hides the stages after it. One line a stage, the output of failing stages only.
//
//   types ──┬── lint         format
//           ├── examples     tidy
//           ├── api          knip, tests, sim
//           └── reference

import { availableParallelism } from 'node:os'
import { clearRunner, readResults, showCounts, writeResults } from './results.ts'
import { runCommand } from './run-command.ts'

interface Stage {
  readonly name: string
  readonly command: readonly string[]
  /** The stage that must pass first. */
  readonly after?: string
  /** The runner whose results the command leaves; without one, the stage itself counts as one test. */
  readonly runner?: string
}

interface Outcome {
  readonly stage: Stage
  readonly state: 'passed' | 'failed' | 'not run'
  readonly output: string
}

const script = (file: string, ...args: readonly string[]): readonly string[] => [
  process.execPath,
  '--conditions=source',
  `scripts/${file}`,
  ...args,
]

const STAGES: readonly Stage[] = [
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'], after: 'types' },
  { name: 'tidy', command: script('tidy.ts') },
  { name: 'knip', command: ['knip', '--no-progress', '--no-config-hints'] },
  { name: 'tests', command: ['vitest', 'run'], runner: 'unit' },
  { name: 'sim', command: script('sim.ts', '--seeds', '30'), runner: 'sim' },
  { name: 'examples', command: script('doc-examples.ts'), after: 'types', runner: 'examples' },
  { name: 'api', command: script('api-report.ts', '--check'), after: 'types' },
  { name: 'reference', command: script('api-reference.ts', '--check'), after: 'types' },
]

/** At least two: most stages spend part of their time waiting. */
const STAGES_AT_ONCE_MAX = Math.max(2, Math.min(4, availableParallelism()))

const NAME_WIDTH = 9

await main()

async function main(): Promise<void> {
  const startMs = performance.now()
  const outcomes = await runAll(STAGES)
  const failing = outcomes.filter(({ state }) => state !== 'passed')
  const seconds = showSeconds(performance.now() - startMs)
  for (const { stage, state, output } of failing) {
    if (state === 'failed') console.log(`\n--- ${stage.name}: ${show(stage)}\n${output.trim()}`)
  }
  const names = failing.map(({ stage }) => stage.name).join(', ')
  console.log(
    names === '' ? `check passed in ${seconds}` : `\ncheck failed in ${seconds}: ${names}`,
  )
  if (names !== '') process.exitCode = 1
}

function runAll(stages: readonly Stage[]): Promise<readonly Outcome[]> {
  const slots = createSlots(STAGES_AT_ONCE_MAX)
  const started = new Map<string, Promise<Outcome>>()
  for (const stage of stages) {
    const before = stage.after === undefined ? undefined : started.get(stage.after)
    started.set(stage.name, runAfter(before, stage, slots))
  }
  return Promise.all(started.values())
}

async function runAfter(
  before: Promise<Outcome> | undefined,
  stage: Stage,
  slots: Slots,
): Promise<Outcome> {
  const needed = await before
  if (needed !== undefined && needed.state !== 'passed') {
    console.log(`${stage.name.padEnd(NAME_WIDTH)} not run: ${needed.stage.name} failed`)
    return { stage, state: 'not run', output: '' }
  }
  await slots.take()
  try {
    return await run(stage)
  } finally {
    slots.giveBack()
  }
}

async function run(stage: Stage): Promise<Outcome> {
  const runner = stage.runner ?? stage.name
  clearRunner(runner)
  const startMs = performance.now()
  const { isOk, output } = await runCommand(stage.command)
  const time = showSeconds(performance.now() - startMs).padStart(7)
  const results = readResults(runner)
  if (results === undefined || (!isOk && results.failed === 0)) {
    writeResults(runner, { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, skips: [] })
  }
  const counts = results === undefined ? '' : showCounts(results)
  console.log(
    `${stage.name.padEnd(NAME_WIDTH)} ${isOk ? 'passed' : 'FAILED'} ${time}  ${counts}`.trimEnd(),
  )
  for (const { name, reason } of results?.skips ?? []) console.log(`  skipped ${name}: ${reason}`)
  return { stage, state: isOk ? 'passed' : 'failed', output }
}

/** Permission to run, for a fixed number of holders; the others wait in order. */
interface Slots {
  take(): Promise<void>
  giveBack(): void
}

function createSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []
  return {
    async take() {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    giveBack() {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    },
  }
}

function show(stage: Stage): string {
  return stage.command.map((part) => (part === process.execPath ? 'node' : part)).join(' ')
}

function showSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
