import { crc32 } from 'node:zlib'
import { MillraceError, Types } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OperatorStateBackend } from './operator-state-backend.ts'

const OFFSETS = { name: 'offsets', type: Types.long }
const SEEN = { name: 'seen', type: Types.string }
const RULES = {
  name: 'rules',
  keyType: Types.string,
  valueType: Types.record({ limit: Types.double }),
}

const parallelism = fc.integer({ min: 1, max: 6 })
const number = fc.integer({ min: -1000, max: 1000 })

function subtasksOf(count: number, restored: readonly Uint8Array[] = []): OperatorStateBackend[] {
  return Array.from(
    { length: count },
    (_, subtaskIndex) => new OperatorStateBackend({ subtaskIndex, parallelism: count, restored }),
  )
}

function snapshotsOf(subtasks: readonly OperatorStateBackend[]): Uint8Array[] {
  return subtasks.map((subtask) => subtask.snapshot())
}

describe('a list that is split', () => {
  const lists = fc.array(fc.array(number, { maxLength: 12 }), { minLength: 1, maxLength: 5 })

  function offsetsOf(subtasks: readonly OperatorStateBackend[]): number[][] {
    return subtasks.map((subtask) => [...subtask.getListState(OFFSETS).get()])
  }

  function filled(content: readonly number[][]): OperatorStateBackend[] {
    const subtasks = subtasksOf(content.length)
    subtasks.forEach((subtask, index) => subtask.getListState(OFFSETS).update(content[index] ?? []))
    return subtasks
  }

  test('when the parallelism is the same, then each element stays where it was', () => {
    fc.assert(
      fc.property(lists, (content) => {
        const restored = snapshotsOf(filled(content)).toReversed()
        expect(offsetsOf(subtasksOf(content.length, restored))).toEqual(content)
      }),
    )
  })

  test('when the parallelism changes, then the elements are dealt in order and evenly', () => {
    fc.assert(
      fc.property(lists, parallelism, (content, after) => {
        fc.pre(content.length !== after)
        const restored = snapshotsOf(filled(content)).toReversed()
        const dealt = offsetsOf(subtasksOf(after, restored))
        expect(dealt.flat()).toEqual(content.flat())
        const lengths = dealt.map((list) => list.length)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('when it has more elements than a frame, then none is lost', () => {
    const many = Array.from({ length: 5000 }, (_, index) => index)
    expect(offsetsOf(subtasksOf(1, snapshotsOf(filled([many]))))).toEqual([many])
  })

  test('when it is used, then it does what a list does', () => {
    const list = subtasksOf(1)[0]!.getListState(OFFSETS)
    list.add(1)
    list.addAll([2, 3])
    list.addAll(list.get())
    expect(list.get()).toEqual([1, 2, 3, 1, 2, 3])
    list.update(list.get().filter((element) => element > 1))
    expect(list.get()).toEqual([2, 3, 2, 3])
    list.clear()
    expect(list.get()).toEqual([])
  })
})

describe('a union list', () => {
  test('when the job restarts, then every subtask has the elements of all, in order', () => {
    fc.assert(
      fc.property(parallelism, parallelism, (before, after) => {
        const subtasks = subtasksOf(before)
        subtasks.forEach((subtask, index) =>
          subtask.getUnionListState(SEEN).add(`subtask ${index}`),
        )
        const all = subtasks.map((_, index) => `subtask ${index}`)
        for (const subtask of subtasksOf(after, snapshotsOf(subtasks))) {
          expect(subtask.getUnionListState(SEEN).get()).toEqual(all)
        }
      }),
    )
  })
})

describe('a broadcast map', () => {
  test('when the job restarts, then every subtask has the whole map', () => {
    fc.assert(
      fc.property(
        parallelism,
        parallelism,
        fc.array(fc.tuple(fc.string(), fc.double({ noNaN: true }))),
        (before, after, rules) => {
          const subtasks = subtasksOf(before)
          for (const subtask of subtasks) {
            for (const [name, limit] of rules) subtask.getBroadcastState(RULES).put(name, { limit })
          }
          for (const subtask of subtasksOf(after, snapshotsOf(subtasks))) {
            const came = [...subtask.getBroadcastState(RULES).entries()]
            const wanted = [...new Map(rules)].map(([name, limit]) => [name, { limit }])
            expect(came.map(([name, { limit }]) => [name, { limit }])).toEqual(wanted)
          }
        },
      ),
    )
  })

  test('when it is used, then it does what a map does', () => {
    const map = subtasksOf(1)[0]!.getBroadcastState(RULES)
    expect(map.isEmpty()).toBe(true)
    map.put('a', { limit: 1 })
    map.put('a', { limit: 2 })
    map.put('b', { limit: 3 })
    expect([...map.keys()]).toEqual(['a', 'b'])
    expect([...map.values()]).toEqual([{ limit: 2 }, { limit: 3 }])
    expect([map.get('a')?.limit, map.contains('b'), map.contains('c')]).toEqual([2, true, false])
    map.remove('a')
    expect(map.contains('a')).toBe(false)
    map.clear()
    expect(map.isEmpty()).toBe(true)
  })
})

describe('operator state', () => {
  test('when nobody asks for it, then it survives restarts, dealt as its mode says', () => {
    const [first] = subtasksOf(1)
    first?.getListState(OFFSETS).update([1, 2, 3, 4])
    first?.getBroadcastState(RULES).put('a', { limit: 1 })
    let subtasks = subtasksOf(1, [first!.snapshot()])
    for (const count of [3, 2]) subtasks = subtasksOf(count, snapshotsOf(subtasks))
    expect(subtasks.flatMap((subtask) => subtask.getListState(OFFSETS).get())).toEqual([1, 2, 3, 4])
    for (const subtask of subtasks) {
      expect(subtask.getBroadcastState(RULES).get('a')?.limit).toBe(1)
    }
  })

  test('when an old subtask had finished and left nothing, then the others are restored', () => {
    const subtasks = subtasksOf(3)
    subtasks.forEach((subtask, index) => subtask.getListState(OFFSETS).add(index))
    const restored = snapshotsOf(subtasks).slice(1)
    const lists = subtasksOf(3, restored).map((subtask) => subtask.getListState(OFFSETS).get())
    expect(lists).toEqual([[], [1], [2]])
  })

  test('when it is declared or restored in another way, then both ways are named', () => {
    const [subtask] = subtasksOf(1)
    subtask?.getListState(OFFSETS).add(1)
    const [restored] = subtasksOf(1, [subtask!.snapshot()])
    for (const backend of [subtask!, restored!]) {
      expect(codeAndMessage(() => backend.getUnionListState(OFFSETS))).toMatch(
        /STATE_INCOMPATIBLE.*"offsets" to be a split list of long.*got a union list of long/,
      )
      expect(codeAndMessage(() => backend.getListState({ ...OFFSETS, type: Types.int }))).toMatch(
        /a split list of int|long cannot become int/,
      )
      expect(
        codeAndMessage(() => backend.getBroadcastState({ ...RULES, name: 'offsets' })),
      ).toMatch(/a broadcast map of string to record/)
    }
  })

  test('when snapshots of two runs are mixed, then that is corrupt', () => {
    const mixed = [...snapshotsOf(subtasksOf(1)), ...snapshotsOf(subtasksOf(2))]
    expect(codeAndMessage(() => subtasksOf(1, mixed))).toMatch(/CHECKPOINT_CORRUPT.*0\/1/)
    const twice = snapshotsOf(subtasksOf(1))
    expect(codeAndMessage(() => subtasksOf(1, [...twice, ...twice]))).toMatch(/CHECKPOINT_CORRUPT/)
  })

  test('when subtasks disagree about a state, then that is corrupt', () => {
    const [left, right] = subtasksOf(2)
    left?.getListState(OFFSETS)
    right?.getUnionListState(OFFSETS)
    expect(codeAndMessage(() => subtasksOf(2, snapshotsOf([left!, right!])))).toMatch(
      /CHECKPOINT_CORRUPT.*offsets/,
    )
  })
})

describe('a damaged snapshot of operator state', () => {
  const [subtask] = subtasksOf(1)
  subtask?.getListState(OFFSETS).update([1, 2, 3])
  subtask?.getBroadcastState(RULES).put('a rule', { limit: 1 })
  const snapshot = subtask!.snapshot()

  test('when any one byte is changed or it is cut, then it is corrupt', () => {
    for (let index = 0; index < snapshot.length; index++) {
      const damaged = snapshot.with(index, (snapshot[index] as number) ^ 0x10)
      for (const bytes of [damaged, snapshot.slice(0, index)]) {
        expect(codeAndMessage(() => subtasksOf(1, [bytes]))).toMatch(/^CHECKPOINT_CORRUPT/)
      }
    }
  })

  test('when its words are changed and the crc is right, then it is refused or read, and ends', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: snapshot.length / 4 - 3 }),
        fc.constantFrom(-1, 0, 1, 8, 16, 1 << 20, 0x7fff_fff8, -0x8000_0000),
        (word, value) => {
          const damaged = Buffer.from(snapshot)
          damaged.writeInt32LE(value, word * 4)
          damaged.writeUInt32LE(crc32(damaged.subarray(0, -8)), damaged.length - 8)
          expect(codeAndMessage(() => subtasksOf(1, [damaged]))).toMatch(
            /^(CHECKPOINT_CORRUPT|STATE_INCOMPATIBLE|none)/,
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})

function codeAndMessage(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError)
    return (error as MillraceError).message
  }
}
