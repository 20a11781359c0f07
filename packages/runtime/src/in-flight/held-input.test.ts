import { describe, expect, test } from 'vitest'
import { HeldInput } from './held-input.ts'

describe('an input that is held', () => {
  test('when it is released, then what was held comes in order, behind what was told meanwhile, and then all at once', () => {
    const seen: string[] = []
    const held = new HeldInput({
      processElement: (value, timestamp) => seen.push(`${String(value)} at ${timestamp}`),
      processWatermark: (watermark) => seen.push(`watermark ${watermark}`),
      processWatermarkStatus: (isIdle) => seen.push(isIdle ? 'idle' : 'active'),
      processGeneralizedWatermark: ({ value }) => seen.push(`own ${String(value)}`),
    })
    held.processWatermark(10)
    held.processElement('a', 11)
    held.processWatermarkStatus(true)
    held.processWatermark(30)
    held.raise(20)
    expect(seen).toEqual(['watermark 20'])
    held.release()
    expect(seen).toEqual(['watermark 20', 'a at 11', 'idle', 'watermark 30'])
    held.processElement('b', 40)
    held.processWatermark(40)
    held.processWatermarkStatus(false)
    expect(seen.slice(4)).toEqual(['b at 40', 'watermark 40', 'active'])
  })
})
