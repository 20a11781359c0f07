import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors/millrace-error.ts'
import { Decimal } from '../types/decimal.ts'
import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { Types } from '../types/types.ts'
import { LabelType, typeAndValues, valueOf } from './any-type.fuzz.ts'
import { FrameBuffer } from './frame-buffer.ts'
import { frameCodec } from './frame-codec.ts'
import type { FrameCodec } from './frame-coding.ts'
import { generatedFrameCodec } from './generated-frame-codec.ts'
import { interpretedFrameCodec } from './interpreted-frame-codec.ts'
import { recordClass } from './record-class.ts'

const Bid = Types.record({ auction: Types.int, price: Types.double, url: Types.string })

const Event = Types.union('kind', {
  click: Types.record({ x: Types.int, label: Types.string }),
  view: Types.record({ url: Types.string, seconds: Types.double, tags: Types.set(Types.string) }),
})

const kinds = [
  ['generated', generatedFrameCodec],
  ['interpreted', interpretedFrameCodec],
] as const

describe.each(kinds)('the %s frame codec', (_name, codecOf) => {
  test('when any values of any type are written, then they come back equal', () => {
    fc.assert(
      fc.property(typeAndValues(), ({ type, values }) => {
        expect(roundTrip(codecOf(type), values)).toEqual(values)
      }),
      { numRuns: 500 },
    )
  })

  test('when a frame is written behind another, then both come back', () => {
    const codec = codecOf(Bid)
    const frame = new FrameBuffer(new ArrayBuffer(8))
    const first = codec.encode(frame, 0, [{ auction: 1, price: 0.5, url: 'é' }], stamps(1), 1)
    const second = codec.encode(frame, first, [{ auction: 2, price: 1, url: '' }], stamps(1), 1)
    expect(first % 8).toBe(0)
    expect(frame.i32[first >> 2]).toBe(second)
    expect(decodeAt(codec, frame, 0)).toEqual([{ auction: 1, price: 0.5, url: 'é' }])
    expect(decodeAt(codec, frame, first)).toEqual([{ auction: 2, price: 1, url: '' }])
  })

  test('when only some of the records are to be written, then the rest is left out', () => {
    const codec = codecOf(Types.int)
    const frame = new FrameBuffer(new ArrayBuffer(64))
    codec.encode(frame, 0, [1, 2, 3], stamps(3), 2)
    expect(decodeAt(codec, frame, 0)).toEqual([1, 2])
  })

  test('when timestamps are written, then they come back to the last bit', () => {
    const codec = codecOf(Types.int)
    const frame = new FrameBuffer(new ArrayBuffer(64))
    const written = Float64Array.of(Number.MIN_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER)
    codec.encode(frame, 0, [1, 2, 3], written, 3)
    const read = new Float64Array(3)
    expect(codec.decode(frame, 0, [], read)).toBe(3)
    expect(read).toEqual(written)
  })

  test.each([0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 2 ** 53])(
    'when the double is %d, then it is preserved',
    (value) => {
      const [result] = roundTrip(codecOf(Types.double), [value])
      expect(Object.is(result, value)).toBe(true)
    },
  )

  test('when a long is a sentinel of event time, then it is preserved', () => {
    const sentinels = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
    expect(roundTrip(codecOf(Types.long), sentinels)).toEqual(sentinels)
  })

  test.each([
    ['ASCII', 'plain'],
    ['Latin 1', 'é'],
    ['astral', '🛫'],
    ['a lone surrogate', 'a\ud800b'],
    ['65535 units', 'x'.repeat(65_535)],
    ['65536 units', 'x'.repeat(65_536)],
    ['long and not ASCII', '🛫'.repeat(40_000)],
    ['of more bytes than the buffer has left', 'é'.repeat(31)],
  ])('when a string is %s, then it comes back beside others', (_what, text) => {
    const values = ['before', text, '', 'after']
    expect(roundTrip(codecOf(Types.string), values)).toEqual(values)
  })

  test('when a surrogate pair is split between two strings, then both halves come back', () => {
    const values = ['\ud83d', '\udeeb']
    expect(roundTrip(codecOf(Types.string), values)).toEqual(values)
  })

  test('when a nullable value is undefined, then it comes back as null', () => {
    const type = Types.record({ gate: Types.nullable(Types.string) })
    const records = [{}, { gate: undefined }, { gate: 'A1' }] as unknown as {
      gate: string | null
    }[]
    expect(roundTrip(codecOf(type), records)).toEqual([
      { gate: null },
      { gate: null },
      { gate: 'A1' },
    ])
  })

  test('when values have no type, then undefined, Map, Set, Date, bigint and bytes come back', () => {
    const values = [
      undefined,
      null,
      new Map<unknown, unknown>([[1, new Map([['a', undefined]])]]),
      new Set([1, 'two']),
      new Date(-1),
      12n,
      -(2n ** 200n),
      Uint8Array.of(1, 2),
      Decimal.parse('12.50'),
      { plain: { nested: [1.5, undefined, 'x'] }, nothing: undefined },
      Object.create(null, { own: { value: 1, enumerable: true } }),
    ]
    const read = roundTrip(codecOf(Types.any()), values)
    expect(read).toEqual(values)
    expect(read[8]).toBeInstanceOf(Decimal)
    expect(read[7]).toStrictEqual(Uint8Array.of(1, 2))
  })

  test('when a value without type is of a class, then it comes back as a plain object', () => {
    class Point {
      x = 1
      toJSON(): string {
        return 'not this'
      }
    }
    const [read] = roundTrip(codecOf(Types.any()), [new Point()])
    expect(read).toStrictEqual({ x: 1 })
  })

  test('when bytes without type are read, then they do not alias the frame', () => {
    const frame = new FrameBuffer(new ArrayBuffer(256))
    const codec = codecOf(Types.record({ typed: Types.bytes, untyped: Types.any<Uint8Array>() }))
    codec.encode(frame, 0, [{ typed: Uint8Array.of(7), untyped: Uint8Array.of(8) }], stamps(1), 1)
    const [read] = decodeAt(codec, frame, 0)
    frame.bytes.fill(0)
    expect(read).toEqual({ typed: Uint8Array.of(7), untyped: Uint8Array.of(8) })
  })

  test('when records are read, then they are instances of the generated class', () => {
    const Stop = Types.record({ gate: Types.string })
    const Flight = Types.record({ stops: Types.array(Stop), last: Stop })
    const [read] = roundTrip(codecOf(Flight), [{ stops: [{ gate: 'A' }], last: { gate: 'B' } }])
    expect(read).toBeInstanceOf(recordClass(Flight).Class)
    expect(read?.last).toBeInstanceOf(recordClass(Stop).Class)
    expect(read?.stops[0]).toBeInstanceOf(recordClass(Stop).Class)
  })

  test.each([
    ['a fraction for an int', Types.int, 1.5, /expected int, but got 1\.5 in record 1/],
    ['2^31 for an int', Types.int, 2 ** 31, /expected int/],
    ['text for an int', Types.int, '5', /expected int, but got "5"/],
    ['a bigint for an int', Types.int, 5n, /expected int, but got 5/],
    ['NaN for an int', Types.int, Number.NaN, /expected int/],
    ['2^53 for a long', Types.long, 2 ** 53, /expected long/],
    ['infinity for a long', Types.long, Infinity, /expected long/],
    ['text for a double', Types.double, '1', /expected double/],
    ['a number for a string', Types.string, 1, /expected string/],
    ['null for a string', Types.string, null, /expected string, but got null/],
    ['1 for a boolean', Types.boolean, 1, /expected boolean/],
    ['a number for a bigint', Types.bigint, 1, /expected bigint/],
    ['an array for bytes', Types.bytes, [1], /expected bytes/],
    ['a number for a date', Types.date, 1, /expected date/],
    ['128 for a byte', Types.byte, 128, /expected byte, but got 128/],
    ['2^15 for a short', Types.short, 32_768, /expected short, but got 32768/],
    ['0.1 for a float', Types.float, 0.1, /expected float, but got 0\.1/],
    ['a number for a decimal', Types.decimal(4, 2), 1, /expected decimal\(4, 2\), but got 1/],
    ['a digit too many', Types.decimal(4, 2), Decimal.parse('100'), /expected decimal\(4, 2\)/],
    ['a digit to round', Types.decimal(38, 2), Decimal.parse('0.001'), /expected decimal\(38, 2\)/],
    [
      'another text for an enum',
      Types.enum('a', 'b'),
      'c',
      /expected enum\("a", "b"\), but got "c"/,
    ],
    ['another literal', Types.literal('a'), 'b', /expected "a", but got "b"/],
    ['another typed array', Types.float64Array, new Float32Array(1), /expected float64Array/],
    [
      'no label for a custom type',
      LabelType,
      'x',
      /custom<"test.Label", 2> \(encode threw: no label\)/,
    ],
    ['an array for a set', Types.set(Types.int), [], /expected set<int>/],
    ['a tuple that is too short', Types.tuple(Types.int, Types.int), [1], /expected \[int, int\]/],
    [
      'null for a missing field',
      Types.record({ a: Types.optional(Types.int) }),
      { a: null },
      /int/,
    ],
    ['text for a union', Event, 'click', /expected union\(kind\)/],
    [
      'an unknown variant',
      Event,
      { kind: 'move' },
      /"click" or "view", but got "move" in field "kind"/,
    ],
    ['an object for an array', Types.array(Types.int), {}, /expected array<int>/],
    ['an object for a map', Types.map(Types.int, Types.int), {}, /expected map<int, int>/],
    ['nothing for a record', Bid, undefined, /expected record\{auction: int/],
    ['text for a record of nulls', Types.record({ a: Types.nullable(Types.int) }), 'x', /record/],
  ])('when there is %s, then the error says so', (_what, type, value, message) => {
    const good = goodValueOf(type as TypeDescriptor)
    const codec = codecOf(type as TypeInfo<unknown>)
    const frame = new FrameBuffer(new ArrayBuffer(64))
    expect(() => codec.encode(frame, 0, [good, value], stamps(2), 2)).toThrow(message)
    expect(() => codec.encode(frame, 0, [good, value], stamps(2), 2)).toThrow(/^TYPE_MISMATCH/)
  })

  test('when a nested value does not fit, then the error names its path and the record', () => {
    const type = Types.record({
      stops: Types.array(Types.record({ delays: Types.map(Types.string, Types.int) })),
    })
    const good = { stops: [{ delays: new Map([['SFO', 1]]) }] }
    const bad = { stops: [good.stops[0], { delays: new Map([['JFK', 0.5]]) }] } as typeof good
    const codec = codecOf(type)
    const frame = new FrameBuffer(new ArrayBuffer(64))
    const error = errorOf(() => codec.encode(frame, 0, [good, bad], stamps(2), 2))
    expect(error.message).toContain(
      'expected int, but got 0.5 in field "stops[1].delays{"JFK"}" of record 1',
    )
    expect(error.ids).toEqual({ record: 1, field: 'stops[1].delays{"JFK"}' })
  })

  test.each<[string, TypeInfo<unknown>, unknown, string]>([
    ['set', Types.set(Types.int), new Set([1, 'x']), 'expected int, but got "x" in field "{1}"'],
    ['tuple', Types.tuple(Types.int, Types.string), [1, 2], 'got 2 in field "[1]"'],
    [
      'union in a record',
      Types.record({ event: Event }),
      { event: { kind: 'click', x: 0.5, label: '' } },
      'expected int, but got 0.5 in field "event.x"',
    ],
    [
      'optional field',
      Types.record({ a: Types.optional(Types.array(Types.decimal(3, 1))) }),
      { a: [Decimal.of(1), 7] },
      'expected decimal(3, 1), but got 7 in field "a[1]"',
    ],
  ])(
    'when a value inside of a %s does not fit, then the error names its path',
    (_, type, value, text) => {
      const frame = new FrameBuffer(new ArrayBuffer(64))
      expect(
        errorOf(() => codecOf(type).encode(frame, 0, [value], stamps(1), 1)).message,
      ).toContain(text)
    },
  )

  test('when the variants of a union alternate, then each comes back as a record of its class', () => {
    const events = Array.from({ length: 40 }, (_, index) =>
      index % 3 === 0
        ? ({ kind: 'click', x: index, label: `l${index}` } as const)
        : ({
            kind: 'view',
            url: `/${index}`,
            seconds: index / 2,
            tags: new Set(['a', `${index}`]),
          } as const),
    )
    const read = roundTrip(codecOf(Event), events)
    expect(read).toEqual(events)
    expect(read[0]?.constructor === read[3]?.constructor).toBe(true)
    expect(Object.getPrototypeOf(read[0])).toBe(Object.getPrototypeOf(read[3]))
    expect(Object.getPrototypeOf(read[0])).not.toBe(Object.getPrototypeOf(read[1]))
  })

  test('when a decimal has a smaller scale than its type, then it comes back as the same number', () => {
    const [read] = roundTrip(codecOf(Types.decimal(10, 2)), [Decimal.parse('1.5')])
    expect(read).toEqual(Decimal.of(150, 2))
  })

  test('when a field is missing, then it comes back as undefined, and null only where null may be', () => {
    const type = Types.record({ a: Types.optional(Types.nullable(Types.int)) })
    const read = roundTrip(codecOf(type), [{}, { a: null }, { a: 7 }])
    expect(read.map((record) => record.a)).toEqual([undefined, null, 7])
  })

  test('when a typed array is a part of a larger buffer, then only the part is written', () => {
    const part = Float64Array.of(1, 2, 3, 4).subarray(1, 3)
    expect(roundTrip(codecOf(Types.float64Array), [part])).toEqual([Float64Array.of(2, 3)])
  })

  test('when a custom type writes into one buffer again and again, then all values come back', () => {
    const scratch = new Uint8Array(1)
    const type = Types.custom<number>({
      name: `test.scratch.${_name}`,
      encode: (value) => {
        scratch[0] = value
        return scratch
      },
      decode: (bytes) => bytes[0] as number,
    })
    expect(roundTrip(codecOf(type), [1, 2, 3])).toEqual([1, 2, 3])
  })

  test('when a custom type is of an earlier version, then it is read as such and no longer written', () => {
    const name = `test.versions.${_name}`
    const type = Types.custom<string>({
      name,
      version: 3,
      encode: (text) => Buffer.from(text),
      decode: (bytes, version) => `${version}:${Buffer.from(bytes).toString()}`,
    })
    const earlier = { kind: 'custom', name, version: 1 } as TypeInfo<string>
    const frame = new FrameBuffer(new ArrayBuffer(64))
    codecOf(type).encode(frame, 0, ['x'], stamps(1), 1)
    expect(decodeAt(codecOf(earlier), frame, 0)).toEqual(['1:x'])
    expect(() => codecOf(earlier).encode(frame, 0, ['x'], stamps(1), 1)).toThrow(
      /version 1 is only read: this process writes version 3/,
    )
  })

  test('when a custom type is unknown in this process, then the error says what to do', () => {
    const type: TypeDescriptor = { kind: 'custom', name: 'acme.Unknown', version: 1 }
    expect(() => codecOf(type)).toThrow(
      /^TYPE_INVALID: .*"acme.Unknown", version 1 .* registered in this process.*top level/,
    )
  })

  test('when a value without type cannot be written, then the error says what can', () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const codec = codecOf(Types.any())
    const frame = new FrameBuffer(new ArrayBuffer(64))
    expect(errorOf(() => codec.encode(frame, 0, [cyclic], stamps(1), 1)).code).toBe('TYPE_MISMATCH')
  })

  test('when bytes of a frame are damaged, then it is read or refused as FRAME_CORRUPT', () => {
    fc.assert(
      fc.property(typeAndValues(), damage(), ({ type, values }, changes) => {
        const codec = codecOf(type)
        const frame = new FrameBuffer(new ArrayBuffer(64))
        const length = codec.encode(frame, 0, values, stamps(values.length), values.length)
        for (const { at, byte } of changes) frame.bytes[at % length] = byte
        expectReadOrRefused(codec, frame)
      }),
      { numRuns: 1000 },
    )
  })

  test('when the words of a frame are hostile numbers, then it is read or refused', () => {
    const word = fc.constantFrom(-1, 0, 1, 7, 255, 65_536, 0x7fffffff, -0x80000000, 0x10000000)
    fc.assert(
      fc.property(typeAndValues(), fc.nat(), word, ({ type, values }, at, hostile) => {
        const codec = codecOf(type)
        const frame = new FrameBuffer(new ArrayBuffer(64))
        const length = codec.encode(frame, 0, values, stamps(values.length), values.length)
        frame.i32[at % (length >> 2)] = hostile
        expectReadOrRefused(codec, frame)
      }),
      { numRuns: 1000 },
    )
  })

  // One record: 16 bytes of header, a timestamp, two blob lengths; the first column begins at byte 32.
  test.each([
    ['a string is one unit shorter', Types.string, 'ab', 1],
    ['a string is one unit longer', Types.string, 'ab', 3],
    ['bytes are one shorter', Types.bytes, Uint8Array.of(1, 2), 1],
    ['bytes are one longer', Types.bytes, Uint8Array.of(1, 2), 3],
    ['bytes have a negative length', Types.bytes, Uint8Array.of(1, 2), -1],
    ['a bigint has seven bytes', Types.bigint, 5n, 7],
    ['an array is shorter', Types.array(Types.int), [1, 2, 3], 1],
    ['an array is longer', Types.array(Types.int), [1, 2, 3], 6],
    ['an array has a negative length', Types.array(Types.int), [1], -1],
    ['a map is shorter', Types.map(Types.long, Types.long), new Map([[1, 1]]), 0],
  ])('when %s than it was, then the frame is refused', (_what, type, value, length) => {
    const codec = codecOf(type as TypeInfo<unknown>)
    const frame = new FrameBuffer(new ArrayBuffer(256))
    codec.encode(frame, 0, [value], stamps(1), 1)
    const lengths = type === Types.string ? frame.u16 : frame.i32
    lengths[type === Types.string ? 16 : 8] = length
    expect(() => codec.decode(frame, 0, [], stamps(1))).toThrow(/^FRAME_CORRUPT/)
  })

  test('when lengths add up but one reaches beyond the blob, then the frame is refused', () => {
    const codec = codecOf(Types.bytes)
    const frame = new FrameBuffer(new ArrayBuffer(256))
    codec.encode(frame, 0, [Uint8Array.of(1), Uint8Array.of(2)], stamps(2), 2)
    frame.i32.set([3, -1], 10)
    expect(() => codec.decode(frame, 0, [], stamps(2))).toThrow(/^FRAME_CORRUPT/)
  })

  test('when the count claims rows that the tables do not have, then no record is made', () => {
    const type = Types.record({ a: Types.double, b: Types.double, c: Types.double })
    const codec = codecOf(type)
    const frame = new FrameBuffer(new ArrayBuffer(1024))
    codec.encode(frame, 0, [{ a: 1, b: 2, c: 0 }], stamps(1), 1)
    frame.i32[1] = 4
    const records: unknown[] = []
    expect(() => codec.decode(frame, 0, records as never[], stamps(4))).toThrow(/^FRAME_CORRUPT/)
    expect(records).toEqual([])
  })

  test('when there are more records than the reader has room for, then the frame is refused', () => {
    const codec = codecOf(Types.int)
    const frame = new FrameBuffer(new ArrayBuffer(64))
    codec.encode(frame, 0, [1, 2], stamps(2), 2)
    expect(() => codec.decode(frame, 0, [], stamps(1))).toThrow(/at most 1 records/)
  })

  test('when elements take no bytes, then many of them come back', () => {
    const nothings = Array.from({ length: 1000 }, () => ({}))
    expect(roundTrip(codecOf(Types.array(Types.record({}))), [nothings])).toEqual([nothings])
    const undefineds = Array.from({ length: 1000 }, () => undefined)
    expect(roundTrip(codecOf(Types.array(Types.any())), [undefineds])).toEqual([undefineds])
  })

  test('when a frame is cut off, then it is refused', () => {
    const codec = codecOf(Bid)
    const frame = new FrameBuffer(new ArrayBuffer(256))
    const length = codec.encode(frame, 0, [{ auction: 1, price: 2, url: 'abc' }], stamps(1), 1)
    for (let cut = 0; cut < length; cut += 8) {
      const shorter = new FrameBuffer(frame.buffer.slice(0, cut))
      expect(() => codec.decode(shorter, 0, [], stamps(1))).toThrow(/^FRAME_CORRUPT/)
    }
  })

  test('when a frame holds records of another type, then it is refused', () => {
    const frame = new FrameBuffer(new ArrayBuffer(256))
    codecOf(Types.string).encode(frame, 0, ['abc'], stamps(1), 1)
    expect(() => codecOf(Bid).decode(frame, 0, [], stamps(1))).toThrow(/^FRAME_CORRUPT/)
  })
})

