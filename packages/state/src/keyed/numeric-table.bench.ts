// Nanoseconds and bytes per entry of a keyed table of numbers: the table of typed arrays beside that of a Map a key group.
//
//   node --conditions=source --expose-gc packages/state/src/keyed/numeric-table.bench.ts

import { Types } from '@millrace/core'
import { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'
import { runSteps } from '../snapshot/steps.ts'
import { CurrentKey } from './current-key.ts'
import { KeyedTable } from './keyed-table.ts'
import { NumericTable } from './numeric-table.ts'
import type { StateTable } from './state-table.ts'

const KEYS = 1_000_000
const ACCESSES = 10_000_000
const ROUNDS = 4
const MAX_PARALLELISM = 128
const RANGE = { start: 0, end: MAX_PARALLELISM - 1 }
const INFO = { name: 'sum', kind: 'reducing', valueType: Types.double }

const TABLES: readonly [string, (current: CurrentKey) => StateTable<number>][] = [
  ['a Map a key group', (current) => new KeyedTable<number>(INFO, current, RANGE)],
  ['typed arrays', (current) => new NumericTable(INFO, current, RANGE) as StateTable<number>],
]

for (let round = 0; round < ROUNDS; round++) {
  for (const [name, newTable] of TABLES) measure(name, newTable)
}

function measure(name: string, newTable: (current: CurrentKey) => StateTable<number>): void {
  const heldBefore = heldBytes()
  const current = new CurrentKey(MAX_PARALLELISM)
  const table = newTable(current)
  const fillNs = timed(KEYS, () => {
    for (let index = 0; index < KEYS; index++) {
      current.set(index * 7)
      table.put(index / 3)
    }
  })
  const held = heldBytes() - heldBefore
  const addNs = timed(ACCESSES, () => {
    for (let index = 0; index < ACCESSES; index++) {
      // Steps that share no factor with the number of keys: all keys, in no order that a cache would like.
      current.set(((index * 7919) % KEYS) * 7)
      table.put((table.get() ?? 0) + 0.25)
    }
  })
  const writer = new KeyedSnapshotWriter({
    keyType: Types.long,
    maxParallelism: MAX_PARALLELISM,
    sizeBytesHint: 24 * KEYS,
  })
  const snapshotNs = timed(KEYS, () => runSteps(table.cut().writeInto(writer)))
  console.log(
    `${name}: new key ${fillNs} ns, read and write ${addNs} ns, snapshot ${snapshotNs} ns, ${(held / KEYS).toFixed(0)} bytes per entry`,
  )
}

function timed(count: number, run: () => void): string {
  const { user, system } = process.threadCpuUsage()
  run()
  const { user: userAfter, system: systemAfter } = process.threadCpuUsage()
  return (((userAfter + systemAfter - user - system) * 1000) / count).toFixed(1)
}

function heldBytes(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
