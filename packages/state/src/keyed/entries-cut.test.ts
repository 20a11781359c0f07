import { Types } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { valueCopier } from '../snapshot/copy-value.ts'
import type { EntriesCut } from './entries-cut.ts'
import { type CopyValue, KeyMap } from './key-map.ts'
import { NumericMap } from './numeric-map.ts'

/** One thing that happens while a cut is read: a change, or some entries more of the cut. */
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set'), key: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete'), key: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change'), key: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('read'), key: fc.integer({ min: 1, max: 9 }) }),
  },
)

const run = fc.record({
  before: fc.array(event, { maxLength: 80, size: 'max' }),
  readAtOnce: fc.nat(5),
  after: fc.array(event, { maxLength: 80, size: 'max' }),
})

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never

/** A map under test and how its values are made and changed. */
interface Subject<V> {
  readonly map: {
    readonly size: number
    get(key: number): V | undefined
    set(key: number, value: V): void
    delete(key: number): unknown
    forEach(each: (value: V, key: number) => void): void
    cut(): EntriesCut<number, V>
  }
  readonly make: (n: number) => V
  readonly change: ((value: V) => void) | undefined
}

function apply<V>({ map, make, change }: Subject<V>, kind: string, key: number, n: number): void {
  if (kind === 'set') map.set(key, make(n))
  if (kind === 'delete') map.delete(key)
  const value = kind === 'change' ? map.get(key) : undefined
  if (value !== undefined) change?.(value)
}

function entriesOf<V>({ map }: Subject<V>): string[] {
  const entries: string[] = []
  map.forEach((value, key) => entries.push(JSON.stringify([key, value])))
  return entries
}

/** The cut as it was read while the map went on, and what it must be; then the map, and what it must be. */
function cutUnder<V>(subject: Subject<V>, model: Subject<V>, events: Run): void {
  let n = 0
  for (const { kind, key } of events.before) apply(subject, kind, key, n++)
  n = 0
  for (const { kind, key } of events.before) apply(model, kind, key, n++)
  const expected = entriesOf(subject)
  const cut = subject.map.cut()
  const read: string[] = []
  const take = (value: V, key: number): void => void read.push(JSON.stringify([key, value]))
  expect(cut.size).toBe(expected.length)
  cut.read(events.readAtOnce, take)
  cut.hold()
  for (const [index, { kind, key }] of events.after.entries()) {
    if (kind === 'read') cut.read(key, take)
    else {
      apply(subject, kind, key, 1000 + index)
      apply(model, kind, key, 1000 + index)
    }
    if (subject.map.size !== model.map.size) throw new Error(`a size of ${subject.map.size}`)
  }
  while (cut.read(3, take) > 0);
  cut.release()
  expect(read).toEqual(expected)
  expect(entriesOf(subject).sort()).toEqual(entriesOf(model).sort())
  expect(subject.map.size).toBe(model.map.size)
  // Nothing of the cut is left: the next one is as the first.
  const next: string[] = []
  const nextCut = subject.map.cut()
  while (nextCut.read(100, (value, key) => void next.push(JSON.stringify([key, value]))) > 0);
  expect(next).toEqual(entriesOf(subject))
}

type Counted = { n: number; seen: string[] }
const Counted = Types.record({ n: Types.int, seen: Types.array(Types.string) })

const objects = (): Subject<Counted> => ({
  map: new KeyMap<number, Counted>(valueCopier(Counted) as CopyValue<Counted>),
  make: (n) => ({ n, seen: ['made of a long enough string'] }),
  change: (value) => {
    value.n += 0.5 + 0.5
    value.seen.push(`seen ${value.n}`)
  },
})

const texts = (): Subject<string> => ({
  map: new KeyMap<number, string>(),
  make: (n) => `text ${n}`,
  change: undefined,
})

const numbers = (): Subject<number> => ({
  map: new NumericMap(),
  make: (n) => n,
  change: undefined,
})

describe('a cut', () => {
  test('when objects change, come and go, then it reads what was there, in the same order', () => {
    fc.assert(
      fc.property(run, (events) => cutUnder(objects(), objects(), events)),
      { numRuns: 100 },
    )
  })

  test('when texts are replaced, then it reads the former ones', () => {
    fc.assert(
      fc.property(run, (events) => cutUnder(texts(), texts(), events)),
      { numRuns: 100 },
    )
  })

  test('when numbers change, are moved and the map grows and shrinks, then it reads what was there', () => {
    fc.assert(
      fc.property(run, (events) => cutUnder(numbers(), numbers(), events)),
      { numRuns: 100 },
    )
  })

  test('when every page of many numbers is written to, then it reads what was there', () => {
    const map = new NumericMap()
    for (let key = 0; key < 5000; key++) map.set(key, key)
    const cut = map.cut()
    cut.hold()
    for (let key = 0; key < 5000; key += 7) map.set(key, -1)
    let sum = 0
    let changed = 0
    while (
      cut.read(1000, (value, key) => {
        sum++
        if (value !== key) changed++
        map.set(4999 - key, -2)
      }) > 0
    );
    cut.release()
    expect([sum, changed]).toEqual([5000, 0])
    expect(map.get(4999)).toBe(-2)
  })

  test('when it is released before it was read, then the map goes on as if it had not been', () => {
    const map = new KeyMap<string, number>()
    map.set('a', 1)
    map.set('b', 2)
    const cut = map.cut()
    cut.hold()
    expect(map.isHeld).toBe(true)
    map.delete('a')
    expect([map.size, map.get('a'), [...map.keys()]]).toEqual([1, undefined, ['b']])
    cut.release()
    expect([map.isHeld, map.hasKey('a')]).toEqual([false, false])
    expect(cut.read(9, () => expect.unreachable())).toBe(0)
  })

  test('when a second cut is made while one holds the map, then it is a mistake', () => {
    const map = new KeyMap<string, number>()
    map.set('a', 1)
    map.cut().hold()
    expect(() => map.cut()).toThrow('one cut of a map is read before the next one is made')
  })
})

describe('valueCopier', () => {
  test('when values cannot be changed in place, then there is nothing to copy', () => {
    expect(valueCopier(Types.string)).toBeUndefined()
    expect(valueCopier(Types.nullable(Types.long))).toBeUndefined()
  })

  test('when a value is copied, then nothing of it is shared', () => {
    const type = Types.map(Types.string, Types.array(Counted))
    const value = new Map([['a', [{ n: 1, seen: ['x'] }]]])
    const copy = valueCopier(type)?.(value) as typeof value
    value.get('a')?.[0]?.seen.push('y')
    value.set('b', [])
    expect([...copy].map(([key, list]) => [key, JSON.stringify(list)])).toEqual([
      ['a', '[{"n":1,"seen":["x"]}]'],
    ])
  })

  test('when large values were copied, then small ones are still copied right', () => {
    const copy = valueCopier(Types.array(Types.string)) as CopyValue<string[]>
    const large = Array.from({ length: 30_000 }, (_, n) => `a text of some length ${n}`)
    expect(copy(large)).toEqual(large)
    expect(copy(['a'])).toEqual(['a'])
  })
})
