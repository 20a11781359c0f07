import { expect, test } from 'vitest'
import { textLines } from './index.ts'

test('when lines are empty, then they are records too; a line that is too long is not', () => {
  const decoder = textLines().createDecoder()
  const piece = Buffer.alloc(65 * 1024 * 1024, 'x')
  decoder.feed(Buffer.from('a\r\n\n'))
  decoder.feed(piece)
  expect([decoder.next(), decoder.record]).toEqual(['record', 'a'])
  expect([decoder.next(), decoder.record]).toEqual(['record', ''])
  expect(decoder.next()).toBe('need-input')
  decoder.feed(Buffer.from('\nb'))
  decoder.finish()
  expect(decoder.next()).toBe('malformed')
  expect(decoder.malformed).toEqual({
    line: 3,
    text: 'x'.repeat(200),
    reason: 'a line of more than 67108864 bytes',
  })
  expect([decoder.next(), decoder.record]).toEqual(['record', 'b'])
  expect(decoder.next()).toBe('end')
})
