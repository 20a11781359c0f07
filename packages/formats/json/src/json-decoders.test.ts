import { type DecoderState, MillraceError, type RecordFormat, Types } from '@millrace/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { jsonArray, jsonLines } from './index.ts'

const Flight = Types.record({ origin: Types.string, delay: Types.int })

describe('jsonLines', () => {
  test('when lines end with LF, CRLF or nothing, and some are blank, then each value is a record', () => {
    const text = '\uFEFF{"a":1}\r\n\n  \t\n"x"\n[2]\n\r\n null'
    expect(valuesOf(jsonLines(), text)).toEqual([{ a: 1 }, 'x', [2], null])
  })

  test('when there are no bytes, then there are no records', () => {
    expect(decode(jsonLines(), [])).toEqual([])
  })

  test('when a line is no JSON, then it is malformed with line, text and reason, and the next is read', () => {
    const [, malformed, last] = decode(jsonLines(), ['{"a":1}\n\n{"a":\n{"a":3}\n'])
    expect(malformed).toMatchObject({
      line: 3,
      text: '{"a":',
      reason: expect.stringMatching(/JSON/),
    })
    expect(last).toMatchObject({ value: { a: 3 } })
  })

  test('when a value does not fit the type, then the reason names the field', () => {
    const text = '{"origin":"LAX","delay":"late"}\n{"origin":"SJC","delay":4}'
    const [malformed, good] = decode(jsonLines({ type: Flight }), [text])
    expect(malformed).toMatchObject({ line: 1, reason: 'field "delay": expected int, got "late"' })
    expect(good).toMatchObject({ value: { origin: 'SJC', delay: 4 } })
  })

  test('when records have a type, then they are instances of one class', () => {
    const text = '{"origin":"LAX","delay":1,"extra":0}\n{"delay":4,"origin":"SJC"}'
    const [first, second] = valuesOf(jsonLines({ type: Flight }), text) as object[]
    expect(Object.getPrototypeOf(first)).toBe(Object.getPrototypeOf(second))
    expect(Object.getPrototypeOf(first)).not.toBe(Object.prototype)
    expect(Object.keys(first as object)).toEqual(['origin', 'delay'])
  })

  test('when a parse function is given, then it gives two shapes one, and its errors are malformed', () => {
    const parse = (value: unknown): number => {
      const { delay, time } = value as { delay?: number; time?: number }
      if (delay === undefined && time === undefined) throw new Error('neither delay nor time')
      return (delay ?? time) as number
    }
    const found = decode(jsonLines({ parse }), ['{"delay":1}\n{"time":2}\n{}'])
    expect(found).toMatchObject([{ value: 1 }, { value: 2 }, { reason: 'neither delay nor time' }])
  })

  test('when both parse and type are given, then the type checks what parse returns', () => {
    const parse = (value: unknown) => ({ origin: 'LAX', delay: value as number })
    const found = decode(jsonLines({ type: Flight, parse }), ['1\n"late"'])
    expect(found).toMatchObject([{ value: { origin: 'LAX', delay: 1 } }, { line: 2 }])
  })

  test('when a schema is given, then it checks and transforms, and what it refuses is malformed', () => {
    const schema = z.object({ origin: z.string(), delay: z.coerce.number().int() })
    const format: RecordFormat<{ origin: string; delay: number }> = jsonLines({ schema })
    const lines =
      '{"origin":"LAX","delay":"7","more":1}\n{"origin":1,"delay":"x"}\n{"origin":"SFO","delay":1}'
    expect(decode(format, [lines])).toMatchObject([
      { value: { origin: 'LAX', delay: 7 } },
      { line: 2, reason: expect.stringMatching(/^field "origin": .*; field "delay": /) },
      { value: { origin: 'SFO', delay: 1 } },
    ])
    expect(valuesOf(jsonArray({ schema }), '[{"origin":"LAX","delay":"7"}]')).toEqual([
      { origin: 'LAX', delay: 7 },
    ])
    expect(format.describe()).toMatchObject({ schema: 'zod', type: null })
  })

  test('when parse, schema and type are given, then they come in this order', () => {
    const parse = (value: unknown) => ({ origin: 'LAX', delay: Number(value) })
    const schema = z.object({ origin: z.string(), delay: z.number().max(9) })
    const [good, ...bad] = decode(jsonLines({ type: Flight, parse, schema }), ['1\n10\n0.5'])
    expect(good).toMatchObject({ value: { origin: 'LAX', delay: 1 } })
    expect(Object.keys((good as { value: object }).value)).toEqual(['origin', 'delay'])
    expect(bad).toMatchObject([
      { reason: expect.stringMatching(/^field "delay": Too big/) },
      { reason: 'field "delay": expected int, got 0.5' },
    ])
  })

  test('when a schema answers a promise, then reading fails: no record is malformed', () => {
    const schema = z.string().refine(async () => true)
    expect(() => decode(jsonLines({ schema }), ['"x"\n'])).toThrow(/^FUNCTION_RETURNED_PROMISE/)
    expect(() => decode(jsonArray({ schema }), ['["x"]'])).toThrow(/^FUNCTION_RETURNED_PROMISE/)
  })

  test('when the schema is none, then it is refused', () => {
    expect(() => jsonLines({ schema: Flight as never })).toThrow(/^OPTION_INVALID.*Standard Schema/)
  })

  test('when a line is longer than the maximum, then it is malformed and its bytes are not kept', () => {
    const piece = Buffer.alloc(1024 * 1024, 'x')
    const pieces = Array.from({ length: 66 }, () => piece)
    const found = decode(jsonLines(), ['1\n', ...pieces, '\n2\n'])
    expect(found).toMatchObject([
      { value: 1 },
      { line: 2, text: 'x'.repeat(200), reason: 'a line of more than 67108864 bytes' },
      { value: 2 },
    ])
  })

  test('when an option is misspelled, then it is refused', () => {
    expect(() => jsonLines({ tipe: Flight } as never)).toThrow(/OPTION_UNKNOWN.*json-lines.*"type"/)
  })
})

