// The command line of the example.

import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'

const require = createRequire(import.meta.url)

/** What the command line says. */
export interface FlightDelayOptions {
  readonly input: string
  readonly airports: string
  readonly output: string
  readonly parallelism: number
  readonly threads: number
  readonly failAfter: number
  readonly rate: number
  readonly fromLatest: boolean
}

export const USAGE = `npm start -- [options]
  --input <file>        a JSON array of flights (flights-20k.json of vega-datasets)
  --output <folder>     results and checkpoints (out/flight-delays)
  --parallelism <n>     subtasks of each operator (1)
  --threads <n>         worker threads; 0 runs all in one (0)
  --fail-after <n>      fail once after n flights, and recover (never)
  --rate <n>            flights per second (as fast as possible)
  --from-latest         continue from the newest checkpoint`

/** Reads the command line. Throws a `TypeError` that says what is wrong with it. */
export function parseOptions(args: readonly string[]): FlightDelayOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      input: { type: 'string', default: dataset('flights-20k.json') },
      output: { type: 'string', default: 'out/flight-delays' },
      parallelism: { type: 'string', default: '1' },
      threads: { type: 'string', default: '0' },
      'fail-after': { type: 'string', default: '0' },
      rate: { type: 'string', default: '0' },
      'from-latest': { type: 'boolean', default: false },
    },
  })
  return {
    input: values.input,
    airports: dataset('airports.csv'),
    output: values.output,
    parallelism: count('parallelism', values.parallelism),
    threads: count('threads', values.threads),
    failAfter: count('fail-after', values['fail-after']),
    rate: count('rate', values.rate),
    fromLatest: values['from-latest'],
  }
}

function dataset(name: string): string {
  return require.resolve(`vega-datasets/data/${name}`)
}

function count(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new TypeError(`--${name} expects a whole number, but got '${text}'`)
}
