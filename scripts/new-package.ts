// Creates a package and registers it.
// `npm run new-package -- connector-kafka connectors/kafka 'Read and write Kafka topics.'`

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { newPackageFiles } from './new-package/files.ts'
import { ROOT, runCommand } from './run-command.ts'

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

interface RootManifest {
  readonly version: string
  readonly workspaces: readonly string[]
}

interface RootProject {
  readonly references: readonly { readonly path: string }[]
}

await main(process.argv.slice(2))

async function main([name, folder, description, ...rest]: readonly string[]): Promise<void> {
  const problem = problemOf(name, folder, description, rest)
  if (problem !== undefined || name === undefined || folder === undefined) {
    console.error(
      `${problem}\nusage: npm run new-package -- <name> <folder> '<what it is, in a sentence>'`,
    )
    process.exitCode = 2
    return
  }
  const path = `packages/${folder}`
  const root = readJson<RootManifest>('package.json')
  const files = newPackageFiles({
    name,
    folder,
    description: description ?? '',
    version: root.version,
  })
  for (const [file, text] of Object.entries(files)) write(`${path}/${file}`, text)

  write('package.json', json({ ...root, workspaces: [...root.workspaces, path] }))
  const project = readJson<RootProject>('tsconfig.json')
  const added = [{ path }, { path: `${path}/tsconfig.test.json` }]
  write('tsconfig.json', json({ ...project, references: [...project.references, ...added] }))
  await runCommand(['oxfmt', path, 'package.json', 'tsconfig.json'])

  console.log(`created ${path}. Next:
  1. give it a row in scripts/tidy/layers.ts and in docs/STYLE.md, unless it is a connector or a format
  2. npm install, and see that 'npm ci' accepts the new lock file
  3. npm run api && npm run check`)
}

function problemOf(
  name: string | undefined,
  folder: string | undefined,
  description: string | undefined,
  rest: readonly string[],
): string | undefined {
  if (name === undefined || folder === undefined || description === undefined) {
    return 'a name, a folder and a sentence are needed'
  }
  if (rest.length > 0) return `there is no use for ${rest.join(' ')}; put the sentence in quotes`
  if (!KEBAB.test(name)) return `the name ${name} is not in kebab-case, without a scope`
  if (!folder.split('/').every((part) => KEBAB.test(part))) {
    return `the folder ${folder} is not a path in kebab-case below packages`
  }
  return existsSync(join(ROOT, 'packages', folder))
    ? `packages/${folder} is there already`
    : undefined
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T
}

function write(path: string, text: string): void {
  const absolute = join(ROOT, path)
  mkdirSync(dirname(absolute), { recursive: true })
  writeFileSync(absolute, text)
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
