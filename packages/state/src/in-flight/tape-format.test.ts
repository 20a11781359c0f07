import { FrameBuffer, frameCodec, type MillraceError, Types } from '@millrace/core'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTape, encodeTape, type Tape, type TapeItem } from './tape-format.ts'

const type = Types.record({ id: Types.int, text: Types.string })

function frameOf(ids: readonly number[]): Uint8Array {
  const frame = new FrameBuffer(new ArrayBuffer(64))
  const records = ids.map((id) => ({ id, text: `text ${id}` }))
  const timestamps = Float64Array.from(ids)
  const byteLength = frameCodec(type).encode(frame, 0, records, timestamps, ids.length)
  return new Uint8Array(frame.buffer.slice(0, byteLength))
}

const items: fc.Arbitrary<TapeItem> = fc.oneof(
  fc
    .array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 256 })
    .map((ids): TapeItem => ({ kind: 'frame', edge: 0, bytes: frameOf(ids) })),
  fc.record({ kind: fc.constant('time' as const), input: fc.nat(1), watermark: fc.integer() }),
)

const tapes: fc.Arbitrary<Tape> = fc
  .array(items, { maxLength: 8 })
  .map((all) => ({ start: [3, -7], edges: [{ id: 'a>b:0', input: 1, type }], items: all }))

describe('the bytes of a tape', () => {
  test('when they are read, then they are what was written', () => {
    fc.assert(
      fc.property(tapes, (tape) => {
        const read = decodeTape(encodeTape(tape))
        expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(tape)))
      }),
    )
  })

  test('when any byte is another one, then it is noticed', () => {
    const frame = { kind: 'frame', edge: 0, bytes: frameOf([1, 2, 3]) } as const
    const bytes = encodeTape({ start: [0], edges: [{ id: 'e', input: 0, type }], items: [frame] })
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice()
      damaged[at] = (damaged[at] as number) ^ 1
      expect(codeOf(damaged), `byte ${at}`).toMatch(/^CHECKPOINT_CORRUPT|STATE_INCOMPATIBLE$/)
    }
  })

  test.each<[string, unknown]>([
    ['no times', { edges: [], items: [] }],
    ['no items', { start: [], edges: [] }],
    ['an edge of no input', { start: [], edges: [{ id: 'e', input: 0, type }], items: [] }],
    ['an edge without a type', { start: [0], edges: [{ id: 'e', input: 0 }], items: [] }],
    ['a frame of no edge', { start: [0], edges: [], items: [{ edge: 0, bytes: 24 }] }],
    ['a time of no input', { start: [0], edges: [], items: [{ input: 1, watermark: 0 }] }],
    [
      'a frame beyond the end',
      { start: [0], edges: [{ id: 'e', input: 0, type }], items: [{ edge: 0, bytes: 24 }] },
    ],
  ])('when the header has %s, then the bytes are refused', (_, header) => {
    expect(codeOf(withHeader(header))).toBe('CHECKPOINT_CORRUPT')
  })
})

/** A whole envelope around any header. */
function withHeader(header: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(header))
  const end = 16 + ((json.length + 7) & ~7)
  const bytes = Buffer.alloc(end + 8)
  bytes.writeUInt32LE(0x4649524d, 0)
  bytes.writeUInt32LE(1, 4)
  bytes.writeUInt32LE(bytes.length, 8)
  bytes.writeUInt32LE(json.length, 12)
  json.copy(bytes, 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end)
  return new Uint8Array(bytes)
}

function codeOf(bytes: Uint8Array): string | undefined {
  try {
    decodeTape(bytes)
  } catch (error) {
    return (error as MillraceError).code
  }
  return undefined
}
