// Each bug that is put into the engine is caught by some seed, and the engine as it is passes the same seeds.

import { expect, test } from 'vitest'
import { runMutations } from './run-mutations.ts'

const SEEDS = 400

test('when a bug is put in, then a seed catches it', { timeout: 30 * 60_000 }, async () => {
  const { outcomes, failingWithout } = await runMutations(SEEDS, () => {})
  const missed = outcomes.filter(({ failure }) => failure.seed === null)
  expect(missed.map(({ mutation }) => mutation.name)).toEqual([])
  expect(failingWithout).toEqual([])
})
