// The files of a new package, which depends on core and exports nothing yet.

import { exportTargets, PUBLISHED_FILES } from '../package-shape.ts'

/** What a package is called and what it is for. */
export interface NewPackage {
  /** Without the scope: `connector-kafka`. */
  readonly name: string
  /** Below `packages`: `connectors/kafka`. */
  readonly folder: string
  /** One sentence. */
  readonly description: string
  readonly version: string
}

/** Texts by path below the folder of the package. */
export function newPackageFiles(init: NewPackage): Readonly<Record<string, string>> {
  const { name, folder, description, version } = init
  const up = '../'.repeat(folder.split('/').length)
  const extending = `${up}../tsconfig.base.json`
  const core = { path: `${up}core` }
  const proofs = ['src/**/*.test.ts', 'src/**/*.bench.ts', 'src/**/*.fuzz.ts']
  return {
    'package.json': json({
      name: `@millrace/${name}`,
      version,
      description,
      license: 'Apache-2.0',
      files: PUBLISHED_FILES,
      type: 'module',
      exports: { '.': exportTargets('.', './src/index.ts') },
      dependencies: { '@millrace/core': version },
      engines: { node: '>=24' },
    }),
    'tsconfig.json': json({
      extends: extending,
      compilerOptions: {
        emitDeclarationOnly: true,
        rootDir: 'src',
        outDir: 'dist',
        tsBuildInfoFile: 'dist/.tsbuildinfo',
      },
      include: ['src'],
      exclude: proofs,
      references: [core],
    }),
    'tsconfig.test.json': json({
      extends: extending,
      compilerOptions: {
        composite: false,
        declaration: false,
        declarationMap: false,
        isolatedDeclarations: false,
        noEmit: true,
        allowImportingTsExtensions: true,
        rewriteRelativeImportExtensions: false,
      },
      include: proofs,
      references: [{ path: '.' }, core],
    }),
    'README.md': `# @millrace/${name}\n\n${description}\n`,
    'src/index.ts': 'export {}\n',
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
