import { expect, test } from 'vitest'
import { runCommand } from '../run-command.ts'

test('when a job is killed three times and its threads end, then nothing is lost, repeated, leaked or missing', async () => {
  const command = 'node --conditions=source scripts/chaos.ts --kills 3 --seed 2'
  const { isOk, output } = await runCommand(command.split(' '))

  expect(output).toMatch(/rows +\d+: 0 duplicates, 0 losses; 0 duplicates seen meanwhile/)
  expect(output).toMatch(/files +0 missing, 0 leaked/)
  expect(output.split('\n').filter((line) => /^ +\d+ .* chk-\d+ /.test(line))).toHaveLength(3)
  expect(output.trimEnd()).toMatch(/equal, byte for byte$/)
  expect(isOk).toBe(true)
}, 180_000)
