// The parts that judge a run of chaos: each must see what it is there for.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamExecutionEnvironment, Types } from 'millrace'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditCheckpoints, leakedAtEnd } from './checkpoint-audit.ts'
import { committedLines, differenceOf, hiddenFiles, OutputWatch } from './output-files.ts'
import { drawPlan } from './plan.ts'
import { expectedLines, readingsOf, WINDOW } from './readings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the plan', () => {
  test('when the seed is the same, then it is the same; every aim is in it', () => {
    const plan = drawPlan({ seed: 3, kills: 20, threads: 2 })
    expect(drawPlan({ seed: 3, kills: 20, threads: 2 })).toEqual(plan)
    expect(drawPlan({ seed: 4, kills: 20, threads: 2 })).not.toEqual(plan)
    expect(plan.map(({ aim }) => aim).filter((aim) => aim === 'commit')).toHaveLength(4)
    expect(plan.some(({ workerDeaths }) => workerDeaths.length > 0)).toBe(true)
  })

  test('when the job has no worker threads, then none ends', () => {
    const plan = drawPlan({ seed: 3, kills: 20, threads: 0 })
    expect(plan.flatMap(({ workerDeaths }) => workerDeaths)).toEqual([])
  })
})

test('when rows are computed without the engine, then each reading counts in every window over its time', () => {
  const readings = readingsOf(1, 5000)
  const rows = expectedLines(readings).map((line) => JSON.parse(line) as { readonly count: number })
  const counted = rows.reduce((sum, { count }) => sum + count, 0)
  expect(counted).toBe((readings.length * WINDOW.sizeMs) / WINDOW.slideMs)
})

test('when lines are missing, repeated or wrong, then the difference counts them', () => {
  expect(differenceOf(['a', 'b', 'c'], ['a', 'b', 'c'])).toEqual({ duplicates: 0, losses: 0 })
  expect(differenceOf(['a', 'b', 'c'], ['b'])).toEqual({ duplicates: 0, losses: 2 })
  expect(differenceOf(['a', 'b'], ['a', 'a', 'b', 'z'])).toEqual({ duplicates: 2, losses: 0 })
  expect(differenceOf(['a', 'c'], ['a', 'b'])).toEqual({ duplicates: 1, losses: 1 })
})

test('when files are hidden, then their lines do not count', () => {
  writeFileSync(join(folder, 'part-0-ab-0-0.jsonl'), 'b\na\n')
  writeFileSync(join(folder, '.part-0-ab-0-1.pending'), 'c\n')
  expect(committedLines(folder)).toEqual(['a', 'b'])
  expect(hiddenFiles(folder)).toEqual(['.part-0-ab-0-1.pending'])
})

test('when a file becomes visible, then it counts for the attempt that wrote it', async () => {
  const watch = new OutputWatch(folder)
  const hidden = join(folder, '.part-1-ab12-2-7.pending')
  writeFileSync(hidden, '')
  renameSync(hidden, join(folder, 'part-1-ab12-2-7.jsonl'))
  await expect.poll(() => watch.firstSeenMs('ab-12cd', 2)).toBeGreaterThan(0)
  expect(watch.firstSeenMs('ab-12cd', 1)).toBeUndefined()
  expect(watch.firstSeenMs('cd-34', 2)).toBeUndefined()
  watch.close()
})

describe('the audit of a checkpoint directory', () => {
  beforeEach(async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      checkpointing: { interval: '1 min', directory: folder },
    })
    env
      .fromSequence(1, 5000)
      .uid('numbers')
      .keyBy((number) => `number ${number}`, { type: Types.string })
      .reduce((left) => left)
      .uid('seen')
      .discard()
      .uid('nothing')
    await env.execute()
  })

  const stateFile = (): string => {
    const name = readdirSync(join(folder, 'chk-1')).find((one) => one.startsWith('seen'))
    return join(folder, 'chk-1', name ?? 'no state has a file')
  }

  test('when all is there, then nothing is missing or leaked', () => {
    expect(existsSync(stateFile())).toBe(true)
    const audit = auditCheckpoints(folder)
    expect(audit).toMatchObject({ unfinishedIds: [], missing: [], leaked: [] })
    expect(leakedAtEnd(audit)).toEqual([])
  })

  test('when a file of state is gone or changed, then it is missing', () => {
    const file = stateFile()
    writeFileSync(file, 'something else')
    expect(auditCheckpoints(folder).missing).toHaveLength(1)
    rmSync(file)
    expect(auditCheckpoints(folder).missing).toHaveLength(1)
  })

  test('when something lies there that no checkpoint needs, then it is leaked', () => {
    writeFileSync(join(folder, 'chk-1', 'stranger'), '')
    writeFileSync(join(folder, '_writable'), '')
    mkdirSync(join(folder, 'chk-7'))
    const audit = auditCheckpoints(folder)
    expect(audit.leaked).toEqual(['_writable', 'chk-1/stranger'])
    expect(leakedAtEnd(audit)).toEqual(['_writable', 'chk-1/stranger', 'chk-7'])
  })
})
