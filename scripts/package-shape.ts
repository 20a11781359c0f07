// What every package publishes and where it lies. The build writes to these places, `npm run new-package` names them
// in a new manifest, tidy compares every manifest with them.

/** Where the bundle of a package lies, below its folder. */
export const BUNDLE_FOLDER = 'dist/bundle'

/**
 * What goes into the tarball of a package, besides its manifest, README and licence. The sources go with it: source
 * maps and declaration maps lead to them.
 */
export const PUBLISHED_FILES: readonly string[] = [
  'dist',
  'src',
  '!**/*.tsbuildinfo',
  '!src/**/*.bench.ts',
  '!src/**/*.fuzz.ts',
  '!src/**/*.test.ts',
]

/** Where one subpath of `exports` leads, in the order in which the conditions are tried. */
export interface ExportTargets {
  /** Of the repository itself: its programs and tests run without a build. */
  readonly source: string
  readonly types: string
  readonly default: string
}

/** The targets of `subpath` when its module is `source`, such as `./src/index.ts`. */
export function exportTargets(subpath: string, source: string): ExportTargets {
  return {
    source,
    types: source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '.d.ts'),
    default: `./${BUNDLE_FOLDER}/${subpath === '.' ? 'index' : subpath.slice(2)}.js`,
  }
}
