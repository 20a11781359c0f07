import { Decimal } from '@millrace/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLines, jsonLinesEncoder } from './index.ts'

const encoder = jsonLinesEncoder<unknown>()

test('when a record holds what JSON has no word for, then it is written in a plain form', () => {
  const record = {
    id: 2n ** 70n,
    at: new Date('2001-01-01T06:55:00Z'),
    counts: new Map<unknown, unknown>([
      ['a', 1n],
      ['b', new Map([[2, 'x']])],
    ]),
    tags: new Set(['p', 'q']),
    bytes: new Uint8Array([1, 2, 255]),
    buffer: Buffer.from([0]),
    price: Decimal.parse('12.50'),
    samples: Float64Array.of(0.5, 1),
    longs: BigInt64Array.of(7n),
  }
  expect(encoder.encode(record)).toBe(
    '{"id":"1180591620717411303424","at":"2001-01-01T06:55:00.000Z",' +
      '"counts":{"a":"1","b":{"2":"x"}},"tags":["p","q"],"bytes":"AQL/","buffer":"AA==",' +
      '"price":"12.50","samples":[0.5,1],"longs":["7"]}\n',
  )
})

test('when values are JSON, then each is one line that reads back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const line = encoder.encode(value)
      expect(line.indexOf('\n')).toBe(line.length - 1)
      const decoder = jsonLines().createDecoder()
      decoder.feed(Buffer.from(line))
      decoder.next()
      expect(decoder.record).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test.each([undefined, () => 1])('when the record is %s, then it is refused', (value) => {
  expect(() => encoder.encode(value)).toThrow(/TYPE_MISMATCH.*JSON can hold/)
})
