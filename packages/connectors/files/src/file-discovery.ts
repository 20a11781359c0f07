// Which files the paths of a source stand for, at this moment.

import { type FileSystem, MillraceError, show } from '@millrace/core'
import { globExpression, globRoot, isGlob } from './glob.ts'
import { baseName, joinPath } from './paths.ts'

/** A file that may be read. */
export interface FoundFile {
  readonly path: string
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedMs: number
}

/** Where files are looked for. */
export interface FileSearch {
  /** Files, folders and patterns. */
  readonly paths: readonly string[]
  /** Whether folders in folders are searched. */
  readonly isRecursive: boolean
  readonly filter: (file: FoundFile) => boolean
}

/**
 * All files, each once: those of the first path first, those of a folder in the order of their names. A file that disappears
 * meanwhile is left out.
 *
 * @throws MillraceError `FILE_MISSING`, `FILE_UNREADABLE` for a path that is no folder, no pattern and cannot be opened;
 * `FILE_MISSING` for a pattern in a folder that is not there
 */
export async function findFiles(
  files: FileSystem,
  search: FileSearch,
): Promise<readonly FoundFile[]> {
  const found = new Map<string, FoundFile>()
  for (const path of search.paths) {
    for (const one of await filesOfPath(files, path, search)) {
      const status = found.has(one) ? undefined : await files.stat(one)
      if (status === undefined || status.isDirectory) continue
      const file = { path: one, sizeBytes: status.sizeBytes, modifiedMs: status.modifiedMs }
      if (search.filter(file)) found.set(one, file)
    }
  }
  return [...found.values()]
}

async function filesOfPath(
  files: FileSystem,
  path: string,
  { isRecursive }: FileSearch,
): Promise<readonly string[]> {
  if (isGlob(path) && (await files.stat(path)) === undefined) {
    const expression = globExpression(path)
    await checkFolder(files, path)
    const isDeep = path.slice(globRoot(path).length).replace(/^\//, '').includes('/')
    const all = await filesIn(files, globRoot(path), isDeep || path.includes('**'))
    // Below the current folder paths are written without it.
    return all.map((one) => one.replace(/^\.\//, '')).filter((one) => expression.test(one))
  }
  if ((await files.stat(path))?.isDirectory === true) return filesIn(files, path, isRecursive)
  // A file that cannot be opened is better known now than when the job is running.
  await (await files.open(path)).close()
  return [path]
}

/** A pattern that fits no file now may fit one later; one in a folder that is not there is a slip of the pen. */
async function checkFolder(files: FileSystem, pattern: string): Promise<void> {
  const folder = globRoot(pattern)
  if ((await files.stat(folder))?.isDirectory === true) return
  throw new MillraceError('FILE_MISSING', {
    expected: `a folder in front of the pattern ${show(pattern)}`,
    came: `nothing at ${folder}`,
    todo: 'Check the path; the folder must be there when the job starts, the files need not.',
    ids: { path: folder },
  })
}

/** Hidden files and folders are those whose name begins with `.` or `_`: not finished, or not data. */
async function filesIn(
  files: FileSystem,
  folder: string,
  isDeep: boolean,
): Promise<readonly string[]> {
  const paths: string[] = []
  for (const { name, isDirectory } of await files.list(folder)) {
    if (isHidden(name)) continue
    const path = joinPath(folder, name)
    if (!isDirectory) paths.push(path)
    else if (isDeep) paths.push(...(await filesIn(files, path, true)))
  }
  return paths
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_')
}

/** Whether a file is compressed with gzip, by its name. */
export function isGzipped(path: string): boolean {
  return /\.(?:gz|gzip)$/i.test(baseName(path))
}
