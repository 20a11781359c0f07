// docs/start.md, word for word: its job is saved and its commands are run, in order, and print what the page shows.

import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from './run-command.ts'

const JOB = join(ROOT, 'my-job.ts')

/** What a reader has done already who can run this test. */
const DONE_BEFORE = /^(git clone|cd|npm ci)\b/

interface Block {
  readonly language: string
  readonly text: string
}

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)].map(
    ([, language = '', text = '']) => ({ language, text }),
  )
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}

afterAll(() => rmSync(JOB, { force: true }))

test('when a reader does what the start page says, then it prints what the page shows', async () => {
  const blocks = blocksOf(readFileSync(join(ROOT, 'docs/start.md'), 'utf8'))
  const totals = linesOf(blocks.find(({ language }) => language === 'text')?.text ?? '')
  let output: readonly string[] = []
  let mainRunCount = 0
  for (const { language, text } of blocks) {
    if (language === 'ts' && text.includes('execute(')) writeFileSync(JOB, text)
    if (language === 'text') expect(output).toEqual(expect.arrayContaining([...linesOf(text)]))
    if (language !== 'bash') continue
    const commands = linesOf(text).filter((line) => !DONE_BEFORE.test(line))
    const run = promisify(execFile)('bash', ['-euc', commands.join('\n')], { cwd: ROOT })
    output = linesOf((await run).stdout)
    if (!commands.at(-1)?.startsWith('npm start')) continue
    // Run at once, continued after a kill, or on two threads: the same.
    expect(output).toEqual(expect.arrayContaining([...totals]))
    mainRunCount += 1
  }
  expect(totals).toHaveLength(4)
  expect(mainRunCount).toBe(3)
})
