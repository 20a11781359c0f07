import { expect, test } from 'vitest'
import { measureJob } from '../measuring/measure-job.ts'
import { firstEvents, q0 } from '../nexmark/reference.ts'
import { runHandWrittenLoop } from './hand-written-loop.ts'
import { buildAverageJob } from './hand-written.ts'

/** Thirty seconds, which touch four windows. */
const EVENTS = 60_000
const RATE = { eventsPerSecond: 2000 }

test('when the job and the loop by hand run over the same events, then they give the same number of averages', async () => {
  const { results } = await measureJob({
    build: (env) => buildAverageJob(env, { events: EVENTS, ...RATE }),
    threads: 1,
    module: import.meta.url,
    checkpointEveryMs: 100,
  })
  const keys = new Set<string>()
  for (const { auction, dateTime, price } of q0(firstEvents(EVENTS, RATE))) {
    if (price % 10 !== 0) keys.add(`${Math.floor(dateTime / 10_000)} ${auction}`)
  }
  expect(results).toBe(keys.size)
  expect(await runHandWrittenLoop({ events: EVENTS, ...RATE })).toBe(keys.size)
})
