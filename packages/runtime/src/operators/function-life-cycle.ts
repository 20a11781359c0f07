// The life of a user function inside its operator, whatever kind it is: how it is opened, what it keeps that belongs to no
// key, what it is told of checkpoints. The operator itself is left with the records.
//
//   timers restored ─> initializeState ─> open ─> ( snapshotState ─> keyed state and operator state are cut )* ─> close

import type { Key, KeyedStateStore, LifeCycle } from '@millrace/core'
import { OperatorStateBackend } from '@millrace/state'
import type { KeyedScope } from './keyed-scope.ts'
import type { OperatorContext, OperatorSnapshot } from './operator.ts'
import { keyedRuntimeContext, refusingStateStore, runtimeContext } from './runtime-context.ts'
import { callFunction } from './user-function.ts'

/** The slot of a checkpoint that holds the state that belongs to no key. */
const OPERATOR_STATE_SLOT = 'operator'

/** What a life cycle uses of a scope, whatever its keys. */
type LifeCycleScope = Pick<KeyedScope<Key>, 'states' | 'open' | 'snapshot' | 'close'>

/** What the life of a function takes place in. */
export interface FunctionLifeCycleInit {
  /** Left out for a plain function, whose operator has keys or state nevertheless. */
  readonly function?: LifeCycle<never>
  /** Set if the operator is keyed. */
  readonly scope?: LifeCycleScope
  /** The keyed states as the function gets them. Default: those of the scope. Without a scope, their owner cuts them. */
  readonly keyedStates?: KeyedStateStore
  /** Whether the operator has state of its own that belongs to no key. */
  readonly hasOperatorState?: boolean
}

/** The life cycle of one function. */
export class FunctionLifeCycle {
  /** State that belongs to no key; there if the function, the operator or the restored checkpoint has some. */
  readonly operatorStates: OperatorStateBackend | undefined
  readonly #context: OperatorContext
  readonly #function: LifeCycle<never>
  readonly #scope: LifeCycleScope | undefined
  readonly #keyedStates: KeyedStateStore
  readonly #isKeyed: boolean

  constructor(context: OperatorContext, init: FunctionLifeCycleInit) {
    this.#context = context
    this.#function = init.function ?? {}
    this.#scope = init.scope
    this.#isKeyed = (init.keyedStates ?? init.scope) !== undefined
    this.#keyedStates =
      init.keyedStates ?? init.scope?.states ?? refusingStateStore(context.operator)
    const restored = context.restored.slot(OPERATOR_STATE_SLOT).map(({ bytes }) => bytes)
    const { subtaskIndex, parallelism } = context
    // What is in the checkpoint stays in it, though the function may not ask for it any more.
    const hasOperatorState =
      init.hasOperatorState === true ||
      this.#function.initializeState !== undefined ||
      restored.length > 0
    this.operatorStates = hasOperatorState
      ? new OperatorStateBackend({ subtaskIndex, parallelism, restored })
      : undefined
  }

  open(): void {
    const { operator } = this.#context
    this.#scope?.open()
    callFunction(operator, 'initializeState method', () => this.#initializeState())
    const context = this.#isKeyed
      ? keyedRuntimeContext(this.#context, this.#keyedStates)
      : runtimeContext(this.#context)
    callFunction(operator, 'open method', () => this.#function.open?.(context as never))
  }

  snapshot(checkpointId: number, triggeredAtMs: number): OperatorSnapshot {
    // No key is current at a barrier: that of the last record is there by chance.
    this.#scope?.states.clearCurrentKey()
    if (this.#function.snapshotState !== undefined) {
      callFunction(this.#context.operator, 'snapshotState method', () =>
        this.#function.snapshotState?.({ checkpointId, checkpointTimestamp: triggeredAtMs }),
      )
    }
    const keyed = this.#scope?.snapshot()
    if (this.operatorStates === undefined) return keyed ?? {}
    return { ...keyed, [OPERATOR_STATE_SLOT]: this.operatorStates.snapshot() }
  }

  notifyCheckpointComplete(checkpointId: number): void {
    this.#call('notifyCheckpointComplete', checkpointId)
  }

  notifyCheckpointAborted(checkpointId: number): void {
    this.#call('notifyCheckpointAborted', checkpointId)
  }

  notifyCheckpointSubsumed(checkpointId: number): void {
    this.#call('notifyCheckpointSubsumed', checkpointId)
  }

  close(): void {
    this.#scope?.close()
    callFunction(this.#context.operator, 'close method', () => this.#function.close?.())
  }

  #initializeState(): unknown {
    const { restored } = this.#context
    const { operatorStates } = this
    if (operatorStates === undefined) return undefined
    return this.#function.initializeState?.({
      isRestored: restored.isRestored,
      restoredCheckpointId: restored.checkpointId,
      operatorStateStore: operatorStates,
      keyedStateStore: this.#keyedStates,
    })
  }

  #call(
    method: 'notifyCheckpointComplete' | 'notifyCheckpointAborted' | 'notifyCheckpointSubsumed',
    checkpointId: number,
  ): void {
    callFunction(this.#context.operator, `${method} method`, () =>
      this.#function[method]?.(checkpointId),
    )
  }
}
