import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bundleJob } from './bundle-job.ts'

const API = 'export function installExecutor() {}\nexport class StreamExecutionEnvironment {}\n'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-bundle-job-'))
  vi.stubEnv('TMPDIR', folder)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

test('when a job is bundled twice, then both are one file, which has its modules and their own URLs', async () => {
  await writeFile(join(folder, 'price.ts'), 'export const price: number = 4711\n')
  const module = await write(
    'job.ts',
    `import { price } from './price.ts'\nconsole.log(price, import.meta.url)\n`,
  )
  const source = { module, apiModule: await write('api.js', API) }
  const path = await bundleJob(source)
  expect(await bundleJob(source)).toBe(path)
  // Never the whole text in an assertion: a difference would print a megabyte.
  const text = await readFile(path, 'utf8')
  expect(/price = (\d+)/.exec(text)?.[1]).toBe('4711')
  const urls = Array.from(text.matchAll(/__millrace_url\d* = "([^"]+)"/g), ([, url]) => url)
  expect(urls).toContain(pathToFileURL(module).href)
})

test('when modules ask for their own place, then the bundle tells each its own, in ESM, in CommonJS and below a hashbang', async () => {
  await write('old.cjs', `'use strict'\nexports.old = __filename\n`)
  await write('own.mjs', `const __dirname = 'its own'\nexport const own = __dirname\n`)
  const module = await write(
    'job.ts',
    `#!/usr/bin/env node
import { old } from './old.cjs'
import { own } from './own.mjs'
export const places: unknown = [import.meta.filename, old, own]
`,
  )
  // A worker's bundle ends with a call that starts the worker; here it only has to bring the module.
  const path = await bundleJob({ module, apiModule: await write('api.js', API) })
  const text = await readFile(path, 'utf8')
  expect(/places = \[(.*)\]/.exec(text)?.[1]).toMatch(
    /^__millrace_filename\d*, import_old\d*\.old, own\d*$/,
  )
  expect(/exports\.old = (\w+)/.exec(text)?.[1]).toMatch(/^__millrace_filename\d*$/)
  expect(/__dirname\d* = "its own"/.test(text)).toBe(true)
})

test('when a job is bundled, then msgpackr finds its native decoder from anywhere', async () => {
  const module = await write('job.ts', 'export {}\n')
  const path = await bundleJob({ module, apiModule: await write('api.js', API) })
  const [, decoder = ''] =
    /require\("([^"]*msgpackr-extract[^"]*)"\)/.exec(await readFile(path, 'utf8')) ?? []
  expect(existsSync(decoder)).toBe(true)
})

test('when the module is missing or imports nothing that is there, then the error says so', async () => {
  const apiModule = await write('api.js', API)
  const missing = join(folder, 'missing.ts')
  await expect(bundleJob({ module: missing, apiModule })).rejects.toThrow(missing)
  const module = await write('job.ts', `import './nowhere.ts'\n`)
  await expect(bundleJob({ module, apiModule })).rejects.toThrow('./nowhere.ts')
})

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}
