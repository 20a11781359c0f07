import { describe, expect, test } from 'vitest'
import { Simulation } from '../simulation.ts'

const START_MS = 1_000_000

describe('SimulatedClock', () => {
  test('when simulated time goes on, then calendar and stopwatch go on by as much', async () => {
    const simulation = new Simulation({ seed: 1, startMs: START_MS })
    const { clock, timers } = simulation.process('worker')
    const startMs = clock.monotonicMs()
    const elapsedMs = await simulation.resultOf(
      new Promise<number>((resolve) => {
        timers.after(5000, () => resolve(clock.monotonicMs() - startMs))
      }),
    )
    expect(elapsedMs).toBeGreaterThanOrEqual(5000)
    expect(elapsedMs).toBeLessThan(5001)
    expect(clock.now()).toBe(START_MS + 5000)
  })

  test('when code waits in a loop for the stopwatch, then the loop ends', () => {
    const { clock } = new Simulation({ seed: 1 }).process('worker')
    const endMs = clock.monotonicMs() + 1
    let readings = 0
    while (clock.monotonicMs() < endMs) readings++
    expect(readings).toBe(15)
  })

  test('when the calendar jumps, then it shows the jump and the stopwatch does not', () => {
    const { clock } = new Simulation({ seed: 1, startMs: START_MS }).process('worker')
    const beforeMs = clock.monotonicMs()
    clock.jumpBy(-5000)
    expect(clock.now()).toBe(START_MS - 5000)
    expect(clock.monotonicMs()).toBeGreaterThan(beforeMs)
  })

  test('when jumps are planned, then the calendar leaves simulated time in both directions', async () => {
    const jumps = { everyMs: { min: 100, max: 200 }, byMs: { min: -1000, max: 1000 } }
    const simulation = new Simulation({ seed: 1, startMs: START_MS, faults: { clock: { jumps } } })
    const { clock, timers } = simulation.process('worker')
    const errorsMs: number[] = []
    const observe = (): void => {
      errorsMs.push(clock.now() - START_MS - simulation.nowMs)
      timers.after(50, observe)
    }
    observe()
    await simulation.run(() => errorsMs.length === 1000)
    expect(errorsMs.slice(0, 2).every((errorMs) => Math.abs(errorMs) < 1)).toBe(true)
    expect(Math.min(...errorsMs)).toBeLessThan(-500)
    expect(Math.max(...errorsMs)).toBeGreaterThan(500)
  })

  test('when stopwatches drift, then timers follow the stopwatch of their machine', async () => {
    const simulation = new Simulation({ seed: 1, faults: { clock: { driftMax: 0.01 } } })
    const rates = new Set<number>()
    for (let index = 0; index < 20; index++) {
      const { clock, timers } = simulation.process(`worker ${index}`)
      const startMs = clock.monotonicMs()
      const startSimulatedMs = simulation.nowMs
      const elapsed = new Promise<number>((resolve) => {
        timers.after(1000.1, () => resolve(simulation.nowMs - startSimulatedMs))
      })
      const simulatedMs = await simulation.resultOf(elapsed)
      expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(1000.1)
      expect(Math.abs(simulatedMs - 1000)).toBeLessThan(11)
      rates.add(Math.round(simulatedMs))
    }
    expect(rates.size).toBeGreaterThan(5)
  })
})
