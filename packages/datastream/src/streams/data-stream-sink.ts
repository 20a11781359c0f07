import type { DraftOperator } from '../graph/draft-operator.ts'
import { setMaxParallelism, setName, setParallelism } from '../graph/operator-settings.ts'

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
    this.#operator.uid = uid
    return this
  }

  /** The name shown in plans, logs and metrics. */
  name(name: string): this {
    setName(this.#operator, name)
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
    return this
  }
}
