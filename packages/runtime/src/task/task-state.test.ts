import { describe, expect, test } from 'vitest'
import { assertTaskTransition, TASK_TRANSITIONS, type TaskState } from './task-state.ts'

/** The diagram of task-state.ts, an arrow a line. */
const ARROWS: ReadonlySet<string> = new Set([
  'created opening',
  'opening open',
  'open running',
  'running drained',
  'running finished',
  'drained finished',
  ...['created', 'opening', 'open', 'running', 'drained'].flatMap((state) => [
    `${state} canceled`,
    `${state} failed`,
  ]),
  'failed canceled',
])

const states = Object.keys(TASK_TRANSITIONS) as TaskState[]
const pairs = states.flatMap((from) => states.map((to) => [from, to] as const))

describe('the life of a task', () => {
  test.each(pairs)('when it goes from %s to %s, then the diagram decides', (from, to) => {
    const go = (): void => assertTaskTransition(from, to, 'map (1/2)')
    if (ARROWS.has(`${from} ${to}`)) expect(go).not.toThrow()
    else expect(go).toThrow(`ILLEGAL_TRANSITION: expected the task 'map (1/2)' to go from ${from}`)
  })

  test('when it has begun, then it can always be canceled, and ends in a state that has no next', () => {
    const ends = states.filter((state) => TASK_TRANSITIONS[state].length === 0)
    expect(ends).toEqual(['finished', 'canceled'])
    const canBeCanceled = states.filter((state) => TASK_TRANSITIONS[state].includes('canceled'))
    expect(canBeCanceled).toEqual(states.filter((state) => !ends.includes(state)))
  })
})
