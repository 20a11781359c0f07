// Prints docs/reference/api, the pages of the API reference, from the docstrings of what users import. Part of
// `npm run api`; with `--check` it fails when the pages are not those of the compiled sources.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printPages } from './api-reference/print-pages.ts'
import { readSymbols } from './api-reference/read-symbols.ts'
import { ROOT } from './run-command.ts'
import { openRepository } from './tidy/repository.ts'

const PAGES = 'docs/reference/api'

/** The entries that users import from. */
const ENTRIES = [
  ['millrace', 'index.d.ts'],
  ['millrace', 'testing.d.ts'],
] as const

main(process.argv.includes('--check'))

function main(isCheck: boolean): void {
  const pages = printPages(readAll())
  if (isCheck) return compare(pages)
  rmSync(join(ROOT, PAGES), { recursive: true, force: true })
  mkdirSync(join(ROOT, PAGES), { recursive: true })
  for (const [file, text] of pages) writeFileSync(join(ROOT, PAGES, file), text)
  console.log(`printed ${pages.size} pages to ${PAGES}`)
}

function readAll(): ReturnType<typeof readSymbols> {
  const folders = new Map(openRepository(ROOT).packages.map(({ name, folder }) => [name, folder]))
  const read = (packageName: string, path: string): string =>
    readFileSync(join(ROOT, folders.get(packageName) ?? packageName, 'dist', path), 'utf8')
  return ENTRIES.flatMap(([name, entry]) => readSymbols(name, entry, read))
}

function compare(pages: ReadonlyMap<string, string>): void {
  const folder = join(ROOT, PAGES)
  const files = new Set([...pages.keys(), ...(existsSync(folder) ? readdirSync(folder) : [])])
  const stale = [...files].filter((file) => {
    const path = join(folder, file)
    return !existsSync(path) || readFileSync(path, 'utf8') !== pages.get(file)
  })
  for (const file of stale) console.log(`${PAGES}/${file} is not current; run \`npm run api\``)
  if (stale.length > 0) process.exitCode = 1
}
