import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors/millrace-error.ts'
import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { Types } from '../types/types.ts'
import { FrameBuffer } from './frame-buffer.ts'
import { type FrameCodec, frameCodec } from './frame-codec.ts'
import { generatedFrameCodec } from './generated-frame-codec.ts'
import { interpretedFrameCodec } from './interpreted-frame-codec.ts'
import { recordClass } from './record-class.ts'

const Bid = Types.record({ auction: Types.int, price: Types.double, url: Types.string })

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
      { plain: { nested: [1.5, undefined, 'x'] }, nothing: undefined },
      Object.create(null, { own: { value: 1, enumerable: true } }),
    ]
    const read = roundTrip(codecOf(Types.any()), values)
    expect(read).toEqual(values)
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
      { numRuns: 2000 },
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
      { numRuns: 2000 },
    )
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

describe('both frame codecs', () => {
  test('when they write the same values, then they write the same bytes', () => {
    fc.assert(
      fc.property(typeAndValues(), fc.boolean(), ({ type, values }, hasLongString) => {
        const all =
          hasLongString && type.kind === 'string' ? ['x'.repeat(70_000), ...values] : values
        expect(bytesOf(generatedFrameCodec(type), all)).toEqual(
          bytesOf(interpretedFrameCodec(type), all),
        )
      }),
      { numRuns: 500 },
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

const scalarTypes: readonly TypeDescriptor[] = [
  Types.boolean,
  Types.int,
  Types.long,
  Types.double,
  Types.string,
  Types.bigint,
  Types.bytes,
  Types.date,
  Types.any(),
]

function anyType(): fc.Arbitrary<TypeDescriptor> {
  const name = fc.stringMatching(/^[a-z]{1,3}$/).filter((text) => text !== '')
  return fc.letrec<{ type: TypeDescriptor }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(...scalarTypes),
      tie('type').map((type): TypeDescriptor => ({ kind: 'nullable', type })),
      tie('type').map((element): TypeDescriptor => ({ kind: 'array', element })),
      fc
        .constantFrom(Types.int, Types.string, Types.bigint, Types.boolean)
        .chain((key) => tie('type').map((value): TypeDescriptor => ({ kind: 'map', key, value }))),
      fc
        .uniqueArray(fc.record({ name, type: tie('type') }), {
          maxLength: 4,
          selector: (field) => field.name,
        })
        .map((fields): TypeDescriptor => ({ kind: 'record', fields })),
    ),
  })).type
}

function valueOf(type: TypeDescriptor): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.integer()
    case 'long':
      return fc.maxSafeInteger()
    case 'double':
      return fc.double()
    case 'string':
      return fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('\udc00x'))
    case 'bigint':
      return fc.oneof(fc.bigInt(), fc.constantFrom(2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n))
    case 'bytes':
      return fc.uint8Array()
    case 'date':
      return fc.date()
    case 'any':
      return fc.oneof(fc.string(), fc.integer(), fc.constant(undefined), fc.date(), anyObject())
    case 'nullable':
      return fc.oneof(
        fc.constant(null),
        valueOf(type.type).map((value) => value ?? null),
      )
    case 'array':
      return fc.array(valueOf(type.element), { maxLength: 4 })
    case 'map':
      return fc
        .array(fc.tuple(valueOf(type.key), valueOf(type.value)), { maxLength: 4 })
        .map((entries) => new Map(entries))
    case 'record':
      return fc.record(
        Object.fromEntries(type.fields.map((field) => [field.name, valueOf(field.type)])),
      )
  }
}

function anyObject(): fc.Arbitrary<unknown> {
  return fc.record({ id: fc.integer(), tags: fc.array(fc.string()) })
}

function typeAndValues(): fc.Arbitrary<{ type: TypeInfo<unknown>; values: unknown[] }> {
  return anyType().chain((type) =>
    fc
      .array(valueOf(type), { maxLength: 6 })
      .map((values) => ({ type: type as TypeInfo<unknown>, values })),
  )
}

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

function bytesOf(codec: FrameCodec<unknown>, values: readonly unknown[]): Uint8Array {
  const frame = new FrameBuffer(new ArrayBuffer(64))
  frame.bytes.fill(0xee)
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
