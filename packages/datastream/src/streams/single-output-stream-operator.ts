import {
  checkOutputTag,
  type Duration,
  type OutputTag,
  type TypeInfo,
  type WatermarkDeclaration,
} from '@millrace/core'
import type { DraftOperator } from '../graph/draft-operator.ts'
import {
  bufferTimeoutMs,
  declareWatermarks,
  setDescription,
  setMaxParallelism,
  setName,
  setParallelism,
  setSlotSharingGroup,
  setUid,
  setUidHash,
} from '../graph/operator-settings.ts'
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
    setUid(this.#operator, uid)
    return this
  }

  /**
   * Another id under which the operator's state may lie in the checkpoint that is restored: that of an earlier version of the
   * program, which had another uid or none. It is used when the checkpoint knows no operator of this uid.
   */
  setUidHash(uidHash: string): this {
    setUidHash(this.#operator, uidHash)
    return this
  }

  /** The name shown in plans, logs and metrics. */
  name(name: string): this {
    setName(this.#operator, name)
    return this
  }

  /** What the operator does, in a sentence, shown by `explain()`. */
  setDescription(description: string): this {
    setDescription(this.#operator, description)
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

  /** One subtask, whatever the environment says. */
  forceNonParallel(): this {
    return this.setParallelism(1)
  }

  /**
   * Begins a new chain: the operator runs in another task than its input. Its readers may still join it.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const read = env.fromData([1, 2, 3]).uid('read')
   * read.map((n) => n * n).uid('square').startNewChain().discard().uid('out')
   * const vertices = env.explain().match(/^\d\. .*$/gm)
   * console.log(vertices?.length) // 2
   * ```
   */
  startNewChain(): this {
    this.#operator.chaining = 'head'
    return this
  }

  /** Runs the operator in a task of its own: neither does it join its input, nor do its readers join it. */
  disableChaining(): this {
    this.#operator.chaining = 'never'
    return this
  }

  /**
   * Tasks of different slot sharing groups are kept in different slots: with `{ threads }`, in different threads, as long as
   * there are enough. Subtasks of one number and one group always share a slot. Default: the group of the inputs if they all
   * have the same, else `'default'`.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * env.fromData([1, 2, 3]).map((n) => n / 3).slotSharingGroup('heavy').discard()
   * console.log(env.explain().includes("slot sharing group 'heavy'")) // true
   * ```
   */
  slotSharingGroup(group: string): this {
    setSlotSharingGroup(this.#operator, group)
    return this
  }

  /**
   * How long a record that leaves the operator for another task may wait for others to be sent with. 0 sends at the end of
   * each slice of work, -1 only when a frame is full, at a barrier and at the end. Default: the environment's.
   */
  setBufferTimeout(timeout: Duration): this {
    this.#operator.bufferTimeoutMs = bufferTimeoutMs(timeout)
    return this
  }

  /**
   * The user's own kinds of watermarks that the operator's function, or the readers of its source, may emit. Who only receives or
   * forwards them declares nothing.
   *
   * @throws MillraceError `OPTION_INVALID` for what is no declaration; when the plan is made, if the name is declared differently
   * elsewhere in the job.
   * @example
   * ```ts
   * import {
   *   type Collector,
   *   isWatermarkOf,
   *   longWatermark,
   *   type ProcessFunction,
   *   StreamExecutionEnvironment,
   * } from 'millrace'
   *
   * const newest = longWatermark('newest', { combine: 'max' })
   * const announce = (): ProcessFunction<number, number> => ({
   *   processElement: (at, context, out) => {
   *     out.collect(at)
   *     if (at % 10 === 0) context.emitWatermark(newest, at)
   *   },
   * })
   * const receive = (): ProcessFunction<number, string> => ({
   *   processElement: (at, _context, out) => out.collect(`record ${at}`),
   *   onWatermark: (watermark, _context, out: Collector<string>) => {
   *     if (isWatermarkOf(newest, watermark)) out.collect(`newest is ${watermark.value}`)
   *     return 'peek'
   *   },
   * })
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const stream = env.fromData([10, 13]).process(announce).declareWatermarks(newest).process(receive)
   * console.log(await stream.executeAndCollect()) // [ 'record 10', 'newest is 10', 'record 13' ]
   * ```
   */
  declareWatermarks(...declarations: readonly WatermarkDeclaration[]): this {
    declareWatermarks(this.#operator, declarations)
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
    checkOutputTag('getSideOutput', tag)
    const outputTag = { id: tag.id, type: tag.type }
    return this.context.dataStream<X>(
      [{ operator: this.#operator, outputTag, distribution: { kind: 'default' } }],
      tag.type,
    )
  }
}
