import type { DraftOperator } from '../graph/draft-operator.ts'
import {
  setDescription,
  setMaxParallelism,
  setName,
  setParallelism,
  setSlotSharingGroup,
  setUid,
  setUidHash,
} from '../graph/operator-settings.ts'

/**
 * The end of a stream. Its setters change the sink and answer the same object.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env.fromData(['hello']).print().uid('greeting').name('say hello')
 * await env.execute() // hello
 * ```
 */
export class DataStreamSink {
  readonly #operator: DraftOperator
  /** Operators behind the writer that have as many subtasks as it has. */
  readonly #followers: readonly DraftOperator[]

  constructor(operator: DraftOperator, followers: readonly DraftOperator[] = []) {
    this.#operator = operator
    this.#followers = followers
  }

  /** The id under which the sink's state is kept; see {@link SingleOutputStreamOperator.uid}. */
  uid(uid: string): this {
    setUid(this.#operator, uid)
    return this
  }

  /** Another id of the sink's state; see {@link SingleOutputStreamOperator.setUidHash}. */
  setUidHash(uidHash: string): this {
    setUidHash(this.#operator, uidHash)
    return this
  }

  /** The name shown in plans, logs and metrics. */
  name(name: string): this {
    setName(this.#operator, name)
    return this
  }

  /** What the sink does, in a sentence, shown by `explain()`. */
  setDescription(description: string): this {
    setDescription(this.#operator, description)
    return this
  }

  /** The number of subtasks. Default: the environment's. */
  setParallelism(parallelism: number): this {
    setParallelism(this.#operator, parallelism)
    for (const follower of this.#followers) setParallelism(follower, parallelism)
    return this
  }

  /** The number of key groups. Only matters for a sink that reads a keyed stream. */
  setMaxParallelism(maxParallelism: number): this {
    setMaxParallelism(this.#operator, maxParallelism)
    for (const follower of this.#followers) setMaxParallelism(follower, maxParallelism)
    return this
  }

  /** Runs the sink in a task of its own. */
  disableChaining(): this {
    this.#operator.chaining = 'never'
    return this
  }

  /** Which tasks the sink may share a slot with; see {@link SingleOutputStreamOperator.slotSharingGroup}. */
  slotSharingGroup(group: string): this {
    setSlotSharingGroup(this.#operator, group)
    for (const follower of this.#followers) setSlotSharingGroup(follower, group)
    return this
  }
}
