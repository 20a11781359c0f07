import { describe, expect, test } from 'vitest'
import { globExpression, globRoot, isGlob } from './glob.ts'

describe('globs', () => {
  test.each([
    ['data/*.json', 'data/a.json', true],
    ['data/*.json', 'data/a.jsonl', false],
    ['data/*.json', 'data/x/a.json', false],
    ['data/**/*.json', 'data/a.json', true],
    ['data/**/*.json', 'data/x/y/a.json', true],
    ['data/**/*.json', 'other/a.json', false],
    ['data/**', 'data/x/y', true],
    ['data/part-?.txt', 'data/part-7.txt', true],
    ['data/part-?.txt', 'data/part-77.txt', false],
    ['data/part-?.txt', 'data/part-/.txt', false],
    ['data/{a,b*}/f', 'data/a/f', true],
    ['data/{a,b*}/f', 'data/bcd/f', true],
    ['data/{a,b*}/f', 'data/c/f', false],
    ['data/[a-c]', 'data/b', true],
    ['data/[!a-c]', 'data/b', false],
    ['data/[!a-c]', 'data/d', true],
    ['data/a.b,c+(d)/*', 'data/a.b,c+(d)/e', true],
    ['data/a.b/*', 'data/axb/e', false],
  ])('%s and %s: %s', (pattern, path, matches) => {
    expect(globExpression(pattern).test(path)).toBe(matches)
  })

  test.each([
    ['data/x/*.json', 'data/x'],
    ['/data/{a,b}/c', '/data'],
    ['*.json', '.'],
    ['/*.json', '/'],
  ])('when %s is looked for, then below %s', (pattern, root) => {
    expect(isGlob(pattern)).toBe(true)
    expect(globRoot(pattern)).toBe(root)
  })

  test('when a path has none of the signs, then it is no pattern', () => {
    expect(isGlob('data/a-b_c.json')).toBe(false)
  })
})
