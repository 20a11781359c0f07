import { Decimal, type DecoderState, type RecordFormat, Types } from '@millrace/core'
import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { csv, csvEncoder } from './index.ts'

const Route = Types.record({ origin: Types.string, count: Types.int })

describe('columns', () => {
  test('when the first record is a header, then it names the texts', () => {
    const found = decode(csv(), ['\uFEFForigin,to\r\nABE,"ATL, GA"\r\n\r\nABE,"say ""hi""\nthere"'])
    expect(found).toMatchObject([
      { value: { origin: 'ABE', to: 'ATL, GA' } },
      { value: { origin: 'ABE', to: 'say "hi"\nthere' } },
    ])
  })

  test('when there is a type, then its fields are found by name and others are left out', () => {
    const text = 'count,destination,"origin"\n853,ATL,ABE\n'
    expect(valuesOf(csv({ type: Route }), text)).toEqual([{ origin: 'ABE', count: 853 }])
  })

  test('when there is no header, then the type names the columns, or nobody does', () => {
    expect(valuesOf(csv({ type: Route, header: false }), 'ABE,853')).toEqual([
      { origin: 'ABE', count: 853 },
    ])
    expect(valuesOf(csv({ header: false }), 'ABE,853\nx')).toEqual([['ABE', '853'], ['x']])
    expect(valuesOf(csv({ header: false, parse: (row) => row[1] ?? '' }), 'a,b')).toEqual(['b'])
  })

  test('when there is a schema, then it sees the texts, and what it refuses is malformed', () => {
    const schema = v.object({
      origin: v.string(),
      count: v.pipe(v.string(), v.transform(Number), v.integer('a whole number, please')),
    })
    const format: RecordFormat<{ origin: string; count: number }> = csv({ schema })
    expect(decode(format, ['origin,count\nABE,853\nABE,x\n'])).toMatchObject([
      { value: { origin: 'ABE', count: 853 } },
      { line: 3, reason: 'field "count": a whole number, please' },
    ])
    expect(format.describe()).toMatchObject({ schema: 'valibot' })
    const typed = csv({ schema, type: Route, parse: (row) => ({ ...row, origin: 'LAX' }) as never })
    expect(valuesOf(typed, 'origin,count\nABE,853\n')).toEqual([{ origin: 'LAX', count: 853 }])
  })

  test('when fields are of any type that a text can be, then they are converted', () => {
    const type = Types.record({
      price: Types.decimal(8, 2),
      state: Types.enum('open', 'closed'),
      version: Types.literal(2),
      size: Types.short,
      weight: Types.float,
      note: Types.optional(Types.string),
      gone: Types.optional(Types.int),
    })
    const [row, bad] = decode(csv({ type }), [
      'price,state,version,size,weight,note\n9.5,open,2,-7,0.5,\n9.555,open,2,1,1,x\n',
    ])
    expect(row).toMatchObject({
      value: { price: Decimal.parse('9.50'), state: 'open', version: 2, size: -7, weight: 0.5 },
    })
    expect((row as { value: { note?: string; gone?: number } }).value.note).toBeUndefined()
    expect((row as { value: { note?: string; gone?: number } }).value.gone).toBeUndefined()
    expect(bad).toMatchObject({
      reason: expect.stringMatching(/^field "price": expected decimal\(8, 2\)/),
    })
  })

  test('when the header is given, then the first record is a record', () => {
    const format = csv({ type: Route, header: ['count', 'origin'], delimiter: ';', quote: "'" })
    expect(valuesOf(format, "1;'A;B'\n2;C")).toEqual([
      { origin: 'A;B', count: 1 },
      { origin: 'C', count: 2 },
    ])
  })

  test.each([
    ['origin,origin,count\nA,B,1', /column "origin" twice/],
    ['origin,to\nA,B', /no column "count", it has origin, to/],
    ['origin,__proto__,count\nA,B,1', /__proto__/],
    ['origin,"count\nA,1', /does not end/],
  ])('when the header is bad as in %j, then it is malformed and ends the input', (text, reason) => {
    const [malformed, ...rest] = decode(csv({ type: Route }), [text])
    expect(malformed).toMatchObject({ line: 1, reason: expect.stringMatching(reason) })
    expect(rest).toEqual([])
    const restored = csv({ type: Route }).createDecoder()
    restored.restore((malformed as Decoded).after)
    expect(restored.next()).toBe('end')
  })

  test('when there is only a header, or nothing, then there are no records', () => {
    expect(decode(csv({ type: Route }), ['origin,count\n'])).toEqual([])
    expect(decode(csv({ type: Route }), [])).toEqual([])
  })

  test('when decoding starts in the middle, then the header is known from the state', () => {
    const text = 'count,origin\n1,A\n2,B\n'
    const [first] = decode(csv({ type: Route }), [text])
    expect(first?.after).toEqual({ offset: 17, line: 2, context: ['count', 'origin'] })
    expect(decode(csv({ type: Route }), [text.slice(17)], first?.after)).toMatchObject([
      { value: { origin: 'B', count: 2 } },
    ])
  })
})

