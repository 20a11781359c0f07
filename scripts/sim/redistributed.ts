// How the records of a stream get to the next operator.

import type { DataStream } from 'millrace'
import type { Event } from './input.ts'
import type { Partitioning } from './stages/plan.ts'

/** The stream with a partitioning of its own. */
export function redistributed(
  stream: DataStream<Event>,
  partitioning: Partitioning,
): DataStream<Event> {
  switch (partitioning) {
    case 'default':
      return stream
    case 'rebalance':
      return stream.rebalance()
    case 'adaptive-rebalance':
      return stream.rebalance({ adaptive: true })
    case 'rescale':
      return stream.rescale()
    case 'shuffle':
      return stream.shuffle()
    case 'global':
      return stream.global()
    case 'custom':
      return stream.partitionCustom(
        (id: number, count) => id % count,
        ({ id }) => id,
      )
  }
}
