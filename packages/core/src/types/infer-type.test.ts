import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameBuffer } from '../serialization/frame-buffer.ts'
import { frameCodec } from '../serialization/frame-codec.ts'
import { describeType } from './describe-type.ts'
import { inferType } from './infer-type.ts'
import type { TypeInfo } from './type-info.ts'

class Point {
  x = 1
}

describe('inferType', () => {
  test.each<[unknown[], string | undefined]>([
    [[], 'any'],
    [[1, -2], 'int'],
    [[1, 2 ** 40], 'long'],
    [[1, 0.5], 'double'],
    [[1, -0], 'double'],
    [[1, Number.NaN], 'double'],
    [['a', ''], 'string'],
    [[true], 'boolean'],
    [[1n], 'bigint'],
    [[new Date(0)], 'date'],
    [[Uint8Array.of(1)], 'bytes'],
    [[null, 1], 'int?'],
    [[null], 'any?'],
    [[[1], [], [2.5]], 'array<double>'],
    [[[]], 'array<any>'],
    [[{}], 'record{}'],
    [
      [
        { a: 1, b: { c: ['x'] } },
        { a: null, b: { c: [] } },
      ],
      'record{a: int?, b: record{c: array<string>}}',
    ],
    [[1, '1'], undefined],
    [[1, undefined], undefined],
    [[undefined], undefined],
    [[Symbol('s')], undefined],
    [[() => 1], undefined],
    [[new Point()], undefined],
    [[Object.create(null)], undefined],
    [[Buffer.from('x')], undefined],
    [[new Map()], undefined],
    [[{ a: 1 }, [1]], undefined],
    [[{ a: 1 }, { b: 1 }], undefined],
    [[{ a: 1 }, { a: 1, b: 1 }], undefined],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      undefined,
    ],
    [[{ a: undefined }], undefined],
    [[{ a: 1, 'b c': 1 }], undefined],
    [[{ constructor: 1 }], undefined],
    [
      [
        {
          get a() {
            return 1
          },
        },
      ],
      undefined,
    ],
    [[{ a: 1, [Symbol('s')]: 1 }], undefined],
    [[Object.defineProperty({ a: 1 }, 'a', { enumerable: false })], undefined],
    [[{ nested: new Point() }], undefined],
    [[Object.assign([1], { more: 1 })], undefined],
    [[Array(2)], undefined],
    [[Object.assign(new Date(0), { zone: 'x' })], undefined],
  ])('when the values are %o, then the type is %s', (values, text) => {
    const type = inferType(values)
    expect(type && describeType(type)).toBe(text)
  })

  test('when a value contains itself, then it has no type', () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    expect(inferType([cyclic])).toBeUndefined()
  })

  test('when any plain values have a type, then a frame of it gives them back, field by field', () => {
    const plain = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, true, 0, -0, 1, 2 ** 40, 0.5, 5n, '', 'x', '\ud800'),
        fc.date(),
        fc.uint8Array({ maxLength: 3 }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.record({ a: tie('value'), b: tie('value') }, { noNullPrototype: true }),
        fc.record({ a: fc.integer(), b: fc.string() }, { noNullPrototype: true, requiredKeys: [] }),
      ),
    })).value
    const valuesOfOneShape = plain.chain((value) =>
      fc.oneof(fc.constant([value]), fc.constant([value, null, value]), fc.array(plain)),
    )
    let typed = 0
    fc.assert(
      fc.property(valuesOfOneShape, (values) => {
        const type = inferType(values)
        if (type === undefined) return
        typed++
        const codec = frameCodec(type as TypeInfo<unknown>)
        const frame = new FrameBuffer(new ArrayBuffer(64))
        const timestamps = new Float64Array(values.length)
        const read: unknown[] = []
        codec.encode(frame, 0, values, timestamps, values.length)
        codec.decode(frame, 0, read, timestamps)
        expect(read).toStrictEqual(values)
      }),
      { numRuns: 1000 },
    )
    expect(typed).toBeGreaterThan(100)
  })
})