describe('values', () => {
  const All = Types.record({
    b: Types.boolean,
    l: Types.long,
    d: Types.double,
    n: Types.nullable(Types.int),
    s: Types.nullable(Types.string),
    t: Types.date,
    g: Types.bigint,
  })

  test('when texts fit the type, then they are converted', () => {
    const text =
      'b,l,d,n,s,t,g\nTRUE,9007199254740991,-1.5e3,,,2001-02-03 04:05,12345678901234567890\n'
    expect(valuesOf(csv({ type: All }), text)).toEqual([
      {
        b: true,
        l: 9007199254740991,
        d: -1500,
        n: null,
        s: null,
        t: new Date('2001-02-03T04:05Z'),
        g: 12345678901234567890n,
      },
    ])
  })

  test('when a nullable field has no column, then it is null', () => {
    const type = Types.record({ a: Types.string, b: Types.nullable(Types.int) })
    expect(valuesOf(csv({ type }), 'a\nx')).toEqual([{ a: 'x', b: null }])
  })

  test.each(['late', '', ' ', '1.5', '0x10', '99999999999'])(
    'when an int is %j, then the record is malformed and the reason names the field',
    (count) => {
      const found = decode(csv({ type: Route }), [`origin,count\nA,${count}\nB,2\n`])
      expect(found).toMatchObject([
        {
          line: 2,
          text: `A,${count}`,
          reason: expect.stringMatching(/^field "count": expected int/),
        },
        { value: { origin: 'B', count: 2 } },
      ])
    },
  )

  test('when parse is given, then it maps the texts, and a type checks what it returns', () => {
    const parse = (fields: { [name: string]: string }) => {
      if (fields.n === 'x') throw new Error('x is no number')
      return { origin: fields.o ?? '', count: fields.n === '9' ? 0.5 : Number(fields.n) }
    }
    expect(decode(csv({ parse }), ['o,n\nA,1\nB,x'])).toMatchObject([
      { value: { origin: 'A', count: 1 } },
      { line: 3, reason: 'x is no number' },
    ])
    expect(decode(csv({ parse, type: Route }), ['o,n\nA,1\nB,9'])).toMatchObject([
      { value: { origin: 'A', count: 1 } },
      { line: 3, reason: 'field "count": expected int, got 0.5' },
    ])
  })
})

describe('malformed records', () => {
  test('when a record is malformed, then only that one is, with its own line', () => {
    const text =
      'a,b\n1,2,3\n"x\ny",2\n1\nz"z,2\n"p"q,2\n' +
      '"\n\n",4\r\n' +
      'x'.repeat(300) +
      '\n5,"never\nends'
    expect(decode(csv(), [text])).toMatchObject([
      { line: 2, text: '1,2,3', reason: 'expected 2 fields, got 3' },
      { value: { a: 'x\ny', b: '2' } },
      { line: 5, text: '1', reason: 'expected 2 fields, got 1' },
      { line: 6, text: 'z"z,2', reason: expect.stringMatching(/quote in the middle/) },
      { line: 7, text: '"p"q,2', reason: expect.stringMatching(/after the closing quote/) },
      { value: { a: '\n\n', b: '4' } },
      { line: 11, text: 'x'.repeat(200), reason: 'expected 2 fields, got 1' },
      { line: 12, text: '5,"never\nends', reason: 'a quoted field does not end' },
    ])
  })

  test('when a record is longer than the maximum, then it is malformed and its bytes are not kept', () => {
    const piece = Buffer.alloc(1024 * 1024, ',')
    const pieces = Array.from({ length: 66 }, () => piece)
    expect(decode(csv(), ['a\n1\n"', ...pieces, '"\n2\n'])).toMatchObject([
      { value: { a: '1' } },
      { line: 3, text: `"${','.repeat(199)}`, reason: 'a record of more than 67108864 bytes' },
      { value: { a: '2' } },
    ])
  })
})

describe('options', () => {
  test.each([
    [{ delimeter: ';' }, /OPTION_UNKNOWN.*mean "delimiter"/],
    [{ delimiter: ';;' }, /OPTION_INVALID.*one ASCII character as the delimiter/],
    [{ quote: '\n' }, /OPTION_INVALID.*quote/],
    [{ quote: ',' }, /OPTION_INVALID.*differ/],
    [{ header: [] }, /OPTION_INVALID.*header/],
    [{ header: 'a,b' }, /OPTION_INVALID.*header/],
    [{ type: Route, header: ['origin'] }, /OPTION_INVALID.*no column "count"/],
    [{ type: Types.string }, /OPTION_INVALID.*record type/],
    [{ type: Types.record({ a: Types.array(Types.int) }) }, /OPTION_INVALID.*"a".*array/],
  ])('when the options are %j, then they are refused', (options, message) => {
    expect(() => csv(options as never)).toThrow(message)
  })
})

