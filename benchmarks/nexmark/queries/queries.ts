// The queries by name. Default numbers of events make a run take some seconds on one core.

import type { DataStream } from 'millrace'
import { CountingSink } from '../../measuring/counting-sink.ts'
import type { Event } from '../model.ts'
import { q0 } from './q0.ts'
import { q1 } from './q1.ts'
import { q11 } from './q11.ts'
import { q12 } from './q12.ts'
import { q2 } from './q2.ts'
import { q3 } from './q3.ts'
import { q4 } from './q4.ts'
import { q8 } from './q8.ts'
import { q9 } from './q9.ts'
import { q14 } from './q14.ts'
import { q15 } from './q15.ts'
import { q16 } from './q16.ts'
import { q17 } from './q17.ts'
import { q18 } from './q18.ts'
import { q19 } from './q19.ts'
import { q20 } from './q20.ts'
import { q21 } from './q21.ts'
import { q22 } from './q22.ts'
import { q5 } from './q5.ts'
import { q7 } from './q7.ts'

/** A query of the benchmark. */
export interface NexmarkQuery {
  /** Adds the query and a sink that counts its results. */
  readonly addTo: (events: DataStream<Event>) => void
  /** How many events are measured unless the command line says. */
  readonly events: number
}

/** All of them, in the order in which they are measured. */
export const QUERIES: Readonly<Record<string, NexmarkQuery>> = {
  q0: counted(q0, { events: 10_000_000 }),
  q1: counted(q1, { events: 10_000_000 }),
  q2: counted(q2, { events: 10_000_000 }),
  q3: counted(q3, { events: 10_000_000 }),
  q4: counted(q4, { events: 4_000_000 }),
  q5: counted(q5, { events: 6_000_000 }),
  q7: counted(q7, { events: 8_000_000 }),
  q8: counted(q8, { events: 8_000_000 }),
  q9: counted(q9, { events: 4_000_000 }),
  q11: counted(q11, { events: 6_000_000 }),
  q12: counted(q12, { events: 8_000_000 }),
  q14: counted(q14, { events: 8_000_000 }),
  q15: counted(q15, { events: 4_000_000 }),
  q16: counted(q16, { events: 2_000_000 }),
  q17: counted(q17, { events: 6_000_000 }),
  q18: counted(q18, { events: 4_000_000 }),
  q19: counted(q19, { events: 4_000_000 }),
  q20: counted(q20, { events: 4_000_000 }),
  q21: counted(q21, { events: 8_000_000 }),
  q22: counted(q22, { events: 8_000_000 }),
}

function counted<OUT>(
  query: (events: DataStream<Event>) => DataStream<OUT>,
  { events }: Pick<NexmarkQuery, 'events'>,
): NexmarkQuery {
  return {
    addTo: (stream) => query(stream).sinkTo(new CountingSink<OUT>()).uid('results'),
    events,
  }
}
