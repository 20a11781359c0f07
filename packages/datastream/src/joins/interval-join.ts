import {
  type Duration,
  durationMs,
  type FunctionFactory,
  type IntervalJoinFunction,
  MillraceError,
  OutputTag,
  type ProcessJoinFunction,
  show,
  Types,
} from '@millrace/core'
import { checkFactory, checkFunction } from '../functions/check-function.ts'
import { asJson } from '../graph/as-json.ts'
import { inputsFrom } from '../graph/draft-operator.ts'
import { sharedKeyType } from '../streams/connected-streams.ts'
import type { KeyedStream } from '../streams/keyed-stream.ts'
import { type OutputType, outputTypeOf } from '../streams/output-type.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'

/**
 * Two keyed streams that wait for the interval in which their records meet. Made by {@link KeyedStream.intervalJoin}.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, WatermarkStrategy } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const time = WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n)
 * const left = env.fromData([10]).assignTimestampsAndWatermarks(time).keyBy(() => 'all')
 * const right = env.fromData([8, 12, 15]).assignTimestampsAndWatermarks(time).keyBy(() => 'all')
 * const pairs = left.intervalJoin(right).between('-2 ms', '2 ms').process((a, b) => [`${a} ${b}`])
 * console.log((await pairs.executeAndCollect()).sort()) // [ '10 12', '10 8' ]
 * ```
 */
export class IntervalJoin<K, T1, T2> {
  readonly #left: KeyedStream<K, T1>
  readonly #right: KeyedStream<K, T2>

  constructor(left: KeyedStream<K, T1>, right: KeyedStream<K, T2>) {
    this.#left = left
    this.#right = right
  }

  /**
   * Joins a left record of time `t` with the right records of its key from `t + lower` to `t + upper`, both included. Either may be
   * negative: `between('-5 s', 0)` looks back.
   *
   * @throws MillraceError `DURATION_INVALID`, or `OPTION_INVALID` for an interval in which there is no time.
   */
  between(lower: Duration, upper: Duration): IntervalJoined<K, T1, T2> {
    const bounds = { allowNegative: true }
    return new IntervalJoined({
      left: this.#left,
      right: this.#right,
      lowerMs: durationMs(lower, { what: 'the lower bound of between', ...bounds }),
      upperMs: durationMs(upper, { what: 'the upper bound of between', ...bounds }),
      leftLateTag: null,
      rightLateTag: null,
    })
  }
}

interface IntervalJoinedInit<K, T1, T2> {
  readonly left: KeyedStream<K, T1>
  readonly right: KeyedStream<K, T2>
  /** Both bounds inclusive. */
  readonly lowerMs: number
  readonly upperMs: number
  readonly leftLateTag: string | null
  readonly rightLateTag: string | null
}

/**
 * Two keyed streams whose records meet within an interval of event time. Each call answers a new description; `process` adds the
 * operator.
 *
 * A record is late when its time is before the watermark of both streams together. Of all other records, each pair whose times fit is
 * joined exactly once, in whatever order the two come. Records wait in state until the watermark has passed the last moment at
 * which a partner can come: the width of the interval is what the join costs.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, WatermarkStrategy } from 'millrace'
 *
 * type Order = { id: number; item: string; at: number }
 * type Payment = { order: number; at: number }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const orders = env
 *   .fromData<Order>([{ id: 1, item: 'book', at: 1_000 }, { id: 2, item: 'pen', at: 2_000 }])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<Order>().withTimestampAssigner((order) => order.at),
 *   )
 * const payments = env
 *   .fromData<Payment>([{ order: 1, at: 4_000 }, { order: 2, at: 60_000 }])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<Payment>().withTimestampAssigner((payment) => payment.at),
 *   )
 * const paidInTime = orders
 *   .keyBy((order) => order.id)
 *   .intervalJoin(payments.keyBy((payment) => payment.order))
 *   .between(0, '10 s')
 *   .process((order, payment) => [`${order.item} after ${payment.at - order.at} ms`])
 * console.log(await paidInTime.executeAndCollect()) // [ 'book after 3000 ms' ]
 * ```
 */
