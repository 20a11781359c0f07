// Drafts -> stream graph: every operator gets its uid, every function its reference, every edge its partitioner.

import { assert, defaultMaxParallelism, MillraceError, Types } from '@millrace/core'
import {
  type FunctionRef,
  FunctionTable,
  OperatorIds,
  type Partitioner,
  type StreamEdge,
  type StreamGraph,
  type StreamNode,
} from '@millrace/job-graph'
import { checkIterations } from '../iterations/check-iterations.ts'
import { checkDeclaredWatermarks } from './check-declared-watermarks.ts'
import { type DraftInput, type DraftOperator, typeOfOrigin } from './draft-operator.ts'

/** What a plan is built with. */
export interface StreamGraphOptions {
  readonly jobName: string
  /** Whether operators may be chained at all. */
  readonly chaining: boolean
}

/** A plan and the functions it refers to. */
export interface BuiltStreamGraph {
  readonly graph: StreamGraph
  readonly functions: FunctionTable
  readonly uidOf: ReadonlyMap<DraftOperator, string>
}

/**
 * Builds the plan of `operators`, which stand in the order in which they were added: inputs before readers. Leaves the drafts
 * as they are, so it may be called again.
 *
 * @throws MillraceError `UID_DUPLICATE`; `ITERATION_INVALID`; `OPTION_INVALID` when a parallelism is above the maximum, or
 * two kinds of watermarks have one name.
 */
export function buildStreamGraph(
  operators: readonly DraftOperator[],
  { jobName, chaining }: StreamGraphOptions,
): BuiltStreamGraph {
  checkIterations(operators)
  checkDeclaredWatermarks(operators)
  const functions = new FunctionTable()
  const uidOf = assignUids(operators)
  const groupOf = slotSharingGroups(operators)
  const nodes = operators.map((operator) => ({
    ...buildNode(operator, uidOf, functions),
    ...settingsOf(operator, groupOf.get(operator) ?? DEFAULT_GROUP),
    ...(!chaining && { chaining: 'never' as const }),
  }))
  return { graph: { jobName, nodes }, functions, uidOf }
}

/** The uids given by the user first, so that a derived one never takes one of them. */
function assignUids(operators: readonly DraftOperator[]): Map<DraftOperator, string> {
  const ids = new OperatorIds()
  const uidOf = new Map<DraftOperator, string>()
  for (const operator of operators) {
    if (operator.uid !== undefined) uidOf.set(operator, ids.claim(operator.uid, operator.name))
  }
  for (const operator of operators) {
    if (uidOf.has(operator)) continue
    uidOf.set(operator, ids.derive(operator.kind, inputNames(operator, uidOf)))
  }
  return uidOf
}

const DEFAULT_GROUP = 'default'

/** An operator without a group of its own is in that of its inputs, if they all are in one. */
function slotSharingGroups(
  operators: readonly DraftOperator[],
): ReadonlyMap<DraftOperator, string> {
  const groupOf = new Map<DraftOperator, string>()
  for (const operator of operators) {
    const inherited = new Set(operator.inputs.map(({ origin }) => groupOf.get(origin.operator)))
    const [only = DEFAULT_GROUP] = inherited
    groupOf.set(
      operator,
      operator.slotSharingGroup ?? (inherited.size === 1 ? only : DEFAULT_GROUP),
    )
  }
  return groupOf
}

type NodeSettings = Pick<
  StreamNode,
  | 'description'
  | 'uidHash'
  | 'chaining'
  | 'slotSharingGroup'
  | 'bufferTimeoutMs'
  | 'declaredWatermarks'
>

/** What was set; what was not is left out, so that a plan shows what is particular about it. */
function settingsOf(
  { description, uidHash, chaining, bufferTimeoutMs, declaredWatermarks }: DraftOperator,
  slotSharingGroup: string,
): NodeSettings {
  return {
    ...(description !== undefined && { description }),
    ...(uidHash !== undefined && { uidHash }),
    ...(chaining !== undefined && { chaining }),
    ...(slotSharingGroup !== DEFAULT_GROUP && { slotSharingGroup }),
    ...(bufferTimeoutMs !== undefined && { bufferTimeoutMs }),
    ...(declaredWatermarks.length > 0 && { declaredWatermarks }),
  }
}

