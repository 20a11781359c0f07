// Whole bids from two sources to two tasks that count them, by the hash of their auction. Worker threads load this module.

import { type StreamExecutionEnvironment, Types } from 'millrace'
import { CountingSink } from '../measuring/counting-sink.ts'
import { nexmarkEvents } from '../nexmark/job.ts'
import type { Bid } from '../nexmark/model.ts'
import { bidsOf } from '../nexmark/queries/bids.ts'

/** Some seconds on two cores: starting and compiling in fresh threads counts little. */
const SHUFFLE_EVENTS = 8_000_000

/** Builds the job for both sides of the shuffle. */
export default function buildShuffle(env: StreamExecutionEnvironment): void {
  env.setParallelism(2)
  bidsOf(nexmarkEvents(env, { events: SHUFFLE_EVENTS }))
    .keyBy(({ auction }) => auction, { type: Types.int })
    .sinkTo(new CountingSink<Bid>())
    .uid('counted')
}
