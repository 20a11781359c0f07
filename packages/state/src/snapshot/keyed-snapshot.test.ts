import { crc32 } from 'node:zlib'
import {
  type Key,
  keyGroupOf,
  type KeyGroupRange,
  keyGroupRangeFor,
  MillraceError,
  type TypeDescriptor,
  Types,
} from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyedSnapshotReader } from './keyed-snapshot-reader.ts'
import { KeyedSnapshotWriter } from './keyed-snapshot-writer.ts'

const MAX_PARALLELISM = 16
const ALL: KeyGroupRange = { start: 0, end: MAX_PARALLELISM - 1 }

type Entry = readonly [key: string, namespace: number, value: { count: number; note: string }]

const COUNTS = {
  name: 'counts',
  kind: 'value',
  valueType: Types.record({ count: Types.double, note: Types.string }),
} as const
const WANTED = { ...COUNTS, keyType: Types.string }
const TIMERS = { name: 'timers', kind: 'timers', valueType: undefined } as const

const entry: fc.Arbitrary<Entry> = fc.tuple(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(0, 1000, -5, Number.MAX_SAFE_INTEGER),
  fc.record({ count: fc.double(), note: fc.string({ maxLength: 30 }) }, { noNullPrototype: true }),
)

const entries = fc.array(entry, { maxLength: 60 })

describe('a keyed snapshot', () => {
  test('when it is written and read, then the same entries come, each with its key group', () => {
    fc.assert(
      fc.property(entries, (written) => {
        expect(sorted(read([write(written)], ALL))).toEqual(sorted(written))
      }),
    )
  })

  test('when the caller knows the key groups, then the result is the same', () => {
    fc.assert(
      fc.property(entries, (written) => {
        const writer = newWriter()
        writer.writeGroupedTable(COUNTS, (add) => {
          for (const [key, namespace, value] of written) {
            add(keyGroupOf(key, MAX_PARALLELISM), key, namespace, value)
          }
        })
        expect(sorted(read([writer.finish()], ALL))).toEqual(sorted(written))
      }),
    )
  })

  test.each<[TypeDescriptor, readonly unknown[]]>([
    [Types.byte, [-128, 0, 127]],
    [Types.short, [-32_768, 7]],
    [Types.float, [0.5, -2]],
    [Types.enum('open', 'closed'), ['closed', 'open']],
    [Types.literal('all'), ['all']],
    [Types.nullable(Types.boolean), [true, false]],
  ])('when keys are of the type %j, then they come back in their key groups', (keyType, keys) => {
    const writer = new KeyedSnapshotWriter({ keyType, maxParallelism: MAX_PARALLELISM })
    writer.writeTable(COUNTS, (add) => {
      for (const key of keys) add(key, 0, { count: 1, note: '' })
    })
    const reader = new KeyedSnapshotReader([writer.finish()], ALL)
    const read: unknown[] = []
    reader.readTable(COUNTS.name, { ...COUNTS, keyType }, (key, _namespace, _value, keyGroup) => {
      read.push(key)
      expect(keyGroup).toBe(keyGroupOf(key as Key, MAX_PARALLELISM))
    })
    expect(new Set(read)).toEqual(new Set(keys))
  })

  test('when there are more entries than a frame holds, then none is lost', () => {
    const written = Array.from({ length: 40_000 }, (_, index): Entry => {
      return [`key ${index}`, index, { count: index / 2, note: '' }]
    })
    expect(sorted(read([write(written)], ALL))).toEqual(sorted(written))
  })

  test('when a size is hinted, whatever it is, then the bytes are the same', () => {
    const written: Entry[] = [['a', 0, { count: 1, note: 'x' }]]
    for (const sizeBytesHint of [0, 1, 12_345, 10_000_000]) {
      const writer = new KeyedSnapshotWriter({
        keyType: Types.string,
        maxParallelism: MAX_PARALLELISM,
        sizeBytesHint,
      })
      fill(writer, written)
      expect(writer.finish()).toEqual(write(written))
    }
  })

  test('when 1 subtask becomes 3 and then 2, then each key is in exactly one of them', () => {
    fc.assert(
      fc.property(entries, (written) => {
        const three = rescaled([write(written)], 3)
        const two = rescaled(three, 2)
        for (const snapshots of [three, two]) {
          expect(sorted(read(snapshots, ALL))).toEqual(sorted(written))
        }
        for (const [subtaskIndex, snapshot] of two.entries()) {
          const range = keyGroupRangeFor(subtaskIndex, 2, MAX_PARALLELISM)
          const own = written.filter(([key]) => isInside(range, keyGroupOf(key, MAX_PARALLELISM)))
          expect(sorted(read([snapshot], ALL))).toEqual(sorted(own))
        }
      }),
    )
  })

  const keyTypes: readonly (readonly [
    string,
    TypeDescriptor,
    readonly (string | number | boolean | bigint)[],
  ])[] = [
    ['int', Types.int, [0, -1, 2 ** 31 - 1, -(2 ** 31)]],
    ['long', Types.long, [0, 2 ** 53 - 1, -(2 ** 53 - 1)]],
    ['double', Types.double, [0.1, -1e300]],
    ['string', Types.string, ['', 'a', 'ü€😀', '\ud800', 'x'.repeat(70_000)]],
    ['boolean', Types.boolean, [true, false]],
    ['bigint', Types.bigint, [0n, -1n, 2n ** 80n]],
    ['any', Types.any(), ['a', 1, true, 2n ** 40n]],
  ]
  test.each(keyTypes)(
    'when keys are of type %s, then timers of them come back',
    (_, keyType, keys) => {
      const writer = new KeyedSnapshotWriter({ keyType, maxParallelism: MAX_PARALLELISM })
      writer.writeTable(TIMERS, (add) => {
        for (const key of keys) add(key, 1000, undefined)
      })
      const came = new Map<unknown, unknown>()
      const reader = new KeyedSnapshotReader([writer.finish()], ALL)
      reader.readTable('timers', { ...TIMERS, keyType }, (key, namespace, value, keyGroup) => {
        expect(value).toBeUndefined()
        expect(keyGroup).toBe(keyGroupOf(key as string, MAX_PARALLELISM))
        came.set(key, namespace)
      })
      expect(came).toEqual(new Map(keys.map((key) => [key, 1000])))
    },
  )

  test('when the bytes do not begin at a word, then they are read all the same', () => {
    const written: Entry[] = [['a', 0, { count: 1, note: 'x' }]]
    const bytes = write(written)
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect(read([shifted.subarray(3)], ALL)).toEqual(written)
  })

  test('when a value is not of its type, then the field is named', () => {
    const wrong = [['a', 0, { count: 'many', note: '' }]] as unknown as Entry[]
    expect(() => write(wrong)).toThrow(/TYPE_MISMATCH.*count/)
  })

  test('when a table is written twice, then that is a bug', () => {
    const writer = newWriter()
    fill(writer, [])
    expect(() => fill(writer, [])).toThrow(/ASSERTION_FAILED.*counts/)
  })
})

