import { ManualTime } from '@millrace/testing'
import { describe, expect, test } from 'vitest'
import { type LoopTask, TaskLoop } from './task-loop.ts'

interface SetUp {
  readonly time: ManualTime
  readonly loop: TaskLoop
  /** What ran, in order. */
  readonly ran: string[]
}

function setUp(): SetUp {
  const time = new ManualTime()
  return { time, loop: new TaskLoop({ clock: time, timers: time }), ran: [] }
}

/** A task that needs `slices` slices, each of which takes a while. */
function task({ time, ran }: SetUp, name: string, slices: number, sliceMs = 0.1): LoopTask {
  let left = slices
  return {
    runSlice: () => {
      ran.push(name)
      time.spend(sliceMs)
      return --left > 0
    },
  }
}

function runAll(time: ManualTime): number {
  let turns = 0
  while (time.runTurn()) turns++
  return turns
}

describe('TaskLoop', () => {
  test('when several tasks have work, then they take turns, a slice each', () => {
    const set = setUp()
    set.loop.wake(task(set, 'a', 3))
    set.loop.wake(task(set, 'b', 2))
    set.loop.wake(task(set, 'c', 1))
    runAll(set.time)
    expect(set.ran).toEqual(['a', 'b', 'c', 'a', 'b', 'a'])
  })

  test('when a millisecond has passed, then the event loop has its turn', () => {
    const set = setUp()
    set.loop.wake(task(set, 'a', 30, 0.25))
    set.time.runTurn()
    expect(set.ran).toHaveLength(4)
    set.time.soon(() => set.ran.push('event'))
    set.time.runTurn()
    expect(set.ran.filter((name) => name === 'event')).toHaveLength(1)
    expect(set.ran.length).toBeLessThan(12)
    runAll(set.time)
    expect(set.ran.filter((name) => name === 'a')).toHaveLength(30)
  })

  test('when a slice takes longer than a turn, then the turn ends after it, and the others are not passed over', () => {
    const set = setUp()
    set.loop.wake(task(set, 'slow', 2, 5))
    set.loop.wake(task(set, 'quick', 2))
    set.time.runTurn()
    expect(set.ran).toEqual(['slow'])
    runAll(set.time)
    expect(set.ran).toEqual(['slow', 'quick', 'slow', 'quick'])
  })

  test('when mail comes, then it runs before the next slice, in order', () => {
    const set = setUp()
    const { loop, ran } = set
    loop.wake({
      runSlice: () => {
        ran.push('slice')
        if (ran.length > 4) return false
        loop.enqueue(() => ran.push('mail of the slice'))
        return true
      },
    })
    loop.enqueue(() => {
      ran.push('first')
      loop.enqueue(() => ran.push('mail of the first'))
    })
    loop.enqueue(() => ran.push('second'))
    runAll(set.time)
    expect(ran).toEqual([
      'first',
      'second',
      'mail of the first',
      'slice',
      'mail of the slice',
      'slice',
    ])
  })

  test('when nothing is to be done, then there is no turn', () => {
    const set = setUp()
    expect(set.time.runTurn()).toBe(false)
    const idle = task(set, 'idle', 1)
    set.loop.wake(idle)
    set.loop.wake(idle)
    expect(runAll(set.time)).toBe(1)
    expect(set.ran).toEqual(['idle'])
    set.loop.wake(idle)
    expect(runAll(set.time)).toBe(1)
    expect(set.ran).toEqual(['idle', 'idle'])
  })

  test('when a task is woken while it runs, then it runs once more', () => {
    const set = setUp()
    const woken: LoopTask = {
      runSlice: () => {
        set.ran.push('woken')
        if (set.ran.length === 1) set.loop.wake(woken)
        return false
      },
    }
    set.loop.wake(woken)
    runAll(set.time)
    expect(set.ran).toEqual(['woken', 'woken'])
  })

  test('when a task is removed, then it does not run, and the others do', () => {
    const set = setUp()
    const gone = task(set, 'gone', 5)
    set.loop.remove(gone)
    set.loop.wake(gone)
    set.loop.wake(task(set, 'stays', 1))
    set.loop.enqueue(() => set.loop.remove(gone))
    runAll(set.time)
    expect(set.ran).toEqual(['stays'])
  })
})
