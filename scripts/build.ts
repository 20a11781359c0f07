// What is published: declarations for the compiler, and one bundle a package for Node. A process that loads a dozen
// bundles instead of three hundred modules starts in a fraction of the time. Other packages stay imports, ours and
// those of others, so that a program has one copy of core however many connectors it uses.
//
//   src ──┬── tsc -b ──> dist/**/*.d.ts
//         └── esbuild ─> dist/bundle/*.js: a module for each subpath of `exports` and for each program, and chunks
//                        of what they share and of what is imported later

import { copyFile, rm } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { build } from 'esbuild'
import { BUNDLE_FOLDER } from './package-shape.ts'
import { ROOT, runCommand } from './run-command.ts'
import { openRepository, type Package, type Repository } from './tidy/repository.ts'

/** A program that another module starts by its path, so that it needs a file of its own. */
const PROGRAM = /\/src\/entrypoints\/[^/]+-main\.ts$/

await main()

async function main(): Promise<void> {
  const repository = openRepository(ROOT)
  const { packages } = repository
  // Nothing of a module that is gone may be published.
  await Promise.all(packages.map(({ folder }) => remove(join(folder, 'dist'))))
  const { isOk, output } = await runCommand(['tsc', '-b'])
  if (!isOk) {
    console.error(output)
    process.exitCode = 1
    return
  }
  await Promise.all(packages.map((each) => bundlePackage(repository, each)))
  await Promise.all(packages.map(({ folder }) => copyLicence(folder)))
  console.log(`built ${packages.length} packages`)
}

async function bundlePackage({ paths }: Repository, { folder, exports }: Package): Promise<void> {
  const exported = Object.values(exports).map(({ source, default: bundle }) => ({
    in: posix.join(folder, source),
    out: posix.relative(BUNDLE_FOLDER, bundle).replace(/\.js$/, ''),
  }))
  const programs = paths
    .filter((path) => path.startsWith(`${folder}/`) && PROGRAM.test(path))
    .map((path) => ({ in: path, out: posix.basename(path, '.ts') }))
  await build({
    absWorkingDir: ROOT,
    entryPoints: [...exported, ...programs],
    outdir: join(folder, BUNDLE_FOLDER),
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    // The tarball has the sources.
    sourcesContent: false,
  })
}

/** npm takes the licence of a package from its own folder, and follows no links. */
function copyLicence(folder: string): Promise<void> {
  return copyFile(join(ROOT, 'LICENSE'), join(ROOT, folder, 'LICENSE'))
}

function remove(path: string): Promise<void> {
  return rm(join(ROOT, path), { recursive: true, force: true })
}
