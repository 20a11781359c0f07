import { expect, test } from 'vitest'
import { printSurface } from './api-report/print.ts'

function surface(files: Readonly<Record<string, string>>): readonly string[] {
  const text = printSurface('@millrace/sample', (path) => {
    const declarations = files[path]
    if (declarations === undefined) throw new Error(`there is no ${path}`)
    return declarations
  })
  return text.trimEnd().split('\n').slice(2)
}

test('when the entry names an export, then its declaration is printed without comments', () => {
  const files = {
    'index.d.ts': `export { Tag } from './tag/tag.ts';\n`,
    'tag/tag.d.ts': `/** Hidden. */\nexport interface Other {}\nexport declare class Tag {\n  /** Doc. */\n  readonly id: string;\n}\n`,
  }
  expect(surface(files)).toEqual([
    '// tag/tag.d.ts',
    '',
    'export declare class Tag {',
    '  readonly id: string;',
    '}',
  ])
})

test('when an export mentions a type that is not exported, then that is printed and marked', () => {
  const files = {
    'index.d.ts': `export { read } from './read.ts';\n`,
    'read.d.ts': `import type { Bytes } from './bytes.ts';\nexport declare function read(): Bytes;\nexport declare function read(n: number): Bytes;\n`,
    'bytes.d.ts': `export type Bytes = Uint8Array;\n`,
  }
  expect(surface(files)).toEqual([
    '// bytes.d.ts',
    '',
    '// not exported',
    'export type Bytes = Uint8Array;',
    '',
    '// read.d.ts',
    '',
    'export declare function read(): Bytes;',
    '',
    'export declare function read(n: number): Bytes;',
  ])
})

test('when the entry passes on names of another package, then they are listed', () => {
  const files = {
    'index.d.ts': `export { type A, b as c } from '@millrace/core';\nimport { d } from './d.ts';\nexport { d };\n`,
    'd.d.ts': `export declare const d: number;\n`,
  }
  expect(surface(files)).toEqual([
    `export { A } from '@millrace/core';`,
    `export { b as c } from '@millrace/core';`,
    '',
    '// d.d.ts',
    '',
    'export declare const d: number;',
  ])
})

test('when the entry exports everything of a module, then it is refused', () => {
  expect(() => surface({ 'index.d.ts': `export * from './a.ts';\n` })).toThrow('export names')
})

test('when nothing is exported, then the surface is empty', () => {
  expect(surface({ 'index.d.ts': 'export {};\n' })).toEqual([])
})
