import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newPackageFiles } from './new-package/files.ts'
import { ROOT } from './run-command.ts'

test('when a package is created anew, then its files are those of the packages that are there', () => {
  const folder = 'formats/json'
  const manifest = readJson(`packages/${folder}/package.json`)
  const files = newPackageFiles({
    name: 'format-json',
    folder,
    description: String(manifest['description']),
    version: String(manifest['version']),
  })
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.test.json']) {
    // What a package depends on is its own; everything else is the same in all of them.
    const {
      dependencies: _d,
      devDependencies: _e,
      references: _r,
      ...there
    } = readJson(`packages/${folder}/${name}`)
    const { dependencies, references, ...created } = JSON.parse(files[name] ?? '') as JsonFile
    expect(created).toEqual(there)
    expect(dependencies ?? references).toBeDefined()
  }
  expect(files['tsconfig.json']).toContain('"path": "../../core"')
})

type JsonFile = Readonly<Record<string, unknown>>

function readJson(path: string): JsonFile {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as JsonFile
}
