// The whole program, as its reader runs it, against the same figures computed the slow way.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamExecutionEnvironment, WatermarkStrategy } from 'millrace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProgramEnd, runProgram, startProgram } from '../run-program.ts'
import { type FlightDelayResults, readResults, sortedLines } from './committed-results.ts'
import type { Flight } from './flight.ts'
import { REPLAY } from './job.ts'
import { parseOptions } from './options.ts'
import { ReplaySource } from './replay-source.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const FLIGHTS = 20_000

const folder = mkdtempSync(join(tmpdir(), 'flight-delays-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(name: string, args: string = ''): Promise<ProgramEnd> {
  const options = args === '' ? [] : args.split(' ')
  return runProgram('03-flight-delays/main.ts', ['--output', join(folder, name), ...options])
}

describe('the flight delays', () => {
  let end: ProgramEnd
  let results: FlightDelayResults
  let arrivals: readonly Flight[]

  beforeAll(async () => {
    end = await run('plain')
    results = await readResults(join(folder, 'plain'))
    arrivals = await StreamExecutionEnvironment.getExecutionEnvironment()
      .fromSource(
        new ReplaySource({ path: parseOptions([]).input, ...REPLAY, rate: 0 }),
        WatermarkStrategy.noWatermarks<Flight>(),
        'flights',
      )
      .executeAndCollect()
  })

  it('when the program ends, then its totals add up to all flights', () => {
    const daily = results.daily.reduce((sum, { flights }) => sum + flights, 0)

    expect(end.exitCode).toBe(0)
    expect(end.stderr).toBe('')
    expect(daily + results.late.length).toBe(FLIGHTS)
    expect(end.stdout).toContain(`flights read      ${FLIGHTS}\n`)
    expect(end.stdout).toContain(`in daily windows  ${daily}\n`)
    expect(end.stdout).toContain(`late              ${results.late.length}\n`)
    expect(end.stdout).toContain(
      `windows           ${results.daily.length} daily, ${results.sixHours.length} of 6 h / 1 h\n`,
    )
  })

  it('when flights arrive out of order, then the late ones are those whose day the watermark has passed', () => {
    const late = withWatermarks(arrivals)
      .filter(({ flight, watermark }) => startOfDay(flight) + DAY_MS - 1 <= watermark)
      .map(({ flight }) => flight)

    expect(late.length).toBeGreaterThan(100)
    expect(results.late).toEqual(late)
  })

  it('when daily windows have fired, then they hold what grouping the other flights gives', () => {
    const windows = grouped(
      withWatermarks(arrivals).flatMap(({ flight, watermark }) =>
        startOfDay(flight) + DAY_MS - 1 <= watermark ? [] : [[startOfDay(flight), flight] as const],
      ),
    )

    expect(figuresOf(results.daily)).toEqual(windows)
  })

  it('when sliding windows have fired, then each holds the flights of its six hours that were not too late for it', () => {
    const windows = grouped(
      withWatermarks(arrivals).flatMap(({ flight, watermark }) => {
        const lastStart = Math.floor(flight.date / HOUR_MS) * HOUR_MS
        return [0, 1, 2, 3, 4, 5]
          .map((hours) => lastStart - hours * HOUR_MS)
          .filter((start) => start + 6 * HOUR_MS - 1 > watermark)
          .map((start) => [start, flight] as const)
      }),
    )

    expect(figuresOf(results.sixHours)).toEqual(windows)
  })

  it('when airports are joined, then each row has the name of its own', async () => {
    const text = await readFile(parseOptions([]).airports, 'utf8')
    const rows = [...results.daily, ...results.sixHours]
    const names = new Map(rows.map(({ origin, airport }) => [origin, airport]))

    expect(names.get('ORD')).toBe("Chicago O'Hare International, IL")
    for (const { origin, airport } of rows) expect(airport).toBe(names.get(origin))
    for (const [origin, airport] of names) {
      const [name = '', state = ''] = airport.split(/, (?=[A-Z]{2}$)/)
      const line = text.split('\n').find((one) => one.startsWith(`${origin},`)) ?? ''
      expect(line).toContain(name)
      expect(line).toContain(`,${state},`)
    }
  })

  it.each([
    ['four subtasks and a failure', '--parallelism 4 --fail-after 8000', 1],
    ['two threads', '--threads 2 --parallelism 2', 0],
    [
      'four subtasks on two threads and a failure',
      '--threads 2 --parallelism 4 --fail-after 8000',
      1,
    ],
  ])(
    'when it runs with %s, then the files hold the same, byte for byte',
    async (name, args, restarts) => {
      const { exitCode, stdout } = await run(name, args)

      expect(stdout).toMatch(new RegExp(`checkpoints +\\d+, restarts ${restarts}\n`))
      expect(await sortedLines(join(folder, name))).toEqual(
        await sortedLines(join(folder, 'plain')),
      )
      expect(exitCode).toBe(0)
    },
  )

  it.each([
    ['in its own thread', ''],
    ['on two threads', '--threads 2 --parallelism 2'],
  ])('when it runs %s and Ctrl-C is pressed, then it ends at once', async (name, args) => {
    const output = join(folder, name)
    const options = ['--output', output, '--rate', '1000', ...args.split(' ').filter(Boolean)]
    const program = startProgram('03-flight-delays/main.ts', options)
    while (!existsSync(join(output, 'daily')))
      await new Promise((resolve) => setTimeout(resolve, 10))
    const pressedMs = performance.now()
    program.process.kill('SIGINT')
    const { signal } = await program.ended

    expect(signal).toBe('SIGINT')
    expect(performance.now() - pressedMs).toBeLessThan(1000)
  })

  it('when the input is flights-200k.json, which has neither days nor airports, then all fall into one day', async () => {
    const input = parseOptions([]).input.replace('20k', '200k')
    const { stdout } = await run('200k', `--input ${input}`)

    expect(stdout).toMatch(/flights read +200000\nin daily windows +200000\nlate +0\n/)
  })

  it('when the input is missing, then the program ends with a message and without a stack trace', async () => {
    const { exitCode, stderr } = await run('missing', '--input no-such-flights.json')

    expect(stderr).toMatch(/^FILE_MISSING: .*no-such-flights\.json.*\n$/)
    expect(exitCode).toBe(1)
  })

  it('when the input holds no flights, then the message names it', async () => {
    const { exitCode, stderr } = await run('other', '--input package.json')

    expect(stderr).toMatch(/^RECORD_MALFORMED: expected a JSON array of flights in package\.json/)
    expect(exitCode).toBe(1)
  })
})

interface Arrival {
  readonly flight: Flight
  /** When the flight came: a day behind the newest one before it. */
  readonly watermark: number
}

function withWatermarks(flights: readonly Flight[]): readonly Arrival[] {
  let newest = Number.NEGATIVE_INFINITY
  return flights.map((flight) => {
    const watermark = newest - DAY_MS - 1
    newest = Math.max(newest, flight.date)
    return { flight, watermark }
  })
}

function startOfDay({ date }: Flight): number {
  return Math.floor(date / DAY_MS) * DAY_MS
}

/** Flights, average and worst delay, and the share above 15 minutes, by start and airport. */
type Figures = Readonly<Record<string, readonly number[]>>

function grouped(flights: readonly (readonly [start: number, flight: Flight])[]): Figures {
  const delays = new Map<string, number[]>()
  for (const [start, { origin, delay }] of flights) {
    const name = `${new Date(start).toISOString().slice(0, 16)} ${origin}`
    const list = delays.get(name)
    if (list === undefined) delays.set(name, [delay])
    else list.push(delay)
  }
  return Object.fromEntries(
    [...delays].map(([name, list]) => [
      name,
      [
        list.length,
        Math.round((list.reduce((sum, delay) => sum + delay, 0) / list.length) * 10) / 10,
        Math.max(...list),
        Math.round((list.filter((delay) => delay > 15).length / list.length) * 1000) / 1000,
      ],
    ]),
  )
}

function figuresOf(rows: FlightDelayResults['daily']): Figures {
  const figures = Object.fromEntries(
    rows.map((row) => [
      `${row.start} ${row.origin}`,
      [row.flights, row.averageDelay, row.worstDelay, row.shareLate],
    ]),
  )
  // One row a window and airport: a second one would hide behind the first.
  expect(Object.keys(figures)).toHaveLength(rows.length)
  return figures
}
