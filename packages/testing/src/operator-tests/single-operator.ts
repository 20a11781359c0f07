// From what a user writes to one operator with its configuration: the program is described by the real API, with empty
// streams in place of its inputs, and handed to an executor that only keeps the plan.
//
//   empty stream 0 ──edge──> [ the one operator ] ──> discard        edge.toInput says which input stream 0 is

import {
  checkInteger,
  MillraceError,
  type Parameters,
  type ParameterValue,
  type TypeInfo,
} from '@millrace/core'
import {
  type DataStream,
  type DataStreamSink,
  StreamExecutionEnvironment,
} from '@millrace/datastream'
import type { JobExecutor, JobOperator, JobSubmission, JobVertex } from '@millrace/job-graph'

/** What a builder answers: the stream behind its operator, or the sink it ends in. */
export type BuiltStream<OUT> = DataStream<OUT> | DataStreamSink

/** How a single operator is planned. */
export interface SingleOperatorOptions<OUT> {
  /** The type of each input stream; `undefined` where the program does not say. */
  readonly inputTypes: readonly (TypeInfo<unknown> | undefined)[]
  /** Gets one stream for each type; the caller knows what is in them. */
  readonly build: (inputs: readonly unknown[]) => BuiltStream<OUT>
  readonly parallelism: number
  readonly maxParallelism: number | undefined
  readonly globalJobParameters:
    | Parameters
    | Readonly<Record<string, ParameterValue | undefined>>
    | undefined
}

/** One operator of a plan. */
export interface SingleOperator {
  readonly operator: JobOperator
  readonly parallelism: number
  readonly maxParallelism: number
  /** Functions, factories and sinks by role. */
  readonly functions: Readonly<Record<string, unknown>>
  /** The operator's input that each stream feeds. */
  readonly inputOf: readonly number[]
  readonly submission: JobSubmission
}

/**
 * The operator that `build` adds.
 *
 * @throws MillraceError `OPTION_INVALID` if it adds none or several, or leaves an input unread.
 */
export async function singleOperator<OUT>(
  options: SingleOperatorOptions<OUT>,
): Promise<SingleOperator> {
  const submission = await recordPlan((executor) => describe(executor, options))
  const { graph, functions } = submission
  const vertices = graph.vertices.filter(({ id }) => !id.startsWith(OWN_UID))
  const [vertex] = vertices
  if (vertex === undefined || vertices.length > 1) throw notOne(vertices)
  const operator = vertex.operators[0] as JobOperator
  const inputOf = options.inputTypes.map((_, index) => {
    const edges = graph.edges.filter(
      ({ fromVertex, toVertex }) => fromVertex === inputUid(index) && toVertex === vertex.id,
    )
    if (edges.length !== 1) throw notRead(operator, index, edges.length)
    return edges[0]?.toInput ?? 0
  })
  if (new Set(inputOf).size < inputOf.length) throw unionOf(operator)
  return {
    operator,
    parallelism: vertex.parallelism,
    maxParallelism: vertex.maxParallelism,
    functions: Object.fromEntries(
      Object.entries(operator.functions).map(([role, ref]) => [role, functions.resolve(ref)]),
    ),
    inputOf,
    submission,
  }
}

/** Checks which subtask of an operator is meant. */
export function checkSubtask(subtaskIndex: number, { parallelism }: SingleOperator): number {
  return checkInteger('subtaskIndex', subtaskIndex, { min: 0, max: parallelism - 1 })
}

/** What a program submits; it never gets a running job. Rejects with what the program throws. */
function recordPlan(program: (executor: JobExecutor) => Promise<unknown>): Promise<JobSubmission> {
  return new Promise((resolve, reject) => {
    const executor: JobExecutor = {
      submit: (submission) => {
        resolve(submission)
        return new Promise(() => {})
      },
    }
    program(executor).catch(reject)
  })
}

async function describe<OUT>(
  executor: JobExecutor,
  {
    inputTypes,
    build,
    parallelism,
    maxParallelism,
    globalJobParameters,
  }: SingleOperatorOptions<OUT>,
): Promise<unknown> {
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    executor,
    parallelism,
    ...(maxParallelism !== undefined && { maxParallelism }),
    // Each operator in a vertex of its own: the plan then shows which stream is which input.
    operatorChaining: false,
  })
  if (globalJobParameters !== undefined) env.setGlobalJobParameters(globalJobParameters)
  const inputs = inputTypes.map((type) =>
    env.fromData<unknown>([], type === undefined ? {} : { type }),
  )
  inputs.forEach((input, index) => input.uid(inputUid(index)))
  const built = build(inputs)
  // All ends somewhere, so that what is wrong with the program is told in terms of the test.
  inputs.forEach((input, index) => input.discard().uid(`${OWN_UID}unread-${index + 1}`))
  if (isStream(built)) built.discard().uid(`${OWN_UID}end`)
  return env.executeAsync('operator test')
}

function isStream<OUT>(built: BuiltStream<OUT>): built is DataStream<OUT> {
  return 'origins' in built
}

/** With what the uids of the test's own operators begin. */
const OWN_UID = 'millrace-test-'

function inputUid(index: number): string {
  return `${OWN_UID}input-${index + 1}`
}

function notOne(vertices: readonly JobVertex[]): MillraceError {
  const names = vertices.map(({ name }) => `'${name}'`).join(', ')
  return new MillraceError('OPTION_INVALID', {
    expected: 'a function that adds exactly one operator to its input',
    came: vertices.length === 0 ? 'none' : `${vertices.length}: ${names}`,
    todo: 'Test each operator alone, and chains of operators in a MiniEnvironment.',
  })
}

function notRead({ name }: JobOperator, index: number, edgeCount: number): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: `'${name}' to read input ${index + 1} once`,
    came: edgeCount === 0 ? 'an operator that does not read it' : `${edgeCount} times`,
    todo: 'Connect the streams that the function is given, or use testOperator for one input.',
  })
}

function unionOf({ name }: JobOperator): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: 'two streams that are two inputs of an operator',
    came: `a union of them, which '${name}' reads as one`,
    todo: 'Use testOperator: an operator does not see which stream of a union a record came by.',
  })
}
