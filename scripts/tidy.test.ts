import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportTargets, PUBLISHED_FILES } from './package-shape.ts'
import { ROOT as ROOT_FOLDER } from './run-command.ts'
import { checkCircles } from './tidy/circles.ts'
import { checkDocs } from './tidy/docs.ts'
import { checkErrorReference, printErrorReference } from './tidy/error-reference.ts'
import { checkFeatures, FEATURES, PROMISED } from './tidy/features.ts'
import { checkLayers, LAYERS } from './tidy/layers.ts'
import { checkLeftovers } from './tidy/leftovers.ts'
import { checkLock, checkManifests, checkPublishing } from './tidy/manifests.ts'
import { checkNames } from './tidy/names.ts'
import { repositoryOf, type Rule } from './tidy/repository.ts'
import { listSizes } from './tidy/sizes.ts'

/** The findings of a rule on a repository of these files, one line each. */
function findings(rule: Rule, files: Readonly<Record<string, string>>): readonly string[] {
  return rule(repositoryOf(files)).map(
    ({ path, line, message }) => `${path}${line === undefined ? '' : `:${line}`} ${message}`,
  )
}

/** The manifest and the project of a package. */
function packageFiles(
  folder: string,
  name: string,
  dependencies: Readonly<Record<string, string>> = {},
  references: readonly string[] = [],
): Readonly<Record<string, string>> {
  return {
    [`${folder}/package.json`]: JSON.stringify({ name, version: '0.1.0', dependencies }),
    [`${folder}/tsconfig.json`]: JSON.stringify({
      references: references.map((path) => ({ path })),
    }),
  }
}

const ROOT = {
  'package.json': JSON.stringify({
    version: '0.1.0',
    workspaces: ['packages/core', 'packages/state'],
    devDependencies: { vitest: '5.1.1' },
  }),
}
const CORE = packageFiles('packages/core', '@millrace/core')
const STATE = packageFiles('packages/state', '@millrace/state', { '@millrace/core': '0.1.0' }, [
  '../core',
])
const TESTING = packageFiles('packages/testing', '@millrace/testing')

describe('checkCircles', () => {
  test('when files import each other, if only types, then the shortest circle is named once', () => {
    const files = {
      'packages/core/src/a.ts': `import type { B } from './deep/b.ts'\nexport interface A {}\n`,
      'packages/core/src/deep/b.ts': `export type { C } from '../c.ts'\n`,
      'packages/core/src/c.ts': `import './deep/b.ts'\nimport type { A } from './a.ts'\n`,
      'packages/core/src/d.ts': `import './a.ts'\nimport '@millrace/state'\n`,
      'packages/datastream/src/one.ts': `import type { Two } from './two.ts'\n`,
      'packages/datastream/src/two.ts': `import type { One } from './one.ts'\n`,
    }
    const circle = ['a.ts', 'deep/b.ts', 'c.ts', 'a.ts'].map((file) => `packages/core/src/${file}`)
    expect(findings(checkCircles, files)).toEqual([
      `packages/core/src/a.ts imports itself: ${circle.join(' -> ')}`,
    ])
  })
})