describe('jsonArray', () => {
  test.each([
    ['[]', []],
    ['\uFEFF \n[ \n ] \n', []],
    ['[1]', [1]],
    ['[{"a":[1,{"b":"],}\\"\\\\"}]} ,\r\n "x,]" , [ [ ] ] , -1.5e3]\n', undefined],
  ])('when the array is %j, then its elements are the records', (text, elements) => {
    expect(valuesOf(jsonArray(), text)).toEqual(elements ?? JSON.parse(text))
  })

  test('when an element is no JSON, then it is malformed and the next ones are read', () => {
    const found = decode(jsonArray(), ['[1,\n{"a":},\n\n{"b":1}}, 2 3,{"c":[}],4\n]'])
    expect(found).toMatchObject([
      { value: 1 },
      { line: 2, text: '{"a":}' },
      { line: 4, text: '{"b":1}}' },
      { line: 4, text: '2 3' },
      { line: 4, text: '{"c":[}]' },
      { value: 4 },
    ])
  })

  test.each([
    ['', 1, /input is empty/],
    [' \n', 2, /input is empty/],
    ['{"a":1}\n{"a":2}', 1, /starts with "\[".*jsonLines/],
    ['[\n{"a":1', 2, /does not end/],
    ['[\n', 2, /does not end/],
    ['[]\n\n[1]', 3, /after the end/],
    ['[1,]', 1, /JSON/],
    ['[1,,2]', 1, /JSON/],
    ['[,1]', 1, /JSON/],
  ])('when the array is %j, then line %i is malformed', (text, line, reason) => {
    const malformed = decode(jsonArray(), [text]).filter((step) => !('value' in step))
    expect(malformed).toMatchObject([{ line, reason: expect.stringMatching(reason) }])
  })

  test('when the structure broke, then a decoder restored behind it is at its end', () => {
    const decoder = jsonArray().createDecoder()
    decoder.feed(Buffer.from('[1] 2, 3'))
    expect([decoder.next(), decoder.next(), decoder.next()]).toEqual(['record', 'malformed', 'end'])
    const restored = jsonArray().createDecoder()
    restored.restore(decoder.snapshot())
    expect(restored.next()).toBe('end')
  })

  test('when an element is longer than the maximum, then it is malformed and the next one is read', () => {
    const piece = Buffer.alloc(1024 * 1024, '[')
    const pieces = Array.from({ length: 66 }, () => piece)
    const found = decode(jsonArray(), ['[1,\n"', ...pieces, '",2]'])
    expect(found).toMatchObject([
      { value: 1 },
      { line: 2, reason: 'an element of more than 67108864 bytes' },
      { value: 2 },
    ])
  })

  test('when a state is of another format, then it is refused', () => {
    const decoder = jsonArray().createDecoder()
    expect(() => decoder.restore({ offset: 1, line: 0, context: { columns: [] } })).toThrow(
      MillraceError,
    )
  })
})

