// `npm run bench -- nexmark`: the queries one after the other, each in a process of its own (see main.ts here).

import { parseArgs } from 'node:util'
import { countOption, nameOption } from '../command-line.ts'
import { runProgram } from '../measuring/run-program.ts'
import { queryNamed } from './job.ts'
import type { QueryFigures } from './main.ts'
import { QUERIES } from './queries/queries.ts'

export const NEXMARK_USAGE = `npm run bench -- nexmark [options]
  --queries <names>   for example q0,q5 (${Object.keys(QUERIES).join(',')})
  --events <n>        events of each query (enough for some seconds)
  --threads <1|2>     1: all in one thread; 2: two worker threads, parallelism 2 (1)
  --json              one JSON line a query`

interface NexmarkOptions {
  readonly queries: readonly string[]
  readonly events: number | undefined
  readonly threads: string
  readonly isJson: boolean
}

/** Measures the queries that the command line names, and prints what came out. */
export async function runNexmark(args: readonly string[]): Promise<void> {
  const options = parseOptions(args)
  if (!options.isJson) console.log(HEADER)
  for (const query of options.queries) {
    const figures = await measureInProcess(query, options)
    console.log(options.isJson ? JSON.stringify(figures) : row(figures))
  }
}

function parseOptions(args: readonly string[]): NexmarkOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      queries: { type: 'string', default: Object.keys(QUERIES).join(',') },
      events: { type: 'string' },
      threads: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  })
  const queries = values.queries.split(',')
  for (const query of queries) queryNamed(query)
  return {
    queries,
    events: values.events === undefined ? undefined : countOption('events', values.events),
    threads: nameOption('threads', values.threads, ['1', '2']),
    isJson: values.json,
  }
}

async function measureInProcess(
  query: string,
  { events, threads }: NexmarkOptions,
): Promise<QueryFigures> {
  const program = new URL('./main.ts', import.meta.url)
  const args = ['--query', query, '--threads', threads]
  if (events !== undefined) args.push('--events', String(events))
  return JSON.parse(await runProgram(program, args)) as QueryFigures
}

const HEADER = `query     events  seconds  events/s  events/s/core  cores  generator/s/core  ratio  checkpoints  results
                           (M)            (M)                     (M)`

function row(figures: QueryFigures): string {
  const { eventsPerSecond, eventsPerCoreSecond, generatorEventsPerCoreSecond } = figures
  return [
    figures.query.padEnd(5),
    String(figures.events).padStart(10),
    figures.seconds.toFixed(2).padStart(8),
    millions(eventsPerSecond).padStart(9),
    millions(eventsPerCoreSecond).padStart(14),
    figures.cores.toFixed(2).padStart(6),
    millions(generatorEventsPerCoreSecond).padStart(17),
    (eventsPerCoreSecond / generatorEventsPerCoreSecond).toFixed(2).padStart(6),
    String(figures.checkpoints).padStart(12),
    String(figures.results).padStart(8),
  ].join(' ')
}

function millions(value: number): string {
  return (value / 1e6).toFixed(2)
}