describe('checkLayers', () => {
  test('when imports follow the table, then it finds nothing', () => {
    const files = {
      ...ROOT,
      ...CORE,
      ...STATE,
      'packages/state/src/heap.ts': `import { a } from '@millrace/core'\nimport './b.ts'\n`,
      'packages/state/src/heap.test.ts': `import { test } from 'vitest'\n`,
    }
    expect(findings(checkLayers, files)).toEqual([])
  })

  test('when a package imports against the stream, then it names the line and the import', () => {
    const files = {
      ...CORE,
      ...STATE,
      'packages/core/src/bad.ts': `\nimport type { Heap } from '@millrace/state'\n`,
    }
    expect(findings(checkLayers, files)).toEqual([
      'packages/core/src/bad.ts:2 must not import @millrace/state: see the table in docs/STYLE.md',
    ])
  })

  test('when a manifest depends against the stream, then it says so', () => {
    const bad = packageFiles('packages/core', '@millrace/core', { '@millrace/state': '0.1.0' }, [
      '../state',
    ])
    expect(findings(checkLayers, { ...bad, ...STATE })).toEqual([
      'packages/core/package.json must not depend on @millrace/state',
    ])
  })

  test('when only a test imports the harness, then it must merely be declared', () => {
    const files = {
      ...ROOT,
      ...CORE,
      ...STATE,
      ...TESTING,
      'packages/state/src/heap.test.ts': `import { h } from '@millrace/testing'\n`,
      'packages/state/src/heap.ts': `import { h } from '@millrace/testing'\n`,
    }
    expect(findings(checkLayers, files)).toEqual([
      'packages/state/src/heap.test.ts:1 imports @millrace/testing, which @millrace/state does not declare',
      'packages/state/src/heap.ts:1 must not import @millrace/testing: see the table in docs/STYLE.md',
    ])
  })

  test.each([
    ['../../core/src/index.ts', 'imports ../../core/src/index.ts, which lies outside its package'],
    ['@millrace/core/src/x.ts', 'imports @millrace/core/src/x.ts; only @millrace/core is public'],
    ['left-pad', 'imports left-pad, which @millrace/state does not declare'],
    ['@millrace/state', 'imports its own package by name; use a relative path'],
  ])('when a source imports %s, then it is refused', (specifier, message) => {
    const files = { ...CORE, ...STATE, 'packages/state/src/a.ts': `export * from '${specifier}'\n` }
    expect(findings(checkLayers, files)).toEqual([`packages/state/src/a.ts:1 ${message}`])
  })

  test('when a package has no row, or lacks a reference, then it says which', () => {
    const files = {
      ...CORE,
      ...packageFiles('packages/extras', '@millrace/extras'),
      ...packageFiles('packages/state', '@millrace/state', { '@millrace/core': '0.1.0' }),
    }
    expect(findings(checkLayers, files)).toEqual([
      'packages/extras/package.json has no row in the table of scripts/tidy/layers.ts',
      'packages/state/tsconfig.json does not reference packages/core, which package.json depends on',
    ])
  })

  test('when two packages use one library, then the second is told the owner', () => {
    const files = {
      ...packageFiles('packages/core', '@millrace/core', { msgpackr: '2.1.3' }),
      ...packageFiles('packages/state', '@millrace/state', { msgpackr: '2.1.3' }),
    }
    expect(findings(checkLayers, files)).toEqual([
      'packages/state/package.json msgpackr belongs to packages/core; use it through that package',
    ])
  })
})

