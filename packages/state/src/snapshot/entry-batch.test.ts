import { expect, test } from 'vitest'
import { giveBackBatch, takeBatch } from './entry-batch.ts'

test('when a batch is given back, then it is taken again, empty, and keeps nothing of a user alive', () => {
  const batch = takeBatch()
  for (let index = 0; index < 40; index++) batch.add({ index }, index, { index })
  giveBackBatch(batch)
  expect(takeBatch()).toBe(batch)
  expect(batch.count).toBe(0)
  for (const { key, value } of batch.entries) expect([key, value]).toEqual([undefined, undefined])
})
