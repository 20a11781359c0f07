// Keeps api/<package>.api.d.ts, one file a package and subpath, so that a change of the public surface shows in review.
// `npm run api` compiles and writes the reports; `--check` fails when the compiled sources say something else.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printSurface } from './api-report/print.ts'
import { ROOT, runCommand } from './run-command.ts'
import { openRepository, type Package } from './tidy/repository.ts'

const REVIEWED = 'api'
const PRINTED = 'out/api'

await main(process.argv.includes('--check'))

async function main(isCheck: boolean): Promise<void> {
  const { packages } = openRepository(ROOT)
  // All are printed before the first is written: a package that was not compiled must not cost the others.
  const surfaces = packages.flatMap((each) =>
    Object.entries(each.exports).map(([subpath, { types }]) => ({
      file: fileOf(each, subpath),
      text: printSurface(join(each.name, subpath), readerOf(each), types.replace('./dist/', '')),
    })),
  )
  const target = isCheck ? PRINTED : REVIEWED
  rmSync(join(ROOT, target), { recursive: true, force: true })
  mkdirSync(join(ROOT, target), { recursive: true })
  for (const { file, text } of surfaces) writeFileSync(join(ROOT, target, file), text)
  console.log(`printed the surface of ${surfaces.length} packages to ${target}`)
  if (isCheck) await compare()
}

async function compare(): Promise<void> {
  const files = new Set([...filesIn(REVIEWED), ...filesIn(PRINTED)])
  for (const file of [...files].toSorted()) {
    const [reviewed, printed] = [join(REVIEWED, file), join(PRINTED, file)]
    if (read(reviewed) === read(printed)) continue
    console.log(`${reviewed} does not show the sources; read the change, then \`npm run api\``)
    console.log((await runCommand(diffOf(reviewed, printed))).output)
    process.exitCode = 1
  }
}

function diffOf(before: string, after: string): readonly string[] {
  const orNothing = (path: string): string => (existsSync(join(ROOT, path)) ? path : '/dev/null')
  return ['git', 'diff', '--no-index', '--no-color', orNothing(before), orNothing(after)]
}

function filesIn(folder: string): readonly string[] {
  return existsSync(join(ROOT, folder)) ? readdirSync(join(ROOT, folder)) : []
}

function read(path: string): string | undefined {
  return existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : undefined
}

/** `core.api.d.ts` of `@millrace/core`, `core-node.api.d.ts` of its subpath `./node`. */
function fileOf({ name }: Package, subpath: string): string {
  return `${name.replace('@millrace/', '')}${subpath.slice(1).replaceAll('/', '-')}.api.d.ts`
}

function readerOf({ folder }: Package): (path: string) => string {
  return (path) => readFileSync(join(ROOT, folder, 'dist', path), 'utf8')
}
