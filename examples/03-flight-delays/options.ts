// The command line of the example.

import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const require = createRequire(import.meta.url)

/** What the command line says. */
export interface FlightDelayOptions {
  readonly input: string
  readonly airports: string
  readonly output: string
  readonly parallelism: number
  readonly threads: number
  /** 0 never fails. */
  readonly failAfter: number
  /** Flights per second; 0 as fast as possible. */
  readonly rate: number
  readonly fromLatest: boolean
  readonly help: boolean
}

/** The command line cannot be understood. */
export class UsageError extends Error {}

export const USAGE = `npm start -- [options]
  --input <file>        a JSON array of flights (flights-20k.json of vega-datasets)
  --output <folder>     results and checkpoints (out/flight-delays)
  --parallelism <n>     subtasks of each operator (1)
  --threads <n>         worker threads; 0 runs all in one (0)
  --fail-after <n>      fail once after n flights, and recover (never)
  --rate <n>            flights per second (as fast as possible)
  --from-latest         continue from the newest checkpoint
  --help                print this`

/** Reads the command line. Throws a {@link UsageError} that says what is wrong with it. */
export function parseOptions(args: readonly string[]): FlightDelayOptions {
  const values = parse(args)
  return {
    input: values.input,
    airports: dataset('airports.csv'),
    output: values.output,
    parallelism: count('parallelism', values.parallelism, { min: 1 }),
    threads: count('threads', values.threads, { min: 0 }),
    failAfter: count('fail-after', values['fail-after'], { min: 0 }),
    rate: count('rate', values.rate, { min: 0 }),
    fromLatest: values['from-latest'],
    help: values.help,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        input: { type: 'string', default: dataset('flights-20k.json') },
        output: { type: 'string', default: 'out/flight-delays' },
        parallelism: { type: 'string', default: '1' },
        threads: { type: 'string', default: '0' },
        'fail-after': { type: 'string', default: '0' },
        rate: { type: 'string', default: '0' },
        'from-latest': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function dataset(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, pathToFileURL(require.resolve('vega-datasets'))))
}

function count(name: string, text: string, { min }: { readonly min: number }): number {
  if (/^\d+$/.test(text) && Number(text) >= min) return Number(text)
  throw new UsageError(`--${name} expects a whole number from ${min} on, but got '${text}'`)
}
