// A string that was decoded from a frame may hold on to the text of the whole frame. What operators keep must not.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  EventTimeSessionWindows,
  type KeyedProcessContext,
  SlidingEventTimeWindows,
  Types,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import { describe, expect, test } from 'vitest'

const TEXT_BYTES = 100_000
const COUNT = 300

const keySelector = (text: string): string => text
/** Keeps the last text of each window, as `reduce` does. */
const last = {
  createAccumulator: () => undefined,
  add: (_: unknown, text: string) => text,
  getResult: (text: string) => text,
  merge: (_: unknown, text: string) => text,
}
const config = { allowedLatenessMs: 0, lateTag: null, accumulatorType: Types.string }

const operators: readonly (readonly [string, OperatorHarnessOptions])[] = [
  [
    'sliding windows',
    {
      kind: 'window',
      config: { ...config, assigner: { ...SlidingEventTimeWindows.of(100, 50) } },
      functions: { keySelector, aggregate: last },
    },
  ],
  [
    'session windows',
    {
      kind: 'window',
      config: { ...config, assigner: { ...EventTimeSessionWindows.withGap(100) } },
      functions: { keySelector, aggregate: last },
    },
  ],
  [
    'timers',
    {
      kind: 'keyed-process',
      functions: {
        keySelector,
        process: () => ({
          processElement: (_: string, { timerService }: KeyedProcessContext<string>) => {
            timerService.registerEventTimeTimer(100)
            timerService.registerProcessingTimeTimer(100)
          },
        }),
      },
    },
  ],
]

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

describe('strings that operators keep', () => {
  test.each(operators)(
    'when %s keep keys cut out of large texts, then the texts are let go',
    async (...each) => {
      const harness = await OperatorHarness.open(each[1])
      const before = heapBytes()
      for (let index = 0; index < COUNT; index++) {
        const text = Buffer.from(`${index}`.padStart(TEXT_BYTES, '-')).toString('latin1')
        harness.processElement(text.substring(TEXT_BYTES - 20), 1)
      }
      expect(heapBytes() - before).toBeLessThan((COUNT * TEXT_BYTES) / 3)
      harness.processWatermark(200)
    },
  )
})
