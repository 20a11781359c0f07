// A writer sends records of keys, and watermarks to all. Some readers have processed the beginning of what it sent, each up to a
// place of its own; the rest is on their tapes. Whatever number of new readers plays the tapes, and however often they are
// interrupted: each record comes once, to its owner, in the order of its key, at the time that it followed in what was sent.

import {
  FrameBuffer,
  frameCodec,
  longWatermark,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  Types,
  watermarkOf,
} from '@millrace/core'
import { decodeTape, encodeTape, type Tape, type TapeEdge, type TapeItem } from '@millrace/state'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Input } from '../operators/operator.ts'
import { type Ownership, Replay } from './replay.ts'

/** A record with its place in what was sent, or a watermark. */
type Sent = { readonly key: number; readonly at: number } | number

interface Seen {
  readonly key: number
  readonly at: number
  readonly time: number
}

const type = Types.record({ key: Types.int, at: Types.int })
const edge: TapeEdge = { id: 'send>read:0', input: 0, type }

function frameOf(record: { readonly key: number; readonly at: number }): TapeItem {
  const frame = new FrameBuffer(new ArrayBuffer(256))
  const codec = frameCodec(type)
  const byteLength = codec.encode(frame, 0, [record], Float64Array.of(NO_TIMESTAMP), 1)
  return { kind: 'frame', edge: 0, bytes: new Uint8Array(frame.buffer.slice(0, byteLength)) }
}

/** What is left to a reader that has processed all up to a place. */
function tapeOf(sent: readonly Sent[], place: number, isOwn: (key: number) => boolean): Tape {
  let start = MIN_WATERMARK
  const items: TapeItem[] = []
  for (const [index, one] of sent.entries()) {
    if (typeof one === 'number' && index < place) start = one
    else if (typeof one === 'number') items.push({ kind: 'time', input: 0, watermark: one })
    else if (index >= place && isOwn(one.key)) items.push(frameOf(one))
  }
  return { start: [start], edges: [edge], items }
}

/** Plays tapes with a number of new readers, a few frames each; answers the tapes of what is left. */
function play(
  tapes: readonly Tape[],
  parallelism: number,
  framesOf: (reader: number) => number,
  seen: Seen[],
): readonly Tape[] {
  return Array.from({ length: parallelism }, (_, subtaskIndex) => {
    let time = Math.min(...tapes.map(({ start }) => start[0] as number))
    const ownership: Ownership =
      tapes.length === parallelism
        ? { kind: 'all' }
        : {
            kind: 'some',
            isOwn: (value) => (value as Seen).key % parallelism === subtaskIndex,
          }
    const replay = new Replay({
      tapes: ownership.kind === 'all' ? [tapes[subtaskIndex] as Tape] : tapes,
      ownershipOf: () => ownership,
      inputs: [
        {
          processElement: ({ key, at }: { key: number; at: number }) =>
            seen.push({ key, at, time }),
        } as unknown as Input<unknown>,
      ],
      raise: (_input, watermark) => (time = Math.max(time, watermark)),
      tell: () => {},
      tellingTape: 0,
      onEnd: () => {},
    })
    if (ownership.kind === 'all') time = (tapes[subtaskIndex] as Tape).start[0] as number
    let isOver = false
    for (let i = 0; i < framesOf(subtaskIndex) && !isOver; i++) isOver = !replay.playSome()
    const rest = isOver ? { edges: [], items: [] } : replay.rest()
    return decodeTape(encodeTape({ start: [time], ...rest }))
  })
}

describe('a replay', () => {
  test('when tapes are played by others, and again by others, then each record comes once, in order and at its time', () => {
    const steps = fc.array(fc.oneof(fc.nat(9), fc.constant('watermark' as const)), {
      minLength: 1,
      maxLength: 40,
    })
    const places = fc.array(fc.nat(40), { minLength: 1, maxLength: 4 })
    const rounds = fc.array(
      fc.record({ parallelism: fc.integer({ min: 1, max: 4 }), frames: fc.array(fc.nat(6)) }),
      { maxLength: 3 },
    )
    fc.assert(
      fc.property(steps, places, rounds, (drawn, readers, interrupted) => {
        const sent = drawn.map((one, at): Sent => (one === 'watermark' ? at : { key: one, at }))
        const isOld = (reader: number) => (key: number) => key % readers.length === reader
        let tapes = readers.map((place, reader) => tapeOf(sent, place, isOld(reader)))
        const seen: Seen[] = []
        for (const { parallelism, frames } of interrupted) {
          tapes = [...play(tapes, parallelism, (reader) => frames[reader] ?? 0, seen)]
        }
        play(tapes, 1, () => Number.POSITIVE_INFINITY, seen)
        const expected: Seen[] = []
        let time = MIN_WATERMARK
        for (const [index, one] of sent.entries()) {
          if (typeof one === 'number') time = one
          else if (index >= (readers[one.key % readers.length] as number))
            expected.push({ ...one, time })
        }
        const byPlace = [...seen].sort((a, b) => a.at - b.at)
        expect(byPlace).toEqual(expected)
        for (const key of new Set(seen.map((one) => one.key))) {
          const places = seen.filter((one) => one.key === key).map(({ at }) => at)
          expect(places).toEqual(places.toSorted((a, b) => a - b))
        }
      }),
      { numRuns: 500 },
    )
  })

  test("when watermarks of the user's own kind are on several tapes, then those of one are told, and those not told are left", () => {
    const watermark = (value: number): TapeItem => ({
      kind: 'generalized',
      edge: 0,
      writer: 1,
      writers: 2,
      watermark: watermarkOf(longWatermark('rows'), value),
    })
    const tapes = [1, 2].map((first): Tape => {
      const frame = frameOf({ key: 0, at: first })
      return {
        start: [first],
        edges: [edge],
        items: [watermark(first), frame, watermark(first + 1)],
      }
    })
    const told: unknown[] = []
    const replay = new Replay({
      tapes,
      ownershipOf: () => ({ kind: 'all' }),
      inputs: [{ processElement: () => {} } as unknown as Input<unknown>],
      raise: () => {},
      tell: (from, { value }) => told.push({ ...from, value }),
      tellingTape: 1,
      onEnd: () => {},
    })
    replay.playSome()
    replay.playSome()
    const from = { edge: edge.id, subtask: 1, parallelism: 2 }
    expect(told).toEqual([{ ...from, value: 2 }])
    const { edges, items } = replay.rest()
    expect(decodeTape(encodeTape({ start: [2], edges, items })).items).toEqual([watermark(3)])
  })

  test('when records may go anywhere, then the frames are dealt out, each to one', () => {
    const sent = Array.from({ length: 30 }, (_, at) => ({ key: 0, at }))
    const tapes = [tapeOf(sent.slice(0, 17), 0, () => true), tapeOf(sent.slice(17), 0, () => true)]
    const seen: number[][] = Array.from({ length: 3 }, (_, subtaskIndex) => {
      const own: number[] = []
      const replay = new Replay({
        tapes,
        ownershipOf: () => ({ kind: 'dealt', subtaskIndex, parallelism: 3 }),
        inputs: [
          {
            processElement: ({ at }: { at: number }) => own.push(at),
          } as unknown as Input<unknown>,
        ],
        raise: () => {},
        tell: () => {},
        tellingTape: 0,
        onEnd: () => {},
      })
      replay.finish()
      return own
    })
    expect(seen.flat().sort((a, b) => a - b)).toEqual(sent.map(({ at }) => at))
    for (const own of seen) expect(own.length).toBeGreaterThan(8)
  })
})
