// The API reference: one page of Markdown for each area of the public surface, and an index of all names.

import { posix } from 'node:path'
import type { ApiDeclaration, ApiMember, ApiSymbol } from './read-symbols.ts'

/** A part of the surface: the symbols that lie in one of these source folders. */
interface Area {
  readonly page: string
  readonly title: string
  /** What a reader finds there, in a sentence. */
  readonly about: string
  /** `<package>/<folder>`, most telling first. */
  readonly folders: readonly string[]
}

const AREAS: readonly Area[] = [
  {
    page: 'environment',
    title: 'Environment and jobs',
    about: 'Where a program begins, and the handle on the job that runs.',
    folders: ['@millrace/datastream/environment', '@millrace/job-graph', '@millrace/datastream'],
  },
  {
    page: 'streams',
    title: 'Streams',
    about: 'What can be done with a stream: transformations, partitioning, joins, side outputs.',
    folders: [
      '@millrace/datastream/streams',
      '@millrace/datastream/joins',
      '@millrace/datastream/async',
      '@millrace/datastream/partition',
      '@millrace/datastream/iterations',
    ],
  },
  {
    page: 'functions',
    title: 'Functions',
    about: 'What users write, and what the engine hands to it.',
    folders: ['@millrace/core/functions', '@millrace/datastream/functions'],
  },
  {
    page: 'windows',
    title: 'Windows',
    about: 'Assigners, triggers, evictors and windowed streams.',
    folders: ['@millrace/core/windowing', '@millrace/datastream/windows'],
  },
  {
    page: 'time',
    title: 'Time and watermarks',
    about: 'Durations, timestamps and watermark strategies.',
    folders: ['@millrace/core/time'],
  },
  {
    page: 'types',
    title: 'Types',
    about: 'How records are described, checked and written.',
    folders: ['@millrace/core/types', '@millrace/core/serialization'],
  },
  {
    page: 'connectors',
    title: 'Sources, sinks and formats',
    about: 'What reads and writes, and the interfaces that a connector implements.',
    folders: [
      '@millrace/datastream/sources',
      '@millrace/datastream/sinks',
      '@millrace/core/connector',
      '@millrace/connector-files',
      '@millrace/format-json',
      '@millrace/format-csv',
    ],
  },
  {
    page: 'testing',
    title: 'Testing',
    about: 'Harnesses for operators, a small environment, and the simulator: `millrace/testing`.',
    folders: ['@millrace/testing'],
  },
  {
    page: 'other',
    title: 'Errors, configuration and platform',
    about: 'The rest.',
    folders: ['@millrace/core'],
  },
]

/** The pages by file name, `README.md` among them. */
export function printPages(symbols: readonly ApiSymbol[]): ReadonlyMap<string, string> {
  const byArea = new Map<Area, ApiSymbol[]>()
  for (const symbol of symbols) {
    const area = areaOf(symbol)
    const known = byArea.get(area)
    if (known === undefined) byArea.set(area, [symbol])
    else known.push(symbol)
  }
  const pageOf = new Map(
    [...byArea].flatMap(([area, found]) => found.map(({ name }) => [name, `${area.page}.md`])),
  )
  const areas = AREAS.filter((area) => byArea.has(area))
  return new Map([
    ['README.md', printIndex(areas, byArea)],
    ...areas.map((area): [string, string] => [
      `${area.page}.md`,
      printPage(area, byArea.get(area) ?? [], { page: `${area.page}.md`, pageOf }),
    ]),
  ])
}

function areaOf({ packageName, path }: ApiSymbol): Area {
  const place = `${packageName}/${posix.dirname(path)}/`
  const fits = (folder: string): boolean => place.startsWith(`${folder}/`)
  const candidates = AREAS.filter(({ folders }) => folders.some(fits))
  // The longest folder decides: `core/time` before `core`.
  const lengthIn = ({ folders }: Area): number =>
    Math.max(...folders.filter(fits).map((folder) => folder.length))
  const [area] = candidates.toSorted((a, b) => lengthIn(b) - lengthIn(a))
  return area ?? (AREAS.at(-1) as Area)
}

