import { expect, test } from 'vitest'
import type { JsonValue } from '../types/json.ts'
import type { SourceSplit } from './source-split.ts'
import type {
  RegisteredReader,
  SplitEnumerator,
  SplitEnumeratorContext,
} from './split-enumerator.ts'
import { staticSplitEnumerator } from './static-split-enumerator.ts'

const SPLITS = ['a', 'b', 'c', 'd', 'e'].map((splitId) => ({ splitId }))

/** An enumerator, and what its readers were told. */
class Readers {
  readonly registered = new Map<number, RegisteredReader>()
  readonly told: string[] = []
  readonly enumerator: SplitEnumerator

  constructor(parallelism: number, restored?: JsonValue) {
    const context = {
      parallelism,
      registeredReaders: this.registered,
      assignSplits: (splits: readonly SourceSplit[], subtaskIndex: number) =>
        void this.told.push(`${subtaskIndex}: ${splits.map(({ splitId }) => splitId).join(' ')}`),
      signalNoMoreSplits: (subtaskIndex: number) => void this.told.push(`${subtaskIndex}: no more`),
    } as Partial<SplitEnumeratorContext> as SplitEnumeratorContext
    this.enumerator = staticSplitEnumerator({ context, restored, findSplits: async () => SPLITS })
  }

  register(subtaskIndex: number, facts: Partial<RegisteredReader> = {}): void {
    const reader = { subtaskIndex, splits: [], hasEnded: false, ...facts }
    this.registered.set(subtaskIndex, reader)
    if (reader.splits.length > 0) this.enumerator.addSplitsBack(reader.splits, subtaskIndex)
    this.enumerator.addReader(subtaskIndex)
  }
}

test('when all readers have registered, in any order, then the splits are dealt out in turn', async () => {
  const readers = new Readers(2)
  await readers.enumerator.start()
  readers.register(1)
  expect(readers.told).toEqual([])
  expect(readers.enumerator.snapshotState(1)).toEqual(SPLITS)
  readers.register(0)
  expect(readers.told).toEqual(['0: a c e', '1: b d', '0: no more', '1: no more'])
  expect(readers.enumerator.snapshotState(2)).toEqual([])
})

test('when it is restored, then only what was not assigned is, to any number of readers', async () => {
  const readers = new Readers(3, [{ splitId: 'd' }, { splitId: 'e' }])
  await readers.enumerator.start()
  for (const subtaskIndex of [0, 1, 2]) readers.register(subtaskIndex)
  expect(readers.told).toEqual(['0: d', '1: e', '0: no more', '1: no more', '2: no more'])
})

test('when splits come back, then they are dealt out evenly, and not to readers that had ended', async () => {
  const readers = new Readers(3, [])
  await readers.enumerator.start()
  readers.register(0, { splits: SPLITS })
  readers.register(1, { hasEnded: true })
  readers.register(2)
  expect(readers.told).toEqual(['0: a c e', '2: b d', '0: no more', '2: no more'])
})
