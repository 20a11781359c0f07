// The runs that a real job puts an operator through: the same steps undisturbed, with a failure after each, and with an
// output that is full at every other step while checkpoints come and go. What is emitted must be the same in all.

import { MillraceError } from '@millrace/core'
import { asText, runStepsOn, type StepOutput } from '../operator-harness/run-steps.ts'
import type { DrivenOperator } from './driven-operator.ts'
import {
  type OneInputBuilder,
  type OneInputHarness,
  testOperator,
  type TestOneInputOptions,
} from './one-input-harness.ts'
import {
  testTwoInputOperator,
  type TestTwoInputOptions,
  type TwoInputBuilder,
  type TwoInputHarness,
} from './two-input-harness.ts'

/** One thing that happens to the operator: a record, a watermark, the clock going on. */
export type OperatorStep<H> = (harness: H) => void | Promise<void>

/**
 * Runs the operator that `build` adds through the steps three times, each time a fresh one: undisturbed; with a failure after each
 * step, so that it is restored from its snapshot; and with its output full at every other step, as under back-pressure, and a
 * checkpoint after each, every other of which is given up. Answers what each step emitted.
 *
 * @throws MillraceError `TEST_FAILED`, with the first step that emitted something else, unless all runs emit the same.
 * @example
 * ```ts
 * import { type Collector, type ProcessFunction } from 'millrace'
 * import { testHostile } from 'millrace/testing'
 *
 * // Counts in a field: the count is lost with each failure.
 * class Forgetful implements ProcessFunction<string, number> {
 *   #count = 0
 *   processElement(_word: string, _context: unknown, out: Collector<number>): void {
 *     out.collect(++this.#count)
 *   }
 * }
 *
 * const run = testHostile<string, number>(
 *   (words) => words.process(() => new Forgetful()),
 *   ['to', 'be'].map((word) => (harness) => harness.processElement(word)),
 * )
 * const failure = await run.catch((error) => error)
 * console.log(failure.code) // TEST_FAILED
 * ```
 */
export function testHostile<IN, OUT>(
  build: OneInputBuilder<IN, OUT>,
  steps: readonly OperatorStep<OneInputHarness<IN, OUT>>[],
  options: TestOneInputOptions<IN> = {},
): Promise<readonly StepOutput<OUT>[]> {
  return compareRuns<OUT, OneInputHarness<IN, OUT>>(() => testOperator(build, options), steps)
}

/**
 * {@link testHostile} for an operator with two inputs.
 *
 * @throws MillraceError `TEST_FAILED`
 *
 * @example
 * ```ts
 * import { testTwoInputHostile } from 'millrace/testing'
 *
 * const outputs = await testTwoInputHostile<string, number, string>(
 *   (words, numbers) =>
 *     words.connect(numbers).map(
 *       (word) => word,
 *       (n) => `number ${n}`,
 *     ),
 *   [(harness) => harness.processElement1('to'), (harness) => harness.processElement2(2)],
 * )
 * console.log(outputs.length) // 2
 * ```
 */
export function testTwoInputHostile<IN1, IN2, OUT>(
  build: TwoInputBuilder<IN1, IN2, OUT>,
  steps: readonly OperatorStep<TwoInputHarness<IN1, IN2, OUT>>[],
  options: TestTwoInputOptions<IN1, IN2> = {},
): Promise<readonly StepOutput<OUT>[]> {
  return compareRuns<OUT, TwoInputHarness<IN1, IN2, OUT>>(
    () => testTwoInputOperator(build, options),
    steps,
  )
}

async function compareRuns<OUT, H extends DrivenOperator<OUT>>(
  open: () => Promise<H>,
  steps: readonly OperatorStep<H>[],
): Promise<readonly StepOutput<OUT>[]> {
  const undisturbed = await runStepsOn<OUT, H>(open, steps, async (harness) => harness)
  for (const [disturbance, between] of DISTURBANCES) {
    const disturbed = await runStepsOn<OUT, H>(open, steps, async (harness, index) => {
      await between(harness, index)
      return harness
    })
    for (const [index, output] of undisturbed.entries()) {
      const came = describeOutput(disturbed[index])
      const expected = describeOutput(output)
      if (came !== expected) throw differs({ disturbance, index, expected, came })
    }
  }
  return undisturbed
}

type Disturb = (harness: DrivenOperator<unknown>, stepIndex: number) => Promise<unknown>

const DISTURBANCES: readonly (readonly [string, Disturb])[] = [
  ['a failure after each step, and a restart from the snapshot', (harness) => harness.restart()],
  [
    'a full output at every other step, and a checkpoint after each that completes or is given up in turn',
    async (harness, index) => {
      harness.setOutputFull(index % 2 === 0)
      await harness.snapshot()
      if (index % 2 === 0) await harness.notifyCheckpointComplete()
      else harness.notifyCheckpointAborted()
    },
  ],
]

/** What a step emitted, as lines. */
function describeOutput(output: StepOutput | undefined): string {
  const { records = [], watermark, generalizedWatermarks = [], sideOutputs = {} } = output ?? {}
  const lines = records.map(({ value, timestamp }) => `${asText(value)} @ ${timestamp}`)
  for (const [id, emitted] of Object.entries(sideOutputs)) {
    lines.push(...emitted.map(({ value, timestamp }) => `${id}: ${asText(value)} @ ${timestamp}`))
  }
  for (const { declaration, value } of generalizedWatermarks) {
    lines.push(`watermark '${declaration.name}' ${value}`)
  }
  if (watermark !== undefined) lines.push(`watermark ${watermark}`)
  return lines.length === 0 ? 'nothing' : lines.join(', ')
}

function differs({
  disturbance,
  index,
  expected,
  came,
}: {
  readonly disturbance: string
  readonly index: number
  readonly expected: string
  readonly came: string
}): MillraceError {
  return new MillraceError('TEST_FAILED', {
    expected: `step ${index + 1} to emit what it emits undisturbed: ${expected}`,
    came: `${came}, with ${disturbance}`,
    todo: 'Keep in state, not in fields, what a function must remember, and do not change state that a snapshot holds.',
  })
}
