import type { TypeDescriptor } from '../types/type-info.ts'
import type { FrameBuffer } from './frame-buffer.ts'

/**
 * Reads and writes frames: up to some hundred records with their timestamps, as columns, with all strings
 * joined into one UTF-8 blob. The same frames travel between threads and lie in snapshots.
 */
export interface FrameCodec<T> {
  readonly type: TypeDescriptor
  /**
   * Writes `records[0 .. count)` and their timestamps from byte `offset` (a multiple of 8); grows the buffer when
   * needed. Returns the bytes written, a multiple of 8.
   *
   * @throws MillraceError `TYPE_MISMATCH`, naming the field, when a record does not fit.
   */
  encode(
    target: FrameBuffer,
    offset: number,
    records: readonly T[],
    timestamps: Float64Array,
    count: number,
  ): number
  /**
   * Reads the frame at byte `offset` into `records` and `timestamps`, which must have room for
   * `source.countAt(offset)`, and returns that count.
   *
   * @throws MillraceError `FRAME_CORRUPT`
   */
  decode(source: FrameBuffer, offset: number, records: T[], timestamps: Float64Array): number
}
