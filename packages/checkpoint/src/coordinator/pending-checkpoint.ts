// One checkpoint on its way, from the trigger to its end. The coordinator asks, acts and tells; this class
// only remembers and decides.
//
//                 all acknowledged,
//                 metadata durable            a newer one completed
//   triggered ────────────────────> completed ─────────────────────> subsumed
//       │ │                                                             ^
//       │ └──────────── a newer one completed first ────────────────────┘
//       │ failed, declined or too late
//       └──────────────────────────> aborted

import { assert, MillraceError } from '@millrace/core'
import type {
  CheckpointKind,
  EnumeratorStates,
  StateHandle,
} from '../metadata/checkpoint-metadata.ts'

/** Where a checkpoint is in its life. */
export type CheckpointState = 'triggered' | 'completed' | 'aborted' | 'subsumed'

/** Every legal next state. */
export const CHECKPOINT_TRANSITIONS: Readonly<Record<CheckpointState, readonly CheckpointState[]>> =
  {
    triggered: ['completed', 'aborted', 'subsumed'],
    completed: ['subsumed'],
    aborted: [],
    subsumed: [],
  }

/** What one task sends for one operator of its chain. */
export interface OperatorSnapshot {
  readonly uid: string
  readonly subtaskIndex: number
  readonly isFinished: boolean
  readonly slots: Readonly<Record<string, StateHandle>>
}

/** What its part of a checkpoint took a task. */
export interface TaskCheckpointFigures {
  /** From the first barrier on a channel until it was on all of them. 0 for a task without input. */
  readonly alignmentMs: number
  /** How long the task stood still to take its state. */
  readonly syncMs: number
  /** From then until all of it was stored. */
  readonly asyncMs: number
  /** All that was stored, what was in flight included. */
  readonly stateBytes: number
  /** Of these, what was in flight: records that the barrier has overtaken. */
  readonly inFlightBytes: number
}

/**
 * What became of an acknowledgement. Only `accepted` changed something; the snapshots of the others are
 * not part of the checkpoint.
 */
export type AcknowledgeAnswer = 'accepted' | 'duplicate' | 'late' | 'unknown-subtask'

/** How a pending checkpoint begins. */
export interface PendingCheckpointInit {
  readonly checkpointId: number
  readonly kind: CheckpointKind
  /** Milliseconds since 1970. */
  readonly triggeredAtMs: number
  /** The key of each task that must acknowledge; any text that differs between tasks. */
  readonly subtasks: readonly string[]
  /** Of the enumerators, at the trigger. Default: none. */
  readonly enumerators?: EnumeratorStates
}

/**
 * A checkpoint that waits for its acknowledgements.
 *
 * @example
 * ```ts
 * import { PendingCheckpoint } from '@millrace/checkpoint'
 *
 * const pending = new PendingCheckpoint({
 *   checkpointId: 1,
 *   kind: 'checkpoint',
 *   triggeredAtMs: 0,
 *   subtasks: ['source/0', 'count/0'],
 * })
 * pending.acknowledge('source/0', [])
 * console.log(pending.acknowledge('source/0', []), pending.unacknowledged) // duplicate [ 'count/0' ]
 * ```
 */
export class PendingCheckpoint {
  readonly checkpointId: number
  readonly kind: CheckpointKind
  readonly triggeredAtMs: number
  readonly enumerators: EnumeratorStates
  readonly #waiting: Set<string>
  readonly #acknowledged = new Map<string, readonly OperatorSnapshot[]>()
  #state: CheckpointState = 'triggered'
  #abortReason: string | undefined

  constructor(init: PendingCheckpointInit) {
    const { checkpointId, kind, triggeredAtMs, subtasks, enumerators = new Map() } = init
    this.checkpointId = checkpointId
    this.kind = kind
    this.triggeredAtMs = triggeredAtMs
    this.enumerators = enumerators
    this.#waiting = new Set(subtasks)
    assert(this.#waiting.size === subtasks.length, 'no two tasks of a checkpoint have the same key')
  }

  get state(): CheckpointState {
    return this.#state
  }

  /** Why it was aborted, or `undefined`. */
  get abortReason(): string | undefined {
    return this.#abortReason
  }

  /** True when every task has acknowledged, so that the metadata can be written. */
  get isFullyAcknowledged(): boolean {
    return this.#waiting.size === 0
  }

  /** The keys of the tasks still waited for. */
  get unacknowledged(): readonly string[] {
    return [...this.#waiting]
  }

  /** The snapshots of all acknowledgements so far. */
  get snapshots(): readonly OperatorSnapshot[] {
    return [...this.#acknowledged.values()].flat()
  }

  /** Takes the acknowledgement of one task. Any message may come twice or too late; the answer says so. */
  acknowledge(subtask: string, snapshots: readonly OperatorSnapshot[]): AcknowledgeAnswer {
    const isExpected = this.#waiting.has(subtask)
    if (!isExpected && !this.#acknowledged.has(subtask)) return 'unknown-subtask'
    if (this.#state !== 'triggered') return 'late'
    if (!isExpected) return 'duplicate'
    this.#waiting.delete(subtask)
    this.#acknowledged.set(subtask, snapshots)
    return 'accepted'
  }

  /** The metadata is durable: from now on the checkpoint counts. */
  complete(): void {
    assert(this.isFullyAcknowledged, 'only a fully acknowledged checkpoint completes')
    this.#moveTo('completed')
  }

  /** The checkpoint will never complete. `reason` is shown to users. */
  abort(reason: string): void {
    this.#moveTo('aborted')
    this.#abortReason = reason
  }

  /** A newer checkpoint completed: this one is not needed any more. */
  subsume(): void {
    this.#moveTo('subsumed')
  }

  #moveTo(next: CheckpointState): void {
    if (!CHECKPOINT_TRANSITIONS[this.#state].includes(next)) {
      throw new MillraceError('ILLEGAL_TRANSITION', {
        expected: `checkpoint ${this.checkpointId} to go from ${this.#state} to one of [${CHECKPOINT_TRANSITIONS[this.#state].join(', ')}]`,
        came: next,
        todo: 'This is a bug in Millrace; please report it with this stack trace.',
        ids: { checkpointId: this.checkpointId },
      })
    }
    this.#state = next
  }
}
