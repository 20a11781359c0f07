import { describe, expect, test } from 'vitest'
import { Simulation } from '../simulation.ts'

const CRASHES = {
  count: { min: 3, max: 3 },
  withinMs: { min: 100, max: 10_000 },
  downMs: { min: 5, max: 20 },
}

describe('a supervised process', () => {
  test('when crashes are planned, then it is started again after each, at times of the seed', async () => {
    const [first, again, other] = [await crashTimes(1), await crashTimes(1), await crashTimes(2)]
    expect(first).toHaveLength(3)
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    for (const timeMs of first) {
      expect(timeMs).toBeGreaterThanOrEqual(100)
      expect(timeMs).toBeLessThan(10_001)
    }
  })

  test('when the program fails, then the simulation fails with the seed and the cause', async () => {
    const simulation = new Simulation({ seed: 5 })
    const cause = new Error('no luck')
    simulation.supervise('worker', async ({ files }) => {
      await files.list('/')
      throw cause
    })
    await expect(simulation.run(() => false)).rejects.toMatchObject({
      code: 'SIMULATION_FAILED',
      ids: { seed: 5 },
      cause,
    })
  })

  test('when a test crashes it, then it is down for a while and comes up on the same disk', async () => {
    const simulation = new Simulation({ seed: 5 })
    simulation.disk('worker').place('/file', 'x')
    const seen: (readonly string[])[] = []
    const supervisor = simulation.supervise('worker', async ({ files }) => {
      seen.push((await files.list('/')).map(({ name }) => name))
    })
    await simulation.run(() => seen.length === 1)
    supervisor.crash()
    supervisor.crash()
    expect(supervisor.current).toBeUndefined()
    await simulation.run(() => seen.length === 2)
    expect(supervisor.current?.lifetime.name).toBe('worker#2')
    expect(supervisor.crashCount).toBe(1)
    expect(seen).toEqual([['file'], ['file']])
  })

  test('when the program ends its own process, then what it does after does not matter', async () => {
    const simulation = new Simulation({ seed: 5 })
    let startCount = 0
    simulation.supervise('worker', async (process) => {
      startCount++
      process.crash()
      await Promise.resolve()
      throw new Error('too late')
    })
    await simulation.run(() => startCount === 3)
  })

  test('when it is stopped, then it neither crashes nor starts any more', async () => {
    const simulation = new Simulation({ seed: 5, faults: { crashes: CRASHES } })
    let startCount = 0
    const supervisor = simulation.supervise('worker', () => {
      startCount++
    })
    await simulation.run(() => startCount === 1)
    supervisor.stop()
    await simulation.runFor(20_000)
    expect(startCount).toBe(1)
    expect(supervisor.current?.isAlive).toBe(true)
    expect(supervisor.crashCount).toBe(0)
  })
})

/** When the runs of a process that works all the time ended. */
async function crashTimes(seed: number): Promise<readonly number[]> {
  const simulation = new Simulation({ seed, faults: { crashes: CRASHES } })
  const timesMs: number[] = []
  let startCount = 0
  simulation.supervise('worker', (process) => {
    startCount++
    process.lifetime.atEnd(() => timesMs.push(simulation.nowMs))
  })
  await simulation.run(() => startCount === 4)
  return timesMs
}
