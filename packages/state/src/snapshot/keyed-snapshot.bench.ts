// Nanoseconds of the main thread per entry to write and to read the keyed state of a subtask, a million keys. The
// first line of each case is a loop written by hand that copies four numbers an entry: what the machine's memory does.
//
//   node --conditions=source packages/state/src/snapshot/keyed-snapshot.bench.ts

import { keyGroupOf, type TypeDescriptor, Types } from '@millrace/core'
import { KeyedSnapshotReader } from './keyed-snapshot-reader.ts'
import { KeyedSnapshotWriter } from './keyed-snapshot-writer.ts'

const ENTRIES = 1_000_000
const ROUNDS = 5
const MAX_PARALLELISM = 128
const ALL_GROUPS = { start: 0, end: MAX_PARALLELISM - 1 }

class Accumulator {
  count: number
  sum: number

  constructor(count: number, sum: number) {
    this.count = count
    this.sum = sum
  }
}

interface Case {
  readonly name: string
  readonly keyType: TypeDescriptor
  readonly key: (index: number) => string | number
}

const CASES: readonly Case[] = [
  { name: 'numeric keys', keyType: Types.long, key: (index) => index * 7 },
  {
    name: 'string keys',
    keyType: Types.string,
    // Through a buffer, since a string that was joined is laid out only when it is first read.
    key: (index) => Buffer.from(`customer-${(index * 7919) % 1_000_003}`).toString(),
  },
]

for (const benchCase of CASES) run(benchCase)

function run({ name, keyType, key }: Case): void {
  const table = {
    name: 'sums',
    kind: 'aggregating',
    valueType: Types.record({ count: Types.double, sum: Types.double }),
  }
  const groups = Array.from({ length: MAX_PARALLELISM }, () => new Map<unknown, Accumulator>())
  const all = new Map<unknown, Accumulator>()
  for (let index = 0; index < ENTRIES; index++) {
    const accumulator = new Accumulator(index, index / 3)
    const entryKey = key(index)
    groups[keyGroupOf(entryKey, MAX_PARALLELISM)]?.set(entryKey, accumulator)
    all.set(entryKey, accumulator)
  }

  // As in a running job, where the last snapshot tells the size of the next.
  const newWriter = (): KeyedSnapshotWriter =>
    new KeyedSnapshotWriter({
      keyType,
      maxParallelism: MAX_PARALLELISM,
      sizeBytesHint: 40 * ENTRIES,
    })

  report(`${name}, numbers copied by hand`, () => {
    const startMs = cpuMs()
    const copy = new Float64Array(4 * ENTRIES)
    let end = 0
    for (const [keyGroup, group] of groups.entries()) {
      for (const [entryKey, value] of group) {
        copy[end++] = typeof entryKey === 'number' ? entryKey : 0
        copy[end++] = keyGroup
        copy[end++] = value.count
        copy[end++] = value.sum
      }
    }
    return cpuMs() - startMs
  })
  report(`${name}, snapshot from a map a key group`, () => {
    const startMs = cpuMs()
    const writer = newWriter()
    writer.writeGroupedTable(table, (add) => {
      groups.forEach((group, keyGroup) => {
        for (const [entryKey, value] of group) add(keyGroup, entryKey, 0, value)
      })
    })
    return cpuMs() - startMs
  })
  let snapshot = new Uint8Array()
  report(`${name}, snapshot from one map, hashed`, () => {
    const startMs = cpuMs()
    const writer = newWriter()
    writer.writeTable(table, (add) => {
      for (const [entryKey, value] of all) add(entryKey, 0, value)
    })
    const elapsedMs = cpuMs() - startMs
    snapshot = writer.finish() as Uint8Array<ArrayBuffer>
    return elapsedMs
  })
  report(`${name}, crc32`, () => {
    const writer = newWriter()
    writer.writeTable(table, (add) => {
      for (const [entryKey, value] of all) add(entryKey, 0, value)
    })
    const startMs = cpuMs()
    writer.finish()
    return cpuMs() - startMs
  })
  report(`${name}, restore into a map a key group`, () => {
    const restored = Array.from({ length: MAX_PARALLELISM }, () => new Map<unknown, unknown>())
    const startMs = cpuMs()
    const reader = new KeyedSnapshotReader([snapshot], ALL_GROUPS)
    reader.readTable('sums', { ...table, keyType }, (entryKey, _namespace, value, keyGroup) => {
      restored[keyGroup]?.set(entryKey, value)
    })
    return cpuMs() - startMs
  })
  console.log(`${name}: ${(snapshot.length / ENTRIES).toFixed(1)} bytes per entry`)
}

/** Time of this thread on a core, so that other work on the machine counts less. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function report(what: string, runMs: () => number): void {
  let bestMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) bestMs = Math.min(bestMs, runMs())
  console.log(`${what}: ${((bestMs * 1e6) / ENTRIES).toFixed(1)} ns per entry`)
}
