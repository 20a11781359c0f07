// Patterns of paths:
//
//   *    any part of a name           ?      one character of a name
//   **   any number of folders        [ab]   one of these       {a,b}   one of these texts

import { MillraceError, show } from '@millrace/core'

/** Whether a path is a pattern. */
export function isGlob(path: string): boolean {
  return /[*?[\]{}]/.test(path)
}

/** The deepest folder that all matches of a pattern lie in. */
export function globRoot(pattern: string): string {
  const names = pattern.split('/')
  const first = names.findIndex(isGlob)
  const root = names.slice(0, first).join('/')
  if (root !== '') return root
  return pattern.startsWith('/') ? '/' : '.'
}

/**
 * The expression that a whole path must match.
 *
 * @throws MillraceError `OPTION_INVALID` for a pattern with a bracket too many or too few
 */
export function globExpression(pattern: string): RegExp {
  let source = ''
  let alternativeDepth = 0
  for (let index = 0; index < pattern.length; index++) {
    const rest = pattern.slice(index)
    const token = /^\*\*\/|^\*\*|^\[!?[^\]/]+\]|^./su.exec(rest)?.[0] as string
    if (token === '{') alternativeDepth += 1
    if (token === '}') alternativeDepth -= 1
    source += expressionOf(token, alternativeDepth)
    index += token.length - 1
  }
  return compiled(pattern, source)
}

function compiled(pattern: string, source: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 'u')
  } catch (cause) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a pattern of paths in which each [ and { is closed',
      came: show(pattern),
      todo: 'Close the bracket, or put one that belongs to a name into brackets: [{].',
      cause,
    })
  }
}

function expressionOf(token: string, alternativeDepth: number): string {
  switch (token) {
    case '**/':
      return '(?:[^/]+/)*'
    case '**':
      return '.*'
    case '*':
      return '[^/]*'
    case '?':
      return '[^/]'
    case '{':
      return '(?:'
    case '}':
      return ')'
    case ',':
      return alternativeDepth > 0 ? '|' : ','
  }
  if (token.length > 1 && token.startsWith('[')) {
    const isNegative = token[1] === '!'
    const characters = token.slice(isNegative ? 2 : 1, -1).replaceAll(/[\\\]^[]/g, String.raw`\$&`)
    return `[${isNegative ? '^/' : ''}${characters}]`
  }
  return token.replaceAll(/[$()*+./?[\\\]^{|}]/gu, String.raw`\$&`)
}