describe('reading a table', () => {
  const snapshot = write([['a', 0, { count: 1, note: 'x' }]])

  test('when it is not there, then the answer is false', () => {
    const reader = new KeyedSnapshotReader([snapshot], ALL)
    expect(reader.readTable('other', WANTED, () => {})).toBe(false)
    expect(new KeyedSnapshotReader([], ALL).readTable('counts', WANTED, () => {})).toBe(false)
  })

  test('when it was read, then it is claimed and let go', () => {
    const reader = new KeyedSnapshotReader([snapshot, write([])], ALL)
    expect(reader.tables()).toEqual([COUNTS])
    expect(reader.readTable('counts', WANTED, () => {})).toBe(true)
    expect(reader.tables()).toEqual([])
    expect(reader.readTable('counts', WANTED, () => {})).toBe(false)
  })

  test.each([
    ['kind', { ...WANTED, kind: 'list' }, /"counts".*kind list.*got value in the checkpoint/],
    ['key type', { ...WANTED, keyType: Types.long }, /key type long.*got string/],
    [
      'type',
      { ...WANTED, valueType: Types.int },
      /type int.*got record\{count: double, note: string\}/,
    ],
    ['type', { ...WANTED, valueType: undefined }, /type no value.*got record/],
  ])('when the %s is another, then both are named and nothing is claimed', (_, wanted, message) => {
    const reader = new KeyedSnapshotReader([snapshot], ALL)
    const error = errorOf(() => reader.readTable('counts', wanted, () => {}))
    expect(error?.code).toBe('STATE_INCOMPATIBLE')
    expect(error?.message).toMatch(message)
    expect(reader.tables()).toEqual([COUNTS])
  })

  test('when nobody claims it, then it can be copied, key group by key group', () => {
    fc.assert(
      fc.property(entries, (written) => {
        const copies = [0, 1, 2].map((subtaskIndex) => {
          const range = keyGroupRangeFor(subtaskIndex, 3, MAX_PARALLELISM)
          const reader = new KeyedSnapshotReader([write(written)], range)
          const writer = newWriter()
          for (const table of reader.unclaimedTables()) writer.copyTable(table)
          return writer.finish()
        })
        expect(sorted(read(copies, ALL))).toEqual(sorted(written))
      }),
    )
  })
})