function printIndex(
  areas: readonly Area[],
  byArea: ReadonlyMap<Area, readonly ApiSymbol[]>,
): string {
  const lines = [
    '# API reference',
    '',
    'Every public name, with its docstring. Printed from the sources by `npm run api`; do not edit. Everything is imported',
    'from `millrace`, what is for tests from `millrace/testing`.',
    '',
  ]
  for (const area of areas) {
    const names = (byArea.get(area) ?? []).map(
      ({ name }) => `[${name}](${area.page}.md#${anchorOf(name)})`,
    )
    lines.push(`## [${area.title}](${area.page}.md)`, '', area.about, '', names.join(' · '), '')
  }
  return lines.join('\n')
}

interface Links {
  /** The page that is printed. */
  readonly page: string
  readonly pageOf: ReadonlyMap<string, string>
}

function printPage(area: Area, symbols: readonly ApiSymbol[], links: Links): string {
  return [
    `# ${area.title}`,
    '',
    `${area.about} Printed from the sources by \`npm run api\`; do not edit.`,
    '',
    ...symbols.flatMap((symbol) => printSymbol(symbol, links)),
  ].join('\n')
}

function printSymbol({ name, kind, declarations }: ApiSymbol, links: Links): readonly string[] {
  return [
    `## ${name}`,
    '',
    `_${kind}_`,
    '',
    ...declarations.flatMap((declaration) => printDeclaration(declaration, links)),
  ]
}

function printDeclaration(
  { signature, doc, members }: ApiDeclaration,
  links: Links,
): readonly string[] {
  return [
    '```ts',
    signature.replace(/;$/, ''),
    '```',
    '',
    ...printDoc(doc, links),
    ...grouped(membersForUsers(doc, members)).flatMap((overloads) => printMember(overloads, links)),
  ]
}

/** Without what only the API itself calls. */
function membersForUsers(doc: string, members: readonly ApiMember[]): readonly ApiMember[] {
  const isMadeByApi = /\bMade by\b/.test(doc)
  return members.filter(
    (member) =>
      !member.doc.startsWith("Of the API's own use") &&
      !(isMadeByApi && member.name === 'constructor'),
  )
}

/** Overloads stand together. */
function grouped(members: readonly ApiMember[]): readonly (readonly ApiMember[])[] {
  const groups = new Map<string, ApiMember[]>()
  for (const member of members) {
    const group = groups.get(member.name)
    if (group === undefined) groups.set(member.name, [member])
    else group.push(member)
  }
  return [...groups.values()]
}

function printMember(overloads: readonly ApiMember[], links: Links): readonly string[] {
  const [first] = overloads as readonly [ApiMember]
  return [
    `### ${first.name.replaceAll(/[[\]]/g, '')}`,
    '',
    '```ts',
    ...overloads.map(({ signature }) => signature),
    '```',
    '',
    ...overloads.flatMap(({ doc }) => printDoc(doc, links)),
  ]
}

/** A docstring as Markdown: its tags become words, its links lead to the page of the name. */
function printDoc(doc: string, links: Links): readonly string[] {
  if (doc === '') return []
  const text = doc
    .replaceAll(/^@example\s*/gm, '\n')
    .replaceAll(/^@throws\s+(\{?MillraceError\}?)?\s*/gm, '\nThrows ')
    .replaceAll(/^@param\s+(\w+)\s*-?\s*/gm, '\n`$1`: ')
    .replaceAll(/^@returns?\s+/gm, '\nAnswers ')
    .replaceAll(/\{@link\s+([^}|\s]+)[^}]*\}/g, (_, name: string) => linkTo(name, links))
  return [text.replaceAll(/\n{3,}/g, '\n\n').trim(), '']
}

function linkTo(name: string, { page, pageOf }: Links): string {
  const [owner = name] = name.split('.')
  const target = pageOf.get(owner)
  if (target === undefined) return `\`${name}\``
  const anchor = `#${anchorOf(owner)}`
  return `[\`${name}\`](${target === page ? '' : target}${anchor})`
}

function anchorOf(name: string): string {
  return name.toLowerCase()
}
