import { describe, expect, test } from 'vitest'
import { DelimitedText } from './delimited-text.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('delimited text', () => {
  test.each([
    ['\n', 'one\r\nzwölf\n\n🙂 end', ['one', 'zwölf', '', '🙂 end']],
    ['||', 'a|b||c\n|||d|', ['a|b', 'c\n', '|d|']],
    ['\n', 'a\n', ['a']],
    ['\n', '', []],
    ['aab', 'aaabxaab', ['a', 'x']],
  ])('when cut anywhere, then %j splits %j the same', (delimiter, text, lines) => {
    const all = bytes(text)
    for (let size = 1; size <= all.length + 1; size++) {
      const splitter = new DelimitedText(delimiter)
      const found: string[] = []
      for (let at = 0; at < all.length; at += size) {
        found.push(...splitter.feed(all.subarray(at, at + size)))
      }
      found.push(...splitter.finish())
      expect(found).toEqual(lines)
    }
  })

  test('when reset, then an unfinished line and half a character are forgotten', () => {
    const splitter = new DelimitedText('\n')
    splitter.feed(bytes('half ü').subarray(0, 6))
    splitter.reset()
    expect(splitter.restLength).toBe(0)
    expect(splitter.feed(bytes('new\n'))).toEqual(['new'])
  })
})
