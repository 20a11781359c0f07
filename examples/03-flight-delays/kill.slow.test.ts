import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../scripts/kill-main-job.ts', import.meta.url))

it('when the job is killed at ten moments and continued, then its files are those of an undisturbed run', async () => {
  const script = spawn(process.execPath, ['--conditions=source', SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  script.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exitCode = await new Promise((resolve) => script.on('close', resolve))

  const kills = output.split('\n').filter((line) => / ms {2}/.test(line))
  expect(kills).toHaveLength(10)
  for (const kill of kills) expect(kill).toMatch(/yes +yes$/)
  expect(kills[0]).toContain('none')
  expect(exitCode).toBe(0)
}, 400_000)
