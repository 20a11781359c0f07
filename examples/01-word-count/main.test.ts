import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runProgram } from '../run-program.ts'

const LICENSE = new URL('../../LICENSE', import.meta.url)

it('when the words of the licence are counted, then the counts are those of splitting its text', async () => {
  const words = readFileSync(LICENSE, 'utf8')
    .toLowerCase()
    .split(/[^\p{L}\p{N}']+/u)
    .filter((word) => word !== '')
  const different = [...new Set(words)]
  const countOf = (word: string): number => words.filter((other) => other === word).length
  const mostFrequent = different
    .map((word) => [word, countOf(word)] as const)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, 10)

  const { exitCode, stdout } = await runProgram('01-word-count/main.ts')

  const lines = stdout.trimEnd().split('\n')
  expect(lines.slice(0, -1).map((line) => line.trim().split(/ +/))).toEqual(
    mostFrequent.map(([word, count]) => [String(count), word]),
  )
  expect(lines.at(-1)).toBe(`${words.length} words, ${different.length} different ones`)
  expect(exitCode).toBe(0)
})

it('when the text is missing, then the program fails and names the file', async () => {
  const { exitCode, stderr } = await runProgram('01-word-count/main.ts', ['no-such-text.txt'])

  expect(stderr).toMatch(/FILE_MISSING.*no-such-text\.txt/)
  expect(exitCode).toBe(1)
})
