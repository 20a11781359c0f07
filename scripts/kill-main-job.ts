// Proves that the main job survives kill -9. It is killed at ten moments, continued with --from-latest, some of the time killed
// again, and what it has committed in the end must be what an undisturbed run commits, byte for byte.
//
//   npm run kill-main-job -- [options of the main job, such as --parallelism 4 --threads 2]
//
// Moments are spread over the run: the first is before the first checkpoint; every second one waits until the metadata of the
// next checkpoint appears, because that is when the sinks commit.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sortedLines } from '../examples/03-flight-delays/committed-results.ts'
import { type RunningProgram, startProgram } from '../examples/run-program.ts'

const MOMENTS = 10
/** 20,000 flights in about three seconds. */
const RATE = ['--rate', '6700']
const SINKS = ['daily', 'six-hours', 'late']

const jobArguments = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'kill-main-job-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const undisturbed = await runUndisturbed()
  console.log(
    `${undisturbed.lines.length} lines in ${Math.round(undisturbed.endMs)} ms, undisturbed`,
  )
  console.log(
    row(['kill at', 'when', 'checkpoint', 'uncommitted', 'killed again', 'recovered', 'equal']),
  )
  let failures = 0
  for (let index = 0; index < MOMENTS; index++) {
    const { cells, isGood } = await killAndContinue(index, undisturbed)
    console.log(row(cells))
    if (!isGood) failures++
  }
  console.log(failures === 0 ? 'all equal' : `${failures} of ${MOMENTS} differ`)
  if (failures > 0) process.exitCode = 1
}

/** How the job goes when nobody disturbs it. */
interface Undisturbed {
  readonly lines: readonly string[]
  readonly firstCheckpointMs: number
  readonly endMs: number
}

async function runUndisturbed(): Promise<Undisturbed> {
  const output = join(folder, 'undisturbed')
  const startMs = performance.now()
  const program = startJob(output)
  await until(program, () => newestCheckpoint(output) > 0)
  const firstCheckpointMs = performance.now() - startMs
  const { exitCode, stderr } = await program.ended
  if (exitCode !== 0) throw new Error(`the undisturbed run failed:\n${stderr}`)
  const lines = await sortedLines(output)
  return { lines, firstCheckpointMs, endMs: performance.now() - startMs }
}

interface Verdict {
  readonly cells: readonly string[]
  readonly isGood: boolean
}

async function killAndContinue(index: number, undisturbed: Undisturbed): Promise<Verdict> {
  const output = join(folder, String(index))
  const kill = await killAtMoment(index, output, undisturbed)
  const again = index % 3 === 1 ? await killAfterNextCheckpoint(output) : undefined
  const { exitCode, stderr } = await startJob(output, ['--from-latest']).ended
  const difference = compare(undisturbed.lines, await sortedLines(output))
  if (exitCode !== 0) console.log(stderr)
  rmSync(output, { recursive: true, force: true })
  return {
    cells: [
      `${Math.round(kill.atMs)} ms`,
      kill.when,
      shownCheckpoint(kill.checkpoint),
      String(kill.uncommitted),
      again === undefined ? '' : `after ${shownCheckpoint(again.checkpoint)}`,
      exitCode === 0 ? 'yes' : `no, ${exitCode}`,
      difference,
    ],
    isGood: exitCode === 0 && difference === 'yes',
  }
}

/** The state of the output at the moment of a kill. */
interface Kill {
  readonly atMs: number
  readonly when: string
  readonly checkpoint: number
  /** Part files that were not committed yet. */
  readonly uncommitted: number
}

async function killAtMoment(
  index: number,
  output: string,
  { firstCheckpointMs, endMs }: Undisturbed,
): Promise<Kill> {
  const share = index / (MOMENTS - 0.5)
  // A machine that is busy with other things may have been slower in the undisturbed run: then the moment comes after the end.
  for (let atMs = firstCheckpointMs + share * (endMs - firstCheckpointMs); ; atMs *= 0.8) {
    const kill = await killAt(index, output, atMs)
    // On a busy machine the first checkpoint can be complete before anybody has looked.
    const isTooLate = index === 0 && kill?.checkpoint !== 0
    if (kill !== undefined && !isTooLate) return kill
    rmSync(output, { recursive: true, force: true })
  }
}

/** Kills a fresh run; `undefined` if it ended before. */
async function killAt(index: number, output: string, atMs: number): Promise<Kill | undefined> {
  const startMs = performance.now()
  const program = startJob(output)
  let when = 'at a time'
  if (index === 0) {
    when = 'before the first'
    await until(program, () => uncommittedParts(output) > 0 || newestCheckpoint(output) > 0)
  } else {
    await until(program, () => performance.now() - startMs >= atMs)
    if (index % 2 === 1) {
      when = 'at a checkpoint'
      const before = newestCheckpoint(output)
      await until(program, () => newestCheckpoint(output) > before)
    }
  }
  return (await killed(program)) ? facts(output, performance.now() - startMs, when) : undefined
}

/** Continues, and kills as soon as one more checkpoint is complete, or not at all if the end comes first. */
async function killAfterNextCheckpoint(output: string): Promise<Kill | undefined> {
  const before = newestCheckpoint(output)
  const startMs = performance.now()
  const program = startJob(output, ['--from-latest'])
  await until(program, () => newestCheckpoint(output) > before)
  return (await killed(program)) ? facts(output, performance.now() - startMs, 'again') : undefined
}

function startJob(output: string, args: readonly string[] = []): RunningProgram {
  const all = ['--output', output, ...RATE, ...jobArguments, ...args]
  return startProgram('03-flight-delays/main.ts', all)
}

/** Waits until something is true, or the program has ended. */
async function until(program: RunningProgram, isTrue: () => boolean): Promise<void> {
  let hasEnded = false
  void program.ended.then(() => (hasEnded = true))
  while (!hasEnded && !isTrue()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Kills a program; false if it had ended. */
async function killed(program: RunningProgram): Promise<boolean> {
  program.process.kill('SIGKILL')
  const { signal } = await program.ended
  return signal === 'SIGKILL'
}

function facts(output: string, atMs: number, when: string): Kill {
  return { atMs, when, checkpoint: newestCheckpoint(output), uncommitted: uncommittedParts(output) }
}

/** The number of the newest complete checkpoint, or 0. */
function newestCheckpoint(output: string): number {
  const directory = join(output, 'checkpoints')
  const complete = namesIn(directory).filter((name) =>
    existsSync(join(directory, name, '_metadata')),
  )
  return Math.max(0, ...complete.map((name) => Number(/^chk-(\d+)$/.exec(name)?.[1] ?? 0)))
}

function uncommittedParts(output: string): number {
  const names = SINKS.flatMap((sink) => namesIn(join(output, sink)))
  return names.filter((name) => name.startsWith('.')).length
}

function namesIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}

/** `yes`, or what differs. */
function compare(expected: readonly string[], came: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1)
  for (const line of came) counts.set(line, (counts.get(line) ?? 0) - 1)
  const differences = [...counts.values()]
  const missing = differences.reduce((sum, count) => sum + Math.max(0, count), 0)
  const tooMany = differences.reduce((sum, count) => sum + Math.max(0, -count), 0)
  return missing + tooMany === 0 ? 'yes' : `no: ${missing} lines missing, ${tooMany} too many`
}

function shownCheckpoint(id: number): string {
  return id === 0 ? 'none' : `chk-${id}`
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padStart(8) : cell.padEnd(17)))
    .join('  ')
    .trimEnd()
}
