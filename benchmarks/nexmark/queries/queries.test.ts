// Every query against the slow reference, with late records impossible and the order of results of no meaning.

import { type DataStream, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, test } from 'vitest'
import { runProgram } from '../../measuring/run-program.ts'
import { nexmarkEvents } from '../job.ts'
import type { Bid, Event } from '../model.ts'
import * as reference from '../reference.ts'
import * as referenceOfBids from '../reference-bids.ts'
import * as referenceOfJoins from '../reference-joins.ts'
import { q0 } from './q0.ts'
import { q1 } from './q1.ts'
import { q11 } from './q11.ts'
import { q12 } from './q12.ts'
import { q2 } from './q2.ts'
import { q3 } from './q3.ts'
import { type CategoryPrice, q4 } from './q4.ts'
import { q8 } from './q8.ts'
import { q9 } from './q9.ts'
import { q14 } from './q14.ts'
import { q15 } from './q15.ts'
import { q16 } from './q16.ts'
import { q17 } from './q17.ts'
import { q18 } from './q18.ts'
import { q19, type TopBid } from './q19.ts'
import { q20 } from './q20.ts'
import { q21 } from './q21.ts'
import { q22 } from './q22.ts'
import { q5 } from './q5.ts'
import { q7 } from './q7.ts'

const EVENTS = 20_000
/** Slow event time: the events last 200 s, so that windows and sessions end amid the stream. */
const EVENTS_PER_SECOND = 100

/** Queries with few results: one a category, one a day. */
const FEW_RESULTS: Readonly<Record<string, number>> = { q4: 4, q15: 0 }

type Build = (events: DataStream<Event>) => DataStream<unknown>

/** What counts of the results, where a query goes on correcting itself. */
type Final = (results: readonly unknown[]) => readonly unknown[]

interface QueryCase {
  readonly name: string
  readonly build: Build
  readonly expected: readonly unknown[]
  readonly final: Final
}

const queries: readonly QueryCase[] = [
  queryCase('q0', q0, reference.q0(events())),
  queryCase('q1', q1, reference.q1(events())),
  queryCase('q2', q2, reference.q2(events())),
  queryCase('q3', q3, referenceOfJoins.q3(events())),
  queryCase('q4', q4, referenceOfJoins.q4(events()), lastOfCategory),
  queryCase('q5', q5, reference.q5(events())),
  queryCase('q7', q7, reference.q7(events())),
  queryCase('q8', q8, referenceOfJoins.q8(events())),
  queryCase('q9', q9, referenceOfJoins.q9(events())),
  queryCase('q11', q11, reference.q11(events())),
  queryCase('q14', q14, referenceOfBids.q14(events())),
  queryCase('q15', q15, referenceOfBids.q15(events())),
  queryCase('q16', q16, referenceOfBids.q16(events())),
  queryCase('q17', q17, referenceOfBids.q17(events())),
  queryCase('q18', q18, referenceOfBids.q18(events()), lastOfBidderAndAuction),
  queryCase('q19', q19, referenceOfBids.q19(events()), highestTenOfAuction),
  queryCase('q20', q20, referenceOfJoins.q20(events())),
  queryCase('q21', q21, referenceOfBids.q21(events())),
  queryCase('q22', q22, referenceOfBids.q22(events())),
]

function queryCase<OUT>(
  name: string,
  build: (events: DataStream<Event>) => DataStream<OUT>,
  expected: readonly unknown[],
  final: (results: readonly OUT[]) => readonly unknown[] = (results) => results,
): QueryCase {
  return { name, build: build as unknown as Build, expected, final: final as Final }
}

function lastOfCategory(results: readonly CategoryPrice[]): readonly unknown[] {
  return [...new Map(results.map((result) => [result.category, result])).values()]
}

function lastOfBidderAndAuction(results: readonly Bid[]): readonly unknown[] {
  const last = new Map<string, unknown>()
  for (const { bidder, auction, dateTime } of results) {
    last.set(`${bidder} ${auction}`, { bidder, auction, dateTime })
  }
  return [...last.values()]
}

/** All that ever were among the highest ten were emitted, so the highest ten of these are the answer. */
function highestTenOfAuction(results: readonly TopBid[]): readonly unknown[] {
  const pricesByAuction = new Map<number, number[]>()
  for (const { auction, price } of results) {
    pricesByAuction.set(auction, [...(pricesByAuction.get(auction) ?? []), price])
  }
  return [...pricesByAuction].map(([auction, prices]) => ({
    auction,
    prices: prices.sort((a, b) => b - a).slice(0, 10),
  }))
}

describe.each([1, 3])('with parallelism %i', (parallelism) => {
  test.each(queries)(
    'when $name has run, then its results are those of the reference',
    async ({ name, build, expected, final }) => {
      const results = await run(build, parallelism)
      expect(expected.length).toBeGreaterThan(FEW_RESULTS[name] ?? 10)
      expect(inOrder(final(results))).toEqual(inOrder(expected))
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
  const withShuffles = queries.filter(({ name }) => ['q5', 'q7', 'q11'].includes(name))
  test.each(withShuffles)(
    'when $name has run, then its results are those of the reference',
    async ({ name, expected }) => {
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
