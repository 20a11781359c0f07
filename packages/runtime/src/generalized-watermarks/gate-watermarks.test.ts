// What a task is told of its channels, over restarts, and with more or fewer subtasks on either side.

import {
  booleanWatermark,
  type GeneralizedWatermark,
  longWatermark,
  type MillraceError,
  type WatermarkDeclaration,
  watermarkOf,
} from '@millrace/core'
import type { ChannelOrigin, GateChannel } from '@millrace/exchange'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Input, RestoredOperator } from '../operators/operator.ts'
import { GateWatermarks } from './gate-watermarks.ts'
import { shareOfSubtask } from './subtask-share.ts'

const KINDS: readonly WatermarkDeclaration[] = [
  longWatermark('least'),
  longWatermark('newest', { combine: 'max' }),
  longWatermark('slowest', { waitForAll: true }),
  booleanWatermark('ready', { waitForAll: true }),
  booleanWatermark('seen', { combine: 'or' }),
]

/** The gate of one subtask. */
class Gate {
  readonly told: string[] = []
  readonly #watermarks: GateWatermarks

  constructor(origins: readonly ChannelOrigin[], restored: readonly Gate[] = [], subtaskIndex = 0) {
    const head = {
      processGeneralizedWatermark: ({ declaration, value }: GeneralizedWatermark) =>
        this.told.push(`${declaration.name} ${value}`),
    } as Partial<Input<unknown>> as Input<unknown>
    const channels = origins.map((origin) => ({ origin, input: 0 }) as GateChannel)
    const slots = restored.flatMap((gate, index) => {
      const bytes = gate.#watermarks.snapshot()
      return bytes === undefined ? [] : [{ subtaskIndex: index, bytes }]
    })
    this.#watermarks = new GateWatermarks({
      channels,
      head,
      subtaskIndex,
      restored: { slot: () => slots } as Partial<RestoredOperator> as RestoredOperator,
    })
  }

  say(channel: number, watermark: GeneralizedWatermark | 'end'): void {
    if (watermark === 'end') this.#watermarks.onEnd(channel)
    else this.#watermarks.onWatermark(channel, structuredClone(watermark))
  }
}

/** One channel from each subtask of an edge. */
function all(parallelism: number, edge = 'a>b:0'): ChannelOrigin[] {
  return Array.from({ length: parallelism }, (_, subtask) => ({ edge, subtask, parallelism }))
}

function valueOf(declaration: WatermarkDeclaration, number: number): GeneralizedWatermark {
  return watermarkOf(declaration, declaration.type === 'long' ? number : number % 2 === 0)
}

type Step = readonly [channel: number, watermark: GeneralizedWatermark | 'end']

