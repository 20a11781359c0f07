// The repository as the rules of tidy see it: paths and text. A rule is a pure function of it, so that each rule
// can be tested on a repository of three files that exists only in the test.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { ExportTargets } from '../package-shape.ts'
import { parseSyntax, type Syntax } from './syntax.ts'

/** All files of the project by path from its root, with `/` between the parts. */
export interface Repository {
  readonly paths: readonly string[]
  readonly packages: readonly Package[]
  has(path: string): boolean
  read(path: string): string
  /** What a TypeScript source says; parsed once. */
  syntax(path: string): Syntax
}

/** One workspace. */
export interface Package {
  /** Path from the root, for example `packages/formats/json`. */
  readonly folder: string
  /** Name by which others import it. */
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  /** What goes into the tarball. */
  readonly files: readonly string[]
  /** What others may import, by subpath. */
  readonly exports: Readonly<Record<string, ExportTargets>>
}

/** One thing that is wrong, and where. */
export interface Finding {
  readonly path: string
  /** From 1; the whole file if missing. */
  readonly line?: number
  readonly message: string
}

/** Checks one rule on the whole repository. */
export type Rule = (repository: Repository) => readonly Finding[]

const FOLDERS_NOT_OURS: ReadonlySet<string> = new Set(['.git', '.millrace', 'dist', 'node_modules'])

/** Reads the repository at `root` from disk; the text of a file only when a rule asks for it. */
export function openRepository(root: string): Repository {
  const paths = listFiles(root, '').filter((path) => !path.startsWith('out/'))
  return createRepository(paths, (path) => readFileSync(join(root, path), 'utf8'))
}

/** A repository from a table of paths and texts. */
export function repositoryOf(files: Readonly<Record<string, string>>): Repository {
  return createRepository(Object.keys(files), (path) => files[path] ?? '')
}

/** The TypeScript sources that people write. */
export function sourcesOf(repository: Repository): readonly string[] {
  return repository.paths.filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
}

/** The package that a file belongs to. */
export function packageOf(repository: Repository, path: string): Package | undefined {
  return repository.packages.find(({ folder }) => path.startsWith(`${folder}/`))
}

/** Whether a file proves the sources beside it instead of being one: tests, benchmarks, fuzzers. */
export function isProof(path: string): boolean {
  return /\.(test|bench|fuzz)\.tsx?$/.test(path) || path.includes('/src/end-to-end/')
}

function createRepository(paths: readonly string[], read: (path: string) => string): Repository {
  const known = new Set(paths)
  const folders = new Set(paths.flatMap(foldersAbove))
  const packages = paths
    .filter((path) => /^packages\/.*\/package\.json$/.test(path))
    .map((path) => parsePackage(posix.dirname(path), read(path)))
  const parsed = new Map<string, Syntax>()
  return {
    paths,
    packages,
    has: (path) => known.has(path) || folders.has(path),
    read,
    syntax(path) {
      const syntax = parsed.get(path) ?? parseSyntax(path, read(path))
      parsed.set(path, syntax)
      return syntax
    },
  }
}

function parsePackage(folder: string, text: string): Package {
  const manifest = JSON.parse(text) as Partial<Package>
  return {
    folder,
    name: manifest.name ?? '',
    version: manifest.version ?? '',
    dependencies: manifest.dependencies ?? {},
    devDependencies: manifest.devDependencies ?? {},
    files: manifest.files ?? [],
    exports: manifest.exports ?? {},
  }
}

function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function listFiles(root: string, folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (!entry.isDirectory()) return [path]
    return FOLDERS_NOT_OURS.has(entry.name) ? [] : listFiles(root, path)
  })
}
