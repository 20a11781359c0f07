import { NexmarkGenerator } from '../nexmark/generator.ts'
import type { Event } from '../nexmark/model.ts'

/**
 * How many events the generator alone makes in a second of processor time: the yardstick of what the machine can do at this
 * moment. Call it twice and take the second answer; in the first, code is compiled.
 */
export function measureGenerator(events: number): number {
  const generator = new NexmarkGenerator()
  // Events are kept for a while, as in a channel, so that none can be optimized away.
  const kept: Event[] = []
  const start = process.cpuUsage()
  for (let n = 0; n < events; n++) kept[n & 255] = generator.next()
  const { user, system } = process.cpuUsage(start)
  return Math.round(events / ((user + system) / 1e6))
}
