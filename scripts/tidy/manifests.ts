// What the three ten-line files of a package must agree on with the rest of the repository.

import { isDeepStrictEqual } from 'node:util'
import { exportTargets, PUBLISHED_FILES } from '../package-shape.ts'
import type { Finding, Repository } from './repository.ts'

interface RootManifest {
  readonly version: string
  readonly workspaces: readonly string[]
}

/** Every package is a workspace, is compiled by the root project, and has the one version. */
export function checkManifests(repository: Repository): readonly Finding[] {
  const root = JSON.parse(repository.read('package.json')) as RootManifest
  const projects = new Set(projectsOf(repository.read('tsconfig.json')))
  return repository.packages.flatMap(({ folder, version, dependencies }) => {
    const path = `${folder}/package.json`
    const findings: Finding[] = []
    const report = (message: string): void => void findings.push({ path, message })
    if (!root.workspaces.includes(folder)) report('is not a workspace of the root package.json')
    for (const project of [folder, `${folder}/tsconfig.test.json`]) {
      if (!projects.has(project)) report(`${project} is not referenced by the root tsconfig.json`)
    }
    if (version !== root.version) report(`has version ${version} instead of ${root.version}`)
    for (const [name, range] of Object.entries(dependencies)) {
      if (!/^\d/.test(range)) report(`does not pin ${name} to an exact version`)
    }
    return findings
  })
}

/** Every package publishes the same files, and its subpaths lead to where the build puts them. */
export function checkPublishing(repository: Repository): readonly Finding[] {
  return repository.packages.flatMap(({ folder, files, exports }) => {
    const path = `${folder}/package.json`
    const findings: Finding[] = []
    if (!isDeepStrictEqual(files, PUBLISHED_FILES)) {
      findings.push({ path, message: `publishes other files than scripts/package-shape.ts says` })
    }
    if (!('.' in exports)) findings.push({ path, message: 'exports no module for its own name' })
    for (const [subpath, targets] of Object.entries(exports)) {
      const due = JSON.stringify(exportTargets(subpath, targets.source))
      // As text: the order of the conditions counts.
      if (JSON.stringify(targets) !== due) {
        findings.push({ path, message: `must lead ${subpath} to ${due}` })
      }
    }
    return findings
  })
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>
}

/** The lock file names no registry: each machine installs from the one it knows. */
export function checkLock(repository: Repository): readonly Finding[] {
  const path = 'package-lock.json'
  const { packages } = JSON.parse(repository.read(path)) as Lock
  return Object.entries(packages)
    .filter(([, { resolved }]) => resolved?.includes('://'))
    .map(([name]) => ({ path, message: `${name} names a registry; .npmrc leaves it out` }))
}

function projectsOf(config: string): readonly string[] {
  const { references } = JSON.parse(config) as {
    readonly references: readonly { readonly path: string }[]
  }
  return references.map(({ path }) => path)
}
