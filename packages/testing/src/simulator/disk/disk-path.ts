// Paths of a simulated disk are taken from the root: `a/b` is `/a/b`.

/** The path as the disk knows it. */
export function pathOf(path: string): string {
  return `/${namesOf(path).join('/')}`
}

/** The names on the way from the root to what a path names. */
export function namesOf(path: string): string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names
}
