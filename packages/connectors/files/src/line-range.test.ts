import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rangesOf } from './file-split.ts'
import { LineRange } from './line-range.ts'

test('when a file is cut into ranges, then each line is in the range in which it begins, once', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', '\n', '\n', '\r\n', 'ccccc', 'ü'), { maxLength: 60 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 9 }),
      (file, rangeBytes, chunkBytes) => {
        const bytes = Buffer.from(file)
        const pieces = rangesOf('f', bytes.length, rangeBytes).map((split) => {
          const piece = read(bytes, split, chunkBytes)
          // Wherever reading stopped in between, it goes on there.
          for (let at = piece.indexOf('\n') + 1; at > 0; at = piece.indexOf('\n', at) + 1) {
            const start = bytes.indexOf(piece, Math.max(0, split.offset - 1))
            const offset =
              (startOf(bytes, split, chunkBytes) ?? start) + Buffer.byteLength(piece.slice(0, at))
            expect(
              read(
                bytes,
                { offset, ...(split.end !== undefined && { end: split.end }) },
                chunkBytes,
              ),
            ).toBe(piece.slice(at))
          }
          return piece
        })
        expect(pieces.join('')).toBe(file)
        for (const piece of pieces.slice(0, -1))
          if (piece !== '') expect(piece.endsWith('\n') || file.endsWith(piece)).toBe(true)
      },
    ),
    { numRuns: 1000 },
  )
})

interface Split {
  readonly offset: number
  readonly end?: number
  readonly isInside?: boolean
}

function read(bytes: Buffer, split: Split, chunkBytes: number): string {
  const range = new LineRange({ ...split, isInside: split.isInside === true })
  const parts: Uint8Array[] = []
  for (let at = range.readOffset; at < bytes.length && !range.isOver; at += chunkBytes) {
    parts.push(Uint8Array.from(range.cut(bytes.subarray(at, at + chunkBytes))))
  }
  return Buffer.concat(parts).toString()
}

function startOf(bytes: Buffer, split: Split, chunkBytes: number): number | undefined {
  const range = new LineRange({ ...split, isInside: split.isInside === true })
  for (
    let at = range.readOffset;
    at < bytes.length && range.startOffset === undefined;
    at += chunkBytes
  ) {
    range.cut(bytes.subarray(at, at + chunkBytes))
  }
  return range.startOffset
}
