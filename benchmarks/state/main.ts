// Measures one kind of large state, in a process of its own:
// `node --conditions=source benchmarks/state/main.ts --case numbers --keys 5000000`. Prints one JSON line.

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { StreamExecutionEnvironment, Types, WatermarkStrategy } from 'millrace'
import { countOption } from '../command-line.ts'
import { hasTextKeys, type Order, OrderKeeper, OrderSource } from './keyed-orders.ts'
import type { LongestStall } from './stall-watch.ts'
import { usedBytes, WatchedRun } from './watched-run.ts'

/** What came out for one kind of state. */
export interface StateFigures {
  readonly name: string
  readonly keys: number
  /** Records a second while all keys are known, checkpoints included. */
  readonly recordsPerSecond: number
  readonly stall: LongestStall
  readonly checkpoints: number
  /** From the barrier to the completion of the checkpoint: the median, and the longest. */
  readonly checkpointMs: number
  readonly checkpointMaxMs: number
  /** Bytes of a checkpoint on disk. */
  readonly checkpointBytes: number
  /** Bytes in memory that a key adds. */
  readonly bytesPerKey: number
  /** Most memory of the process, snapshots included. */
  readonly peakBytes: number
  /** From the start of a job with this state to its first record. */
  readonly restoreMs: number
}

const CHECKPOINT_EVERY_MS = 1000

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: 'numbers' },
    keys: { type: 'string', default: '5000000' },
    seconds: { type: 'string', default: '10' },
  },
})
const directory = await mkdtemp(join(tmpdir(), 'millrace-state-'))
try {
  const keys = countOption('keys', values.keys)
  console.log(
    JSON.stringify(await measure(values.case, keys, countOption('seconds', values.seconds))),
  )
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function measure(name: string, keys: number, seconds: number): Promise<StateFigures> {
  const watch = new WatchedRun(seconds)
  const emptyBytes = usedBytes()
  await run(name, keys, watch)
  const took = watch.checkpointsMs.toSorted((a, b) => a - b)
  const restarted = new WatchedRun(0)
  const startMs = performance.now()
  const checkpointBytes = await bytesIn(directory)
  await run(name, keys, restarted)
  return {
    name,
    keys,
    recordsPerSecond: Math.round(watch.records / watch.seconds),
    stall: watch.stall,
    checkpoints: took.length,
    checkpointMs: Math.round(took[took.length >> 1] ?? 0),
    checkpointMaxMs: Math.round(took.at(-1) ?? 0),
    checkpointBytes,
    bytesPerKey: Math.round((restarted.filledBytes - emptyBytes) / keys),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    restoreMs: Math.round(restarted.firstRecordMs - startMs),
  }
}

async function run(name: string, keys: number, watch: WatchedRun): Promise<void> {
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    parallelism: 1,
    restart: { strategy: 'none' },
    checkpointing: { interval: CHECKPOINT_EVERY_MS, directory, restoreFrom: 'latest' },
  })
  const orders = env
    .fromSource(new OrderSource(keys, watch), WatermarkStrategy.noWatermarks(), 'orders')
    .uid('orders')
  const keyed = hasTextKeys(name)
    ? orders.keyBy(({ key }: Order): string | number => `customer number ${key}`, {
        type: Types.string as never,
      })
    : orders.keyBy(({ key }: Order): string | number => key, { type: Types.long as never })
  keyed
    .process(() => new OrderKeeper(name, watch))
    .uid('keeper')
    .returns(Types.int)
    .discard()
  const client = await env.executeAsync('state')
  await watch.over
  await client.cancel()
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder, { recursive: true })) {
    const { size } = await stat(join(folder, name))
    bytes += size
  }
  return bytes
}
