/** A path in a folder. */
export function joinPath(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`
}

/** The folder that a path is in. */
export function folderOf(path: string): string {
  const name = baseName(path)
  const folder = path.slice(0, path.lastIndexOf(name)).replace(/(?<=.)[/\\]+$/, '')
  if (folder !== '') return folder
  return path.startsWith('/') ? '/' : '.'
}

/** The last name of a path. */
export function baseName(path: string): string {
  return /[^/\\]+(?=[/\\]*$)/.exec(path)?.[0] ?? path
}
