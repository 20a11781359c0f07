// The hostile run: an operator that survives a restart after each step gives the same output as one that never stops.
// The idea is that of the TestSupport of Hazelcast Jet.

import { type GeneralizedWatermark, MIN_WATERMARK, OutputTag } from '@millrace/core'
import {
  type HarnessRecord,
  OperatorHarness,
  type OperatorHarnessOptions,
} from './operator-harness.ts'

/** One thing that happens to an operator: a record, a watermark, the clock going on. */
export type HarnessStep<OUT = unknown> = (harness: OperatorHarness<OUT>) => void | Promise<void>

/** What an operator emitted in one step. */
export interface StepOutput<OUT = unknown> {
  /** Sorted by timestamp and text: the order of different keys within one step is not promised. */
  readonly records: readonly HarnessRecord<OUT>[]
  /** The watermark, if it has grown. */
  readonly watermark: number | undefined
  /** The watermarks of the user's own kinds, in order; left out if there are none. */
  readonly generalizedWatermarks?: readonly GeneralizedWatermark[]
  /** By the id of the side output. */
  readonly sideOutputs: Readonly<Record<string, readonly HarnessRecord<unknown>[]>>
}

/** When {@link runSteps} restarts the operator. */
export interface RunStepsOptions {
  /**
   * Whether to restart after the step of that index: snapshot, give up, restore. Default: never. `() => true` is the most hostile
   * run.
   */
  readonly restartAfter?: (stepIndex: number) => boolean
}

/**
 * Runs an operator through steps and answers what each step emitted. Compare a run without restarts to one with them: an operator
 * that keeps all it must in its snapshots gives the same output.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { type HarnessStep, type OperatorHarnessOptions, runSteps } from '@millrace/testing'
 *
 * const longest: OperatorHarnessOptions = {
 *   kind: 'keyed-reduce',
 *   functions: {
 *     keySelector: (word: string) => word.charAt(0),
 *     reduce: (left: string, right: string) => (right.length > left.length ? right : left),
 *   },
 * }
 * const steps = ['apple', 'avocado', 'ape'].map(
 *   (word): HarnessStep => (harness) => harness.processElement(word),
 * )
 * const undisturbed = await runSteps(longest, steps)
 * const restarted = await runSteps(longest, steps, { restartAfter: () => true })
 * assert.deepEqual(restarted, undisturbed)
 * console.log(restarted[2]?.records[0]?.value) // avocado
 * ```
 */
export async function runSteps<OUT = unknown>(
  options: OperatorHarnessOptions,
  steps: readonly HarnessStep<OUT>[],
  { restartAfter = () => false }: RunStepsOptions = {},
): Promise<readonly StepOutput<OUT>[]> {
  const open = (): Promise<OperatorHarness<OUT>> => OperatorHarness.open<OUT>(options)
  return runStepsOn(open, steps, async (harness, index) =>
    restartAfter(index) ? harness.restart() : harness,
  )
}

/** What steps can be run on. */
export interface SteppedHarness<OUT> {
  readonly output: readonly HarnessRecord<OUT>[]
  readonly watermarks: readonly number[]
  readonly generalizedWatermarks: readonly GeneralizedWatermark[]
  readonly sideOutputIds: readonly string[]
  sideOutput<T>(tag: OutputTag<T>): readonly HarnessRecord<T>[]
  clearOutput(): void
  close(): Promise<void>
}

/** Runs steps on a harness of any kind. `between` is called after each step, and answers the harness for the next. */
export async function runStepsOn<OUT, H extends SteppedHarness<OUT>>(
  open: () => Promise<H>,
  steps: readonly ((harness: H) => unknown)[],
  between: (harness: H, stepIndex: number) => Promise<H>,
): Promise<readonly StepOutput<OUT>[]> {
  const outputs: StepOutput<OUT>[] = []
  let watermark = MIN_WATERMARK
  let harness = await open()
  for (const [index, step] of steps.entries()) {
    await step(harness)
    const output = takeOutput<OUT>(harness, watermark)
    watermark = output.watermark ?? watermark
    outputs.push(output)
    harness = await between(harness, index)
  }
  await harness.close()
  return outputs
}

/** Takes what was emitted since the last time; watermarks that a restored operator emits again do not count. */
function takeOutput<OUT>(harness: SteppedHarness<OUT>, lastWatermark: number): StepOutput<OUT> {
  const watermark = Math.max(lastWatermark, ...harness.watermarks)
  const sideOutputs = harness.sideOutputIds.map(
    (id) => [id, sorted(harness.sideOutput(new OutputTag(id)))] as const,
  )
  const records = sorted(harness.output)
  const generalizedWatermarks = [...harness.generalizedWatermarks]
  harness.clearOutput()
  return {
    records,
    watermark: watermark > lastWatermark ? watermark : undefined,
    ...(generalizedWatermarks.length > 0 && { generalizedWatermarks }),
    sideOutputs: Object.fromEntries(sideOutputs.filter(([, emitted]) => emitted.length > 0)),
  }
}

function sorted<T>(records: readonly HarnessRecord<T>[]): readonly HarnessRecord<T>[] {
  return records
    .map((record) => ({ record, text: asText(record.value) }))
    .sort((a, b) => a.record.timestamp - b.record.timestamp || compareText(a.text, b.text))
    .map(({ record }) => record)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** A value as text, for comparing and for messages. */
export function asText(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  )
  return text ?? String(value)
}
