// Timers of every operator that has them, against a list of timers kept in the plainest way: random times, deletions, restarts
// and changes of the parallelism.

import {
  type Collector,
  type KeyedProcessContext,
  keyGroupOf,
  type OnTimerContext,
  subtaskForKeyGroup,
  Types,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

/** What a record asks for. */
interface Order {
  readonly key: string
  readonly domain: 'event-time' | 'processing-time'
  readonly act: 'register' | 'delete'
  readonly time: number
}

function carryOut({ domain, act, time }: Order, context: KeyedProcessContext<string>): void {
  const { timerService } = context
  if (domain === 'event-time') {
    if (act === 'register') timerService.registerEventTimeTimer(time)
    else timerService.deleteEventTimeTimer(time)
  } else if (act === 'register') timerService.registerProcessingTimeTimer(time)
  else timerService.deleteProcessingTimeTimer(time)
}

/** Tells what fires. A timer of an even time registers one 7 ms later. */
const telling = {
  processElement: carryOut,
  processElement1: carryOut,
  processElement2: carryOut,
  processBroadcastElement: () => {},
  onTimer(timestamp: number, context: OnTimerContext<string>, out: Collector<string>): void {
    const { currentKey: key, timeDomain: domain } = context
    out.collect(`${key} ${domain} ${timestamp}`)
    if (timestamp % 2 === 0) {
      carryOut({ key, domain, act: 'register', time: timestamp + 7 }, context)
      // It is gone already: this must do nothing.
      carryOut({ key, domain, act: 'delete', time: timestamp }, context)
    }
  },
}

const keySelector = ({ key }: Order): string => key
const process = (): object => telling

const OPERATORS: readonly [OperatorHarnessOptions & { readonly kind: string }, inputs: number][] = [
  [{ kind: 'keyed-process', functions: { keySelector, process } }, 1],
  [
    {
      kind: 'keyed-co-process',
      functions: { keySelector1: keySelector, keySelector2: keySelector, process },
    },
    2,
  ],
  [
    {
      kind: 'keyed-broadcast-process',
      config: { states: [] },
      functions: { keySelector, process },
    },
    2,
  ],
]

type Happening =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'watermark' | 'clock'; readonly step: number }
  | { readonly kind: 'restart'; readonly parallelism: number }

/** Of the harness, if it is not told otherwise. */
const MAX_PARALLELISM = 128

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f']

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      order: fc.record({
        key: fc.constantFrom(...KEYS),
        domain: fc.constantFrom('event-time' as const, 'processing-time' as const),
        act: fc.constantFrom('register' as const, 'register' as const, 'delete' as const),
        time: fc.integer({ min: -5, max: 40 }),
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('watermark' as const, 'clock' as const),
      step: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      parallelism: fc.integer({ min: 1, max: 3 }),
    }),
  },
)

/** What fires at each step, by a set of timers. */
class Reference {
  readonly #timers = new Set<string>()
  #watermark = 0
  #clock = 0

  step(each: Happening): string[] {
    switch (each.kind) {
      case 'order': {
        const { key, domain, act, time } = each.order
        const timer = `${key} ${domain} ${time}`
        if (act === 'delete') this.#timers.delete(timer)
        else this.#timers.add(timer)
        // One of the clock that lies in the past fires at once; one of event time waits for the next watermark.
        return this.#fire('processing-time', this.#clock)
      }
      case 'watermark':
        return this.#fire('event-time', (this.#watermark += each.step))
      case 'clock':
        return this.#fire('processing-time', (this.#clock += each.step))
      case 'restart':
        return []
    }
  }

  #fire(domain: Order['domain'], now: number): string[] {
    const fired: string[] = []
    for (;;) {
      const due = [...this.#timers]
        .map((timer) => ({ timer, key: timer[0], time: Number(timer.split(' ')[2]) }))
        .filter(({ timer, time }) => timer.includes(domain) && time <= now)
        .sort((left, right) => left.time - right.time)
      const [first] = due
      if (first === undefined) return fired.sort()
      fired.push(first.timer)
      this.#timers.delete(first.timer)
      if (first.time % 2 === 0) this.#timers.add(`${first.key} ${domain} ${first.time + 7}`)
    }
  }
}

/** All subtasks of an operator; orders go to the one that has their key. */
class Subtasks {
  readonly #options: OperatorHarnessOptions
  readonly #inputs: number
  #harnesses: OperatorHarness<string>[] = []
  #watermark = 0
  #clock = 0

  constructor(options: OperatorHarnessOptions, inputs: number) {
    this.#options = { ...options, keyType: Types.string }
    this.#inputs = inputs
  }

  async open(parallelism: number): Promise<void> {
    const restored = await Promise.all(this.#harnesses.map((harness) => harness.snapshot()))
    for (const harness of this.#harnesses) await harness.close()
    const opened: OperatorHarness<string>[] = []
    for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
      const place = { subtaskIndex, parallelism, restored }
      const harness = await OperatorHarness.open<string>({ ...this.#options, ...place })
      harness.advanceTo(this.#clock)
      opened.push(harness)
    }
    this.#harnesses = opened
    expect(this.#taken()).toEqual([])
  }

  async step(each: Happening): Promise<string[]> {
    switch (each.kind) {
      case 'order':
        this.#toSubtaskOf(each.order)
        break
      case 'watermark':
        this.#watermark += each.step
        for (const harness of this.#harnesses) {
          for (let input = 0; input < this.#inputs; input++) {
            harness.processWatermark(this.#watermark, input)
          }
        }
        break
      case 'clock':
        this.#clock += each.step
        for (const harness of this.#harnesses) harness.advanceTo(this.#clock)
        break
      case 'restart':
        await this.open(each.parallelism)
    }
    return this.#taken()
  }

  #toSubtaskOf(order: Order): void {
    const group = keyGroupOf(order.key, MAX_PARALLELISM)
    const index = subtaskForKeyGroup(group, this.#harnesses.length, MAX_PARALLELISM)
    this.#harnesses[index]?.processElement(order, 0)
    this.#harnesses[index]?.advanceTo(this.#clock)
  }

  #taken(): string[] {
    return this.#harnesses
      .flatMap(({ output }) => output.splice(0).map(({ value }) => value))
      .sort()
  }
}

describe.each(OPERATORS)('timers of $kind', (options, inputs) => {
  test('when timers are set, deleted and fire, then each fires once at its time, across restarts and rescaling', async () => {
    const run = fc.array(happening, { maxLength: 40, size: 'max' })
    await fc.assert(
      fc.asyncProperty(run, async (happenings) => {
        const reference = new Reference()
        const subtasks = new Subtasks(options, inputs)
        await subtasks.open(1)
        for (const each of happenings) {
          const expected = reference.step(each)
          expect(await subtasks.step(each)).toEqual(expected)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('when the input ends, then timers of event time fire, those of processing time do not', async () => {
    const harness = await OperatorHarness.open<string>(options)
    for (const domain of ['event-time', 'processing-time'] as const) {
      harness.processElement({ key: 'a', domain, act: 'register', time: 1_000_001 }, 0)
    }
    harness.finish()
    harness.advanceTo(2_000_000)
    expect(harness.output.map(({ value }) => value)).toEqual(['a event-time 1000001'])
  })
})
