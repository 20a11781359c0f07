import type { JsonValue, Sink, SinkWriter } from '@millrace/core'
import { ImmediateWriter } from './immediate-writer.ts'

/**
 * Throws records away. See {@link DataStream.discard}.
 *
 * @example
 * ```ts
 * import { DiscardSink, StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env.fromData([1, 2]).sinkTo(new DiscardSink<number>())
 * console.log((await env.execute('nothing')).jobName) // nothing
 * ```
 */
export class DiscardSink<T> implements Sink<T> {
  readonly name: string = 'Discard'

  describe(): JsonValue {
    return { sink: 'discard' }
  }

  createWriter(): SinkWriter<T> {
    return new ImmediateWriter(() => {})
  }
}
