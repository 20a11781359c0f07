// What a package offers, with its words: every exported name with the declarations the compiler wrote and the
// docstring before each, its members too. Names that the package passes on are read where they are declared.

import { posix } from 'node:path'
import { parseSync } from 'vite'

/** One exported name. Overloads of a function are several declarations. */
export interface ApiSymbol {
  readonly name: string
  /** For example `class`, `interface`, `function`, `const`, `type`. */
  readonly kind: string
  /** The package that declares it. */
  readonly packageName: string
  /** The declaration file, below the package's `dist`. */
  readonly path: string
  readonly declarations: readonly ApiDeclaration[]
}

/** One declaration: its text without comments and members, and what the docstring says. */
export interface ApiDeclaration {
  readonly signature: string
  readonly doc: string
  readonly members: readonly ApiMember[]
}

/** A property or method of a class or interface. */
export interface ApiMember {
  readonly name: string
  readonly signature: string
  readonly doc: string
}

/** Answers the text of a declaration file of a package. */
export type ReadPackage = (packageName: string, path: string) => string

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [property: string]: unknown
}

interface Comment {
  readonly start: number
  readonly end: number
}

interface Place {
  readonly packageName: string
  readonly path: string
  readonly name: string
}

/** Reads all that the entry of a package exports, sorted by name. */
export function readSymbols(packageName: string, entry: string, read: ReadPackage): ApiSymbol[] {
  const files = new Map<string, DeclarationFile>()
  const open = (place: Place): DeclarationFile => {
    const id = `${place.packageName}/${place.path}`
    let file = files.get(id)
    if (file === undefined) {
      file = new DeclarationFile(place, read(place.packageName, place.path))
      files.set(id, file)
    }
    return file
  }
  const find = (place: Place): ApiSymbol | undefined => {
    const file = open(place)
    const declared = file.declarationsOf(place.name)
    if (declared !== undefined)
      return { ...declared, packageName: place.packageName, path: place.path }
    const origin = file.originOf(place.name)
    return origin === undefined ? undefined : find(origin)
  }
  const root = { packageName, path: entry, name: '' }
  return open(root)
    .exportedNames()
    .flatMap((name) => {
      const symbol = find({ ...root, name })
      return symbol === undefined ? [] : [{ ...symbol, name }]
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** One `.d.ts`, parsed. */
class DeclarationFile {
  readonly #place: Place
  readonly #text: string
  readonly #statements: readonly Node[]
  readonly #comments: readonly Comment[]

  constructor(place: Place, text: string) {
    const { program, comments } = parseSync(place.path, text)
    this.#place = place
    this.#text = text
    this.#statements = program.body as unknown as readonly Node[]
    this.#comments = comments
  }

  exportedNames(): readonly string[] {
    return this.#statements.flatMap((statement) => {
      if (statement.type !== 'ExportNamedDeclaration') return []
      const specifiers = statement['specifiers'] as readonly { readonly exported: Node }[]
      const { declaration } = statement as { declaration?: Node | null }
      return [
        ...specifiers.map(({ exported }) => nameOf(exported)),
        ...(declaration ? namesIn(declaration) : []),
      ]
    })
  }

  /** Where a name comes from that this file imports or passes on. */
  originOf(name: string): Place | undefined {
    for (const statement of this.#statements) {
      const source = (statement['source'] as { readonly value: string } | null | undefined)?.value
      const specifiers = (statement['specifiers'] ?? []) as readonly Record<string, Node>[]
      for (const specifier of specifiers) {
        const outside = nameOf(specifier['exported'] ?? specifier['local'])
        if (outside !== name) continue
        const inside = nameOf(specifier['imported'] ?? specifier['local'])
        if (source !== undefined) return { ...this.#resolve(source), name: inside }
        if (inside !== name) return this.originOf(inside)
      }
    }
    return undefined
  }

  declarationsOf(name: string): Pick<ApiSymbol, 'name' | 'kind' | 'declarations'> | undefined {
    const found = this.#statements.flatMap((statement) => {
      const declaration = (statement['declaration'] as Node | null | undefined) ?? statement
      return namesIn(declaration).includes(name) ? [{ statement, declaration }] : []
    })
    const [first] = found
    if (first === undefined) return undefined
    return {
      name,
      kind: kindOf(first.declaration),
      declarations: found.map(({ statement, declaration }) =>
        this.#declaration(statement, declaration),
      ),
    }
  }

  #resolve(specifier: string): Omit<Place, 'name'> {
    if (!specifier.startsWith('.')) return { packageName: specifier, path: 'index.d.ts' }
    const path = posix.join(posix.dirname(this.#place.path), specifier)
    return { packageName: this.#place.packageName, path: path.replace(/(\.d)?\.[tj]s$/, '.d.ts') }
  }

  #declaration(statement: Node, declaration: Node): ApiDeclaration {
    const body = bodyOf(declaration)
    const signature = this.#plain(
      declaration.start,
      body === undefined ? declaration.end : body.start,
    )
    return {
      signature: signature.replace(/^declare /, '').trim(),
      doc: this.#docBefore(statement.start),
      members: body === undefined ? [] : this.#members(body),
    }
  }

  #members(body: Node): readonly ApiMember[] {
    const nodes = (body['body'] ?? body['members'] ?? []) as readonly Node[]
    return nodes.flatMap((node) => {
      const key = node['key'] as Node | undefined
      const isHidden =
        key?.type === 'PrivateIdentifier' ||
        node['accessibility'] === 'private' ||
        node['accessibility'] === 'protected'
      if (isHidden || key === undefined) return []
      const name = this.#text.slice(key.start, key.end)
      const signature = this.#plain(node.start, node.end).replace(/[;,]$/, '')
      if (name === 'constructor' && signature === 'constructor()') return []
      return [{ name, signature, doc: this.#docBefore(node.start) }]
    })
  }

  /** The text between two places, without comments, its lines moved to the left. */
  #plain(start: number, end: number): string {
    let text = ''
    let at = start
    for (const comment of this.#comments) {
      if (comment.start < at || comment.end > end) continue
      text += this.#text.slice(at, comment.start)
      at = comment.end
    }
    text += this.#text.slice(at, end)
    return outdented(text.replaceAll(/^[ \t]*\n/gm, '').trimEnd())
  }

  /** The docstring that ends right before a place, without its margin. */
  #docBefore(start: number): string {
    const comment = this.#comments.findLast(({ end }) => end <= start)
    if (comment === undefined || this.#text.slice(comment.end, start).trim() !== '') return ''
    const text = this.#text.slice(comment.start, comment.end)
    if (!text.startsWith('/**')) return ''
    return text
      .slice('/**'.length, -'*/'.length)
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''))
      .join('\n')
      .trim()
  }
}