describe('any text', () => {
  test('when records are written and read, in any cut, then they stay', () => {
    fc.assert(
      fc.property(tables, cuts, (table, cutAt) => {
        const bytes = Buffer.from(textOf(table))
        const found = decode(csv(), chunksOf(bytes, cutAt))
        expect(found.map((step) => ('value' in step ? step.value : step))).toEqual(table)
      }),
    )
  })

  test('when restored at any record, then the rest is the same', () => {
    fc.assert(
      fc.property(texts, cuts, fc.boolean(), (text, cutAt, header) => {
        const bytes = Buffer.from(text)
        const found = decode(csv({ header }), chunksOf(bytes, cutAt))
        expect(decode(csv({ header }), [bytes])).toEqual(found)
        found.forEach((step, index) => {
          const rest = bytes.subarray(step.after.offset)
          expect(decode(csv({ header }), [rest], step.after)).toEqual(found.slice(index + 1))
        })
      }),
    )
  })

  test('when a quoted row ends with a lone CR, then it is malformed, whatever comes with it', () => {
    const found = decode(csv({ header: false }), [Buffer.from('""\r\r\n""\r\n')])
    expect(found.map((step) => ('value' in step ? step.value : step.reason))).toEqual([
      'text after the closing quote of a field',
      [''],
    ])
  })

  test('when csv-parse takes the whole text, then we read the same', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const expected = parsedAtOnce(text)
        fc.pre(expected !== undefined)
        expect(valuesOf(csv({ header: false }), text)).toEqual(expected)
      }),
    )
  })
})

describe('csvEncoder', () => {
  test('when values are of any kind, then each is one field', () => {
    const columns = ['s', 'n', 'd', 'x', 'm', 'a', 'g', 'y']
    const encoder = csvEncoder({ columns })
    expect(encoder.header).toBe('s,n,d,x,m,a,g,y\n')
    const record = {
      s: 'a"b',
      n: -0.5,
      d: new Date(0),
      x: null,
      m: new Map([['k', 1n]]),
      a: [1, 2],
      g: 7n,
      y: new Uint8Array([255]),
    }
    expect(encoder.encode(record)).toBe(
      '"a""b",-0.5,1970-01-01T00:00:00.000Z,,"{""k"":""1""}","[1,2]",7,/w==\n',
    )
  })

  test('when fields are decimals, sets or typed arrays, then they are written in a plain form', () => {
    const encoder = csvEncoder({ columns: ['price', 'tags', 'samples'], delimiter: ';' })
    const record = {
      price: Decimal.parse('12.50'),
      tags: new Set([1n, 2n]),
      samples: Float64Array.of(0.5, 1),
    }
    expect(encoder.encode(record)).toBe('12.50;"[""1"",""2""]";[0.5,1]\n')
  })

  test('when no header is wanted, then there is none; dialects are kept', () => {
    const encoder = csvEncoder({ columns: ['a', 'b'], header: false, delimiter: ';', quote: "'" })
    expect(encoder.header).toBeUndefined()
    expect(encoder.encode({ a: "x;'y'", b: 'c,d' })).toBe("'x;''y''';c,d\n")
  })

  test('when a record lacks a column, then the error names it', () => {
    const encoder = csvEncoder({ columns: ['a', 'b'] })
    expect(() => encoder.encode({ a: 1 })).toThrow(/TYPE_MISMATCH.*field "b"/)
    expect(() => encoder.encode(null)).toThrow(/TYPE_MISMATCH.*field "a"/)
  })

  test('when options are wrong, then they are refused', () => {
    expect(() => csvEncoder({ columns: [] })).toThrow(/OPTION_INVALID.*columns/)
    expect(() => csvEncoder({ column: ['a'] } as never)).toThrow(/OPTION_UNKNOWN.*"columns"/)
  })
})

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

function valuesOf(format: RecordFormat<unknown>, text: string): unknown[] {
  return decode(format, [text]).map((step) => ('value' in step ? step.value : step))
}

const cell = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', '\r\n', ' ') })
const tables = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.nat({ max: 600 }))
  .chain(([width, height]) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: height % 7 === 0 ? height : 0,
      maxLength: Math.max(height, 3),
    }),
  )
  .map((rows) => rows.map((row) => Object.fromEntries(row.map((text, at) => [`c${at}`, text]))))
const texts = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '""', '\n', '\r\n', '\r') })
const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 6 })

function textOf(table: readonly Record<string, string>[]): string {
  const columns = Object.keys(table[0] ?? { c0: '' })
  const encoder = csvEncoder<Record<string, string>>({ columns })
  return `${encoder.header}${table.map((row) => encoder.encode(row)).join('')}`
}

function parsedAtOnce(text: string): string[][] | undefined {
  try {
    return parse(text, {
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    })
  } catch {
    return undefined
  }
}

function chunksOf(bytes: Uint8Array, cutAt: readonly number[]): Uint8Array[] {
  const ends = [...cutAt.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength]
  ends.sort((left, right) => left - right)
  return ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end))
}
