import {
  checkInteger,
  checkOptions,
  Parameters,
  type ParameterValue,
  type Platform,
} from '@millrace/core'
import { OperatorHarness } from '../operator-harness/operator-harness.ts'
import type { HarnessSnapshot } from '../operator-harness/operator-snapshot.ts'
import { ManualTime } from '../operator-harness/manual-time.ts'
import { checkSubtask, type SingleOperator } from './single-operator.ts'

/** The place of a tested operator and what it starts with. */
export interface TestOperatorOptions {
  /** How many subtasks the operator has, of which the harness runs one. Default: 1. An operator that sets its own keeps it. */
  readonly parallelism?: number
  /** The number of key groups. Default: that of a job with this parallelism, 128 or more. */
  readonly maxParallelism?: number
  /** Which subtask the harness runs, from 0. Default: 0. */
  readonly subtaskIndex?: number
  /** The snapshots of all subtasks of an earlier run, which may have had another parallelism. Default: a fresh start. */
  readonly restored?: readonly HarnessSnapshot[]
  /** What the clock shows at first, in milliseconds since 1970. Default: 0. */
  readonly startMs?: number
  /** What functions see as `context.globalJobParameters`. Default: none. */
  readonly globalJobParameters?: Parameters | Readonly<Record<string, ParameterValue | undefined>>
  /** Files and network for functions and sinks, such as a process of a `Simulation`. Default: using one fails. */
  readonly platform?: Platform
}

const KNOWN_OPTIONS = [
  'parallelism',
  'maxParallelism',
  'subtaskIndex',
  'restored',
  'startMs',
  'globalJobParameters',
  'platform',
] as const satisfies readonly (keyof TestOperatorOptions)[]

/** Refuses unknown options and numbers that make no sense. */
export function checkTestOptions(
  call: string,
  options: TestOperatorOptions,
  others: readonly string[],
): void {
  checkOptions(call, options, [...KNOWN_OPTIONS, ...others])
  if (options.startMs !== undefined) {
    checkInteger('startMs', options.startMs, { min: 0, max: Number.MAX_SAFE_INTEGER })
  }
}

/** Opens the operator of a plan. */
export function openOperator<OUT>(
  plan: SingleOperator,
  options: TestOperatorOptions,
): Promise<OperatorHarness<OUT>> {
  const { operator, parallelism, maxParallelism, functions, submission } = plan
  const { subtaskIndex = 0, restored, startMs = 0, platform } = options
  const { kind, name, config, keyType, outputType, declaredWatermarks } = operator
  return OperatorHarness.open<OUT>({
    kind,
    name,
    config,
    functions,
    outputType,
    ...(keyType !== null && { keyType }),
    ...(declaredWatermarks && { declaredWatermarks }),
    subtaskIndex: checkSubtask(subtaskIndex, plan),
    parallelism,
    maxParallelism,
    time: new ManualTime(startMs),
    globalJobParameters: Parameters.fromObject(submission.settings.globalJobParameters ?? {}),
    ...(restored !== undefined && { restored }),
    ...(platform !== undefined && { platform }),
  })
}
