import { describe, expect, test } from 'vitest'
import { isUsageError, runBenchmark } from './benchmarks.ts'
import { runProgram } from './measuring/run-program.ts'
import { firstEvents, q2 } from './nexmark/reference.ts'

const program = new URL('./main.ts', import.meta.url)

describe('a wrong command line', () => {
  test.each([
    [
      [],
      /expected a benchmark of nexmark, engine, checkpoint, latency, .*, micro, state, but got ''/,
    ],
    [['nexmrk'], /expected a benchmark of nexmark, .*, micro, state, but got 'nexmrk'/],
    [['latency', '--cases', 'windw'], /--case expects window, through, but got 'windw'/],
    [['skew', '--cases', 'cold'], /--case expects uniform, hot, .*but got 'cold'/],
    [['latency', '--rate', '0'], /--rate expects a whole number of at least 1, but got '0'/],
    [['nexmark', '--queries', 'q0,q99'], /expected a query of q0, .*q22, but got 'q99'/],
    [['nexmark', '--events', '-1'], /--events/],
    [
      ['nexmark', '--events', 'many'],
      /--events expects a whole number of at least 1, but got 'many'/,
    ],
    [['nexmark', '--threads', '3'], /--threads expects 1, 2, but got '3'/],
    [['nexmark', '--jsno'], /Unknown option '--jsno'/],
    [['micro', '--cases', 'oprator map'], /--cases expects words .*but got 'oprator map'/],
    [['engine', '--cases', 'suffle'], /--case expects shuffle, .*but got 'suffle'/],
  ])('when it is %j, then the error says what was expected', async (args, message) => {
    const failure: unknown = await runBenchmark(args).catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: expect.stringMatching(message) as unknown })
    expect(isUsageError(failure)).toBe(true)
  })

  test('when it is wrong, then the program prints the usage and no stack trace', async () => {
    const { code, stderr } = await runProgram(program, ['nexmrk']).then(
      () => ({ code: 0, stderr: '' }),
      (failure: { readonly code: number; readonly stderr: string }) => failure,
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/npm run bench -- nexmark \[options\]/)
    expect(stderr).not.toMatch(/ {4}at /)
  })
})

test('when a query is measured with --json, then one line has its figures and its exact results', async () => {
  const printed = await runProgram(
    program,
    'nexmark --queries q2 --events 100000 --threads 2 --json'.split(' '),
  )
  const figures = JSON.parse(printed) as Record<string, unknown>
  expect(figures).toMatchObject({ query: 'q2', events: 100_000, threads: 2, checkpoints: 1 })
  expect(Object.keys(figures).slice(0, 7)).toEqual(
    'query events seconds eventsPerSecond cores checkpoints results'.split(' '),
  )
  expect(figures['results']).toBe(q2(firstEvents(100_000)).length)
})
