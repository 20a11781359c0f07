import { describe, expect, test } from 'vitest'
import { fingerprint } from './fingerprint.ts'
import { OperatorIds } from './operator-id.ts'

describe('OperatorIds', () => {
  test('when a uid is given, then it is taken as it is, once', () => {
    const ids = new OperatorIds()
    expect(ids.claim('count-per-word', 'count')).toBe('count-per-word')
    expect(() => ids.claim('count-per-word', 'sum')).toThrow(
      /UID_DUPLICATE.*"count-per-word" a second time: 'count' has it, and 'sum'/,
    )
  })

  test.each([[''], ['a#b'], ['x'.repeat(201)], [7], [undefined]])(
    'when the uid is %j, then it says what one looks like',
    (uid) => {
      expect(() => new OperatorIds().claim(uid as string, 'map')).toThrow(/OPTION_INVALID.*uid/)
    },
  )

  test('when uids are derived, then they follow from kind and inputs, and from nothing else', () => {
    const plain = new OperatorIds()
    const source = plain.derive('source', [])
    const map = plain.derive('map', [source])

    const withMore = new OperatorIds()
    withMore.derive('process', ['elsewhere'])
    withMore.claim('named', 'map')
    expect(withMore.derive('source', [])).toBe(source)
    withMore.derive('filter', [source])
    expect(withMore.derive('map', [source])).toBe(map)
    expect(withMore.derive('map', ['other'])).not.toBe(map)
  })

  test('when the same is derived twice, then the second has a number', () => {
    const ids = new OperatorIds()
    const first = ids.derive('map', ['a'])
    expect([ids.derive('map', ['a']), ids.derive('map', ['a'])]).toEqual([
      `${first}-2`,
      `${first}-3`,
    ])
  })

  // State is found by these in checkpoints that users keep: they must not change.
  test('when a release is made, then derived uids are what they were', () => {
    const ids = new OperatorIds()
    const source = ids.derive('source', [])
    expect([source, ids.derive('map', [source])]).toMatchInlineSnapshot(`
      [
        "source-6441832d",
        "map-d8de1c99",
      ]
    `)
  })
})

describe('fingerprint', () => {
  test('when one character differs, then the fingerprint does', () => {
    const seen = new Set<string>()
    const text = 'a plan of some length'
    for (let index = 0; index < text.length; index++) {
      for (const character of 'XYZ') {
        seen.add(fingerprint(text.slice(0, index) + character + text.slice(index + 1)))
      }
    }
    expect(seen.size).toBe(3 * text.length)
  })

  test('when characters change places, then the fingerprint differs', () => {
    expect(new Set(['ab', 'ba', 'a', '', 'a\0'].map(fingerprint)).size).toBe(5)
  })

  test('when text is given, then sixteen digits come, always the same', () => {
    expect([fingerprint(''), fingerprint('millrace'), fingerprint('ä€😀')]).toMatchInlineSnapshot(`
      [
        "ebb6c2283cd6e3f3",
        "63f6ea5883b9a593",
        "fce288bd1f75cb3a",
      ]
    `)
  })
})
