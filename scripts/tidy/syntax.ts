// The little that tidy wants to know of a source file, taken from its syntax tree. TypeScript 7 offers no tree to
// tools, so the parser is the one that vite brings.

import { parseSync } from 'vite'

/** What a source file says, by line. */
export interface Syntax {
  /** Modules that are imported or re-exported. */
  readonly imports: readonly Located[]
  /** Names that are declared: types, functions, variables, members. */
  readonly declarations: readonly Declaration[]
  /** Calls of a property, as `root.property`: `test.only`, `context.skip`. */
  readonly calls: readonly Call[]
  readonly comments: readonly Located[]
  readonly functions: readonly FunctionSize[]
}

export interface Located {
  readonly text: string
  readonly line: number
}

export interface Declaration extends Located {
  readonly kind: 'interface' | 'type' | 'other'
}

export interface Call extends Located {
  readonly argumentCount: number
}

export interface FunctionSize extends Located {
  readonly lineCount: number
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [property: string]: unknown
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
])

const DECLARATIONS: Readonly<Record<string, 'id' | 'key'>> = {
  ClassDeclaration: 'id',
  FunctionDeclaration: 'id',
  MethodDefinition: 'key',
  PropertyDefinition: 'key',
  TSInterfaceDeclaration: 'id',
  TSMethodSignature: 'key',
  TSPropertySignature: 'key',
  TSTypeAliasDeclaration: 'id',
  VariableDeclarator: 'id',
}

/** Parses a source file. Throws if it is not TypeScript. */
export function parseSyntax(path: string, text: string): Syntax {
  const { program, comments, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path} does not parse: ${error.message}`)

  const lineAt = createLineIndex(text)
  const imports: Located[] = []
  const declarations: Declaration[] = []
  const calls: Call[] = []
  const functions: FunctionSize[] = []
  const visit = (node: Node, name: string): void => {
    const line = lineAt(node.start)
    const declared = declaredName(node)
    if (declared !== undefined) declarations.push({ text: declared, line, kind: kindOf(node) })
    const imported = importedModule(node)
    if (imported !== undefined) imports.push({ text: imported, line })
    const called = calledProperty(node)
    if (called !== undefined) calls.push({ ...called, line })
    if (FUNCTIONS.has(node.type)) {
      const lineCount = lineAt(node.end) - line + 1
      functions.push({ text: declared ?? (name === '' ? '(anonymous)' : name), line, lineCount })
    }
    for (const child of childrenOf(node)) visit(child, declared ?? (isWrapper(node) ? name : ''))
  }
  visit(program as unknown as Node, '')
  return {
    imports,
    declarations,
    calls,
    comments: comments.map(({ value, start }) => ({ text: value, line: lineAt(start) })),
    functions,
  }
}

/** Answers the line, from 1, of a position. */
function createLineIndex(text: string): (position: number) => number {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index)
  return (position) => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < position) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}

function declaredName(node: Node): string | undefined {
  const property = DECLARATIONS[node.type]
  const id = property === undefined ? undefined : node[property]
  return isNode(id) && typeof id['name'] === 'string' ? id['name'] : undefined
}

function kindOf(node: Node): Declaration['kind'] {
  if (node.type === 'TSInterfaceDeclaration') return 'interface'
  if (node.type === 'TSTypeAliasDeclaration' || node.type === 'ClassDeclaration') return 'type'
  return 'other'
}

function importedModule({ type, source }: Node): string | undefined {
  const isImport = /^(Import|ExportNamed|ExportAll)Declaration$|^ImportExpression$/.test(type)
  return isImport && isNode(source) && typeof source['value'] === 'string'
    ? source['value']
    : undefined
}

function calledProperty(node: Node): Omit<Call, 'line'> | undefined {
  if (node.type !== 'CallExpression' || !isNode(node['callee'])) return undefined
  const { property, object } = node['callee']
  const root = rootName(object)
  if (root === undefined || !isNode(property) || typeof property['name'] !== 'string') {
    return undefined
  }
  const argumentCount = Array.isArray(node['arguments']) ? node['arguments'].length : 0
  return { text: `${root}.${property['name']}`, argumentCount }
}

/** `test` of `test.concurrent.only`. */
function rootName(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Identifier') return String(node['name'])
  return node.type === 'MemberExpression' ? rootName(node['object']) : undefined
}

/** The initializer of `const name = …` and the value of a method carry the name of their parent. */
function isWrapper(node: Node): boolean {
  return node.type === 'VariableDeclarator' || node.type === 'MethodDefinition'
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flat().filter(isNode)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
