// Which checkpoints a run removes that continues where another one ended.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamExecutionEnvironment } from 'millrace'
import { afterEach, beforeEach, expect, it } from 'vitest'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-taken-over-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

it('when a run has left several checkpoints, as one that is killed does, then who continues removes them', async () => {
  await run({ retained: 2 })
  await run({ retained: 2, restoreFrom: 'latest' })
  expect(checkpoints()).toEqual(['chk-1', 'chk-2'])

  await run({ restoreFrom: 'latest' })

  expect(checkpoints()).toEqual(['chk-3'])
})

it('when a run did not continue another one, then nobody removes the checkpoints of that', async () => {
  await run({})
  await run({})
  expect(checkpoints()).toEqual(['chk-1', 'chk-2'])

  await run({ restoreFrom: 'latest' })
  await run({ restoreFrom: 'latest' })

  expect(checkpoints()).toEqual(['chk-1', 'chk-4'])
})

/** Takes one checkpoint, at its end. */
async function run(options: {
  readonly retained?: number
  readonly restoreFrom?: 'latest'
}): Promise<void> {
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    checkpointing: { interval: '1 min', directory, ...options },
  })
  env.fromSequence(1, 10).uid('numbers').discard().uid('nothing')
  await env.execute()
}

function checkpoints(): readonly string[] {
  return readdirSync(directory).sort()
}