describe('FrameBuffer', () => {
  test('when it grows, then what was written stays and views see the new memory', () => {
    const frame = new FrameBuffer(new ArrayBuffer(8))
    frame.i32[1] = 42
    frame.ensureCapacity(17)
    frame.bytes[16] = 1
    expect(frame.countAt(0)).toBe(42)
    expect(frame.buffer.byteLength).toBe(24)
    expect(new Uint8Array(frame.buffer)[16]).toBe(1)
  })

  test('when 2 GiB are asked for, then it is refused before memory is taken', () => {
    const frame = new FrameBuffer(new ArrayBuffer(8))
    expect(() => frame.ensureCapacity(2 ** 31)).toThrow(/^ASSERTION_FAILED/)
    expect(frame.buffer.byteLength).toBe(8)
  })
})

describe('both frame codecs', () => {
  test('when they write the same values, then they write the same bytes', () => {
    fc.assert(
      fc.property(typeAndValues(), fc.boolean(), ({ type, values }, hasLongString) => {
        const all =
          hasLongString && type.kind === 'string' ? ['x'.repeat(70_000), ...values] : values
        expect(bytesOf(generatedFrameCodec(type), all, 0xee)).toEqual(
          bytesOf(interpretedFrameCodec(type), all, 0x11),
        )
      }),
      { numRuns: 500 },
    )
  })

  test('when strings are longer than 65535 units beside values of any type, then both agree', () => {
    fc.assert(
      fc.property(typeAndValues(), fc.nat(5), ({ type, values }, place) => {
        const Pair = Types.tuple(Types.string, type) as TypeInfo<unknown>
        const pairs = values.map((value, at) => [
          at === place ? 'x'.repeat(70_000) : `${at}`,
          value,
        ])
        expect(bytesOf(generatedFrameCodec(Pair), pairs, 0xee)).toEqual(
          bytesOf(interpretedFrameCodec(Pair), pairs, 0x11),
        )
        expect(roundTrip(generatedFrameCodec(Pair), pairs)).toEqual(pairs)
      }),
      { numRuns: 100 },
    )
  })

  test('when frames of any types and sizes lie one behind the other, then all come back', () => {
    fc.assert(
      fc.property(fc.array(typeAndValues(), { maxLength: 5 }), fc.boolean(), (all, isGenerated) => {
        const codecOf = isGenerated ? generatedFrameCodec : interpretedFrameCodec
        const frame = new FrameBuffer(new ArrayBuffer(8))
        let end = 0
        const offsets = all.map(({ type, values }) => {
          const offset = end
          end += codecOf(type).encode(frame, offset, values, stamps(values.length), values.length)
          return offset
        })
        all.forEach(({ type, values }, at) =>
          expect(decodeAt(codecOf(type), frame, offsets[at] as number)).toEqual(values),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('when types are structurally equal, then frameCodec answers one codec', () => {
    const again = Types.record({ auction: Types.int, price: Types.double, url: Types.string })
    expect(frameCodec(again)).toBe(frameCodec(Bid))
  })

  test('when a field name looks like code, then it stays a name', () => {
    const name = '"]; throw new Error("code"); r["'
    const type = { kind: 'record', fields: [{ name, type: { kind: 'int' } }] } as TypeInfo<unknown>
    expect(roundTrip(generatedFrameCodec(type), [{ [name]: 1 }])).toEqual([{ [name]: 1 }])
  })
})

function damage(): fc.Arbitrary<{ at: number; byte: number }[]> {
  return fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 })
}

function stamps(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => 1e12 + index)
}

function roundTrip<T>(codec: FrameCodec<T>, values: readonly T[]): T[] {
  const frame = new FrameBuffer(new ArrayBuffer(64))
  // What an earlier frame left in the buffer must not show.
  frame.bytes.fill(0xff)
  codec.encode(frame, 0, values, stamps(values.length), values.length)
  return decodeAt(codec, frame, 0)
}

function decodeAt<T>(codec: FrameCodec<T>, frame: FrameBuffer, offset: number): T[] {
  const records: T[] = []
  codec.decode(frame, offset, records, new Float64Array(frame.countAt(offset)))
  return records
}

/** The frame, written over a buffer full of `rubbish`, which must not show. */
function bytesOf(
  codec: FrameCodec<unknown>,
  values: readonly unknown[],
  rubbish: number,
): Uint8Array {
  const frame = new FrameBuffer(new ArrayBuffer(16_384))
  frame.bytes.fill(rubbish)
  const length = codec.encode(frame, 0, values, stamps(values.length), values.length)
  return new Uint8Array(frame.buffer.slice(0, length))
}

function expectReadOrRefused(codec: FrameCodec<unknown>, frame: FrameBuffer): void {
  try {
    codec.decode(frame, 0, [], new Float64Array(64))
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError)
    expect((error as MillraceError).code).toBe('FRAME_CORRUPT')
  }
}

function errorOf(run: () => unknown): MillraceError {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError)
    return error as MillraceError
  }
  throw new Error('nothing was thrown')
}

function goodValueOf(type: TypeDescriptor): unknown {
  return fc.sample(valueOf(type), { numRuns: 1, seed: 1 })[0]
}