export class IntervalJoined<K, T1, T2> {
  readonly #init: IntervalJoinedInit<K, T1, T2>

  constructor(init: IntervalJoinedInit<K, T1, T2>) {
    if (init.lowerMs > init.upperMs) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'an interval with at least one millisecond, its lower bound not above the upper',
        came: `${init.lowerMs} ms to ${init.upperMs} ms`,
        todo: "Write for example between('-5 s', '5 s').",
      })
    }
    this.#init = init
  }

  /** The lower bound itself is outside: records exactly so far apart do not meet. */
  lowerBoundExclusive(): IntervalJoined<K, T1, T2> {
    return this.#with({ lowerMs: this.#init.lowerMs + 1 })
  }

  /** The upper bound itself is outside: records exactly so far apart do not meet. */
  upperBoundExclusive(): IntervalJoined<K, T1, T2> {
    return this.#with({ upperMs: this.#init.upperMs - 1 })
  }

  /** Sends late left records to a side output. Without it they are dropped, and counted in `<operator name>.late`. */
  sideOutputLeftLateData(tag: OutputTag<T1>): IntervalJoined<K, T1, T2> {
    return this.#with({ leftLateTag: checkTag('sideOutputLeftLateData', tag) })
  }

  /** Sends late right records to a side output. Without it they are dropped, and counted in `<operator name>.late`. */
  sideOutputRightLateData(tag: OutputTag<T2>): IntervalJoined<K, T1, T2> {
    return this.#with({ rightLateTag: checkTag('sideOutputRightLateData', tag) })
  }

  /**
   * Calls a function for each pair: a plain one, or one with a life cycle, by a factory. What it emits has the later time of the
   * two.
   *
   * @throws MillraceError `FUNCTION_INVALID` for a function object or class in place of a factory; `KEY_INVALID` for keys of
   * different types.
   */
  process<OUT>(
    process: FunctionFactory<ProcessJoinFunction<T1, T2, OUT>> | IntervalJoinFunction<T1, T2, OUT>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    const { left, right, ...bounds } = this.#init
    const { lowerMs, upperMs, leftLateTag, rightLateTag } = bounds
    return left.context.transform({
      kind: 'interval-join',
      name: `Interval Join(${lowerMs} ms, ${upperMs} ms)`,
      inputs: [...inputsFrom(left.origins, 0), ...inputsFrom(right.origins, 1)],
      config: asJson({
        lowerMs,
        upperMs,
        leftLateTag,
        rightLateTag,
        leftType: left.type ?? Types.any(),
        rightType: right.type ?? Types.any(),
      }),
      functions: {
        keySelector1: left.keySelector,
        keySelector2: right.keySelector,
        process: joinFactory(process),
      },
      outputType: outputTypeOf('process', options),
      keyType: sharedKeyType(left.keyType, right.keyType),
    })
  }

  #with(change: Partial<IntervalJoinedInit<K, T1, T2>>): IntervalJoined<K, T1, T2> {
    return new IntervalJoined({ ...this.#init, ...change })
  }
}

/** A function without parameters is a factory: one that joins has a use for at least one of the records. */
function joinFactory<T1, T2, OUT>(
  process: FunctionFactory<ProcessJoinFunction<T1, T2, OUT>> | IntervalJoinFunction<T1, T2, OUT>,
): FunctionFactory<ProcessJoinFunction<T1, T2, OUT>> {
  if (typeof process !== 'function' || process.length === 0) {
    return checkFactory('process', process as FunctionFactory<ProcessJoinFunction<T1, T2, OUT>>)
  }
  const processElement = checkFunction('process', process as IntervalJoinFunction<T1, T2, OUT>)
  return () => ({ processElement })
}

function checkTag<T>(call: string, tag: OutputTag<T>): string {
  if (tag instanceof OutputTag) return tag.id
  throw new MillraceError('OPTION_INVALID', {
    expected: `an OutputTag for ${call}`,
    came: show(tag),
    todo: `Write ${call}(new OutputTag('late')).`,
  })
}