function inputNames(
  operator: DraftOperator,
  uidOf: ReadonlyMap<DraftOperator, string>,
): readonly string[] {
  const inputs = operator.inputs.filter(({ isFeedback }) => isFeedback === undefined)
  return inputs.map(({ origin }) => {
    const uid = uidIn(uidOf, origin.operator)
    return origin.outputTag === null ? uid : `${uid}#${origin.outputTag.id}`
  })
}

function buildNode(
  operator: DraftOperator,
  uidOf: ReadonlyMap<DraftOperator, string>,
  table: FunctionTable,
): StreamNode {
  const uid = uidIn(uidOf, operator)
  const refs: Record<string, FunctionRef> = {}
  const register = (role: string, value: unknown): FunctionRef => {
    return (refs[role] = table.register(uid, role, value))
  }
  for (const [role, value] of Object.entries(operator.functions)) register(role, value)
  const inputs = operator.inputs.map((input, index) => {
    const partitioner = partitionerOf(operator, input, {
      keyRef: (keySelector) => {
        // A keyed operator has the selector already; another one needs it only for the edge.
        const role = KEY_ROLES[input.input].find((name) => operator.functions[name] === keySelector)
        return refs[role ?? ''] ?? register(`partitionKey${index}`, keySelector)
      },
      partitionerRef: (partitioner) => register(`partitioner${index}`, partitioner),
    })
    return buildEdge(input, partitioner, uidOf)
  })
  return {
    uid,
    name: operator.name,
    kind: operator.kind,
    config: operator.config,
    functions: refs,
    parallelism: operator.parallelism,
    maxParallelism: maxParallelismOf(operator),
    inputs,
    outputType: operator.outputType ?? Types.any(),
    keyType: operator.keyType,
  }
}

/** Where a keyed operator keeps the key selector of each of its inputs. */
const KEY_ROLES = [['keySelector', 'keySelector1'], ['keySelector2']] as const

function buildEdge(
  { origin, input, isFeedback }: DraftInput,
  partitioner: Partitioner,
  uidOf: ReadonlyMap<DraftOperator, string>,
): StreamEdge {
  return {
    from: uidIn(uidOf, origin.operator),
    outputTag: origin.outputTag?.id ?? null,
    input,
    partitioner,
    type: typeOfOrigin(origin) ?? Types.any(),
    ...(isFeedback && { isFeedback }),
  }
}

function partitionerOf(reader: DraftOperator, { origin }: DraftInput, refs: EdgeRefs): Partitioner {
  const { distribution, operator } = origin
  switch (distribution.kind) {
    case 'hash': {
      const { keySelector, keyType } = distribution
      return { kind: 'hash', keySelector: refs.keyRef(keySelector), keyType }
    }
    case 'custom': {
      const { keySelector, partitioner } = distribution
      return {
        kind: 'custom',
        keySelector: refs.keyRef(keySelector),
        partitioner: refs.partitionerRef(partitioner),
      }
    }
    case 'rebalance':
    case 'rescale':
      return { kind: distribution.kind, ...(distribution.isAdaptive && { isAdaptive: true }) }
    case 'forward':
      if (operator.parallelism === reader.parallelism) return { kind: 'forward' }
      throw new MillraceError('OPTION_INVALID', {
        expected: `'${operator.name}' and '${reader.name}' to have the same parallelism: forward() is between them`,
        came: `${operator.parallelism} and ${reader.parallelism}`,
        todo: 'Make them equal, or leave forward() out: records are then dealt out in turn.',
        ids: { operator: reader.name },
      })
    case 'default':
      return { kind: operator.parallelism === reader.parallelism ? 'forward' : 'rebalance' }
    default:
      return { kind: distribution.kind }
  }
}

/** How the functions of an edge become references. */
interface EdgeRefs {
  readonly keyRef: (keySelector: unknown) => FunctionRef
  readonly partitionerRef: (partitioner: unknown) => FunctionRef
}

function maxParallelismOf({ name, parallelism, maxParallelism }: DraftOperator): number {
  const max = maxParallelism ?? defaultMaxParallelism(parallelism)
  if (parallelism <= max) return max
  throw new MillraceError('OPTION_INVALID', {
    expected: `a parallelism of at most ${max}, the max parallelism of operator '${name}'`,
    came: String(parallelism),
    todo: 'Lower the parallelism or raise the max parallelism.',
  })
}

function uidIn(uidOf: ReadonlyMap<DraftOperator, string>, operator: DraftOperator): string {
  const uid = uidOf.get(operator)
  assert(uid !== undefined, `an operator's inputs come before it, also those of '${operator.name}'`)
  return uid
}
