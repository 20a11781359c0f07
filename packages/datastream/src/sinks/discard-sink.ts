import type { JsonValue, Sink, SinkWriter } from '@millrace/core'
import { ImmediateWriter } from './immediate-writer.ts'

/** Throws records away. See {@link DataStream.discard}. */
export class DiscardSink<T> implements Sink<T> {
  readonly name: string = 'Discard'

  describe(): JsonValue {
    return { sink: 'discard' }
  }

  createWriter(): SinkWriter<T> {
    return new ImmediateWriter(() => {})
  }
}
