import type {
  FilterFunction,
  FlatMapFunction,
  FunctionFactory,
  Key,
  KeySelector,
} from '../functions/functions.ts'
import type { MapFunction, ProcessFunction } from '../functions/functions.ts'

/**
 * The stream in front of a sink's writers, as the sink sees it in `preWrite`. It is a `DataStream`; a connector, which
 * does not know the API, needs no more than this.
 */
export interface PreWriteStream<T> {
  /** See `DataStream.map`. */
  map<OUT>(map: MapFunction<T, OUT>): PreWriteStream<OUT>
  /** See `DataStream.flatMap`. */
  flatMap<OUT>(flatMap: FlatMapFunction<T, OUT>): PreWriteStream<OUT>
  /** See `DataStream.filter`. */
  filter(filter: FilterFunction<T>): PreWriteStream<T>
  /** See `DataStream.process`. */
  process<OUT>(factory: FunctionFactory<ProcessFunction<T, OUT>>): PreWriteStream<OUT>
  /** Brings the records of a key to the same writer. */
  keyBy<K extends Key>(keySelector: KeySelector<T, K>): PreWriteStream<T>
  /** Deals the records out to the writers in turn. */
  rebalance(): PreWriteStream<T>
}