describe('a damaged keyed snapshot', () => {
  const snapshot = write([
    ['a', 0, { count: 1, note: 'x' }],
    ['b', 0, { count: 2, note: 'y' }],
  ])

  test('when any one byte is changed, then it is corrupt', () => {
    for (let index = 0; index < snapshot.length; index++) {
      for (const flip of [1, 0x80]) {
        const damaged = snapshot.with(index, (snapshot[index] as number) ^ flip)
        expect(errorOf(() => read([damaged], ALL))?.code).toBe('CHECKPOINT_CORRUPT')
      }
    }
  })

  test('when it is cut anywhere or has bytes too many, then it is corrupt', () => {
    for (let length = 0; length < snapshot.length; length++) {
      expect(errorOf(() => read([snapshot.slice(0, length)], ALL))?.code).toBe('CHECKPOINT_CORRUPT')
    }
    const longer = Uint8Array.of(...snapshot, 0, 0, 0, 0, 0, 0, 0, 0)
    expect(errorOf(() => read([longer], ALL))?.code).toBe('CHECKPOINT_CORRUPT')
  })

  test('when its words are changed and the crc is right, then it is refused or read, and ends', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: snapshot.length / 4 - 3 }),
        fc.constantFrom(-1, 0, 1, 7, 8, 16, 1 << 20, 0x7fff_fff8, -0x8000_0000),
        (word, value) => {
          const damaged = Buffer.from(snapshot)
          damaged.writeInt32LE(value, word * 4)
          const error = errorOf(() => {
            new KeyedSnapshotReader([sealed(damaged)], ALL).readTable('counts', WANTED, () => {})
          })
          expect([undefined, 'CHECKPOINT_CORRUPT', 'STATE_INCOMPATIBLE', 'TYPE_INVALID']).toContain(
            error?.code,
          )
        },
      ),
      { numRuns: 500 },
    )
  })

  test('when a newer release wrote it, then that is said', () => {
    const newer = Buffer.from(snapshot)
    newer.writeUInt32LE(2, 4)
    expect(() => read([sealed(newer)], ALL)).toThrow(
      /STATE_INCOMPATIBLE.*version 1 to 1.*version 2/,
    )
  })

  test('when it is another kind of file, then it is corrupt', () => {
    expect(() => read([new Uint8Array(64)], ALL)).toThrow(/CHECKPOINT_CORRUPT.*magic number/)
  })
})

function newWriter(): KeyedSnapshotWriter {
  return new KeyedSnapshotWriter({ keyType: Types.string, maxParallelism: MAX_PARALLELISM })
}

function fill(writer: KeyedSnapshotWriter, written: readonly Entry[]): void {
  writer.writeTable(COUNTS, (add) => {
    for (const [key, namespace, value] of written) add(key, namespace, value)
  })
}

function write(written: readonly Entry[]): Uint8Array {
  const writer = newWriter()
  fill(writer, written)
  return writer.finish()
}

function read(snapshots: readonly Uint8Array[], range: KeyGroupRange): readonly Entry[] {
  const came: Entry[] = []
  const reader = new KeyedSnapshotReader(snapshots, range)
  reader.readTable('counts', WANTED, (key, namespace, value, keyGroup) => {
    expect(keyGroup).toBe(keyGroupOf(key as string, MAX_PARALLELISM))
    const { count, note } = value as Entry[2]
    came.push([key as string, namespace, { count, note }])
  })
  return came
}

function rescaled(snapshots: readonly Uint8Array[], parallelism: number): readonly Uint8Array[] {
  return Array.from({ length: parallelism }, (_, subtaskIndex) => {
    return write(read(snapshots, keyGroupRangeFor(subtaskIndex, parallelism, MAX_PARALLELISM)))
  })
}

function isInside(range: KeyGroupRange, keyGroup: number): boolean {
  return keyGroup >= range.start && keyGroup <= range.end
}

function sorted(unordered: readonly Entry[]): readonly string[] {
  // Object.is tells -0 from 0 and JSON does not, so numbers are written with their sign.
  return unordered
    .map(([key, namespace, { count, note }]) => {
      return JSON.stringify([key, namespace, Object.is(count, -0) ? '-0' : String(count), note])
    })
    .sort()
}

function sealed(bytes: Buffer): Uint8Array {
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -8)), bytes.length - 8)
  return bytes
}

function errorOf(act: () => unknown): MillraceError | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError)
    return error as MillraceError
  }
}
