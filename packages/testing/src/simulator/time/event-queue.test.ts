import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../seeded-random.ts'
import { EventQueue, type OrderedEvent } from './event-queue.ts'

describe('EventQueue', () => {
  test('when events are pushed and popped in any mixture, then each pop gives the earliest', () => {
    const random = new SeededRandom(1)
    const queue = new EventQueue<OrderedEvent>()
    let model: OrderedEvent[] = []
    for (let sequence = 0; sequence < 2000; sequence++) {
      const event = { atMs: random.integer({ min: 0, max: 50 }), sequence }
      queue.push(event)
      model.push(event)
      if (random.chance(0.4)) {
        const [earliest, ...rest] = model.toSorted(byTimeThenSequence)
        expect(queue.peek()).toBe(earliest)
        expect(queue.pop()).toBe(earliest)
        model = rest
      }
    }
    const rest = Array.from({ length: queue.size }, () => queue.pop())
    expect(rest).toEqual(model.toSorted(byTimeThenSequence))
    expect(queue.pop()).toBeUndefined()
  })
})

function byTimeThenSequence(a: OrderedEvent, b: OrderedEvent): number {
  return a.atMs - b.atMs || a.sequence - b.sequence
}