describe('LAYERS', () => {
  test('when docs/STYLE.md shows the table, then it is this one', () => {
    const rows = readFileSync(join(ROOT_FOLDER, 'docs/STYLE.md'), 'utf8').matchAll(
      /^\| `([^`]+)`\s*\|[^|]*\|([^|]*)\|$/gm,
    )
    const shown = [...rows].map(([, name = '', cell = '']) => {
      const names = cell.replaceAll('\\', '').trim()
      return [name, names === 'any' ? names : names.split(', ').filter((each) => each !== '')]
    })
    expect(Object.fromEntries(shown)).toEqual(LAYERS)
  })
})

describe('checkManifests', () => {
  test('when a package is not registered, then every missing registration is listed', () => {
    const files = {
      'package.json': JSON.stringify({ version: '0.2.0', workspaces: [] }),
      'tsconfig.json': JSON.stringify({ references: [{ path: 'packages/core' }] }),
      ...packageFiles('packages/core', '@millrace/core', { msgpackr: '^2.1.3' }),
    }
    expect(findings(checkManifests, files)).toEqual([
      'packages/core/package.json is not a workspace of the root package.json',
      'packages/core/package.json packages/core/tsconfig.test.json is not referenced by the root tsconfig.json',
      'packages/core/package.json has version 0.1.0 instead of 0.2.0',
      'packages/core/package.json does not pin msgpackr to an exact version',
    ])
  })
})

describe('checkPublishing', () => {
  const manifest = { name: '@millrace/core', version: '0.1.0', files: PUBLISHED_FILES }

  test('when the files and subpaths are those of the build, then it finds nothing', () => {
    const exports = {
      '.': exportTargets('.', './src/index.ts'),
      './node': exportTargets('./node', './src/platform/node/index.ts'),
    }
    const files = { 'packages/core/package.json': JSON.stringify({ ...manifest, exports }) }
    expect(findings(checkPublishing, files)).toEqual([])
  })

  test('when a subpath leads past the bundle, then it says where it must lead', () => {
    const exports = { './node': { ...exportTargets('./node', './src/node.ts'), default: './x.js' } }
    const text = JSON.stringify({ ...manifest, files: ['dist'], exports })
    expect(findings(checkPublishing, { 'packages/core/package.json': text })).toEqual([
      'packages/core/package.json publishes other files than scripts/package-shape.ts says',
      'packages/core/package.json exports no module for its own name',
      'packages/core/package.json must lead ./node to {"source":"./src/node.ts","types":"./dist/node.d.ts","default":"./dist/bundle/node.js"}',
    ])
  })
})

describe('checkLock', () => {
  test('when a package of the lock names its registry, then it is listed', () => {
    const lock = {
      packages: {
        'node_modules/b': { resolved: 'https://packages.example.com/b-1.0.0.tgz' },
        'node_modules/c': { version: '1.0.0' },
        'node_modules/@millrace/core': { resolved: 'packages/core', link: true },
      },
    }
    expect(findings(checkLock, { 'package-lock.json': JSON.stringify(lock) })).toEqual([
      'package-lock.json node_modules/b names a registry; .npmrc leaves it out',
    ])
  })
})

describe('checkNames', () => {
  test.each([
    ['packages/core/src/utils/a.ts', '', "the path says 'utils'"],
    ['scripts/date-helpers.ts', '', "the path says 'helpers'"],
    ['scripts/common.ts', '', "the path says 'common'"],
    ['a.ts', 'class HeapImpl {}', "HeapImpl says 'impl'"],
    ['a.ts', 'const stringUtils = 1', "stringUtils says 'utils'"],
    ['a.ts', 'interface IState {}', 'IState starts with I'],
    ['a.ts', 'class StateManager {}', 'StateManager is a new Manager'],
  ])('when %s holds %j, then it is refused', (path, text, message) => {
    expect(findings(checkNames, { [path]: text })).toEqual([expect.stringContaining(message)])
  })

  test('when names say what they hold, then it finds nothing', () => {
    const text = `interface Idle {}\nclass TaskManager {}\nconst commonPrefix = 'utils'\n`
    expect(findings(checkNames, { 'idle.ts': text })).toEqual([])
  })
})

describe('checkLeftovers', () => {
  test.each([
    ['// TODO: finish', 'TODO without a link'],
    ['/* FIXME */', 'FIXME without a link'],
    ['test.only("a", () => {})', 'only one test would run'],
    ['describe.concurrent.only("a", () => {})', 'only one test would run'],
    ['test.skip("a", () => {})', 'without a printed reason'],
    ['test.skipIf(true)("a", () => {})', 'without a printed reason'],
    ['test("a", (context) => context.skip())', 'without a reason'],
    ['// oxlint-disable-next-line no-console', 'switched off without a reason'],
    ['// @ts-ignore', 'the type checker is switched off'],
  ])('when a source holds %j, then it is refused', (text, message) => {
    expect(findings(checkLeftovers, { 'a.test.ts': text })).toEqual([
      expect.stringContaining(message),
    ])
  })

  test.each([
    '// TODO(#12): finish',
    'const text = "TODO test.only("',
    'iterator.skip(1)',
    'test("a", (context) => context.skip("server missing: kafka"))',
    '// oxlint-disable-next-line no-console -- a command prints',
  ])('when a source holds %j, then it finds nothing', (text) => {
    expect(findings(checkLeftovers, { 'a.test.ts': text })).toEqual([])
  })
})

describe('checkFeatures', () => {
  const page = (rows: readonly string[]): Readonly<Record<string, string>> => ({
    [FEATURES]: ['# Features', '', '| ID | a | b | c |', '| --- | --- | --- | --- |', ...rows].join(
      '\n',
    ),
    'packages/core/src/a.test.ts': '',
  })
  const proven = (id: string): string =>
    `| ${id} | x | works | [a.test.ts](../../packages/core/src/a.test.ts) |`

  test('when all that is promised is there and what works has a test, then it finds nothing', () => {
    const rows = [
      ...PROMISED.map(proven),
      '| ST-05 | x | not yet | |',
      '| DS-38 | x | partly: never off | |',
    ]
    expect(findings(checkFeatures, page(rows))).toEqual([])
  })

  test('when the page is not there, then that is said', () => {
    expect(findings(checkFeatures, {})).toEqual([`${FEATURES} is missing`])
  })

  test('when rows are wrong or missing, then each fault has its line', () => {
    const [first = '', second = '', third = '', fourth = '', ...rest] = PROMISED
    const rows = [
      `| ${first} | x | works | [page](../concepts/time.md) |`,
      `| ${second} | x | works | [b](../../packages/core/src/b.test.ts) |`,
      `| ${third} | x | mostly | |`,
      ...rest.map(proven),
      proven(third),
    ]
    const last = rows.length + 4
    expect(findings(checkFeatures, page(rows))).toEqual([
      `${FEATURES}:5 ${first} works and has no test`,
      `${FEATURES}:6 ${second} works by a test that is not there: packages/core/src/b.test.ts`,
      `${FEATURES}:7 ${third} is "mostly", which is none of works, not yet, partly: what is missing`,
      `${FEATURES}:${last} ${third} stands there twice`,
      `${FEATURES} does not list ${fourth}`,
    ])
  })
})

describe('checkDocs', () => {
  const README = { 'packages/core/README.md': '# core\n', ...CORE }

  test('when pages have titles and links lead somewhere, then it finds nothing', () => {
    const files = {
      ...README,
      'docs/README.md':
        '# Map\n\n[start](start.md) [concepts](concepts/) [core](../packages/core/)\n',
      'docs/start.md': '# Start\n\n## First `step`, then\n\n[above](#first-step-then)\n',
      'docs/concepts/time.md': '# Time\n\n```md\n[not a link](nowhere.md)\n```\n',
    }
    expect(findings(checkDocs, files)).toEqual([])
  })

  test('when a page is wrong, then each fault has its line', () => {
    const files = {
      ...CORE,
      'docs/README.md': '# Map\n',
      'docs/start.md': 'No title\n[a](missing.md) [b](#missing) [c](https://example.com)\n',
    }
    expect(findings(checkDocs, files)).toEqual([
      'docs/start.md:1 does not begin with a title (# …)',
      'docs/start.md:2 the link missing.md leads nowhere',
      'docs/start.md:2 docs/start.md has no heading for the link #missing',
      'docs/README.md does not link start.md',
      'packages/core/README.md is missing: what enters, what leaves, what to read first',
    ])
  })

  test('when a page links a symbol, then the source it links to must have it', () => {
    const files = {
      ...README,
      'packages/core/src/task.ts': 'class Task {\n  runSlice() {}\n}\n',
      'docs/README.md': '# Map\n\n[tour](tour.md)\n',
      'docs/tour.md':
        '# Tour\n\n[`task.ts`](../packages/core/src/task.ts)\n' +
        '[`Task.runSlice(now)`](../packages/core/src/task.ts)\n' +
        '[`Task.step`](../packages/core/src/task.ts)\n',
    }
    expect(findings(checkDocs, files)).toEqual([
      'docs/tour.md:4 packages/core/src/task.ts has no now (the link from Task.runSlice(now))',
      'docs/tour.md:5 packages/core/src/task.ts has no step (the link from Task.step)',
    ])
  })

  test('when the README of a package is long, then it says how long', () => {
    const files = {
      ...CORE,
      'docs/README.md': '# Map\n',
      'packages/core/README.md': `# core\n${'line\n'.repeat(40)}`,
    }
    expect(findings(checkDocs, files)).toEqual([
      'packages/core/README.md has 41 lines of at most 40',
    ])
  })
})

