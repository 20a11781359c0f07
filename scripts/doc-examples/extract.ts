// Finds the programs in documents and docstrings. A docstring is turned into a page first: its margin goes, and
// every other line of the source becomes empty, so a line of the page is the line of the file.

/** One TypeScript block, and what it is expected to print. */
export interface Example {
  readonly path: string
  /** Line of its first statement in the file, from 1. */
  readonly line: number
  readonly code: string
  /** All it prints, where the document shows it. A line `...` stands for any lines. */
  readonly output?: string
  /** Why it is neither compiled nor run; empty if the document gives no reason. */
  readonly ignoreReason?: string
}

interface Block {
  readonly info: string
  /** Index of the line with the opening fence. */
  readonly start: number
  /** Index of the line with the closing fence. */
  readonly end: number
  readonly text: string
}

/** The TypeScript blocks of a page of Markdown, or of the docstrings of a source file. */
export function extractExamples(path: string, text: string): readonly Example[] {
  const lines = (path.endsWith('.md') ? text : docstringsOf(text)).split('\n')
  const blocks = blocksOf(lines)
  return blocks.flatMap((block, index) => {
    const [language, ...flags] = block.info.split(/\s+/)
    if (language !== 'ts' && language !== 'typescript') return []
    const next = blocks[index + 1]
    const isShown = next !== undefined && isOutput(lines.slice(block.end + 1, next.start), next)
    return [
      {
        path,
        line: block.start + 2,
        code: block.text,
        ...(isShown ? { output: next.text } : {}),
        ...(flags[0] === 'ignore' ? { ignoreReason: reasonOf(flags.slice(1).join(' ')) } : {}),
      },
    ]
  })
}

function docstringsOf(source: string): string {
  let isInside = false
  return source
    .split('\n')
    .map((line) => {
      const isOpening = /^\s*\/\*\*/.test(line)
      const isMargin = isInside && !isOpening
      if (isOpening) isInside = true
      if (line.includes('*/')) isInside = false
      return isMargin ? line.replace(/^\s*\* ?/, '') : ''
    })
    .join('\n')
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = []
  let start = -1
  lines.forEach((line, index) => {
    if (!/^\s*```/.test(line)) return
    if (start < 0) {
      start = index
      return
    }
    const opening = lines[start] ?? ''
    const indent = opening.indexOf('`')
    const text = lines.slice(start + 1, index).map((each) => each.slice(indent))
    blocks.push({
      info: opening.trim().replace(/^`+/, '').trim(),
      start,
      end: index,
      text: text.join('\n'),
    })
    start = -1
  })
  return blocks
}

/** A `text` block belongs to the program above it if nothing but one line such as `Output:` stands between. */
function isOutput(between: readonly string[], { info }: Block): boolean {
  const words = between.map((line) => line.trim()).filter((line) => line !== '')
  return (
    info === 'text' &&
    words.length === 1 &&
    /^(output|(it |which |this )?prints)\b/i.test(words[0] ?? '')
  )
}

function reasonOf(flag: string): string {
  return /^reason=(.*)$/.exec(flag)?.[1]?.replaceAll('"', '').trim() ?? ''
}