/** Random steps; `-1` ends the channel. */
const steps = (channelCount: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .array(
      fc.tuple(fc.nat(channelCount - 1), fc.nat(KINDS.length - 1), fc.integer({ min: -1, max: 6 })),
      {
        maxLength: 40,
      },
    )
    .map((drawn) => {
      const ended = new Set<number>()
      return drawn.flatMap(([channel, kind, number]): Step[] => {
        if (ended.has(channel)) return []
        if (number >= 0) return [[channel, valueOf(KINDS[kind] as WatermarkDeclaration, number)]]
        ended.add(channel)
        return [[channel, 'end']]
      })
    })

/** The last of a kind that a gate was told. */
function togetherOf(declaration: WatermarkDeclaration, gate: Gate): string | undefined {
  return gate.told.findLast((line) => line.startsWith(`${declaration.name} `))
}

describe('what a task is told', () => {
  test('several kinds are combined apart, over the channels of all edges', () => {
    const gate = new Gate([...all(2), ...all(1, 'c>b:1')])
    const [least, newest] = KINDS as [WatermarkDeclaration, WatermarkDeclaration]
    gate.say(0, valueOf(least, 5))
    gate.say(2, valueOf(least, 3))
    gate.say(1, valueOf(newest, 1))
    gate.say(2, valueOf(newest, 2))
    gate.say(2, valueOf(least, 8))
    expect(gate.told).toEqual(['least 5', 'least 3', 'newest 1', 'newest 2', 'least 5'])
  })

  test('when it is restored from a checkpoint at any moment, then it is told what it would have been told', () => {
    fc.assert(
      fc.property(steps(3), fc.array(fc.boolean(), { maxLength: 40 }), (said, restarts) => {
        const undisturbed = new Gate(all(3))
        let gate = new Gate(all(3))
        const told: string[] = []
        for (const [index, [channel, watermark]] of said.entries()) {
          undisturbed.say(channel, watermark)
          gate.say(channel, watermark)
          if (restarts[index] !== true) continue
          told.push(...gate.told)
          const earlier = gate
          gate = new Gate(all(3), [earlier])
          // Tasks that have ended say so again.
          for (const [ended, end] of said.slice(0, index + 1))
            if (end === 'end') gate.say(ended, 'end')
        }
        expect([...told, ...gate.told]).toEqual(undisturbed.told)
      }),
      { numRuns: 500 },
    )
  })

  test('when the checkpoint knows another declaration of the name, then that is refused', () => {
    const gate = new Gate(all(1))
    gate.say(0, watermarkOf(longWatermark('newest', { combine: 'max' }), 1))
    const restored = new Gate(all(1), [gate])
    const changed = watermarkOf(longWatermark('newest'), 2)
    let error: MillraceError | undefined
    try {
      restored.say(0, changed)
    } catch (thrown) {
      error = thrown as MillraceError
    }
    expect(error?.code).toBe('STATE_INCOMPATIBLE')
    expect(error?.message).toMatch(/combined by max/)
  })
})

describe('with another parallelism', () => {
  test('each old subtask has one in its place, each new one stands for at least one, and itself if nothing changed', () => {
    for (let oldCount = 1; oldCount <= 12; oldCount++) {
      for (let count = 1; count <= 12; count++) {
        const shares = Array.from({ length: count }, (_, subtask) => {
          const { start, end } = shareOfSubtask({ subtask, count, oldCount })
          return Array.from({ length: end - start }, (_unused, index) => start + index)
        })
        expect(shares.every((share) => share.length > 0)).toBe(true)
        expect([...new Set(shares.flat())]).toEqual(Array.from({ length: oldCount }, (_, i) => i))
        if (count <= oldCount) expect(shares.flat()).toHaveLength(oldCount)
        if (count === oldCount) expect(shares).toEqual(shares.map((_, subtask) => [subtask]))
      }
    }
  })

  test('two become one: the one channel says what both said; with waitForAll only if both did', () => {
    const [least, , slowest] = KINDS as [WatermarkDeclaration, never, WatermarkDeclaration]
    const gate = new Gate(all(2))
    gate.say(0, valueOf(least, 5))
    gate.say(0, valueOf(slowest, 5))
    const restored = new Gate(all(1), [gate])
    restored.say(0, valueOf(least, 5))
    restored.say(0, valueOf(slowest, 5))
    expect(restored.told).toEqual(['slowest 5'])
  })

  test('one becomes two: each says what the one said, so the least waits for both', () => {
    const [least] = KINDS as [WatermarkDeclaration]
    const gate = new Gate(all(1))
    gate.say(0, valueOf(least, 5))
    const restored = new Gate(all(2), [gate])
    restored.say(0, valueOf(least, 7))
    restored.say(1, valueOf(least, 6))
    expect(restored.told).toEqual(['least 6'])
  })

  test('when writers become more or fewer, then the channels together say what they said, and nothing is told', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((old) => fc.tuple(fc.constant(old), steps(old))),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        ([oldWriters, said], writers, readers) => {
          // All readers of an aligned checkpoint have seen the same.
          const old = Array.from({ length: 2 }, () => new Gate(all(oldWriters)))
          for (const gate of old)
            for (const [channel, watermark] of said) gate.say(channel, watermark)
          for (let subtask = 0; subtask < readers; subtask++) {
            const restored = new Gate(all(writers), old, subtask)
            expect(restored.told).toEqual([])
            for (const declaration of KINDS) {
              // One that is already combined is not told again when a channel repeats it; so it is the combination.
              const combined = togetherOf(declaration, old[0] as Gate)
              if (combined === undefined) continue
              const text = combined.slice(declaration.name.length + 1)
              const value = declaration.type === 'long' ? Number(text) : text === 'true'
              for (let channel = 0; channel < writers; channel++) {
                restored.say(channel, watermarkOf(declaration, value))
              }
              expect(restored.told).toEqual([])
            }
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('when each writer goes on, then the readers hear what the old ones would have heard', () => {
    // Writers are halved; each new one first repeats nothing and then says one thing for both of its old ones.
    const [least, newest] = KINDS as [WatermarkDeclaration, WatermarkDeclaration]
    const gate = new Gate(all(4))
    for (const [channel, number] of [5, 3, 9, 7].entries()) {
      gate.say(channel, valueOf(least, number))
      gate.say(channel, valueOf(newest, number))
    }
    const restored = new Gate(all(2), [gate])
    restored.say(0, valueOf(least, 6))
    restored.say(1, valueOf(least, 8))
    restored.say(0, valueOf(newest, 4))
    restored.say(1, valueOf(newest, 6))
    expect(restored.told).toEqual(['least 6', 'newest 6'])
  })

  test('when an edge is new, then its channels have said nothing', () => {
    const [, , slowest] = KINDS as [never, never, WatermarkDeclaration]
    const gate = new Gate(all(1))
    gate.say(0, valueOf(slowest, 5))
    const restored = new Gate([...all(1), ...all(1, 'new>b:1')], [gate])
    restored.say(0, valueOf(slowest, 6))
    expect(restored.told).toEqual([])
    restored.say(1, valueOf(slowest, 9))
    expect(restored.told).toEqual(['slowest 6'])
  })

  test('when each subtask reads from one writer only, then it goes on with what is known of the writers in its place', () => {
    const [least] = KINDS as [WatermarkDeclaration]
    const old = all(2).map((origin) => new Gate([origin]))
    old.forEach((gate, index) => gate.say(0, valueOf(least, 10 * (index + 1))))
    const restored = all(4).map((origin, subtask) => new Gate([origin], old, subtask))
    // 10, 10, 20, 20 are known.
    for (const gate of restored) gate.say(0, valueOf(least, 10))
    expect(restored.map(({ told }) => told)).toEqual([[], [], ['least 10'], ['least 10']])
  })
})
