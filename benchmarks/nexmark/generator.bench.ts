// How fast the generator is alone: `node --conditions=source benchmarks/nexmark/generator.bench.ts`. Events are kept
// for as long as a batch, as in a channel, so that no allocation can be optimized away. Both rates are those of
// one core; on a machine with other work, the one by CPU time says more.

import { NexmarkGenerator } from './generator.ts'
import type { Event } from './model.ts'

const ROUNDS = 9
const BATCHES_PER_ROUND = 8_000
const BATCH_SIZE = 256

const generator = new NexmarkGenerator()
const perSecond: number[] = []
const perCpuSecond: number[] = []
let extraChars = 0

for (let round = 0; round < ROUNDS; round++) {
  const startMs = performance.now()
  const startCpu = process.threadCpuUsage()
  for (let i = 0; i < BATCHES_PER_ROUND; i++) extraChars += lengthOf(nextBatch(generator))
  const cpu = process.threadCpuUsage(startCpu)
  const events = BATCHES_PER_ROUND * BATCH_SIZE
  perSecond.push(events / (performance.now() - startMs) / 1000)
  perCpuSecond.push(events / (cpu.user + cpu.system))
}

console.log(`M events/s:          ${summaryOf(perSecond)}`)
console.log(`M events/CPU second: ${summaryOf(perCpuSecond)}`)
console.log(`characters of bids' extra text: ${extraChars}`)

function nextBatch(generator: NexmarkGenerator): Event[] {
  const batch: Event[] = []
  for (let i = 0; i < BATCH_SIZE; i++) batch.push(generator.next())
  return batch
}

function lengthOf(batch: readonly Event[]): number {
  let chars = 0
  for (const { bid } of batch) if (bid !== null) chars += bid.extra.length
  return chars
}

function summaryOf(rates: number[]): string {
  rates.sort((a, b) => a - b)
  const [least, median, most] = [0, rates.length >> 1, rates.length - 1].map((i) =>
    (rates[i] as number).toFixed(2),
  )
  return `median ${median}, from ${least} to ${most}`
}