describe('both formats', () => {
  const formats = [
    { format: jsonLines(), textOf: linesOf },
    { format: jsonArray(), textOf: arrayOf },
  ]

  test.each(formats)('when $format.name is cut anywhere, then the records stay', (format) => {
    fc.assert(
      fc.property(values, cuts, gaps, (given, cutAt, spaces) => {
        const bytes = Buffer.from(format.textOf(given, spaces))
        const found = decode(format.format, chunksOf(bytes, cutAt))
        expect(found.map((step) => ('value' in step ? step.value : step))).toEqual(given)
      }),
    )
  })

  test.each(formats)(
    'when $format.name is restored at any record, then the rest is the same',
    (format) => {
      fc.assert(
        fc.property(values, cuts, gaps, (given, cutAt, spaces) => {
          const bytes = Buffer.from(format.textOf(given, spaces))
          const found = decode(format.format, chunksOf(bytes, cutAt))
          found.forEach((step, index) => {
            const rest = bytes.subarray(step.after.offset)
            expect(decode(format.format, [rest], step.after)).toEqual(found.slice(index + 1))
          })
        }),
      )
    },
  )

  test.each(formats)(
    'when $format.name holds any text, then decoding ends and restores alike',
    (format) => {
      const broken = fc.string({ unit: fc.constantFrom(...'[]{},:"\\\n 1aé😀\r') })
      fc.assert(
        fc.property(broken, cuts, (text, cutAt) => {
          const bytes = Buffer.from(text)
          const found = decode(format.format, chunksOf(bytes, cutAt))
          // Where the structure breaks, the text shown is what had come by then.
          expect(decode(format.format, [bytes]).map(withoutText)).toEqual(found.map(withoutText))
          found.forEach((step, index) => {
            const rest = bytes.subarray(step.after.offset)
            const again = decode(format.format, [rest], step.after)
            expect(again.map(withoutText)).toEqual(found.slice(index + 1).map(withoutText))
          })
        }),
      )
    },
  )
})

/** What one call of `next` gave, and the state after it. */
type Decoded = { after: DecoderState } & (
  | { value: unknown }
  | { line: number; text: string; reason: string }
)

function decode(
  format: RecordFormat<unknown>,
  chunks: readonly (string | Uint8Array)[],
  from?: DecoderState,
): Decoded[] {
  const decoder = format.createDecoder()
  if (from !== undefined) decoder.restore(from)
  const found: Decoded[] = []
  const waiting = [...chunks]
  for (;;) {
    const step = decoder.next()
    if (step === 'end') return found
    if (step === 'record') found.push({ value: decoder.record, after: decoder.snapshot() })
    else if (step === 'malformed' && decoder.malformed !== undefined) {
      found.push({ ...decoder.malformed, after: decoder.snapshot() })
    } else if (step === 'need-input') {
      const chunk = waiting.shift()
      if (chunk === undefined) decoder.finish()
      else decoder.feed(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    }
  }
}

function withoutText(step: Decoded): object {
  return { ...step, text: undefined }
}

function valuesOf(format: RecordFormat<unknown>, text: string): unknown[] {
  return decode(format, [text]).map((step) => ('value' in step ? step.value : step))
}

const jsonValue = fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }).map(withoutMinusZero)
const values = fc.array(jsonValue, { maxLength: 8 })
const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 6 })
const gaps = fc.array(fc.constantFrom('', ' ', '\n', '\r\n', ' \n\t\n'), { minLength: 1 })

function withoutMinusZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function linesOf(given: readonly unknown[], spaces: readonly string[]): string {
  return given
    .map((value, index) => `${JSON.stringify(value)}\n${spaces[index % spaces.length]}`)
    .join('')
}

function arrayOf(given: readonly unknown[], spaces: readonly string[]): string {
  const space = (index: number) => spaces[index % spaces.length]
  const elements = given.map(
    (value, index) => `${space(index)}${JSON.stringify(value)}${space(index + 1)}`,
  )
  return `${space(0)}[${elements.join(',')}]${space(1)}`
}

function chunksOf(bytes: Uint8Array, cutAt: readonly number[]): Uint8Array[] {
  const ends = [...cutAt.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength]
  ends.sort((left, right) => left - right)
  return ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end))
}
