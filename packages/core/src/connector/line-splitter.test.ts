import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter } from './line-splitter.ts'

const BOM = '\uFEFF'

test('when lines end with LF, CRLF or nothing, then their ends are not part of them', () => {
  expect(split([`${BOM}a\r\n\r\nb\rc\n\nd`])).toEqual(['a', '', 'b\rc', '', 'd'])
})

test('when the last line has an end, then there is no line after it', () => {
  expect(split(['a\n'])).toEqual(['a'])
  expect(split([])).toEqual([])
})

test('when bytes are cut anywhere, then the lines and their offsets stay', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat({ max: 60 })), (text, cuts) => {
      const bytes = Buffer.from(text)
      expect(split(cut(bytes, cuts))).toEqual(split([bytes]))
      expect(split([bytes])).toEqual(linesOf(text))
    }),
  )
})

test('when restored after any line, then the rest is the same', () => {
  fc.assert(
    fc.property(texts, fc.nat({ max: 10 }), (text, count) => {
      const bytes = Buffer.from(text)
      const splitter = new LineSplitter()
      splitter.feed(bytes)
      splitter.finish()
      for (let index = 0; index < count; index++) splitter.next()
      const state = { offset: splitter.offset, line: splitter.line }
      const restored = new LineSplitter()
      restored.restore(state)
      restored.feed(bytes.subarray(state.offset))
      restored.finish()
      for (;;) {
        const step = restored.next()
        expect(splitter.next()).toBe(step)
        if (step === 'end') break
        expect([splitter.text, splitter.offset, splitter.line]).toEqual([
          restored.text,
          restored.offset,
          restored.line,
        ])
      }
    }),
  )
})

test('when a line is too long, then only that line is, however it comes', () => {
  const text = `1234\n${'x'.repeat(9)}\r\n1234\r\n${'y'.repeat(7)}`
  for (let size = 1; size <= text.length; size++) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      text.slice(index * size, (index + 1) * size),
    )
    const found = split(chunks, '1234\r\n'.length)
    expect(found[0]).toBe('1234')
    expect(found[1]).toMatch(/^too long, line 2: x+\r?$/)
    expect(found[2]).toBe('1234')
    expect(found[3]).toMatch(/^too long, line 4: y+$/)
  }
})

const texts = fc.string({ unit: fc.constantFrom('\n', '\r\n', '\r', 'a', 'é', '😀', BOM) })

function split(chunks: readonly (string | Uint8Array)[], lineBytesMax?: number): string[] {
  const splitter = new LineSplitter(lineBytesMax)
  const waiting = [...chunks]
  const found: string[] = []
  for (;;) {
    const step = splitter.next()
    if (step === 'end') return found
    if (step === 'line') found.push(splitter.text)
    else if (step === 'too-long') found.push(`too long, line ${splitter.line}: ${splitter.excerpt}`)
    else {
      const chunk = waiting.shift()
      if (chunk === undefined) splitter.finish()
      else splitter.feed(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    }
  }
}

/** The same, the slow and obvious way. */
function linesOf(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  lines[0] = (lines[0] as string).replace(BOM, (mark, at: number) => (at === 0 ? '' : mark))
  if (text.endsWith('\n')) lines.pop()
  return lines
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((at) => at % (bytes.byteLength + 1)), bytes.byteLength]
  ends.sort((left, right) => left - right)
  return ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end))
}
