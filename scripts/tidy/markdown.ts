/** A page with the content of its code blocks blanked and its lines kept, for readers of prose. */
export function withoutCodeBlocks(text: string): string {
  let isInside = false
  return text
    .split('\n')
    .map((line) => {
      const isFence = /^\s*```/.test(line)
      if (isFence) isInside = !isInside
      return isFence || isInside ? '' : line
    })
    .join('\n')
}
