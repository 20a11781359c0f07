import type { FunctionTable, JobEdge, JobVertex } from '@millrace/job-graph'
import type { Input } from '../operators/operator.ts'
import type { ChainedOperator } from '../task/chained-operator.ts'
import type { HeldInput } from './held-input.ts'
import { recordOwner } from './record-owner.ts'
import { Replay, type ReplayInit } from './replay.ts'
import type { InFlight } from './restored-tapes.ts'
import { TaskReplays } from './task-replays.ts'

/** What the replays of a task are made from. */
export interface TaskReplaysInit {
  readonly vertex: JobVertex
  readonly subtaskIndex: number
  readonly chain: readonly ChainedOperator[]
  /** By uid, what was in flight to the operators; those to which nothing was are left out. */
  readonly inFlight: ReadonlyMap<string, InFlight>
  readonly inputEdges: readonly JobEdge[]
  readonly functions: FunctionTable
  /** By uid, the way into each operator in the middle of the chain to which something was in flight. */
  readonly held: ReadonlyMap<string, HeldInput>
  /** Tells the first operator the time of one of its inputs. */
  readonly raiseHead: (input: number, watermark: number) => void
  /** Tells it of a watermark of the user's own kind that was in flight. */
  readonly tellHead: ReplayInit['tell']
}

/** The replays of a task: of its first operator, and of those that stood at the head of a chain of their own. */
export function createReplays(init: TaskReplaysInit): TaskReplays {
  const { chain, held } = init
  const behindHead = chain
    .slice(1)
    .toReversed()
    .map((chained) => createReplay(init, chained, held.get(chained.uid)))
    .filter((replay) => replay !== undefined)
  const [first] = chain
  const head = first === undefined ? undefined : createReplay(init, first, undefined)
  return new TaskReplays({ behindHead, head })
}

function createReplay(
  init: TaskReplaysInit,
  { uid, operator }: ChainedOperator,
  held: HeldInput | undefined,
): Replay | undefined {
  const inFlight = init.inFlight.get(uid)
  if (inFlight === undefined) return undefined
  return new Replay({
    tapes: inFlight.tapes,
    ownershipOf: recordOwner({ ...init, oldParallelism: inFlight.parallelism }),
    inputs: operator.inputs as readonly Input<unknown>[],
    raise: held === undefined ? init.raiseHead : (_, watermark) => held.raise(watermark),
    // In the middle of a chain nobody combines what came from several subtasks.
    tell: held === undefined ? init.tellHead : () => {},
    tellingTape: init.subtaskIndex < inFlight.tapes.length ? init.subtaskIndex : 0,
    onEnd: () => held?.release(),
  })
}
