// What a function can do beside its records: keep state of its own that belongs to no key, and learn what became of
// checkpoints. Every function with a life cycle may have any of these methods.
//
//   initializeState ─> open ─> ( record | timer | snapshotState ─> notifyCheckpoint… )* ─> close

import type {
  KeyedStateStore,
  ListState,
  ListStateDescriptor,
  MapState,
  MapStateDescriptor,
} from './state.ts'

/**
 * State that belongs to an operator and not to a key. Ask for it in `initializeState` and keep the handle; the name must be unique
 * among the states of the operator. What `get` of a list answers is the list itself: walk a copy of it, `[...list.get()]`, where
 * elements are added meanwhile.
 */
export interface OperatorStateStore {
  /** A list whose elements are dealt out evenly when the parallelism changes. */
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>
  /** A list of which, after a restart, every subtask has the elements of all. */
  getUnionListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>
  /** A map that is the same in every subtask, if every subtask changes it alike. */
  getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>
}

/** What a function is told before `open`. */
export interface FunctionInitializationContext {
  /** Whether the job goes on from a checkpoint: then the states are already filled. */
  readonly isRestored: boolean
  /** The checkpoint from which the job goes on, or `undefined`. */
  readonly restoredCheckpointId: number | undefined
  readonly operatorStateStore: OperatorStateStore
  /** The states of the keys. On a stream without keys, asking it for one is a `STATE_ACCESS_INVALID`. */
  readonly keyedStateStore: KeyedStateStore
}

/** What a function is told when a checkpoint is taken. */
export interface FunctionSnapshotContext {
  readonly checkpointId: number
  /** When the checkpoint was triggered: milliseconds since 1970, the same in all subtasks. */
  readonly checkpointTimestamp: number
}

/**
 * A function with state that belongs to no key.
 *
 * @example
 * A map that knows how many records its subtask has seen, whatever failed in between:
 *
 * ```ts
 * import {
 *   type CheckpointedFunction, type FunctionInitializationContext, type ListState, rich,
 *   type RichMapFunction, StreamExecutionEnvironment, Types,
 * } from 'millrace'
 *
 * class Numbered implements RichMapFunction<string, string>, CheckpointedFunction {
 *   #count = 0
 *   #stored!: ListState<number>
 *
 *   initializeState(context: FunctionInitializationContext): void {
 *     this.#stored = context.operatorStateStore.getListState({ name: 'count', type: Types.int })
 *     for (const count of this.#stored.get()) this.#count += count
 *   }
 *
 *   snapshotState(): void {
 *     this.#stored.update([this.#count])
 *   }
 *
 *   map(line: string): string {
 *     return `${++this.#count} ${line}`
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const lines = env.fromData(['a', 'b']).map(rich(() => new Numbered()))
 * console.log(await lines.executeAndCollect()) // [ '1 a', '2 b' ]
 * ```
 */
export interface CheckpointedFunction {
  /** Called once, before `open`. Keyed state can be asked for, but there is no key yet. */
  initializeState?(context: FunctionInitializationContext): void
  /** Called at each barrier: what the states hold when it returns is in the checkpoint. Must not emit. */
  snapshotState?(context: FunctionSnapshotContext): void
}

/**
 * Learns what becomes of checkpoints. A message may be lost with a failure: that a checkpoint is complete follows from a later
 * one that is.
 */
export interface CheckpointListener {
  /** The checkpoint is durable, and so is all that was in the ones before it. */
  notifyCheckpointComplete?(checkpointId: number): void
  /** The checkpoint failed and will never be complete; `snapshotState` may or may not have been called for it. */
  notifyCheckpointAborted?(checkpointId: number): void
  /** A newer checkpoint has taken the place of this complete one: nobody will restore it any more. */
  notifyCheckpointSubsumed?(checkpointId: number): void
}

/** A function that is opened, used and closed. Its methods must not wait. */
export interface LifeCycle<CONTEXT> extends CheckpointedFunction, CheckpointListener {
  /** Called once before the first record, after a restore with the state already there. */
  readonly open?: (context: CONTEXT) => void
  /** Called once at the end, also after a failure. Must not emit. */
  close?(): void
}
