import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimerQueue } from './timer-queue.ts'

const timer = fc.record({ timestamp: fc.integer({ min: -9, max: 9 }), key: fc.nat(3) })

const command = fc.oneof(
  { weight: 3, arbitrary: timer.map((each) => ({ kind: 'add', ...each }) as const) },
  { weight: 2, arbitrary: timer.map((each) => ({ kind: 'delete', ...each }) as const) },
  fc.constant({ kind: 'poll' } as const),
)

/** All timers of a queue, in order of time; the keys of one time in the order in which they were added. */
function drain(queue: TimerQueue<number>): string[] {
  const drained: string[] = []
  for (let due = queue.pollEarliest(); due !== undefined; due = queue.pollEarliest()) {
    for (const key of due.keys) drained.push(`${due.timestamp}/${key}`)
  }
  return drained
}

describe('TimerQueue', () => {
  test('when timers come and go, then those that are left are polled in order, each once', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80, size: 'max' }), (commands) => {
        const queue = new TimerQueue<number>()
        const model = new Map<string, { readonly timestamp: number; readonly key: number }>()
        const earliestOfModel = (): number =>
          Math.min(...[...model.values()].map(({ timestamp }) => timestamp))
        for (const each of commands) {
          if (each.kind === 'poll') {
            const due = queue.pollEarliest()
            for (const key of due?.keys ?? []) {
              expect(due?.timestamp).toBe(earliestOfModel())
              expect(model.delete(`${due?.timestamp}/${key}`)).toBe(true)
            }
            if (due !== undefined) expect(earliestOfModel()).toBeGreaterThan(due.timestamp - 1)
          } else {
            const { timestamp, key } = each
            if (each.kind === 'add') queue.add(timestamp, key)
            else queue.delete(timestamp, key)
            if (each.kind === 'delete') model.delete(`${timestamp}/${key}`)
            else if (!model.has(`${timestamp}/${key}`)) {
              model.set(`${timestamp}/${key}`, { timestamp, key })
            }
          }
          expect(queue.earliest).toBeLessThanOrEqual(earliestOfModel())
          const left: string[] = []
          queue.forEach((timestamp, key) => left.push(`${timestamp}/${key}`))
          expect(left.sort()).toEqual([...model.keys()].sort())
        }
        const inOrder = [...model.values()].sort((a, b) => a.timestamp - b.timestamp)
        expect(drain(queue)).toEqual(inOrder.map(({ timestamp, key }) => `${timestamp}/${key}`))
        expect(queue.earliest).toBe(Number.POSITIVE_INFINITY)
      }),
    )
  })

  test('when a timer is put off again and again, then the queue forgets the old ones', () => {
    const queue = new TimerQueue<string>()
    for (let timestamp = 1; timestamp <= 10_000; timestamp++) {
      queue.delete(timestamp - 1, 'session')
      queue.add(timestamp, 'session')
    }
    let polls = 0
    while (queue.pollEarliest() !== undefined) polls++
    expect(polls).toBeLessThan(200)
  })

  test('when a timestamp is added again while its timers are taken out, then it is due once more', () => {
    const queue = new TimerQueue<number>()
    queue.add(5, 1)
    const due = queue.pollEarliest()
    queue.add(5, 1)
    expect([...(due?.keys ?? [])]).toEqual([1])
    expect(drain(queue)).toEqual(['5/1'])
  })
})
