// The frame codec: a batch of records <-> one frame of columns. One format for channels and snapshots.

import type { TypeInfo } from '../types/type-info.ts'
import { canCompile } from './dynamic-code.ts'
import type { FrameCodec } from './frame-coding.ts'
import { generatedFrameCodec } from './generated-frame-codec.ts'
import { interpretedFrameCodec } from './interpreted-frame-codec.ts'
import { TypeCache } from './type-cache.ts'

/**
 * The codec of a type, one for all structurally equal types. Records come back as instances of the class that
 * `recordClass` generates. Strings that come back share the text of their frame: state that keeps one keeps all.
 *
 * @throws MillraceError `TYPE_INVALID`
 *
 * @example
 * ```ts
 * import { FrameBuffer, frameCodec, Types } from '@millrace/core'
 *
 * const codec = frameCodec(Types.record({ auction: Types.int, url: Types.string }))
 * const frame = new FrameBuffer(new ArrayBuffer(1024))
 * codec.encode(frame, 0, [{ auction: 7, url: '/7' }], Float64Array.of(1000), 1)
 *
 * const bids: { auction: number; url: string }[] = []
 * const timestamps = new Float64Array(frame.countAt(0))
 * codec.decode(frame, 0, bids, timestamps)
 * console.log(bids[0]?.url, timestamps[0]) // /7 1000
 * ```
 */
export function frameCodec<T>(type: TypeInfo<T>): FrameCodec<T> {
  return codecs.get(type) as FrameCodec<T>
}

const codecs = new TypeCache<FrameCodec<unknown>>((type) =>
  canCompile() ? generatedFrameCodec(type) : interpretedFrameCodec(type),
)
