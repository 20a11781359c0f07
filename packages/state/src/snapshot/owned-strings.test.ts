import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type TypeDescriptor, Types } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownedStrings, ownString } from './owned-strings.ts'

const LONG = 'a string of more than 13 characters'

describe('ownString', () => {
  test('when any text is owned, then it is equal, half surrogate pairs too', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', 'x'), maxLength: 40 }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(ownString(text)).toBe(text)
      }),
    )
  })

  test('when slices of large texts are owned, then the large texts are let go', () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const kept: unknown[] = []
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    for (let index = 0; index < 300; index++) {
      const text = Buffer.from(`${index}`.padStart(100_000, '-')).toString('latin1')
      kept.push(ownString(text.substring(99_980)))
    }
    collectGarbage()
    collectGarbage()
    const grownBytes = process.memoryUsage().heapUsed - before
    expect(kept[7]).toBe(`${'-'.repeat(19)}7`)
    expect(grownBytes).toBeLessThan(10_000_000)
  })
})

describe('ownedStrings', () => {
  test('when a type holds no strings, then there is nothing to do', () => {
    const types: TypeDescriptor[] = [
      Types.int,
      Types.bytes,
      Types.array(Types.double),
      Types.nullable(Types.date),
    ]
    types.push(Types.enum('a'), Types.decimal(5, 2), Types.float64Array, Types.tuple(Types.int))
    types.push(Types.set(Types.date), Types.union('kind', { a: Types.record({ b: Types.int }) }))
    const records = [Types.record({ a: Types.int }), Types.map(Types.int, Types.boolean)]
    for (const type of [...types, ...records]) expect(ownedStrings(type)).toBeUndefined()
  })

  test('when values hold strings anywhere, then they are equal afterwards and the same objects', () => {
    const type = Types.record({
      text: Types.string,
      maybe: Types.nullable(Types.string),
      list: Types.array(Types.string),
      map: Types.map(Types.string, Types.record({ inner: Types.string, count: Types.int })),
      any: Types.any(),
      set: Types.set(Types.string),
      tuple: Types.tuple(Types.int, Types.string),
      event: Types.union('kind', {
        click: Types.record({ x: Types.int }),
        view: Types.record({ url: Types.string }),
      }),
      missing: Types.optional(Types.string),
    })
    const inner = { inner: LONG, count: 1 }
    const list = [LONG, 'short']
    const map = new Map([
      [LONG, inner],
      ['b', inner],
    ])
    const any = { untyped: LONG, number: 7 }
    const set = new Set([LONG, 'b'])
    const tuple = [1, LONG] as const
    const event = { kind: 'view', url: LONG }
    const value = { text: LONG, maybe: null, list, map, any, set, tuple, event, missing: undefined }
    const before = structuredClone(value)
    const owned = ownedStrings(type)?.(value) as typeof value
    expect(owned).toBe(value)
    expect(owned).toEqual(before)
    expect([owned.list, owned.map, owned.any]).toEqual([list, map, any])
    expect([owned.set, owned.tuple, owned.event]).toEqual([set, tuple, event])
    expect([owned.set === set, owned.tuple === tuple, owned.event === event]).not.toContain(false)
    expect([...owned.map.keys()]).toEqual([LONG, 'b'])
    expect(owned.map.get(LONG)).toBe(inner)
  })

  test('when a map has null as a key, then it keeps it', () => {
    const map = new Map([[null, LONG]])
    ownedStrings(Types.map(Types.nullable(Types.string), Types.string))?.(map)
    expect([...map]).toEqual([[null, LONG]])
  })

  test('when a value cannot be written to, then it stays as it is', () => {
    class Computed {
      get text(): string {
        return LONG
      }
    }
    const frozen = Object.freeze({ text: LONG })
    const own = ownedStrings(Types.record({ text: Types.string }))!
    expect(own(frozen)).toBe(frozen)
    expect((own(new Computed()) as Computed).text).toBe(LONG)
    const list = Object.freeze([LONG])
    expect(ownedStrings(Types.array(Types.string))?.(list)).toBe(list)
  })

  test('when a value is not of its type, then the snapshot may complain, not this', () => {
    const types: TypeDescriptor[] = [
      Types.string,
      Types.array(Types.string),
      Types.map(Types.string, Types.string),
    ]
    types.push(Types.set(Types.string), Types.tuple(Types.string), Types.any())
    for (const type of [...types, Types.record({ a: Types.string })]) {
      for (const value of [undefined, null, 1, Symbol.iterator]) {
        expect(ownedStrings(type)?.(value)).toBe(value)
      }
    }
  })
})
