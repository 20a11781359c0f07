import {
  type Collector,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  type MapState,
  type StateTtl,
  Types,
  type ValueState,
} from '@millrace/core'
import { type HarnessStep, type OperatorHarnessOptions, runSteps } from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

interface Visit {
  readonly user: string
  readonly page: string
}

const LIFE_MS = 20

/** Says for each visit how many visits are remembered, which pages, and whether there was one before. */
class Visits implements KeyedProcessFunction<string, Visit, string> {
  readonly #ttl: StateTtl
  #last!: ValueState<string | undefined>
  #visits!: ListState<string>
  #pages!: MapState<string, boolean>

  constructor(ttl: StateTtl) {
    this.#ttl = ttl
  }

  open(context: KeyedRuntimeContext): void {
    const ttl = this.#ttl
    this.#last = context.getValueState({ name: 'last', type: Types.string, ttl })
    this.#visits = context.getListState({ name: 'visits', type: Types.string, ttl })
    this.#pages = context.getMapState({
      name: 'pages',
      keyType: Types.string,
      valueType: Types.boolean,
      ttl,
    })
  }

  processElement({ user, page }: Visit, _context: unknown, out: Collector<string>): void {
    const seen = [this.#last.value(), this.#visits.get(), [...this.#pages.keys()].toSorted()]
    out.collect(`${user} ${JSON.stringify(seen)}`)
    this.#last.update(page)
    this.#visits.add(page)
    this.#pages.put(page, true)
  }
}

function visits(ttl: StateTtl): OperatorHarnessOptions {
  return {
    kind: 'keyed-process',
    functions: { keySelector: ({ user }: Visit) => user, process: () => new Visits(ttl) },
    keyType: Types.string,
  }
}

type Event = { readonly visit: Visit } | { readonly passMs: number }

/** All visits with their times, looked through again for each. */
function expectedOf(events: readonly Event[]): readonly (readonly string[])[] {
  let nowMs = 0
  const all: (Visit & { readonly at: number })[] = []
  return events.map((event) => {
    if ('passMs' in event) {
      nowMs += event.passMs
      return []
    }
    const { user, page } = event.visit
    const known = all.filter((each) => each.user === user && each.at + LIFE_MS > nowMs)
    const pages = known.map((each) => each.page)
    all.push({ user, page, at: nowMs })
    return [`${user} ${JSON.stringify([pages.at(-1), pages, [...new Set(pages)].toSorted()])}`]
  })
}

describe('keyed state with a time to live', () => {
  const visit = fc.record({ user: fc.constantFrom('a', 'b'), page: fc.constantFrom('x', 'y', 'z') })
  const events = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: visit.map((each): Event => ({ visit: each })) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 1, max: 15 }).map((passMs): Event => ({ passMs })),
      },
    ),
    { maxLength: 25, size: 'max' },
  )

  test.each<[string, StateTtl]>([
    ['by default', { duration: LIFE_MS }],
    ['without a sweep', { duration: LIFE_MS, cleanup: { incremental: false } }],
    [
      'with all of it',
      {
        duration: LIFE_MS,
        cleanup: { fullSnapshot: true, incremental: { runForEveryRecord: true } },
      },
    ],
  ])(
    'when the operator restarts after each step, cleaned up %s, then it remembers just what has not expired',
    async (_name, ttl) => {
      await fc.assert(
        fc.asyncProperty(events, async (all) => {
          let nowMs = 0
          const steps = all.map((event): HarnessStep<string> => {
            if ('visit' in event) return (harness) => harness.processElement(event.visit)
            nowMs += event.passMs
            const at = nowMs
            return (harness) => harness.advanceTo(at)
          })
          for (const isHostile of [false, true]) {
            const outputs = await runSteps<string>(visits(ttl), steps, {
              restartAfter: () => isHostile,
            })
            expect(outputs.map(({ records }) => records.map(({ value }) => value))).toEqual(
              expectedOf(all),
            )
          }
        }),
        { numRuns: 40 },
      )
    },
  )
})
