import { type FrameCodec, frameCodec } from '@millrace/core'
import type { JobEdge, JobGraph } from '@millrace/job-graph'
import { namingOperator } from '@millrace/runtime'

/** The codec of an edge between threads. A record that does not fit its type fails with the name of who sent it. */
export function edgeCodec(edge: JobEdge, graph: JobGraph): FrameCodec<unknown> {
  const codec = frameCodec<unknown>(edge.type)
  const sender = graph.vertices
    .flatMap(({ operators }) => operators)
    .find(({ uid }) => uid === edge.fromOperator) ?? {
    uid: edge.fromOperator,
    name: edge.fromOperator,
  }
  return {
    type: codec.type,
    encode(target, offset, records, timestamps, count) {
      try {
        return codec.encode(target, offset, records, timestamps, count)
      } catch (error) {
        throw namingOperator(error, sender)
      }
    },
    decode: (source, offset, records, timestamps) =>
      codec.decode(source, offset, records, timestamps),
  }
}
