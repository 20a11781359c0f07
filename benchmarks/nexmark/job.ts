// The job of one query. Worker threads load this module, and build the same job from the same command line.

import { parseArgs } from 'node:util'
import { type DataStream, type StreamExecutionEnvironment, WatermarkStrategy } from 'millrace'
import { countOption, nameOption, UsageError } from '../command-line.ts'
import { type Event, eventTimeOf } from './model.ts'
import { NexmarkSource, type NexmarkSourceOptions } from './nexmark-source.ts'
import { type NexmarkQuery, QUERIES } from './queries/queries.ts'

/** Which query runs, and over what. */
export interface QueryRun {
  readonly query: string
  readonly events: number
  /** 1 runs in the calling thread, 2 on two worker threads. */
  readonly threads: number
}

/** Reads the command line of one query. */
export function parseQueryRun(args: readonly string[]): QueryRun {
  const { values } = parseArgs({
    args: [...args],
    options: {
      query: { type: 'string', default: '' },
      events: { type: 'string' },
      threads: { type: 'string', default: '1' },
    },
  })
  const query = nameOption('query', values.query, Object.keys(QUERIES))
  return {
    query,
    events: countOption('events', values.events ?? String(queryNamed(query).events)),
    threads: Number(nameOption('threads', values.threads, ['1', '2'])),
  }
}

/** The query of that name. */
export function queryNamed(name: string): NexmarkQuery {
  const query = QUERIES[name]
  if (query !== undefined) return query
  throw new UsageError(`expected a query of ${Object.keys(QUERIES).join(', ')}, but got '${name}'`)
}

/** Builds the job: events, the query, a sink that counts. */
export function buildQueryJob(
  env: StreamExecutionEnvironment,
  { query, events }: Pick<QueryRun, 'query' | 'events'>,
): void {
  queryNamed(query).addTo(nexmarkEvents(env, { events }))
}

/** The events in event time: none comes later than the watermark allows. */
export function nexmarkEvents(
  env: StreamExecutionEnvironment,
  options: NexmarkSourceOptions,
): DataStream<Event> {
  return env
    .fromSource(
      new NexmarkSource(options),
      WatermarkStrategy.forBoundedOutOfOrderness<Event>('1 s').withTimestampAssigner(eventTimeOf),
      'events',
    )
    .uid('events')
}

/** What a worker thread calls. */
export default function buildFromCommandLine(env: StreamExecutionEnvironment): void {
  const run = parseQueryRun(process.argv.slice(2))
  env.setParallelism(run.threads)
  buildQueryJob(env, run)
}
