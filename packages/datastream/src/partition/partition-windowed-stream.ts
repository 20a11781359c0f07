import {
  type AggregateFunction,
  type KeySelector,
  MillraceError,
  type ReduceFunction,
  show,
  type TypeDescriptor,
  type TypeInfo,
  Types,
} from '@millrace/core'
import { checkFunction, checkMethods } from '../functions/check-function.ts'
import { checkField } from '../functions/field-functions.ts'
import { asJson } from '../graph/as-json.ts'
import { inputsFrom } from '../graph/draft-operator.ts'
import type { DataStream } from '../streams/data-stream.ts'
import { type OutputType, outputTypeOf } from '../streams/output-type.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import {
  AggregatePartition,
  MapPartition,
  type MapPartitionFunction,
  ReducePartition,
  sortedBy,
  type SortOrder,
} from './partition-folds.ts'

/** The key of the records of a partitioned stream; none if a partition is a subtask. */
export interface PartitionKey {
  readonly keySelector: KeySelector<never, unknown>
  readonly keyType: TypeInfo<unknown>
}

/**
 * A stream that is processed partition by partition when its input has ended: for each subtask, or, made from a keyed stream, for
 * each key. Made by {@link DataStream.fullWindowPartition}. For bounded streams only: on others nothing is ever emitted.
 *
 * `mapPartition` and `sortPartition` keep all records of the stream in memory, and in every checkpoint; `reduce` and `aggregate`
 * keep one accumulator. Results have no event time.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sorted = env
 *   .fromData([{ word: 'or', count: 1 }, { word: 'be', count: 3 }, { word: 'to', count: 2 }])
 *   .fullWindowPartition()
 *   .sortPartition('count', 'descending')
 *   .map(({ word }) => word)
 * console.log(await sorted.executeAndCollect()) // [ 'be', 'to', 'or' ]
 * ```
 */
export class PartitionWindowedStream<T> {
  readonly #stream: DataStream<T>
  readonly #key: PartitionKey | undefined

  constructor(stream: DataStream<T>, key: PartitionKey | undefined) {
    this.#stream = stream
    this.#key = key
  }

  /**
   * Calls a function with all records of each partition, in the order of coming. A subtask without records has an empty partition;
   * a key without records has none.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const initials = env
   *   .fromData(['apple', 'avocado', 'banana'])
   *   .keyBy((word) => word.charAt(0))
   *   .fullWindowPartition()
   *   .mapPartition((words) => [[...words].join('+')])
   * console.log((await initials.executeAndCollect()).sort()) // [ 'apple+avocado', 'banana' ]
   * ```
   */
  mapPartition<OUT>(
    map: MapPartitionFunction<T, OUT>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    const outputType = outputTypeOf('mapPartition', options)
    return this.#keepAll('Map Partition', checkFunction('mapPartition', map), outputType)
  }

  /**
   * Emits the records of each partition in the order of a field, or of what a function answers: numbers, text, bigints or dates.
   * Equal records keep their order.
   *
   * @throws MillraceError `OPTION_INVALID` for another order than ascending and descending.
   */
  sortPartition(
    by: (keyof T & string) | ((value: T) => number | string | bigint | Date),
    order: SortOrder = 'ascending',
  ): SingleOutputStreamOperator<T> {
    if (order !== 'ascending' && order !== 'descending') {
      throw new MillraceError('OPTION_INVALID', {
        expected: "'ascending' or 'descending' for sortPartition",
        came: show(order),
        todo: 'Choose one of the two; the default is ascending.',
      })
    }
    const isFunction = typeof by === 'function'
    const keyOf = isFunction
      ? checkFunction('sortPartition', by)
      : fieldOf<T>(checkField('sortPartition', by))
    const name = isFunction ? 'Sort Partition' : `Sort Partition(${by})`
    return this.#keepAll(name, sortedBy(keyOf, order), this.#stream.type)
  }

  /** Folds the records of each partition into one; a partition without records emits nothing. */
  reduce(reduce: ReduceFunction<T>): SingleOutputStreamOperator<T> {
    const { type } = this.#stream
    return this.#transform<T>({
      name: 'Reduce Partition',
      fold: new ReducePartition(checkFunction('reduce', reduce)),
      accumulatorType: Types.array(type ?? Types.any<T>()),
      keptRecordType: type ?? Types.any(),
      emitsEmpty: false,
      outputType: type,
    })
  }

  /** Folds the records of each partition into an accumulator, and emits its result; also for a subtask without records. */
  aggregate<ACC, OUT>(
    aggregate: AggregateFunction<T, ACC, OUT>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    checkMethods('aggregate', aggregate, ['createAccumulator', 'add', 'getResult', 'merge'])
    return this.#transform<OUT>({
      name: 'Aggregate Partition',
      fold: new AggregatePartition(aggregate),
      accumulatorType: aggregate.accumulatorType ?? Types.any(),
      keptRecordType: null,
      emitsEmpty: true,
      outputType: outputTypeOf('aggregate', options),
    })
  }

  #keepAll<OUT>(
    name: string,
    map: MapPartitionFunction<T, OUT>,
    outputType: TypeInfo<OUT> | undefined,
  ): SingleOutputStreamOperator<OUT> {
    const recordType = this.#stream.type ?? Types.any<T>()
    return this.#transform<OUT>({
      name,
      fold: new MapPartition(map),
      accumulatorType: Types.array(recordType),
      keptRecordType: recordType,
      emitsEmpty: true,
      outputType,
    })
  }

  #transform<OUT>(partition: {
    readonly name: string
    readonly fold: object
    readonly accumulatorType: TypeDescriptor
    readonly keptRecordType: TypeDescriptor | null
    readonly emitsEmpty: boolean
    readonly outputType: TypeInfo<OUT> | undefined
  }): SingleOutputStreamOperator<OUT> {
    const { name, fold, outputType, ...config } = partition
    const key = this.#key
    return this.#stream.context.transform({
      kind: key === undefined ? 'partition' : 'keyed-partition',
      name,
      inputs: inputsFrom(this.#stream.origins),
      config: asJson(config),
      functions: key === undefined ? { fold } : { keySelector: key.keySelector, fold },
      outputType,
      ...(key && { keyType: key.keyType }),
    })
  }
}

function fieldOf<T>(field: string): (value: T) => number | string | bigint | Date {
  return (value) => (value as Record<string, unknown>)[field] as number | string | bigint | Date
}
