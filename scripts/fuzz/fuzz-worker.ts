// One run in a thread of its own: the main thread sees whether it still moves, and can end it when it does not.

import { parentPort, workerData } from 'node:worker_threads'
import { fuzzRun } from './fuzz-run.ts'
import { FUZZ_TARGETS } from './targets.ts'

/** What the thread is started with. */
export interface FuzzWork {
  readonly targetName: string
  readonly seed: number
  readonly milliseconds: number
  /** Two i32, executions and bytes of the input, and the input: to be read when the thread does not answer any more. */
  readonly shared: SharedArrayBuffer
}

/** Where the input begins in the shared memory. */
export const SHARED_HEADER_BYTES = 8

const { targetName, seed, milliseconds, shared } = workerData as FuzzWork
const target = FUZZ_TARGETS.find(({ name }) => name === targetName)
if (target === undefined) throw new Error(`no target is called ${targetName}`)

const counters = new Int32Array(shared, 0, 2)
const sharedInput = new Uint8Array(shared, SHARED_HEADER_BYTES)
const endMs = performance.now() + milliseconds

const report = await fuzzRun({
  target,
  seed,
  goesOn: () => performance.now() < endMs,
  onInput: (input) => {
    const shown = input.subarray(0, sharedInput.length)
    sharedInput.set(shown)
    counters[1] = shown.length
    Atomics.add(counters, 0, 1)
  },
})
parentPort?.postMessage(report)
