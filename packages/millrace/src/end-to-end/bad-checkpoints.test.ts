// Checkpoint directories that cannot be used: the job does not start, and the message has the path.

import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Accumulator,
  type ExecutionOptions,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  StreamExecutionEnvironment,
  type TypeInfo,
  Types,
  type ValueState,
} from 'millrace'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-bad-checkpoints-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Enough for state that is a file of its own. */
const KEYS = 5000

let directory: string
let directoryCount = 0
beforeEach(() => {
  directory = join(folder, `checkpoints-${directoryCount++}`)
})

describe('a checkpoint directory that cannot be written', () => {
  it.each([
    ['a file in its place', () => directory],
    ['a file in the place of its parent', () => join(directory, 'checkpoints')],
  ])('when there is %s, then the job does not start', async (_name, path) => {
    writeFileSync(directory, 'no folder')
    const env = environment({ directory: path() })
    countKeys(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('CHECKPOINT_DIRECTORY_UNWRITABLE')
    expect(error.message).toContain(path())
    expect(error.todo).toContain('another checkpoint directory')
    expect(restarts).toBe(0)
    expect(readFileSync(directory, 'utf8')).toBe('no folder')
  })
})

describe('a damaged checkpoint', () => {
  beforeEach(async () => {
    const env = environment({ directory })
    countKeys(env)
    await env.execute()
  })

  it('when it is whole, then the job goes on from it', async () => {
    const env = environment({ directory, restoreFrom: 'latest' })
    countKeys(env)

    const { accumulators } = await env.execute()

    expect(accumulators).toEqual({ keys: KEYS })
  })

  it.each<[string, (path: string) => void]>([
    ['cut in half', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['empty', (path) => truncateSync(path, 0)],
    ['changed by a bit at the start', (path) => flipBit(path, 0)],
    ['changed by a bit in the middle', (path) => flipBit(path, 0.5)],
    ['changed by a bit at the end', (path) => flipBit(path, 0.999)],
  ])('when its metadata is %s, then the job does not start', async (_name, damage) => {
    const path = metadataFile()
    damage(path)
    const env = environment({ directory, restoreFrom: 'latest' })
    countKeys(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('CHECKPOINT_CORRUPT')
    expect(error.message).toContain(path)
    expect(restarts).toBe(0)
  })

  it.each<[string, (path: string) => void]>([
    ['cut in half', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['changed by a bit', (path) => flipBit(path, 0.5)],
    ['gone', (path) => rmSync(path)],
  ])('when a file of state is %s, then the job fails at once', async (_name, damage) => {
    const path = stateFile()
    damage(path)
    const env = environment({ directory, restoreFrom: 'latest' })
    countKeys(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('CHECKPOINT_CORRUPT')
    expect(error.message).toContain(path)
    expect(restarts).toBe(0)
  })
})

describe('a checkpoint that does not fit the job', () => {
  beforeEach(async () => {
    const env = environment({ directory })
    countKeys(env)
    await env.execute('key counter')
  })

  it('when it is of another job, then the message names both jobs and what the other one has', async () => {
    const env = environment({ directory, restoreFrom: 'latest' })
    env.fromData([1]).uid('ones').discard().uid('gone')

    const error = await env.execute('one').catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({
      code: 'CHECKPOINT_OF_ANOTHER_JOB',
      expected: expect.stringContaining("'one'"),
      came: expect.stringMatching(/'key counter'.*'numbers', 'count'/),
      isRetryable: false,
    })
  })

  it('when an operator with state is gone, then the message names it', async () => {
    const env = environment({ directory, restoreFrom: 'latest' })
    countKeys(env, { uid: 'counter' })

    const { error } = await failureOf(env)

    expect(error.code).toBe('STATE_UNCLAIMED')
    expect(error.came).toContain("'count'")
    expect(error.todo).toContain('.uid(')
  })

  it('when an operator has another number of key groups, then the message says which it had', async () => {
    const env = environment({ directory, restoreFrom: 'latest' }, { maxParallelism: 64 })
    countKeys(env)

    const { error } = await failureOf(env)

    expect(error.code).toBe('STATE_INCOMPATIBLE')
    expect(error.message).toContain("maxParallelism 128 that the keyed state of 'count'")
  })

  it('when a state has another type, then the message names state and operator', async () => {
    const env = environment({ directory, restoreFrom: 'latest' })
    countKeys(env, { type: Types.string as TypeInfo<unknown> })

    const { error } = await failureOf(env)

    expect(error.code).toBe('STATE_INCOMPATIBLE')
    expect(error.message).toContain('seen')
    expect(error.message).toMatch(/count/)
  })
})

function environment(
  checkpointing: { readonly directory: string; readonly restoreFrom?: 'latest' },
  options: ExecutionOptions = {},
): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    checkpointing: { interval: '1 min', ...checkpointing },
    restart: { strategy: 'fixed-delay', attempts: 2, delay: 1 },
    ...options,
  })
}

interface Variation {
  readonly uid?: string
  readonly type?: TypeInfo<unknown>
}

function countKeys(
  env: StreamExecutionEnvironment,
  { uid = 'count', type = Types.boolean as TypeInfo<unknown> }: Variation = {},
): void {
  env
    .fromSequence(1, KEYS)
    .uid('numbers')
    .keyBy((value) => `key number ${value}`, { type: Types.string })
    .process(() => new KeyCounter(type))
    .uid(uid)
    .name(uid)
    .discard()
    .uid('nothing')
}

/** Counts each key once. */
class KeyCounter implements KeyedProcessFunction<string, number, never> {
  readonly #type: TypeInfo<unknown>
  #seen!: ValueState<unknown>
  #keys!: Accumulator

  constructor(type: TypeInfo<unknown>) {
    this.#type = type
  }

  open(context: KeyedRuntimeContext): void {
    this.#seen = context.getValueState({ name: 'seen', type: this.#type, defaultValue: false })
    this.#keys = context.getAccumulator('keys')
  }

  processElement(): void {
    if (this.#seen.value() === false) this.#keys.add(1)
    this.#seen.update(true)
  }
}

function checkpoint(): string {
  const [newest] = readdirSync(directory).filter((name) => name.startsWith('chk-'))
  return join(directory, newest ?? 'no checkpoint')
}

function metadataFile(): string {
  return join(checkpoint(), '_metadata')
}

function stateFile(): string {
  const [name] = readdirSync(checkpoint()).filter((each) => each !== '_metadata')
  return join(checkpoint(), name ?? 'no state')
}

/** Changes one bit at a place from 0 (the start) to 1. */
function flipBit(path: string, place: number): void {
  const bytes = readFileSync(path)
  const index = Math.floor(place * bytes.length)
  bytes[index] = (bytes[index] as number) ^ 0x10
  writeFileSync(path, bytes)
}
