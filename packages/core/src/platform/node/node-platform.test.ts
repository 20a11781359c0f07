import { expect, test, vi } from 'vitest'
import { nodePlatform, nodePortPair } from './index.ts'
import { logLine } from './stderr-log.ts'

const platform = nodePlatform()

test('when a timer is due, then it fires once, never early, and never inside the call', async () => {
  const { clock, timers } = platform
  const startMs = clock.monotonicMs()
  let isInside = true
  const lateMs = await new Promise<number>((resolve) => {
    timers.after(10.5, () => {
      expect(isInside).toBe(false)
      resolve(clock.monotonicMs() - startMs - 10.5)
    })
    isInside = false
  })
  expect(lateMs).toBeGreaterThanOrEqual(0)
})

test('when a timer is cancelled, twice or too late, then it does not fire', async () => {
  let calls = 0
  const cancelled = platform.timers.after(1, () => calls++)
  cancelled.cancel()
  cancelled.cancel()
  const fired = await new Promise<{ cancel(): void }>((resolve) => {
    const timer = platform.timers.after(5, () => resolve(timer))
  })
  fired.cancel()
  expect(calls).toBe(0)
})

test('when a delay is longer than setTimeout can sleep, then the timer still waits', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    let calls = 0
    platform.timers.after(3_000_000_000, () => calls++)
    vi.advanceTimersByTime(2_999_999_999)
    expect(calls).toBe(0)
    vi.advanceTimersByTime(1)
    expect(calls).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})

test('when something shall run soon, then it runs in a later turn', async () => {
  const order: string[] = []
  await new Promise<void>((resolve) => {
    platform.timers.soon(() => {
      order.push('soon')
      resolve()
    })
    order.push('now')
    void Promise.resolve().then(() => order.push('microtask'))
  })
  expect(order).toEqual(['now', 'microtask', 'soon'])
})

test('when random numbers are drawn, then they fill the range evenly and ids differ', () => {
  const counts = new Array<number>(10).fill(0)
  for (let index = 0; index < 50_000; index++) {
    const bucket = Math.floor(platform.random.next() * 10)
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  expect(counts).toHaveLength(10)
  expect(Math.min(...counts)).toBeGreaterThan(4500)
  expect(platform.random.id()).toMatch(/^[0-9a-f]{32}$/)
  expect(platform.random.id()).not.toBe(platform.random.id())
})

test('when a log is given, then the platform has it', () => {
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  expect(nodePlatform({ log }).log).toBe(log)
})

test('when a message is logged, then it is one readable line', () => {
  const cause = new Error('disk\nfull')
  const line = logLine(new Date(0), 'WARN ', 'skipped\na line', {
    file: 'a b.json',
    line: 7,
    source: 'flights',
    cause: new Error('cannot write', { cause }),
    ids: { n: 1 },
    none: undefined,
  })
  expect(line).toBe(
    '1970-01-01T00:00:00.000Z WARN  skipped a line file="a b.json" line=7 source=flights ' +
      'cause="cannot write (cause: disk\\nfull)" ids={"n":1} none=undefined',
  )
})

test('when messages are posted before the handler is set, then it gets them in order', async () => {
  const { left, right } = nodePortPair()
  const buffer = new ArrayBuffer(8)
  left.post('first')
  left.post(buffer, [buffer])
  expect(buffer.byteLength).toBe(0)
  const seen: unknown[] = []
  await new Promise<void>((resolve) => {
    right.onMessage((message) => {
      seen.push(message)
      if (seen.length === 2) resolve()
    })
    expect(seen).toEqual([])
  })
  expect(seen).toEqual(['first', new ArrayBuffer(8)])
  left.close()
})

test('when the handler is replaced, then only the new one is called', async () => {
  const { left, right } = nodePortPair()
  left.onMessage(() => {
    throw new Error('the replaced handler was called')
  })
  const got = new Promise((resolve) => left.onMessage(resolve))
  right.post({ n: 1 })
  expect(await got).toEqual({ n: 1 })
  right.close()
})