describe('checkErrorReference', () => {
  const SOURCES = {
    ...CORE,
    'packages/core/src/a.ts': `throw new MillraceError('KEY_INVALID', {})\n`,
    'packages/core/src/b.ts': `/**\n * new MillraceError('KEY_INVALID')\n */\n`,
  }

  test('when the page was printed from the sources, then it finds nothing', () => {
    const page = printErrorReference(repositoryOf(SOURCES))
    expect(page).toContain('| `KEY_INVALID` | no | [core/a.ts](../../packages/core/src/a.ts) |')
    expect(findings(checkErrorReference, { ...SOURCES, 'docs/reference/errors.md': page })).toEqual(
      [],
    )
  })

  test('when a source throws a code that the page does not know of, then it asks to print it', () => {
    const page = printErrorReference(repositoryOf(CORE))
    expect(findings(checkErrorReference, { ...SOURCES, 'docs/reference/errors.md': page })).toEqual(
      ['docs/reference/errors.md is not current; run `npm run docs:errors`'],
    )
  })
})

describe('listSizes', () => {
  test('when a function or a file is long, then it is listed by name', () => {
    const body = '  run()\n'.repeat(70)
    const files = {
      'a.ts': `export function long(): void {\n${body}}\n`,
      'b.ts': 'run()\n'.repeat(601),
      'c.ts': `const short = () => {\n  run()\n}\n`,
    }
    expect(findings(listSizes, files)).toEqual(['a.ts:1 long has 72 lines', 'b.ts 601 lines'])
  })
})