function outdented(text: string): string {
  const [first = '', ...others] = text.split('\n')
  const indents = others.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const last = others.at(-1)
  const least = Math.min(...indents, last === undefined ? 0 : last.search(/\S/))
  return [first, ...others.map((line) => line.slice(Math.max(0, least)))].join('\n')
}

/** The part that holds members: of a class or interface, or the type literal of a constant such as `Types`. */
function bodyOf(declaration: Node): Node | undefined {
  if (declaration.type === 'ClassDeclaration' || declaration.type === 'TSInterfaceDeclaration') {
    return (declaration['body'] as Node | null) ?? undefined
  }
  if (declaration.type !== 'VariableDeclaration') return undefined
  const [variable] = declaration['declarations'] as readonly Node[]
  const { typeAnnotation } = (variable?.['id'] ?? {}) as { typeAnnotation?: Node | null }
  const type = typeAnnotation?.['typeAnnotation'] as Node | undefined
  return type?.type === 'TSTypeLiteral' ? type : undefined
}

const KINDS: Readonly<Record<string, string>> = {
  ClassDeclaration: 'class',
  TSInterfaceDeclaration: 'interface',
  TSTypeAliasDeclaration: 'type',
  TSDeclareFunction: 'function',
  FunctionDeclaration: 'function',
  VariableDeclaration: 'const',
}

function kindOf(declaration: Node): string {
  return KINDS[declaration.type] ?? 'declaration'
}

function namesIn(declaration: Node): readonly string[] {
  const declarators = declaration['declarations'] as readonly Node[] | undefined
  if (declarators !== undefined) return declarators.flatMap(namesIn)
  const { id } = declaration as { id?: { readonly name?: string } | null }
  return id?.name === undefined ? [] : [id.name]
}

function nameOf(node: Node | undefined): string {
  const { name, value } = (node ?? {}) as { readonly name?: string; readonly value?: string }
  return name ?? value ?? ''
}
