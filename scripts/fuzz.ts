// npm run fuzz: gives hostile bytes to everything that reads bytes from outside. See docs/design/0029-hostile-bytes.md.
//
//   npm run fuzz -- --seconds 60                                 all targets, which share the time
//   npm run fuzz -- --seconds 60 --target metadata --seed 7
//   npm run fuzz -- --target metadata --replay out/fuzz-metadata-7.bin
//
// The first line of a target says how often it ran and how many different outcomes it had; the codes follow. An input that fails
// is written to out/.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { execute, type FuzzFailure, type FuzzReport } from './fuzz/fuzz-run.ts'
import type { FuzzTarget } from './fuzz/fuzz-target.ts'
import { FUZZ_TARGETS } from './fuzz/targets.ts'
import { ROOT } from './run-command.ts'

/** An input for which a reader needs longer is a failure: all are small. */
const STALL_MS = 15_000

/** The memory of one target: its codecs and its inputs, and what a reader may build. */
const HEAP_MIB_MAX = 1024

/** Inputs are shown to the main thread up to this size. */
const SHARED_BYTES = 4 * 1024 * 1024

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      target: { type: 'string' },
      replay: { type: 'string' },
    },
  })
  const targets = chosenTargets(values.target)
  if (values.replay !== undefined) return replay(targets, values.replay)
  const milliseconds = (wholeNumber('--seconds', values.seconds) * 1000) / targets.length
  const seed = wholeNumber('--seed', values.seed)
  let failed = 0
  for (const target of targets) {
    const report = await runInThread(target, seed, milliseconds)
    printReport(report)
    if (report.failure === undefined) continue
    failed++
    printFailure(report.target, seed, report.failure)
  }
  console.log(`${targets.length} targets, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

function chosenTargets(name: string | undefined): readonly FuzzTarget[] {
  const chosen = FUZZ_TARGETS.filter((target) => name === undefined || target.name === name)
  if (chosen.length > 0) return chosen
  throw new Error(`--target is one of ${FUZZ_TARGETS.map((target) => target.name).join(', ')}`)
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`${option} takes a whole number, not ${JSON.stringify(text)}`)
}

/** Reads one input again, in this thread, where a debugger sees it. */
async function replay([target]: readonly FuzzTarget[], path: string): Promise<number> {
  const { outcome, problem } = await execute(
    target as FuzzTarget,
    new Uint8Array(readFileSync(path)),
  )
  console.log(problem ?? outcome)
  return problem === undefined ? 0 : 1
}

/** Runs a target in a thread that can be ended, and says what it read when it had to be. */
async function runInThread(
  target: FuzzTarget,
  seed: number,
  milliseconds: number,
): Promise<FuzzReport> {
  const shared = new SharedArrayBuffer(SHARED_BYTES)
  const counters = new Int32Array(shared, 0, 2)
  const worker = new Worker(new URL('fuzz/fuzz-worker.ts', import.meta.url), {
    workerData: { targetName: target.name, seed, milliseconds, shared },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
  })
  const ending = Promise.withResolvers<FuzzReport>()
  const giveUp = (problem: string): void => {
    const input = Buffer.from(shared, 8, counters[1]).subarray()
    const failure = { input: new Uint8Array(input), problem }
    const executions = counters[0] as number
    ending.resolve({ target: target.name, executions, outcomes: new Map(), failure })
  }
  worker.on('message', (report: FuzzReport) => ending.resolve(report))
  worker.on('error', (error) => giveUp(String(error)))
  const watch = watchProgress(counters, () => giveUp(`no answer within ${STALL_MS / 1000} s`))
  try {
    return await ending.promise
  } finally {
    clearInterval(watch)
    await worker.terminate()
  }
}

function watchProgress(counters: Int32Array, onStall: () => void): NodeJS.Timeout {
  let executions = -1
  return setInterval(() => {
    const now = Atomics.load(counters, 0)
    if (now > 0 && now === executions) onStall()
    executions = now
  }, STALL_MS)
}

function printReport({ target, executions, outcomes }: FuzzReport): void {
  const codes = new Map<string, number>()
  for (const [outcome, times] of outcomes) {
    const code = /^[A-Z_]{4,}(?=:)/.exec(outcome)?.[0] ?? 'value'
    codes.set(code, (codes.get(code) ?? 0) + times)
  }
  const shown = Array.from(codes, ([code, times]) => `${code} ${times}`).join(', ')
  console.log(
    `${target.padEnd(18)} ${String(executions).padStart(9)} executions, ` +
      `${String(outcomes.size).padStart(4)} outcomes: ${shown}`,
  )
}

function printFailure(target: string, seed: number, { input, problem }: FuzzFailure): void {
  const folder = join(ROOT, 'out')
  mkdirSync(folder, { recursive: true })
  const path = join('out', `fuzz-${target}-${seed}.bin`)
  writeFileSync(join(ROOT, path), input)
  console.log(`${target} failed: ${problem}`)
  console.log(`  again: npm run fuzz -- --target ${target} --replay ${path}`)
}
