import { describe, expect, test } from 'vitest'
import { ManualTime } from './manual-time.ts'

describe('ManualTime', () => {
  test('when time goes on, then timers run in order, each at its own moment', () => {
    const time = new ManualTime(1_000)
    const calls: string[] = []
    time.after(30, () => calls.push(`late at ${time.now()}`))
    time.after(10, () => {
      calls.push(`early at ${time.now()}`)
      time.after(5, () => calls.push(`next at ${time.now()}`))
    })
    time.after(20, () => calls.push('canceled')).cancel()
    time.advanceTo(1_100)
    expect(calls).toEqual(['early at 1010', 'next at 1015', 'late at 1030'])
    expect([time.now(), time.monotonicMs()]).toEqual([1_100, 100])
  })

  test('when the calendar is set, then the stopwatch and the timers go on', () => {
    const time = new ManualTime(1_000)
    const calls: number[] = []
    time.after(10, () => calls.push(time.now()))
    time.setCalendar(0)
    time.advanceBy(10)
    expect(calls).toEqual([10])
    expect(time.monotonicMs()).toBe(10)
    expect(() => time.advanceTo(5)).toThrow(/setCalendar/)
  })

  test('when work takes time, then timers wait until time is advanced', () => {
    const time = new ManualTime()
    const calls: string[] = []
    time.after(5, () => calls.push('due'))
    time.spend(10)
    expect(calls).toEqual([])
    time.advanceBy(0)
    expect(calls).toEqual(['due'])
    expect(time.monotonicMs()).toBe(10)
  })

  test('when a turn runs, then what it asks for waits for the next', () => {
    const time = new ManualTime()
    const calls: string[] = []
    time.soon(() => {
      calls.push('first')
      time.soon(() => calls.push('second'))
    })
    expect(calls).toEqual([])
    expect(time.runTurn()).toBe(true)
    expect(calls).toEqual(['first'])
    expect([time.runTurn(), time.runTurn()]).toEqual([true, false])
    expect(calls).toEqual(['first', 'second'])
  })
})
