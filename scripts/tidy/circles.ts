// Files that import each other in a circle cannot be read one after the other. Imports of types count too: the linter
// sees only those that are there when the program runs.

import { posix } from 'node:path'
import { type Finding, type Repository, sourcesOf } from './repository.ts'

/** Where types may name each other. What runs has no circle there either: the linter looks. */
const ONE_THING: readonly string[] = [
  // A fluent API: each stream has methods that answer the others.
  'packages/datastream/src/',
]

/** No file of a package imports itself over others. Each circle is reported once, at the first of its files by name. */
export function checkCircles(repository: Repository): readonly Finding[] {
  const importsOf = new Map(
    sourcesOf(repository)
      .filter((path) => path.startsWith('packages/'))
      .filter((path) => !ONE_THING.some((folder) => path.startsWith(folder)))
      .map((path) => [path, importedFiles(repository, path)] as const),
  )
  const inCircle = new Set<string>()
  const findings: Finding[] = []
  for (const path of [...importsOf.keys()].toSorted()) {
    if (inCircle.has(path)) continue
    const circle = shortestWayBack(path, importsOf)
    if (circle === undefined) continue
    for (const member of circle) inCircle.add(member)
    findings.push({ path, message: `imports itself: ${[...circle, path].join(' -> ')}` })
  }
  return findings
}

/** The files beside and around that a file imports. */
function importedFiles(repository: Repository, path: string): readonly string[] {
  return repository
    .syntax(path)
    .imports.filter(({ text }) => text.startsWith('.'))
    .map(({ text }) => posix.join(posix.dirname(path), text))
}

/** The files from `start` to the one that imports `start` again; the fewest there can be. */
function shortestWayBack(
  start: string,
  importsOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const reachedFrom = new Map<string, string | undefined>([[start, undefined]])
  // A map is walked in the order in which it grows, so near files come before far ones.
  for (const file of reachedFrom.keys()) {
    for (const imported of importsOf.get(file) ?? []) {
      if (imported === start) return wayTo(file, reachedFrom)
      if (!reachedFrom.has(imported)) reachedFrom.set(imported, file)
    }
  }
  return undefined
}

function wayTo(
  end: string,
  reachedFrom: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  const way: string[] = []
  for (let file: string | undefined = end; file !== undefined; file = reachedFrom.get(file)) {
    way.unshift(file)
  }
  return way
}
