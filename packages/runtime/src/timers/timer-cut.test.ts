import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimerQueue } from './timer-queue.ts'

const timestamp = fc.integer({ min: 0, max: 6 })
const key = fc.nat(7)

const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add'), timestamp, key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete'), timestamp, key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('poll'), timestamp, key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read'), timestamp, key }) },
)

const changes = fc.array(change, { maxLength: 100, size: 'max' })

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

/** What the queue answers, to be compared with that of a queue without a cut. */
function apply(queue: TimerQueue<number>, { kind, timestamp: at, key: of }: Change): unknown {
  if (kind === 'add') return queue.add(at, of)
  if (kind === 'delete') return queue.delete(at, of)
  if (kind !== 'poll') return undefined
  // How many emptied timestamps are still to be polled is nobody's concern.
  for (let due = queue.pollEarliest(); due !== undefined; due = queue.pollEarliest()) {
    if (due.keys.size > 0) return [due.timestamp, [...due.keys].sort((a, b) => a - b)]
  }
  return 'none'
}

function timersOf(queue: TimerQueue<number>): string[] {
  const timers: string[] = []
  queue.forEach((at, of) => timers.push(`${at}/${of}`))
  return timers
}

describe('TimerCut', () => {
  test('when timers come, go and fire, then it reads those that were pending, in the same order, and the queue is as any other', () => {
    fc.assert(
      fc.property(changes, fc.nat(4), changes, (before, readAtOnce, after) => {
        const queue = new TimerQueue<number>()
        const model = new TimerQueue<number>()
        const answers: [unknown, unknown][] = []
        for (const each of before) answers.push([apply(queue, each), apply(model, each)])
        const expected = timersOf(queue)
        const cut = queue.cut()
        const read: string[] = []
        const take = (of: unknown, at: number): void => void read.push(`${at}/${String(of)}`)
        cut.read(readAtOnce, take)
        cut.hold()
        for (const each of after) {
          if (each.kind === 'read') cut.read(1 + each.key, take)
          else answers.push([apply(queue, each), apply(model, each)])
        }
        while (cut.read(2, take) > 0);
        expect(timersOf(queue).sort()).toEqual(timersOf(model).sort())
        cut.release()
        expect(answers.map(([answer]) => answer)).toEqual(answers.map(([, answer]) => answer))
        expect(read).toEqual(expected)
        expect(timersOf(queue).sort()).toEqual(timersOf(model).sort())
      }),
      { numRuns: 200 },
    )
  })

  test('when it is released, then deleted timers are gone, and later ones are not noted any more', () => {
    const queue = new TimerQueue<string>()
    queue.add(5, 'a')
    queue.add(5, 'b')
    const cut = queue.cut()
    cut.hold()
    expect(queue.delete(5, 'a')).toBe(true)
    expect(queue.delete(5, 'a')).toBe(false)
    cut.release()
    expect(queue.add(5, 'a')).toBe(true)
    expect(cut.read(9, () => expect.unreachable())).toBe(0)
    expect([...(queue.pollEarliest()?.keys ?? [])]).toEqual(['b', 'a'])
  })
})
