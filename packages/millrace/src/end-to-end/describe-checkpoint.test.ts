// Looking into checkpoints: the one that the first version wrote, one of a job on threads, and damaged ones.

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type CheckpointDescription,
  describeCheckpoint,
  formatCheckpoint,
  MillraceError,
  StreamExecutionEnvironment,
  Types,
} from 'millrace'
import { afterAll, describe, expect, it } from 'vitest'
import keptState from './jobs/kept-state.ts'

const KEPT = join(import.meta.dirname, '../../test-data/v1')
const folder = mkdtempSync(join(tmpdir(), 'millrace-describe-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the description of a checkpoint', () => {
  it('names the states of the kept checkpoint with types, entries and key groups', async () => {
    const description = await describeCheckpoint(join(KEPT, 'chk-1'))

    expect(description).toMatchObject({
      checkpointId: 1,
      kind: 'checkpoint',
      formatVersion: 1,
      jobName: 'kept state',
      isVerified: true,
    })
    expect(operatorOf(description, 'totals')).toMatchObject({
      kind: 'keyed-process',
      parallelism: 1,
      maxParallelism: 128,
      finishedSubtasks: 0,
      keyedStates: [
        { name: 'total', kind: 'value', keyType: 'int', valueType: 'record{count: int, sum: int}' },
        { name: 'firsts', kind: 'list', valueType: 'array<int>', entries: 10 },
        { name: 'parities', kind: 'map', valueType: 'map<string, int>' },
        { name: 'largest', kind: 'reducing', entries: 10, keyGroups: { count: 10 } },
        { name: 'aggregated', kind: 'aggregating' },
        { name: '$timers.event-time', kind: 'timers', entries: 10 },
        { name: '$timers.processing-time', kind: 'timers', entries: 0, keyGroups: { count: 0 } },
      ],
    })
    expect(operatorOf(description, 'rules').operatorStates).toEqual([
      {
        name: 'rules',
        mode: 'broadcast',
        keyType: 'string',
        valueType: 'int',
        entries: 1,
        bytes: 48,
      },
    ])
    expect(operatorOf(description, 'numbers').splits).toEqual([{ next: 606, step: 1, end: 2000 }])
    expect(operatorOf(description, 'rule-values').finishedSubtasks).toBe(1)
    expect(operatorOf(description, 'times').times).toEqual({ watermark: 4019 })
    expect(JSON.parse(JSON.stringify(description))).toEqual(description)
  })

  it('is a text with a line for each state', async () => {
    const text = formatCheckpoint(await describeCheckpoint(KEPT))
    expect(text).toMatch(/^checkpoint 1 of 'kept state', .*chk-1\n/)
    expect(text).toContain(
      '\n  value total: int -> record{count: int, sum: int}, 10 entries, 480 B\n',
    )
    expect(text).toContain('\n  broadcast rules: string -> int, 1 entry, 48 B\n')
    expect(text).toContain('all checksums right')
  })

  it('when a job ran on two threads, then it adds up what all subtasks left', async () => {
    const directory = copyOfKept('threads')
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      checkpointing: { interval: '1 min', directory, restoreFrom: 'latest' },
      restart: { strategy: 'none' },
      module: fileURLToPath(new URL('jobs/kept-state.ts', import.meta.url)),
      parallelism: 2,
      threads: 2,
    })
    keptState(env)
    await env.execute('kept state')

    const description = await describeCheckpoint(directory)

    expect(description.kind).toBe('final')
    const totals = operatorOf(description, 'totals')
    expect(totals).toMatchObject({ parallelism: 2, finishedSubtasks: 2 })
    expect(totals.keyedStates.find(({ kind }) => kind === 'value')).toMatchObject({ entries: 10 })
  })

  it('when state lies in files, then it is read there, and a changed or missing file is found', async () => {
    const directory = await bigState('files')
    const whole = await describeCheckpoint(directory)
    const state = operatorOf(whole, 'big').keyedStates[0]
    expect(state).toMatchObject({ entries: KEYS, keyType: 'int', keyGroups: { count: 128 } })
    const { largest, smallest, histogram } = state?.keyGroups ?? { histogram: [] }
    expect(largest?.bytes).toBeGreaterThanOrEqual(smallest?.bytes ?? Infinity)
    expect(histogram.reduce((sum, { keyGroups }) => sum + keyGroups, 0)).toBe(128)

    const path = stateFileIn(whole.path)
    writeFileSync(path, 'damage', { flag: 'r+' })
    expect(await codeOf(directory)).toBe('CHECKPOINT_CORRUPT')
    truncateSync(path, 100)
    expect(await codeOf(directory, { verify: false })).toBe('CHECKPOINT_CORRUPT')
    rmSync(path)
    expect(await codeOf(directory, { verify: false })).toBe('CHECKPOINT_CORRUPT')
  })

  it('without verify, damage inside of an entry is not looked for', async () => {
    const directory = await bigState('unverified')
    const path = stateFileIn((await describeCheckpoint(directory)).path)
    const bytes = readFileSync(path)
    bytes[bytes.length - 20] = 0xff
    writeFileSync(path, bytes)
    expect(await codeOf(directory)).toBe('CHECKPOINT_CORRUPT')
    const { isVerified } = await describeCheckpoint(directory, { verify: false })
    expect(isVerified).toBe(false)
  })

  it('when there is no checkpoint, or one that was not completed, then that is said', async () => {
    expect(await codeOf(join(folder, 'nowhere'))).toBe('CHECKPOINT_MISSING')
    mkdirSync(join(folder, 'unfinished/chk-3'), { recursive: true })
    expect(await codeOf(join(folder, 'unfinished'))).toBe('CHECKPOINT_MISSING')
    expect(await codeOf('')).toBe('OPTION_INVALID')
    expect(await codeOf(KEPT, { verfy: true } as object)).toBe('OPTION_UNKNOWN')
  })

  it('when metadata is cut, then it is corrupt', async () => {
    const directory = copyOfKept('cut')
    truncateSync(join(directory, 'chk-1/_metadata'), 1000)
    expect(await codeOf(directory)).toBe('CHECKPOINT_CORRUPT')
  })
})

const KEYS = 5000

/** A job whose state is too much for its metadata. */
async function bigState(name: string): Promise<string> {
  const directory = join(folder, name)
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    checkpointing: { interval: '1 min', directory },
  })
  env
    .generate({ count: KEYS, generator: (index) => index })
    .keyBy((index) => index, { type: Types.int })
    .reduce((index) => index)
    .uid('big')
    .discard()
  await env.execute(name)
  return directory
}

function stateFileIn(directory: string): string {
  const [name] = readdirSync(directory).filter((file) => file.endsWith('.keyed'))
  return join(directory, name ?? 'none')
}

function copyOfKept(name: string): string {
  const directory = join(folder, name)
  cpSync(KEPT, directory, { recursive: true })
  return directory
}

function operatorOf(
  { operators }: CheckpointDescription,
  uid: string,
): CheckpointDescription['operators'][number] {
  const found = operators.find((operator) => operator.uid === uid)
  if (found === undefined) throw new Error(`no operator ${uid}`)
  return found
}

async function codeOf(path: string, options?: { readonly verify?: boolean }): Promise<string> {
  try {
    await describeCheckpoint(path, options)
    return 'none'
  } catch (error) {
    return error instanceof MillraceError ? error.code : String(error)
  }
}
