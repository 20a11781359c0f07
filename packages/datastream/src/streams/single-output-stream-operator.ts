import type { OutputTag, TypeInfo } from '@millrace/core'
import type { DraftOperator } from '../graph/draft-operator.ts'
import { setMaxParallelism, setName, setParallelism } from '../graph/operator-settings.ts'
import { DataStream } from './data-stream.ts'
import { checkType } from './output-type.ts'
import type { StreamContext } from './stream-context.ts'

/**
 * The stream of what one operator emits. Its setters change that operator and answer the same stream.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, Types } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const lengths = env
 *   .fromData(['a', 'bcd'])
 *   .map((word) => word.length)
 *   .uid('word-length')
 *   .name('length of a word')
 *   .returns(Types.int)
 * console.log(await lengths.executeAndCollect()) // [ 1, 3 ]
 * ```
 */
export class SingleOutputStreamOperator<T> extends DataStream<T> {
  readonly #operator: DraftOperator

  constructor(context: StreamContext, operator: DraftOperator) {
    super(context, [{ operator, outputTag: null, distribution: { kind: 'default' } }], undefined)
    this.#operator = operator
  }

  override get type(): TypeInfo<T> | undefined {
    return this.#operator.outputType
  }

  /**
   * The id under which the operator's state is kept. Give one to every operator with state: without it, changes to the
   * program before the operator change the id, and its state in a checkpoint is not found again.
   */
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
    return this
  }

  /** The number of key groups: the most subtasks that the operator's state can ever be spread over. */
  setMaxParallelism(maxParallelism: number): this {
    setMaxParallelism(this.#operator, maxParallelism)
    return this
  }

  /** Declares the type of the records. With one they are written compactly between threads and in snapshots, and checked there. */
  returns(type: TypeInfo<T>): this {
    this.#operator.outputType = checkType('returns', type)
    return this
  }

  /**
   * The records that the operator's function emitted with `context.output(tag, value)`, or the late ones of a window.
   *
   * @example
   * ```ts
   * import { OutputTag, type ProcessFunction, StreamExecutionEnvironment } from 'millrace'
   *
   * const odd = new OutputTag<number>('odd')
   * const split = (): ProcessFunction<number, number> => ({
   *   processElement: (n, context, out) => (n % 2 === 0 ? out.collect(n) : context.output(odd, n)),
   * })
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const even = env.fromSequence(1, 5).process(split)
   * even.discard()
   * console.log(await even.getSideOutput(odd).executeAndCollect()) // [ 1, 3, 5 ]
   * ```
   */
  getSideOutput<X>(tag: OutputTag<X>): DataStream<X> {
    const outputTag = { id: tag.id, type: tag.type }
    return this.context.dataStream<X>(
      [{ operator: this.#operator, outputTag, distribution: { kind: 'default' } }],
      tag.type,
    )
  }
}
