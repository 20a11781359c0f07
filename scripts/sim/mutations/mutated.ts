import type { Mutation } from './mutations.ts'

/** A source text with the bug in it. Fails loudly if the text is not the one that the mutation was written for. */
export function mutated({ name, file, snippet, replacement }: Mutation, source: string): string {
  const parts = source.split(snippet)
  if (parts.length === 2) return parts.join(replacement)
  throw new Error(
    `${file} holds ${parts.length - 1} times, and not once, what the mutation '${name}' replaces:\n${snippet}\n` +
      'Write the bug anew in scripts/sim/mutations/mutations.ts, where it would be in the source as it is now.',
  )
}
