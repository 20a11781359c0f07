// The public surface of a package, printed from the declarations the compiler wrote: what the entry exports, and
// what those declarations mention without exporting it, since a change there is a change of the surface too.
// Comments are left out; the report changes when the surface does, not when a sentence does.

import { posix } from 'node:path'
import { parseSync } from 'vite'

/** Answers the text of a declaration file by its path below the entry's folder. */
export type ReadDeclarations = (path: string) => string

interface Module {
  /** Declarations in order; overloads share a name. */
  readonly declarations: readonly Declaration[]
  /** Where a name that is not declared here comes from, for names of the same package. */
  readonly origins: ReadonlyMap<string, Origin>
  /** Public names of this package that the module passes on or declares. */
  readonly exported: readonly string[]
  /** Exports of names that other packages declare. */
  readonly passedOn: readonly string[]
}

interface Declaration {
  readonly name: string
  readonly text: string
}

interface Origin {
  readonly path: string
  readonly name: string
}

/** Prints the surface of the package, or of the subpath, whose entry is `entryPath`. */
export function printSurface(
  name: string,
  read: ReadDeclarations,
  entryPath: string = 'index.d.ts',
): string {
  const modules = new Map<string, Module>()
  const open = (path: string): Module => {
    const module = modules.get(path) ?? parseModule(path, read(path))
    modules.set(path, module)
    return module
  }
  const entry = open(entryPath)
  const isPublic = new Set<string>()
  const reached = new Map<string, Set<string>>()

  const reach = (path: string, wanted: string): string | undefined => {
    const { declarations, origins } = open(path)
    const found = declarations.filter((each) => each.name === wanted)
    if (found.length === 0) {
      const origin = origins.get(wanted)
      return origin === undefined ? undefined : reach(origin.path, origin.name)
    }
    const names = reached.get(path) ?? new Set()
    reached.set(path, names)
    if (!names.has(wanted)) {
      names.add(wanted)
      for (const { text } of found) for (const word of wordsOf(text)) reach(path, word)
    }
    return `${path}#${wanted}`
  }
  for (const exported of entry.exported) isPublic.add(reach(entryPath, exported) ?? exported)

  const sections = [...reached].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const parts = sections.map(([path, names]) => {
    const texts = open(path)
      .declarations.filter((each) => names.has(each.name))
      .map((each) => (isPublic.has(`${path}#${each.name}`) ? '' : '// not exported\n') + each.text)
    return `// ${path}\n\n${texts.join('\n\n')}\n`
  })
  const title = `// The public surface of ${name}. Printed by \`npm run api\`; review every change of it.\n`
  const passedOn = entry.passedOn.map((line) => `${line}\n`).join('')
  return [title, ...(passedOn === '' ? [] : [passedOn]), ...parts].join('\n')
}

function parseModule(path: string, text: string): Module {
  const { program, comments } = parseSync(path, text)
  const declarations: Declaration[] = []
  const origins = new Map<string, Origin>()
  const exported: string[] = []
  const passedOn: string[] = []
  const resolve = (specifier: string): string =>
    posix.join(posix.dirname(path), specifier).replace(/(\.d)?\.[tj]s$/, '.d.ts')

  for (const statement of program.body) {
    switch (statement.type) {
      case 'ImportDeclaration':
        for (const each of statement.specifiers) {
          if (each.type !== 'ImportSpecifier' || !statement.source.value.startsWith('.')) continue
          const origin = { path: resolve(statement.source.value), name: nameOf(each.imported) }
          origins.set(each.local.name, origin)
        }
        break
      case 'ExportAllDeclaration':
        throw new Error(`${path}: \`export *\` hides what is public; export names`)
      case 'ExportNamedDeclaration':
        for (const { local, exported: name } of statement.specifiers) {
          const [inside, outside] = [nameOf(local), nameOf(name)]
          const source = statement.source?.value
          if (source?.startsWith('.') === false) {
            passedOn.push(`export { ${showAlias(inside, outside)} } from '${source}';`)
            continue
          }
          exported.push(outside)
          if (source !== undefined) origins.set(outside, { path: resolve(source), name: inside })
          else if (inside !== outside) origins.set(outside, { path, name: inside })
        }
        if (statement.declaration !== null) {
          for (const name of declaredNames(statement.declaration)) {
            exported.push(name)
            declarations.push({ name, text: textOf(statement, text, comments) })
          }
        }
        break
      default:
        for (const name of declaredNames(statement)) {
          declarations.push({ name, text: textOf(statement, text, comments) })
        }
    }
  }
  return { declarations, origins, exported, passedOn }
}

function showAlias(inside: string, outside: string): string {
  return inside === outside ? inside : `${inside} as ${outside}`
}

interface Range {
  readonly start: number
  readonly end: number
}

function declaredNames(statement: object): readonly string[] {
  const { id, declarations } = statement as {
    readonly id?: { readonly name?: string } | null
    readonly declarations?: readonly object[]
  }
  if (declarations !== undefined) return declarations.flatMap(declaredNames)
  return id?.name === undefined ? [] : [id.name]
}

function nameOf(name: {
  readonly type: string
  readonly name?: string
  readonly value?: string
}): string {
  return name.name ?? name.value ?? ''
}

/** The text of a statement without its comments and empty lines. */
function textOf({ start, end }: Range, text: string, comments: readonly Range[]): string {
  let result = ''
  let position = start
  for (const comment of comments) {
    if (comment.start < position || comment.end > end) continue
    result += text.slice(position, comment.start)
    position = comment.end
  }
  result += text.slice(position, end)
  return result.replaceAll(/^[ \t]*\n/gm, '').replaceAll(/[ \t]+$/gm, '')
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[A-Za-z_$][\w$]*/g))
}
