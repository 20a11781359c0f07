// Runs one target under one seed. An input whose outcome was never seen before is kept and mutated further: errors name what
// was expected and where, so the outcomes tell how far into the reader an input came, as coverage would.

import { MillraceError } from 'millrace'
import { SeededRandom } from '@millrace/testing'
import { type FuzzTarget, WEIGHT_FREE, WEIGHT_PER_BYTE, weightOf } from './fuzz-target.ts'
import { INPUT_BYTES_MAX, mutateBytes, pick } from './mutate-bytes.ts'

/** What was found. */
export interface FuzzReport {
  readonly target: string
  readonly executions: number
  /** How often each outcome came: `value`, what the target says of it, or a code and what was expected. */
  readonly outcomes: ReadonlyMap<string, number>
  readonly failure: FuzzFailure | undefined
}

/** An input that broke the promise. */
export interface FuzzFailure {
  readonly input: Uint8Array
  readonly problem: string
}

/** What a run is made from. */
export interface FuzzRunInit {
  readonly target: FuzzTarget
  readonly seed: number
  /** Asked before each execution. */
  readonly goesOn: (executions: number) => boolean
  /** Told before each execution: if it never ends, this input is why. */
  readonly onInput?: (input: Uint8Array) => void
}

/** The inputs that are kept for further mutation. */
const CORPUS_MAX = 1000

/** Runs until it may not go on, or until an input fails. */
export async function fuzzRun({ target, seed, goesOn, onInput }: FuzzRunInit): Promise<FuzzReport> {
  const random = new SeededRandom(`${seed}/${target.name}`)
  const seeds = target.seeds()
  const corpus = [...seeds]
  const outcomes = new Map<string, number>()
  let executions = 0
  for (; goesOn(executions); executions++) {
    const input = seeds[executions] ?? nextInput(target, corpus, random)
    onInput?.(input)
    const result = await execute(target, input)
    const problem = result.problem ?? (executions < seeds.length ? refusal(result) : undefined)
    if (problem !== undefined) {
      return { target: target.name, executions, outcomes, failure: { input, problem } }
    }
    const seen = outcomes.get(result.outcome) ?? 0
    outcomes.set(result.outcome, seen + 1)
    const isKept = seen === 0 && corpus.length < CORPUS_MAX && input.length <= INPUT_BYTES_MAX
    if (isKept) corpus.push(input)
  }
  return { target: target.name, executions, outcomes, failure: undefined }
}

/** What one execution came to: an outcome or a problem. */
export interface Execution {
  readonly outcome: string
  /** It was read, and not refused. */
  readonly isRead?: true
  /** Why the promise is broken. */
  readonly problem?: string
}

/** Lets a target read one input. */
export async function execute(target: FuzzTarget, input: Uint8Array): Promise<Execution> {
  // A copy: a reader may keep its input, and must not change it for others.
  const bytes = new Uint8Array(input)
  try {
    const value = await target.read(bytes)
    const weight = weightOf(value)
    const weightMax =
      WEIGHT_FREE + (target.weightPerByte ?? WEIGHT_PER_BYTE) * Math.max(1, input.length)
    if (weight <= weightMax) {
      return { outcome: withoutDetails(target.describe?.(value) ?? VALUE), isRead: true }
    }
    return { outcome: VALUE, problem: `${input.length} bytes became a value of ${weight}` }
  } catch (error) {
    if (error instanceof MillraceError && target.codes.includes(error.code)) {
      return { outcome: `${error.code}: ${withoutDetails(error.expected)}${reasonOf(error.cause)}` }
    }
    return { outcome: 'failure', problem: describeError(error) }
  }
}

const VALUE = 'value'

function nextInput(
  target: FuzzTarget,
  corpus: readonly Uint8Array[],
  random: SeededRandom,
): Uint8Array {
  const bytes = pick(corpus, random)
  if (target.mutate !== undefined && random.chance(0.5)) return target.mutate(bytes, random)
  const mutated = mutateBytes(bytes, pick(corpus, random), random)
  if (target.repair === undefined || random.chance(0.5)) return mutated
  return target.repair(mutated)
}

function refusal({ outcome, isRead }: Execution): string | undefined {
  return isRead === true ? undefined : `a good input was refused: ${outcome}`
}

/** What broke the reader inside of the engine: one code may have many reasons. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error
    ? ` (${withoutDetails(cause.message.split(/["'{[(]/)[0] ?? '')})`
    : ''
}

/** Numbers and what is in quotes differ from input to input. */
function withoutDetails(text: string): string {
  return text
    .replaceAll(/"[^"]*"|'[^']*'/g, '…')
    .replaceAll(/-?\d[\d.e+]*/g, '#')
    .slice(0, 120)
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `thrown: ${String(error)}`
}
