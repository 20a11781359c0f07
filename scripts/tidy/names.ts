// Words that say nothing about what a thing holds or does.

import { posix } from 'node:path'
import { type Finding, type Repository, sourcesOf } from './repository.ts'
import type { Declaration } from './syntax.ts'

const BANNED_WORDS: ReadonlySet<string> = new Set([
  'helper',
  'helpers',
  'impl',
  'misc',
  'util',
  'utils',
])

/** `common` alone says nothing; `commonPrefix` does. */
const BANNED_ALONE: ReadonlySet<string> = new Set(['common', 'commons'])

/** The managers that Flink's own vocabulary has. */
const MANAGERS: ReadonlySet<string> = new Set(['JobManager', 'ResourceManager', 'TaskManager'])

/** Files, folders and declared names say what they hold or do. */
export function checkNames(repository: Repository): readonly Finding[] {
  return sourcesOf(repository).flatMap((path) => [
    ...checkPath(path),
    ...repository.syntax(path).declarations.flatMap((declaration) => {
      const message = nameProblem(declaration)
      return message === undefined ? [] : [{ path, line: declaration.line, message }]
    }),
  ])
}

function checkPath(path: string): readonly Finding[] {
  const parts = path.split('/').map((part) => posix.basename(part, posix.extname(part)))
  const words = parts.flatMap((part) => part.split(/[-.]/))
  const banned = words.find((word) => BANNED_WORDS.has(word) || BANNED_ALONE.has(word))
  return banned === undefined
    ? []
    : [{ path, message: `the path says '${banned}'; name what the file holds or does` }]
}

function nameProblem({ text: name, kind }: Declaration): string | undefined {
  const words = name.split(/(?<=[a-z0-9])(?=[A-Z])|_/).map((word) => word.toLowerCase())
  const banned =
    words.find((word) => BANNED_WORDS.has(word)) ??
    (BANNED_ALONE.has(name.toLowerCase()) ? name : undefined)
  if (banned !== undefined) return `${name} says '${banned}'; name what it holds or does`
  if (kind === 'interface' && /^I[A-Z][a-z]/.test(name)) {
    return `${name} starts with I; an interface has the plain name`
  }
  if (kind !== 'other' && name.endsWith('Manager') && !isManager(name)) {
    return `${name} is a new Manager; name what it holds or does`
  }
  return undefined
}

function isManager(name: string): boolean {
  return [...MANAGERS].some((manager) => name.endsWith(manager))
}
