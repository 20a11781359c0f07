import { describe, expect, test } from 'vitest'
import { runInTurns } from './event-turns.ts'

describe('runInTurns', () => {
  test('when a step starts a chain of promises, then the chain is over before the next step', async () => {
    const seen: string[] = []
    let stepCount = 0
    await runInTurns(() => {
      if (stepCount === 100) return false
      const step = stepCount++
      seen.push(`step ${step}`)
      void chain(50).then(() => seen.push(`chain ${step}`))
      return true
    })
    const expected = Array.from({ length: 100 }, (_, step) => [`step ${step}`, `chain ${step}`])
    expect(seen).toEqual(expected.flat())
  })

  test('when a step throws, then the error comes out and no step follows', async () => {
    let stepCount = 0
    const running = runInTurns(() => {
      stepCount++
      throw new Error('broken')
    })
    await expect(running).rejects.toThrow('broken')
    await chainOfTurns()
    expect(stepCount).toBe(1)
  })
})

async function chain(length: number): Promise<void> {
  for (let index = 0; index < length; index++) await Promise.resolve()
}

async function chainOfTurns(): Promise<void> {
  for (let index = 0; index < 3; index++) await new Promise((resolve) => setImmediate(resolve))
}
