// What goes wrong in a worker thread is told in the thread that waits for the job, and no thread is left.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ExecutionOptions, StreamExecutionEnvironment } from 'millrace'
import { afterAll, describe, expect, it } from 'vitest'
import { activeResources, failureOf, nothingLeft } from './failure-of.ts'
import differs from './jobs/differs.ts'
import exitsOnce, { NUMBERS } from './jobs/exits-once.ts'
import imports from './jobs/imports.ts'
import misfits from './jobs/misfits.ts'
import throws from './jobs/throws.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-threads-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a job on two threads', () => {
  it('when a function throws, then the failure names the operator and keeps message and stack of the cause', async () => {
    const env = environment('throws.ts', { restart: { strategy: 'none' } })
    throws(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('FUNCTION_FAILED')
    expect(error.message).toContain("'price of a bid'")
    expect(error.message).toMatch(/RangeError: no price for \d+/)
    expect(error.cause).toMatchObject({ message: expect.stringMatching(/^no price for \d+$/) })
    expect((error.cause as Error).stack).toContain('throws.ts')
    expect(restarts).toBe(0)
  })

  it('when a function throws each time, then the job restarts as often as configured', async () => {
    const env = environment('throws.ts')
    throws(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('FUNCTION_FAILED')
    expect(restarts).toBe(2)
  })

  it('when a record does not fit its type, then the job fails at once and names sender and field', async () => {
    const env = environment('misfits.ts')
    misfits(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('TYPE_MISMATCH')
    expect(error.expected).toBe('int')
    expect(error.came).toMatch(/\.5 in field "half" .* in 'halves'/)
    expect(restarts).toBe(0)
  })

  it('when the module builds another graph in the thread, then the job fails at once and names the operator', async () => {
    const env = environment('differs.ts')
    differs(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('JOB_GRAPH_DIFFERS')
    expect(error.came).toMatch(/in worker thread [12] .*'number 0\.\d+' \(uid map-of-the-day\)/)
    expect(error.todo).toContain('must not depend on time, randomness or the host')
    expect(restarts).toBe(0)
  })

  it('when a thread dies, then the job restarts from its last checkpoint and counts each record once', async () => {
    const before = activeResources()
    const env = environment('exits-once.ts', { checkpointing: { interval: '20 ms' } })
    exitsOnce(env)

    const { accumulators, restarts, checkpointsCompleted } = await env.execute()

    expect(accumulators).toEqual({ sum: (NUMBERS * (NUMBERS + 1)) / 2 })
    expect(restarts).toBe(1)
    expect(checkpointsCompleted).toBeGreaterThan(1)
    await nothingLeft(before)
  })

  it('when a thread dies and there are no restarts, then the job fails with its exit code', async () => {
    const env = environment('exits-once.ts', { restart: { strategy: 'none' } })
    exitsOnce(env)

    const { error } = await failureOf(env)

    expect(error.code).toBe('WORKER_LOST')
    expect(error.came).toContain('exit code 3')
  })
})

describe('the module of a job on threads', () => {
  it('when it waits at top level, imports CommonJS and asks for its own place, then it works as in the main thread', async () => {
    const env = environment('imports.ts')
    imports(env)
    const here = StreamExecutionEnvironment.getExecutionEnvironment()
    imports(here)

    const { accumulators } = await env.execute()

    expect(accumulators['halves']).toBe(5050)
    expect(accumulators['lines']).toBeGreaterThan(10)
    expect(accumulators).toEqual((await here.execute()).accumulators)
  })

  it.each([
    ['is not there', undefined, 'the file of the module'],
    ['imports what is not there', "import 'no-such-package-at-all'\n", 'no-such-package-at-all'],
    ['builds no job', 'export const nothing = 1\n', 'calls env.execute()'],
    ['throws', "throw new Error('no such setting')\n", 'no such setting'],
  ])('when it %s, then the job fails at once and says so', async (name, text, expected) => {
    const module = join(folder, `${name.replaceAll(' ', '-')}.ts`)
    if (text !== undefined) writeFileSync(module, text)
    const env = environment(module)
    env.fromData([1]).discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('JOB_MODULE_INVALID')
    expect(error.message).toContain(expected)
    expect(restarts).toBe(0)
  })
})

it.each([0, 2])('when a job fails on %d threads, then its process ends', async (threads) => {
  const program = `
    import { StreamExecutionEnvironment } from 'millrace'
    import throws from ${JSON.stringify(jobModule('throws.ts'))}
    const module = ${JSON.stringify(jobModule('throws.ts'))}
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      threads: ${threads}, parallelism: 2, module, restart: { strategy: 'none' },
    })
    throws(env)
    await env.execute().catch((error) => console.log(error.code))`

  const child = spawn(
    process.execPath,
    ['--conditions=source', '--input-type=module', '--eval', program],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exitCode = await new Promise((resolve) => child.on('close', resolve))

  expect(output).toBe('FUNCTION_FAILED\n')
  expect(exitCode).toBe(0)
})

function jobModule(name: string): string {
  return new URL(`./jobs/${name}`, import.meta.url).href
}

/** Two threads and two restarts. `module` is a path, or the name of a module in `jobs`. */
function environment(module: string, options: ExecutionOptions = {}): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    threads: 2,
    parallelism: 2,
    module: module.includes('/') ? module : fileURLToPath(jobModule(module)),
    restart: { strategy: 'fixed-delay', attempts: 2, delay: 1 },
    ...options,
  })
}
