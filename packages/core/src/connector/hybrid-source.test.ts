import { expect, test } from 'vitest'
import type { JsonValue } from '../types/json.ts'
import { HybridSource } from './hybrid-source.ts'
import type { SourceSplit } from './source-split.ts'
import type { Source } from './source.ts'
import type { SplitEnumerator, SplitEnumeratorContext } from './split-enumerator.ts'

const [FIRST, SECOND] = [
  { splitId: '0/a', sourceIndex: 0, split: { splitId: 'a' } },
  { splitId: '1/b', sourceIndex: 1, split: { splitId: 'b' } },
] as const

test.each([
  { index: 0, split: FIRST, told: ['back from 1: a'] },
  { index: 1, split: SECOND, told: ['to 1: 1/b'] },
])(
  'when one of two sources reassigns its splits, then after a restore in source $index: $told',
  ({ index, split, told: expected }) => {
    const told: string[] = []
    const source = HybridSource.builder(sourceThat({ isReassigning: true, told }))
      .addSource(sourceThat({ isReassigning: false, told }))
      .build()
    expect(source.reassignsSplitsOnRecovery, 'so that the engine hands them to it').toBe(true)
    const state: JsonValue = { index, position: null, inner: [] }
    const context = {
      assignSplits: (splits: readonly SourceSplit[], subtaskIndex: number) =>
        void told.push(`to ${subtaskIndex}: ${splits.map(({ splitId }) => splitId).join()}`),
    } as Partial<SplitEnumeratorContext> as SplitEnumeratorContext
    source.createEnumerator(context as never, state).addSplitsBack([split], 1)
    expect(told).toEqual(expected)
  },
)

test('when none of the sources reassigns its splits, then the hybrid source does not', () => {
  const plain = sourceThat({ isReassigning: false, told: [] })
  const next = { positionOf: () => null, createSource: () => plain }
  const source = HybridSource.builder(plain).addSource(next).build()
  expect(source.reassignsSplitsOnRecovery).toBe(false)
  const later = { ...next, reassignsSplitsOnRecovery: true }
  const other = HybridSource.builder(plain).addSource(later).build()
  expect(other.reassignsSplitsOnRecovery, 'one that is made on the way says it before').toBe(true)
})

/** A bounded source whose enumerator says what it is given back. */
function sourceThat({
  isReassigning,
  told,
}: {
  readonly isReassigning: boolean
  readonly told: string[]
}): Source<number> {
  const enumerator = {
    addSplitsBack: (splits: readonly SourceSplit[], subtaskIndex: number) =>
      void told.push(`back from ${subtaskIndex}: ${splits.map(({ splitId }) => splitId).join()}`),
  } as Partial<SplitEnumerator> as SplitEnumerator
  return {
    name: 'scripted',
    boundedness: 'bounded',
    type: undefined,
    reassignsSplitsOnRecovery: isReassigning,
    describe: () => 'scripted',
    createEnumerator: () => enumerator,
    createReader: () => {
      throw new Error('nothing is read here')
    },
  }
}
