import { describe, expect, test } from 'vitest'
import { Simulation } from '../simulation.ts'

describe('SimulatedTimers', () => {
  test('when timers are set, then they run in the order of their times, and of the calls at one time', async () => {
    const simulation = new Simulation({ seed: 1 })
    const { timers } = simulation.process('worker')
    const seen: string[] = []
    timers.after(20, () => seen.push('late'))
    timers.after(10, () => seen.push('first of two'))
    timers.after(10, () => seen.push('second of two'))
    await simulation.run(() => seen.length === 3)
    expect(seen).toEqual(['first of two', 'second of two', 'late'])
  })

  test('when a timer is canceled, then it never runs', async () => {
    const simulation = new Simulation({ seed: 1 })
    const { timers } = simulation.process('worker')
    let isOver = false
    const timer = timers.after(10, () => {
      throw new Error('a canceled timer ran')
    })
    timers.after(5, () => {
      timer.cancel()
      timer.cancel()
    })
    timers.after(20, () => {
      isOver = true
    })
    await simulation.run(() => isOver)
    expect(simulation.nowMs).toBe(20)
  })

  test('when a timer has no delay, then its callback is not run inside the call, and time goes on', async () => {
    const simulation = new Simulation({ seed: 1 })
    const { timers } = simulation.process('worker')
    let count = 0
    const again = (): void => {
      count++
      timers.after(0, again)
    }
    timers.after(0, again)
    expect(count).toBe(0)
    await simulation.run(() => count === 100)
    expect(simulation.nowMs).toBeGreaterThan(0)
  })

  test('when turns are asked for, then they run in order and let timers run between', async () => {
    const simulation = new Simulation({ seed: 1 })
    const { timers } = simulation.process('worker')
    const seen: number[] = []
    for (let index = 0; index < 100; index++) timers.soon(() => seen.push(index))
    expect(seen).toEqual([])
    let isOver = false
    timers.after(1, () => {
      isOver = true
    })
    const spin = (): void => timers.soon(spin)
    spin()
    await simulation.run(() => isOver)
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })
})
