// Documents: each has a title, each link leads somewhere, a symbol is in the source it links to, the map shows every
// folder, a package's README is short.

import { posix } from 'node:path'
import { withoutCodeBlocks } from './markdown.ts'
import type { Finding, Repository } from './repository.ts'

const PACKAGE_README_LINES_MAX = 40
const MAP = 'docs/README.md'

export function checkDocs(repository: Repository): readonly Finding[] {
  const documents = repository.paths.filter((path) => path.endsWith('.md'))
  return [
    ...documents.flatMap((path) => checkTitle(repository, path)),
    ...documents.flatMap((path) => checkLinks(repository, path)),
    ...documents.flatMap((path) => checkSymbols(repository, path)),
    ...checkMap(repository),
    ...repository.packages.flatMap(({ folder }) => checkReadme(repository, folder)),
  ]
}

function checkTitle(repository: Repository, path: string): readonly Finding[] {
  const [first = ''] = repository.read(path).split('\n', 1)
  return /^# \S/.test(first)
    ? []
    : [{ path, line: 1, message: 'does not begin with a title (# …)' }]
}

function checkLinks(repository: Repository, path: string): readonly Finding[] {
  const lines = withoutCodeBlocks(repository.read(path)).split('\n')
  return lines.flatMap((text, index) =>
    linksOf(text).flatMap((link) => {
      const message = linkProblem(repository, path, link)
      return message === undefined ? [] : [{ path, line: index + 1, message }]
    }),
  )
}

function linksOf(text: string): readonly string[] {
  return [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)].map(
    ([, link = '']) => link,
  )
}

function linkProblem(repository: Repository, path: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined
  const [file = '', anchor] = link.split('#', 2)
  const target =
    file === '' ? path : posix.join(posix.dirname(path), decodeURI(file)).replace(/\/$/, '')
  if (target !== '.' && !repository.has(target)) return `the link ${link} leads nowhere`
  if (anchor === undefined || !target.endsWith('.md')) return undefined
  const isThere = anchorsOf(repository.read(target)).has(anchor)
  return isThere ? undefined : `${target} has no heading for the link ${link}`
}

/** The anchors that a page has: its headings in lower case, words joined by `-`. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = withoutCodeBlocks(text).matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  )
}

/** A link from a symbol, such as [`Task.runSlice`](task.ts), leads to a source that has each of its names. */
function checkSymbols(repository: Repository, path: string): readonly Finding[] {
  const lines = withoutCodeBlocks(repository.read(path)).split('\n')
  return lines.flatMap((text, index) =>
    [...text.matchAll(/\[`([^`]+)`\]\(([^)#]+\.tsx?)\)/g)].flatMap(([, symbol = '', link = '']) => {
      const target = posix.join(posix.dirname(path), decodeURI(link))
      if (symbol.endsWith(posix.extname(target)) || !repository.has(target)) return []
      const words = new Set(repository.read(target).match(/[\w$]+/g))
      const missing = (symbol.match(/[\w$]+/g) ?? []).filter((name) => !words.has(name))
      return missing.map((name) => ({
        path,
        line: index + 1,
        message: `${target} has no ${name} (the link from ${symbol})`,
      }))
    }),
  )
}

/** The map of the documents links every folder and every page beside it. */
function checkMap(repository: Repository): readonly Finding[] {
  if (!repository.has(MAP)) return [{ path: MAP, message: 'is missing: the map of the documents' }]
  const links = linksOf(repository.read(MAP)).map((link) => link.split('/', 1)[0] ?? '')
  const entries = repository.paths
    .filter((path) => path.startsWith('docs/') && path !== MAP)
    .map((path) => path.split('/')[1] ?? '')
  return [...new Set(entries)]
    .filter((entry) => !links.includes(entry))
    .map((entry) => ({ path: MAP, message: `does not link ${entry}` }))
}

function checkReadme(repository: Repository, folder: string): readonly Finding[] {
  const path = `${folder}/README.md`
  if (!repository.has(path)) {
    return [{ path, message: 'is missing: what enters, what leaves, what to read first' }]
  }
  const count = repository.read(path).trimEnd().split('\n').length
  return count <= PACKAGE_README_LINES_MAX
    ? []
    : [{ path, message: `has ${count} lines of at most ${PACKAGE_README_LINES_MAX}` }]
}
