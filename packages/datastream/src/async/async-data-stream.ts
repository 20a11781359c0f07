import {
  type AsyncFlatMapFunction,
  type AsyncFunction,
  type FunctionFactory,
  MillraceError,
  show,
  Types,
} from '@millrace/core'
import { checkFactory } from '../functions/check-function.ts'
import { asJson } from '../graph/as-json.ts'
import { inputsFrom } from '../graph/draft-operator.ts'
import type { DataStream } from '../streams/data-stream.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import { type AsyncOptions, type CheckedAsyncOptions, checkAsyncOptions } from './async-options.ts'

/** A function that asks about one record, or a factory of functions with a life cycle. */
export type AsyncFunctionOrFactory<IN, OUT> =
  | FunctionFactory<AsyncFunction<IN, OUT>>
  | AsyncFlatMapFunction<IN, OUT>

/**
 * Enriches records by asking somebody else: a database, a service. Many requests are under way at once, and the stream goes on
 * meanwhile. Records whose answers are still out are part of checkpoints, and are asked again after a restore: the function may be
 * called more than once for a record, its results count once.
 *
 * `mapAsync` and `flatMapAsync` of a stream do the same in less words.
 *
 * @example
 * ```ts
 * import { AsyncDataStream, type AsyncFunction, StreamExecutionEnvironment } from 'millrace'
 *
 * class Prices implements AsyncFunction<string, string> {
 *   #prices = new Map<string, number>()
 *
 *   async open(): Promise<void> {
 *     this.#prices.set('pen', 2)
 *   }
 *
 *   async asyncInvoke(item: string): Promise<string[]> {
 *     const price = this.#prices.get(item)
 *     return price === undefined ? [] : [`${item} ${price}`]
 *   }
 *
 *   timeout(item: string): string[] {
 *     return [`${item} ?`]
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const priced = AsyncDataStream.orderedWait(env.fromData(['pen', 'ink']), () => new Prices(), {
 *   timeout: '1 s',
 * })
 * console.log(await priced.executeAndCollect()) // [ 'pen 2' ]
 * ```
 */
export const AsyncDataStream: {
  /**
   * Results in the order of the records.
   *
   * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID` or `FUNCTION_INVALID`.
   */
  orderedWait<IN, OUT>(
    stream: DataStream<IN>,
    invoke: AsyncFunctionOrFactory<IN, OUT>,
    options: AsyncOptions<OUT>,
  ): SingleOutputStreamOperator<OUT>
  /**
   * Results as the answers come, but none passes a watermark. The job is faster when some answers take longer than others.
   *
   * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID` or `FUNCTION_INVALID`.
   */
  unorderedWait<IN, OUT>(
    stream: DataStream<IN>,
    invoke: AsyncFunctionOrFactory<IN, OUT>,
    options: AsyncOptions<OUT>,
  ): SingleOutputStreamOperator<OUT>
} = {
  orderedWait(stream, invoke, options) {
    const checked = checkAsyncOptions('orderedWait', options)
    return asyncStream(stream, asyncFactory('orderedWait', invoke), { ...checked, isOrdered: true })
  },
  unorderedWait(stream, invoke, options) {
    const checked = checkAsyncOptions('unorderedWait', options)
    return asyncStream(stream, asyncFactory('unorderedWait', invoke), {
      ...checked,
      isOrdered: false,
    })
  },
}

/** The stream of an async operator. */
export function asyncStream<IN, OUT>(
  stream: DataStream<IN>,
  invoke: FunctionFactory<AsyncFunction<IN, OUT>>,
  options: CheckedAsyncOptions<OUT> & { readonly isOrdered: boolean },
): SingleOutputStreamOperator<OUT> {
  const { isOrdered, capacity, timeoutMs, retry, type } = options
  const { ifResult, ifException, ...delays } = retry ?? {}
  return stream.context.transform({
    kind: 'async',
    name: isOrdered ? 'Async Ordered' : 'Async Unordered',
    inputs: inputsFrom(stream.origins),
    config: asJson({
      isOrdered,
      capacity,
      timeoutMs,
      retry: retry === undefined ? null : delays,
      inputType: stream.type ?? Types.any(),
    }),
    functions: {
      invoke,
      ...(ifResult && { retryIfResult: ifResult }),
      ...(ifException && { retryIfError: ifException }),
    },
    outputType: type,
  })
}

/** The factory that a user gave, or one for a plain function: one without parameters is a factory. */
function asyncFactory<IN, OUT>(
  call: string,
  invoke: AsyncFunctionOrFactory<IN, OUT>,
): FunctionFactory<AsyncFunction<IN, OUT>> {
  if (typeof invoke !== 'function' || invoke.length === 0) {
    return checkFactory(call, invoke as FunctionFactory<AsyncFunction<IN, OUT>>)
  }
  const asyncInvoke = checkAsyncFunction(call, invoke as AsyncFlatMapFunction<IN, OUT>)
  return () => ({ asyncInvoke })
}

/** `value` if it is a function; it may be async. */
export function checkAsyncFunction<F>(call: string, value: F): F {
  const isClass = typeof value === 'function' && /^class\b/.test(String(value))
  if (typeof value === 'function' && !isClass) return value
  throw new MillraceError('FUNCTION_INVALID', {
    expected: `a function that answers a promise, for ${call}`,
    came: isClass ? 'a class' : show(value),
    todo: `Write ${call}(async (value) => ...).`,
  })
}
