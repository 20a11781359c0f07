import { longWatermark } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AsyncEntry, AsyncQueue } from './async-queue.ts'

const OWN = longWatermark('own')

interface Entry extends AsyncEntry<string> {
  readonly id: number
}

/** The same rules, by looking at everything after each step. */
class NaiveQueue {
  readonly log: string[] = []
  readonly #isOrdered: boolean
  #entries: (number | string)[] = []
  readonly #complete = new Set<number>()

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered
  }

  add(entry: number | string): void {
    this.#entries.push(entry)
    this.#look()
  }

  complete(id: number): void {
    this.#complete.add(id)
    this.#look()
  }

  #look(): void {
    for (;;) {
      const next = this.#entries.find((entry, index) => {
        if (typeof entry === 'string') return index === 0
        const before = this.#entries.slice(0, index)
        const isFree = this.#isOrdered
          ? before.length === 0
          : before.every((other) => typeof other === 'number')
        return isFree && this.#complete.has(entry)
      })
      if (next === undefined) return
      this.#entries = this.#entries.filter((entry) => entry !== next)
      this.log.push(String(next))
    }
  }
}

describe.each([
  ['ordered', true],
  ['unordered', false],
])('an %s queue', (_, isOrdered) => {
  test('when answers come in any order between watermarks, then each goes out as soon as the rules allow', () => {
    const commands = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant('record' as const) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('watermark' as const, 'status' as const, 'own' as const),
        },
        { weight: 3, arbitrary: fc.nat(1000) },
      ),
      { maxLength: 300, size: 'max' },
    )
    fc.assert(
      fc.property(commands, (given) => {
        const naive = new NaiveQueue(isOrdered)
        const log: string[] = []
        /** Statuses say nothing that tells one from another, but keep their order. */
        const statuses: number[] = []
        const queue = new AsyncQueue<string, Entry>(isOrdered, {
          record: ({ id, results }) => log.push(`${id}${results?.join('')}`),
          watermark: (watermark) => log.push(`w${watermark}`),
          status: () => log.push(`s${statuses.shift()}`),
          generalizedWatermark: ({ value }) => log.push(`own${value}`),
        })
        const open: Entry[] = []
        given.forEach((command, id) => {
          if (command === 'record') {
            const entry: Entry = { kind: 'record', id, results: undefined, isOut: false }
            open.push(entry)
            queue.addRecord(entry)
            naive.add(id)
          } else if (command === 'watermark') {
            queue.addWatermark(id)
            naive.add(`w${id}`)
          } else if (command === 'own') {
            queue.addGeneralizedWatermark({ declaration: OWN, value: id })
            naive.add(`own${id}`)
          } else if (command === 'status') {
            statuses.push(id)
            queue.addStatus(id % 2 === 0)
            naive.add(`s${id}`)
          } else {
            const [entry] = open.splice(command % Math.max(1, open.length), 1)
            if (entry === undefined) return
            queue.complete(entry, [])
            naive.complete(entry.id)
          }
          expect(log).toEqual(naive.log)
          const out = new Set(log)
          const inside = given.flatMap((c, i) =>
            c === 'record' && i <= id && !out.has(String(i)) ? [i] : [],
          )
          expect(queue.records().map((entry) => entry.id)).toEqual(inside)
        })
        for (const entry of open) queue.complete(entry, [])
        expect(queue.isEmpty).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
