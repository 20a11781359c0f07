// Every query against the slow reference, with late records impossible and the order of results of no meaning.

import { type DataStream, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, test } from 'vitest'
import { runProgram } from '../../measuring/run-program.ts'
import { nexmarkEvents } from '../job.ts'
import type { Event } from '../model.ts'
import * as reference from '../reference.ts'
import { q0 } from './q0.ts'
import { q1 } from './q1.ts'
import { q11 } from './q11.ts'
import { q12 } from './q12.ts'
import { q2 } from './q2.ts'
import { q5 } from './q5.ts'
import { q7 } from './q7.ts'

const EVENTS = 20_000
/** Slow event time: the events last 200 s, so that windows and sessions end amid the stream. */
const EVENTS_PER_SECOND = 100

type Build = (events: DataStream<Event>) => DataStream<unknown>

const queries: readonly (readonly [name: string, build: Build, expected: readonly unknown[]])[] = [
  ['q0', q0 as Build, reference.q0(events())],
  ['q1', q1 as Build, reference.q1(events())],
  ['q2', q2 as Build, reference.q2(events())],
  ['q5', q5 as Build, reference.q5(events())],
  ['q7', q7 as Build, reference.q7(events())],
  ['q11', q11 as Build, reference.q11(events())],
]

describe.each([1, 3])('with parallelism %i', (parallelism) => {
  test.each(queries)(
    'when %s has run, then its results are those of the reference',
    async (_, build, expected) => {
      const results = await run(build, parallelism)
      expect(expected.length).toBeGreaterThan(10)
      expect(inOrder(results)).toEqual(inOrder(expected))
    },
  )

  test('when q12 has run, then the counts of each bidder add up, whatever the clock said', async () => {
    const counts = new Map<number, number>()
    for (const { bidder, bidCount } of await run(q12, parallelism)) {
      counts.set(bidder, (counts.get(bidder) ?? 0) + bidCount)
    }
    expect(counts).toEqual(reference.q12(events()))
  })
})

describe('on two worker threads', () => {
  const withShuffles = queries.filter(([name]) => ['q5', 'q7', 'q11'].includes(name))
  test.each(withShuffles)(
    'when %s has run, then its results are those of the reference',
    async (name, _, expected) => {
      const program = new URL('./on-two-threads.ts', import.meta.url)
      const printed = await runProgram(program, [name, String(EVENTS), String(EVENTS_PER_SECOND)])
      expect(printed.trimEnd().split('\n').sort()).toEqual(inOrder(expected))
    },
  )
})

function run<OUT>(
  build: (events: DataStream<Event>) => DataStream<OUT>,
  parallelism: number,
): Promise<OUT[]> {
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    parallelism,
    // Often enough for windows to fire while records still come.
    autoWatermarkInterval: '1 ms',
  })
  return build(
    nexmarkEvents(env, { events: EVENTS, eventsPerSecond: EVENTS_PER_SECOND }),
  ).executeAndCollect()
}

function events(): Iterable<Event> {
  return reference.firstEvents(EVENTS, { eventsPerSecond: EVENTS_PER_SECOND })
}

function inOrder(records: readonly unknown[]): string[] {
  return records.map((record) => JSON.stringify(record)).sort()
}
