import { type FileSystem, MillraceError } from '@millrace/core'

/**
 * Looks whether the cached files of a job are there, before anything runs.
 *
 * @throws MillraceError `FILE_MISSING`
 */
export async function checkCachedFiles(
  files: FileSystem,
  cachedFiles: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, path] of Object.entries(cachedFiles)) {
    if ((await files.stat(path)) !== undefined) continue
    throw new MillraceError('FILE_MISSING', {
      expected: `the cached file '${name}'`,
      came: `nothing at ${path}`,
      todo: 'Check the path that env.registerCachedFile was given.',
      ids: { file: path },
    })
  }
}
