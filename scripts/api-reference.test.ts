import { expect, test } from 'vitest'
import { printPages } from './api-reference/print-pages.ts'
import { readSymbols } from './api-reference/read-symbols.ts'

const FILES: Readonly<Record<string, string>> = {
  'millrace/index.d.ts': [
    `export { Stream } from '@millrace/datastream';`,
    `export { type Duration, Kinds } from '@millrace/core';`,
  ].join('\n'),
  '@millrace/datastream/index.d.ts': `export { DataStream as Stream } from './streams/data-stream.ts';`,
  '@millrace/datastream/streams/data-stream.d.ts': `
import type { Duration } from '@millrace/core';
/** Records on their way, see {@link Duration}. Made by an environment. */
export declare class DataStream<T> {
    #private;
    /** Of the API's own use: the inside. */
    readonly context: object;
    constructor(context: object);
    /** One in, one out.
     *
     * @throws MillraceError \`FUNCTION_INVALID\` for a promise.
     */
    map<OUT>(map: (value: T) => OUT): DataStream<OUT>;
    /** Named. */
    name(): string;
    name(name: string): this;
}
`,
  '@millrace/core/index.d.ts': [
    `export { type Duration } from './time/duration.ts';`,
    `import { Kinds } from './types/types.ts';`,
    `export { Kinds };`,
  ].join('\n'),
  '@millrace/core/time/duration.d.ts': `/** A length of time. */\nexport type Duration = number | string;\n`,
  '@millrace/core/types/types.d.ts': `/** The vocabulary. */\nexport declare const Kinds: {\n    /** A whole number. */\n    readonly int: number;\n};\n`,
}

const symbols = readSymbols('millrace', 'index.d.ts', (packageName, path) => {
  const text = FILES[`${packageName}/${path}`]
  if (text === undefined) throw new Error(`no file ${packageName}/${path}`)
  return text
})
const pages = printPages(symbols)

test('every exported name is found where it is declared, under the name it is exported by', () => {
  expect(symbols.map(({ name, kind, packageName }) => [name, kind, packageName])).toEqual([
    ['Duration', 'type', '@millrace/core'],
    ['Kinds', 'const', '@millrace/core'],
    ['Stream', 'class', '@millrace/datastream'],
  ])
})

test('a page shows signatures, docstrings and overloads, and links names to their pages', () => {
  const page = pages.get('streams.md') ?? ''
  expect(page).toContain('Records on their way, see [`Duration`](time.md#duration).')
  expect(page).toContain(
    'map<OUT>(map: (value: T) => OUT): DataStream<OUT>\n```\n\nOne in, one out.',
  )
  expect(page).toContain('Throws `FUNCTION_INVALID` for a promise.')
  expect(page).toContain('name(): string\nname(name: string): this\n')
})

test('what only the API itself uses is left out', () => {
  const page = pages.get('streams.md') ?? ''
  expect(page).not.toContain('context')
  expect(page).not.toContain('#private')
})

test('the members of a constant have their docstrings too', () => {
  expect(pages.get('types.md')).toContain(
    '### int\n\n```ts\nreadonly int: number\n```\n\nA whole number.',
  )
})

test('the index leads to every name', () => {
  expect(pages.get('README.md')).toContain('[Stream](streams.md#stream)')
  expect(pages.get('README.md')).toContain('[Duration](time.md#duration)')
})
