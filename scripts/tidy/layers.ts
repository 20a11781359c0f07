// Imports point one way. A package may import the packages its row names, and nothing else of ours; the build
// refuses cycles, this table refuses shortcuts.

import { posix } from 'node:path'
import {
  type Finding,
  isProof,
  type Package,
  packageOf,
  type Repository,
  sourcesOf,
} from './repository.ts'

const ENGINE = ['core', 'job-graph', 'exchange', 'state', 'checkpoint', 'runtime', 'cluster']

/** Folder below `packages` → folders it may import. `*` in a folder stands for one name. */
export const LAYERS: Readonly<Record<string, readonly string[] | 'any'>> = {
  core: [],
  'job-graph': ['core'],
  exchange: ['core'],
  state: ['core'],
  checkpoint: ['core'],
  runtime: ['core', 'job-graph', 'exchange', 'state', 'checkpoint'],
  cluster: ['core', 'job-graph', 'exchange', 'checkpoint', 'runtime'],
  datastream: ['core', 'job-graph'],
  table: ['core', 'job-graph', 'runtime', 'datastream'],
  cep: ['core', 'job-graph', 'datastream', 'runtime'],
  graph: ['core', 'datastream'],
  ml: ['core', 'datastream'],
  'connectors/*': ['core'],
  'formats/*': ['core'],
  rest: ['core', 'cluster'],
  'sql-gateway': ['core', 'table', 'rest'],
  'web-ui': ['rest'],
  cli: 'any',
  testing: [...ENGINE, 'datastream'],
  millrace: [
    'core',
    'job-graph',
    'datastream',
    'table',
    'cluster',
    'testing',
    'formats/*',
    'connectors/*',
  ],
}

/** Every package has a row, and each import of it is allowed by the row and declared in its manifest. */
export function checkLayers(repository: Repository): readonly Finding[] {
  return [
    ...repository.packages.flatMap((each) => checkManifest(repository, each)),
    ...sourcesOf(repository).flatMap((path) => checkImports(repository, path)),
    ...checkLibraries(repository),
  ]
}

/** A library stays behind one package, which hides it behind an interface of ours. */
function checkLibraries(repository: Repository): readonly Finding[] {
  const owners = new Map<string, string>()
  const findings: Finding[] = []
  for (const each of repository.packages) {
    for (const library of Object.keys(each.dependencies)) {
      if (findPackage(repository, library) !== undefined) continue
      const owner = owners.get(library)
      if (owner === undefined) owners.set(library, each.folder)
      else {
        const path = `${each.folder}/package.json`
        findings.push({
          path,
          message: `${library} belongs to ${owner}; use it through that package`,
        })
      }
    }
  }
  return findings
}

function checkManifest(repository: Repository, each: Package): readonly Finding[] {
  const path = `${each.folder}/package.json`
  const allowed = allowedBy(each)
  if (allowed === undefined) {
    return [{ path, message: 'has no row in the table of scripts/tidy/layers.ts' }]
  }
  const ours = Object.keys(each.dependencies).flatMap((name) => findPackage(repository, name) ?? [])
  const findings: Finding[] = ours
    .filter((other) => !isAllowed(allowed, other))
    .map((other) => ({ path, message: `must not depend on ${other.name}` }))
  const references = referencesOf(repository, each)
  for (const other of ours) {
    if (!references.has(other.folder)) {
      const message = `does not reference ${other.folder}, which package.json depends on`
      findings.push({ path: `${each.folder}/tsconfig.json`, message })
    }
  }
  return findings
}

function checkImports(repository: Repository, path: string): readonly Finding[] {
  const from = packageOf(repository, path)
  if (from === undefined) return []
  return repository.syntax(path).imports.flatMap(({ text: specifier, line }) => {
    const message = specifier.startsWith('.')
      ? relativeProblem(from, path, specifier)
      : packageProblem(repository, from, path, specifier)
    return message === undefined ? [] : [{ path, line, message }]
  })
}

function relativeProblem(from: Package, path: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(path), specifier)
  return target.startsWith(`${from.folder}/`)
    ? undefined
    : `imports ${specifier}, which lies outside its package`
}

/** The one module outside of tests that passes the tools of tests on: to users, as `millrace/testing`. */
const TESTING_ENTRY = 'packages/millrace/src/testing.ts'

/** The real platform, and the places outside of tests that may choose it: where a program begins. */
const NODE_PLATFORM = '@millrace/core/node'
const MAY_USE_NODE = [
  'packages/cluster/src/entrypoints/',
  'packages/millrace/src/',
  'packages/cli/src/',
]

function packageProblem(
  repository: Repository,
  from: Package,
  path: string,
  specifier: string,
): string | undefined {
  if (specifier.startsWith('node:')) return undefined
  const name = packageName(specifier)
  const declared = {
    ...from.dependencies,
    ...(isProof(path) ? proofDependencies(repository, from) : {}),
  }
  const target = findPackage(repository, name)
  if (target === undefined) {
    return name in declared ? undefined : `imports ${name}, which ${from.name} does not declare`
  }
  if (target === from) {
    // A test from end to end stands where users stand.
    const isOutside = path.includes('/src/end-to-end/')
    return isOutside ? undefined : `imports its own package by name; use a relative path`
  }
  if (specifier === NODE_PLATFORM) {
    if (!isProof(path) && !MAY_USE_NODE.some((place) => path.startsWith(place))) {
      return `must not import ${specifier}: the engine gets its platform through constructors`
    }
  } else if (specifier !== name) return `imports ${specifier}; only ${name} is public`
  if (target.folder === 'packages/testing' && !isProof(path) && path !== TESTING_ENTRY) {
    return `must not import ${name}: see the table in docs/STYLE.md`
  }
  const isForProof = isProof(path) && target.folder === 'packages/testing'
  if (!isForProof && !isAllowed(allowedBy(from) ?? [], target)) {
    return `must not import ${name}: see the table in docs/STYLE.md`
  }
  return name in declared ? undefined : `imports ${name}, which ${from.name} does not declare`
}

/** What tests may import besides: the tools of the whole repository, and those of the package. */
function proofDependencies(
  repository: Repository,
  from: Package,
): Readonly<Record<string, string>> {
  const root = JSON.parse(repository.read('package.json')) as Partial<Package>
  return { ...root.devDependencies, ...from.devDependencies }
}

function allowedBy({ folder }: Package): readonly string[] | 'any' | undefined {
  const name = folder.replace('packages/', '')
  return LAYERS[name] ?? LAYERS[wildcard(name)]
}

function isAllowed(allowed: readonly string[] | 'any', { folder }: Package): boolean {
  const name = folder.replace('packages/', '')
  return allowed === 'any' || allowed.includes(name) || allowed.includes(wildcard(name))
}

/** `formats/*` of `formats/json`. */
function wildcard(name: string): string {
  return name.replace(/\/[^/]+$/, '/*')
}

/** `@scope/name` of `@scope/name/inside`, `name` of `name/inside`. */
function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function findPackage(repository: Repository, name: string): Package | undefined {
  return repository.packages.find((each) => each.name === name)
}

/** Folders that the package's TypeScript project refers to. */
function referencesOf(repository: Repository, { folder }: Package): ReadonlySet<string> {
  const path = `${folder}/tsconfig.json`
  if (!repository.has(path)) return new Set()
  const config = JSON.parse(repository.read(path)) as {
    readonly references?: readonly { readonly path: string }[]
  }
  return new Set((config.references ?? []).map((each) => posix.join(folder, each.path)))
}
