// Windows of every kind in whole jobs that fail once and go on from a checkpoint: in this thread, and on two threads.

import { fileURLToPath } from 'node:url'
import { type ExecutionOptions, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import windows, { COUNT } from './jobs/windows.ts'

const module = fileURLToPath(new URL('./jobs/windows.ts', import.meta.url))

describe('windows of every kind', () => {
  it.each<readonly [string, ExecutionOptions]>([
    ['in one thread', {}],
    ['on two threads', { threads: 2, module }],
  ])(
    'when the job fails once %s, then each window is evaluated exactly as computed by loops',
    async (...where) => {
      const [, options] = where
      const env = StreamExecutionEnvironment.getExecutionEnvironment({
        parallelism: 2,
        checkpointing: { interval: '20 ms' },
        restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
        ...options,
      })
      windows(env)

      const { accumulators, restarts } = await env.execute()

      expect(restarts).toBe(1)
      expect(accumulators).toEqual(expected())
    },
  )
})

/** What each result should be counted as. */
function expected(): Record<string, number> {
  const numbers = Array.from({ length: COUNT }, (_, index) => index)
  const names = [0, 1, 2, 3].flatMap((rest) => {
    const mine = numbers.filter((n) => n % 4 === rest)
    return [
      `end ${rest}: ${mine.at(-1)}`,
      ...chunks(mine, 500).map((all) => `count ${rest}: ${all[0]} to ${all.at(-1)}`),
      // 250 of each key in each second: two hundreds, and fifty that are left at its end.
      ...chunks(mine, 250).flatMap((all) => {
        const start = Math.floor((all[0] as number) / 1_000) * 1_000
        return [`hundred ${rest}@${start}: ${all[0]}`, `hundred ${rest}@${start}: ${all[100]}`]
      }),
      // 125 of each key in each half second: at the hundredth, and at the end with what came since and was kept.
      ...chunks(mine, 125).flatMap((all) => {
        const start = Math.floor((all[0] as number) / 500) * 500
        return [
          `own ${rest}@${start}: ${all.slice(97, 100).join()}`,
          `own ${rest}@${start}: ${all.slice(-3).join()}`,
        ]
      }),
    ]
  })
  for (const parity of [0, 1]) {
    // Twenty numbers at the start of each thousand; from 4000 on, the gaps are so long that all are one session.
    for (const session of [1, 2, 3, 4]) names.push(`session ${parity}.${session}: 10`)
    names.push(`session ${parity}.5: 40`)
  }
  for (const thousand of chunks(numbers, 1_000)) {
    const start = thousand[0] as number
    const sum = thousand.reduce((a, b) => a + b, 0)
    names.push(`all ${start + 1_000}: ${sum}`, `cogroup 500 ${start % 2_000 === 0 ? start : ''}`)
    names.push('cogroup 500 ')
    for (const left of [start, start + 500]) {
      for (const right of [start, start + 500]) names.push(`join ${left} ${right}`)
    }
  }
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
}
