// Bundles a job's module, with everything it imports, into one file that worker threads load: what a jar is to Flink.
// Content-addressed: the same program is written once.

import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/core'
import type { Loader, Plugin } from 'esbuild'

/** What is bundled. Both are paths or `file:` URLs. */
export interface JobBundleSource {
  /** The module that builds the job. */
  readonly module: string
  /** The module that exports the API: `installExecutor` and `StreamExecutionEnvironment`. */
  readonly apiModule: string
}

/** Bundles a job for worker threads; resolves with the path of the bundle. */
export async function bundleJob({ module, apiModule }: JobBundleSource): Promise<string> {
  const path = filePath(module)
  if ((await stat(path).catch(() => undefined))?.isFile() !== true) {
    throw new MillraceError('JOB_MODULE_INVALID', {
      expected: 'the file of the module that builds the job, for worker threads',
      came: path,
      todo: 'Give it to the environment: getExecutionEnvironment({ threads, module: import.meta.url }).',
    })
  }
  const code = await bundle(path, filePath(apiModule))
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 32)
  const directory = join(tmpdir(), `millrace-bundles-${userInfo().uid}`)
  const target = join(directory, `${hash}.mjs`)
  if ((await stat(target).catch(() => undefined)) === undefined) {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const unfinished = `${target}.${process.pid}.unfinished`
    await writeFile(unfinished, code)
    await rename(unfinished, target)
  }
  return target
}

async function bundle(path: string, api: string): Promise<string> {
  const { build } = await import('esbuild')
  // Run from sources, the workspace packages resolve to sources too. Built, this module is a chunk beside worker-main.
  const isSource = import.meta.url.endsWith('.ts')
  const worker = fileURLToPath(
    import.meta.resolve(isSource ? './worker-main.ts' : './worker-main.js'),
  )
  const result = await build({
    stdin: { contents: entry(path, worker, api), resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'silent',
    ...(isSource ? { conditions: ['source'] } : {}),
    external: ['esbuild', '*.node'],
    plugins: [ownModuleUrls, nativeDecoder],
    define: {
      'import.meta.url': '__millrace_url',
      'import.meta.filename': '__millrace_filename',
      'import.meta.dirname': '__millrace_dirname',
      'import.meta.main': 'false',
      // Only where a module does not declare such names itself: in CommonJS.
      __filename: '__millrace_filename',
      __dirname: '__millrace_dirname',
    },
    // Bundled CommonJS modules ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  }).catch((cause: unknown) => {
    throw new MillraceError('JOB_MODULE_INVALID', {
      expected: `to bundle the job module ${path} for worker threads`,
      came: cause instanceof Error ? cause.message : String(cause),
      todo: 'Mend what it says; the module and all it imports must be found from its own folder.',
      cause,
    })
  })
  return result.outputFiles[0]?.text ?? ''
}

function filePath(module: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module
}

function entry(path: string, worker: string, api: string): string {
  return `
import { runWorker } from ${JSON.stringify(worker)}
import { installExecutor, StreamExecutionEnvironment } from ${JSON.stringify(api)}
runWorker({
  importJob: () => import(${JSON.stringify(path)}),
  installExecutor,
  createEnvironment: (options) => StreamExecutionEnvironment.getExecutionEnvironment(options),
})
`
}

/** In a bundle there is one `import.meta`, and no `__dirname`; each module keeps those of its own file. */
const ownModuleUrls: Plugin = {
  name: 'own-module-urls',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!/\bimport\.meta\.|\b__(dir|file)name\b/.test(text)) return undefined
      const declarations = [
        `const __millrace_url = ${JSON.stringify(pathToFileURL(path).href)};`,
        `const __millrace_filename = ${JSON.stringify(path)};`,
        `const __millrace_dirname = ${JSON.stringify(join(path, '..'))};`,
      ].join(' ')
      // On the first line of the code, so that lines keep their numbers; a line such as #!/usr/bin/env node stays the first.
      const [hashbang = ''] = /^#!.*\n/.exec(text) ?? []
      const contents = `${hashbang}${declarations} ${text.slice(hashbang.length)}`
      return { contents, loader: LOADERS[extname(path)] ?? 'js' }
    })
  },
}

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.jsx': 'jsx',
}

/**
 * The native part of msgpackr, which decodes up to four times faster, cannot be bundled. A worker loads it from where
 * msgpackr finds it here; a bundle knows no such place of its own. It is optional: without it, the name stays as it is
 * and msgpackr does without.
 */
const nativeDecoder: Plugin = {
  name: 'native-decoder',
  setup(build) {
    build.onResolve({ filter: /^msgpackr-extract$/ }, ({ path, importer }) => {
      try {
        return { path: createRequire(importer).resolve(path), external: true }
      } catch {
        return { path, external: true }
      }
    })
  },
}
