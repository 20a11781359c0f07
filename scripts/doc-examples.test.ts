import { describe, expect, test } from 'vitest'
import { compareRun, type Run } from './doc-examples/compare.ts'
import { type Example, extractExamples } from './doc-examples/extract.ts'

describe('extractExamples', () => {
  test('when a page has programs, then each comes with its line, its output and its reason', () => {
    const page = [
      '# Page',
      '```ts',
      'console.log(1)',
      '```',
      '',
      'It prints:',
      '',
      '```text',
      '1',
      '```',
      '',
      '  ```ts ignore reason="needs a server"',
      '  if (a) {',
      '    b()',
      '  ```',
      '```bash',
      'npm test',
      '```',
    ]
    expect(extractExamples('docs/page.md', page.join('\n'))).toEqual([
      { path: 'docs/page.md', line: 3, code: 'console.log(1)', output: '1' },
      { path: 'docs/page.md', line: 13, code: 'if (a) {\n  b()', ignoreReason: 'needs a server' },
    ])
  })

  test('when a text block follows without a word, then it is not the output', () => {
    const page = '```ts\na()\n```\nThe files are\n```text\nx\n```\n'
    expect(extractExamples('a.md', page)).toEqual([{ path: 'a.md', line: 2, code: 'a()' }])
  })

  test('when a block is ignored without a reason, then the reason is empty', () => {
    expect(extractExamples('a.md', '```ts ignore\n\n```\n')).toEqual([
      { path: 'a.md', line: 2, code: '', ignoreReason: '' },
    ])
  })

  test('when a source has docstrings, then only their blocks count, without the margin', () => {
    const source = [
      'const fence = `',
      '```ts',
      'not(this)',
      '```',
      '`',
      '  /**',
      '   * Adds.',
      '   *',
      '   * ```ts',
      '   * if (x) {',
      '   *   add()',
      '   * }',
      '   * ```',
      '   */',
    ]
    expect(extractExamples('a.ts', source.join('\n'))).toEqual([
      { path: 'a.ts', line: 10, code: 'if (x) {\n  add()\n}' },
    ])
  })
})

describe('compareRun', () => {
  const example = (code: string, output?: string): Example => ({
    path: 'a.md',
    line: 10,
    code,
    ...(output === undefined ? {} : { output }),
  })
  const ran = (output: string, line = 1): Run => ({
    output: `${output}\n`,
    prints: output === '' ? [] : [{ line, text: output }],
  })

  test('when the comment is what the line prints, then nothing differs', () => {
    const code = `f()\nconsole.log(\n  'a',\n) // a b\ng() // not printed\nconsole.log('free')`
    expect(compareRun(example(code), ran('a b', 2))).toEqual([])
  })

  test('when the line prints something else, then the line of the document is named', () => {
    expect(compareRun(example('f()\nconsole.log(1) // 2'), ran('1', 2))).toEqual([
      { line: 11, message: 'should print "2", but printed "1"' },
    ])
  })

  test('when the line prints nothing or twice, then it differs', () => {
    const twice = { output: 'a\na\n', prints: [1, 1].map((line) => ({ line, text: 'a' })) }
    expect(compareRun(example('console.log(x) // a'), ran(''))).toHaveLength(1)
    expect(compareRun(example('console.log(x) // a'), twice)).toHaveLength(1)
  })

  test.each([
    ['a\nb', 'a\nb', 0],
    ['a\nb', 'a', 1],
    ['a', 'a\nb', 1],
    ['a\n...\nd', 'a\nb\nc\nd', 0],
    ['a\n...', 'a\nb', 0],
    ['a\n...\nd', 'a\nb', 1],
  ])('when %j is shown and %j is printed, then %d differences', (shown, printed, count) => {
    expect(compareRun(example('run()', shown), ran(printed))).toHaveLength(count)
  })

  test('when the example threw, then only the error counts', () => {
    const run = { output: '', prints: [], error: 'Error: no' }
    expect(compareRun(example('console.log(1) // 1', '1'), run)).toEqual([
      { line: 10, message: 'Error: no' },
    ])
  })
})
