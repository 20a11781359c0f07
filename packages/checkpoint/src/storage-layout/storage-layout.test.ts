import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkpointDirectoryName,
  checkpointIdsNewestFirst,
  parseCheckpointDirectoryName,
} from './checkpoint-directory.ts'
import { stateFileName, type StateFileOwner } from './state-file-name.ts'

describe('checkpoint directory names', () => {
  test('when an id is written as a name, then it is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (checkpointId) => {
        expect(parseCheckpointDirectoryName(checkpointDirectoryName(checkpointId))).toBe(
          checkpointId,
        )
      }),
    )
  })

  test.each([
    'chk-',
    'chk-0',
    'chk-01',
    'chk--1',
    'chk-1x',
    'xchk-1',
    'CHK-1',
    'chk-1.5',
    'chk-9999999999999999',
  ])('when the name is %s, then it is no checkpoint', (name) => {
    expect(parseCheckpointDirectoryName(name)).toBeUndefined()
  })

  test('when directories are ordered, then by number and not by letter', () => {
    expect(checkpointIdsNewestFirst(['chk-2', 'shared', 'chk-10', 'chk-9'])).toEqual([10, 9, 2])
  })
})

describe('state file names', () => {
  const owner: fc.Arbitrary<StateFileOwner> = fc.record({
    uid: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('a', 'A', '.', '%', '~', '/', '\ud800', '-', '0') }),
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 150, maxLength: 170 }),
    ),
    subtaskIndex: fc.nat({ max: 32_767 }),
    slot: fc.constantFrom('keyed', 'operator', 'a.0', '0.keyed'),
  })

  test('when a uid holds any characters, then the name is short and safe on every file system', () => {
    fc.assert(
      fc.property(owner, (any) => {
        expect(stateFileName(any)).toMatch(/^[a-z0-9_%~.-]{1,254}$/)
      }),
    )
  })

  test('when two owners differ, then their names do, even where case does not count', () => {
    fc.assert(
      fc.property(owner, owner, (left, right) => {
        const isSameOwner =
          left.uid === right.uid &&
          left.subtaskIndex === right.subtaskIndex &&
          left.slot === right.slot
        const isSameName = stateFileName(left).toLowerCase() === stateFileName(right).toLowerCase()
        expect(isSameName).toBe(isSameOwner)
      }),
      { numRuns: 500 },
    )
  })

  test('when long uids differ only at their end, then their names differ', () => {
    const long = 'x'.repeat(1000)
    const names = ['a', 'b', 'ab'].map((end) =>
      stateFileName({ uid: long + end, subtaskIndex: 0, slot: 'keyed' }),
    )
    expect(new Set(names).size).toBe(3)
  })

  test('when a uid is plain, then it can be read in the name', () => {
    expect(stateFileName({ uid: 'Count words', subtaskIndex: 3, slot: 'keyed' })).toBe(
      '%43ount%20words.3.keyed',
    )
  })
})
