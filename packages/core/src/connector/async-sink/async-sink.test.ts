import { OperatorHarness, SeededRandom } from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AsyncSink, type AsyncSinkOptions } from './async-sink.ts'
import { aimdRateLimiting } from './rate-limiting.ts'

type Options = Partial<AsyncSinkOptions<number, number>>

/** A service that answers when the test says so. */
class Service {
  readonly batches: (readonly number[])[] = []
  readonly #answers: {
    readonly resolve: (retried: readonly number[]) => void
    readonly reject: (error: Error) => void
  }[] = []

  send(requests: readonly number[]): Promise<readonly number[]> {
    this.batches.push(requests)
    return new Promise((resolve, reject) => this.#answers.push({ resolve, reject }))
  }

  /** Answers a batch, by its number: all is done but these. */
  async answer(index: number, ...retried: readonly number[]): Promise<void> {
    this.#answers[index]?.resolve(retried)
    await settled()
  }

  async refuse(index: number, error: Error): Promise<void> {
    this.#answers[index]?.reject(error)
    await settled()
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function open(options: Options = {}) {
  const service = new Service()
  const sink = AsyncSink.of<number, number>({
    name: 'service',
    toRequest: (value) => value,
    createClient: () => service,
    requestBytes: () => 10,
    ...options,
  })
  const harness = await OperatorHarness.open({ kind: 'sink', functions: { sink } })
  const write = (...values: readonly number[]): void => {
    for (const value of values) harness.processElement(value)
  }
  return { service, harness, write }
}

describe('batches', () => {
  test('when enough requests wait, then they are sent', async () => {
    const { service, write } = await open({ batchRequests: 3 })
    write(1, 2)
    expect(service.batches).toEqual([])
    write(3, 4)
    expect(service.batches).toEqual([[1, 2, 3]])
  })

  test('when enough bytes wait, then as many are sent as fit', async () => {
    const { service, write } = await open({ batchBytes: 25 })
    write(1, 2, 3)
    expect(service.batches).toEqual([[1, 2]])
  })

  test('when a request has waited long enough, then it is sent, and the next waits anew', async () => {
    const { service, write, harness } = await open({ timeInBuffer: '1 s' })
    harness.advanceTo(500)
    write(1)
    harness.advanceTo(1499)
    expect(service.batches).toEqual([])
    harness.advanceTo(1500)
    expect(service.batches).toEqual([[1]])
    write(2)
    harness.advanceTo(2499)
    expect(service.batches).toHaveLength(1)
    harness.advanceTo(2500)
    expect(service.batches).toEqual([[1], [2]])
  })

  test('when a strategy of its own chooses, then a batch is what it says', async () => {
    const { service, write } = await open({
      batchRequests: 4,
      batching: (waiting) => waiting.splice(0).filter(({ request }) => request !== 0),
    })
    write(1, 0, 2, 3)
    expect(service.batches).toEqual([[1, 2, 3]])
  })

  test('when a request is too large, then the job fails and says how large', async () => {
    const { write } = await open({ requestBytesMax: 9 })
    expect(() => write(1)).toThrow(/RECORD_MALFORMED.*9 bytes.*one of 10 bytes/)
  })
})

describe('back-pressure', () => {
  test('when enough batches are under way, then others wait until one is answered', async () => {
    const { service, write } = await open({ batchRequests: 1, batchesInFlight: 2 })
    write(1, 2, 3)
    expect(service.batches).toEqual([[1], [2]])
    await service.answer(1)
    expect(service.batches).toEqual([[1], [2], [3]])
  })

  test('when too much waits, then the task is told to wait, and to go on when half of it is gone', async () => {
    const { service, write, harness } = await open({
      batchRequests: 1,
      batchesInFlight: 1,
      bufferedRequests: 4,
    })
    write(1, 2, 3, 4)
    expect(harness.isAvailable).toBe(true)
    write(5)
    expect(harness.isAvailable).toBe(false)
    for (let index = 0; index < 2; index++) await service.answer(index)
    expect(harness.isAvailable).toBe(true)
  })
})

describe('what the service does not take', () => {
  test('when it turns some down, then they are sent first, after a pause that grows until all goes well', async () => {
    const { service, write, harness } = await open({ batchRequests: 2 })
    write(1, 2)
    await service.answer(0, 2)
    write(3, 4)
    expect(service.batches).toHaveLength(1)
    harness.advanceTo(50)
    expect(service.batches.slice(1)).toEqual([[2, 3]])
    await service.answer(1, 2)
    harness.advanceTo(149)
    expect(service.batches).toHaveLength(2)
    harness.advanceTo(150)
    expect(service.batches.slice(2)).toEqual([[2, 4]])
    await service.answer(2)
    write(5, 6)
    await service.answer(3, 5)
    harness.advanceTo(200)
    expect(service.batches.slice(3)).toEqual([[5, 6], [5]])
  })

  test('when it turns some down, then fewer requests are under way, and more again when it takes all', () => {
    const limiting = aimdRateLimiting({ requestsMax: 40, increase: 5, decreaseFactor: 0.5 })
    limiting.onSent(40)
    expect(limiting.canSend(1)).toBe(false)
    limiting.onAnswered(40, 1)
    expect(limiting.batchRequestsMax).toBe(20)
    limiting.onSent(10)
    expect([limiting.canSend(10), limiting.canSend(11)]).toEqual([true, false])
    limiting.onAnswered(10, 0)
    expect(limiting.batchRequestsMax).toBe(25)
    for (let round = 0; round < 10; round++) {
      limiting.onSent(1)
      limiting.onAnswered(1, 1)
    }
    expect(limiting.batchRequestsMax).toBe(1)
    expect(limiting.canSend(5), 'one batch is always allowed').toBe(true)
  })

  test('when it fails for good, then so does the job', async () => {
    const { service, write, harness } = await open({ batchRequests: 1 })
    write(1)
    await service.refuse(0, new Error('401 unauthorized'))
    expect(() => harness.advanceTo(1)).toThrow('401 unauthorized')
  })

  test('when it does not answer in time, then the batch is sent again, and a late answer is not counted', async () => {
    const { service, write, harness } = await open({ batchRequests: 1, requestTimeout: '1 s' })
    write(1)
    harness.advanceTo(1050)
    expect(service.batches).toEqual([[1], [1]])
    await service.answer(0, 1)
    harness.advanceTo(1500)
    expect(service.batches).toHaveLength(2)
  })
})

describe('checkpoints', () => {
  test('when one is taken, then it does not wait, and holds what waits and what is under way, in order', async () => {
    const { service, write, harness } = await open({ batchRequests: 2 })
    write(1, 2, 3)
    const snapshot = await harness.snapshot()
    expect(JSON.parse(Buffer.from(snapshot.slots['sink-states'] as Uint8Array).toString())).toEqual(
      [1, 2, 3],
    )
    expect(service.batches).toEqual([[1, 2]])
  })

  test('when the input ends, then the checkpoint waits until all is sent', async () => {
    const { service, write, harness } = await open()
    write(1, 2)
    harness.finish()
    let isTaken = false
    const snapshot = harness.snapshot().then(() => (isTaken = true))
    await settled()
    expect(service.batches).toEqual([[1, 2]])
    await service.answer(0, 1)
    expect(isTaken).toBe(false)
    harness.advanceTo(50)
    await service.answer(1)
    await snapshot
    expect(isTaken).toBe(true)
  })

  test('when a service loses, delays and turns down requests and the task restarts, then none is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 5 }), async (seed, batchRequests) => {
        const random = new SeededRandom(seed)
        const received = new Set<number>()
        const sink = AsyncSink.of<number, number>({
          name: 'service',
          toRequest: (value) => value,
          batchRequests,
          batchesInFlight: 2,
          bufferedRequests: 6,
          timeInBuffer: 20,
          requestTimeout: 100,
          createClient: () => ({
            send: async (requests) => {
              if (random.chance(0.1)) return new Promise(() => {})
              const retried = requests.filter(() => random.chance(0.2))
              for (const one of requests) if (!retried.includes(one)) received.add(one)
              return retried
            },
          }),
        })
        let harness = await OperatorHarness.open({ kind: 'sink', functions: { sink } })
        for (let value = 0; value < 40;) {
          if (harness.isAvailable) harness.processElement(value++)
          else harness.advanceTo(harness.time.now() + 30)
          if (random.chance(0.2)) await settled()
          if (random.chance(0.1)) harness = await harness.restart()
        }
        harness.finish()
        let isDone = false
        void harness.snapshot().then(() => (isDone = true))
        for (let round = 0; round < 10_000 && !isDone; round++) {
          await settled()
          harness.advanceTo(harness.time.now() + 50)
        }
        expect([...received].sort((a, b) => a - b)).toEqual(
          Array.from({ length: 40 }, (_, value) => value),
        )
        await harness.close()
      }),
      { numRuns: 40 },
    )
  })
})

test.each([
  [{ batchRequest: 1 }, /OPTION_UNKNOWN.*mean "batchRequests"/],
  [{ batchRequests: 0 }, /OPTION_INVALID.*batchRequests/],
  [{ timeInBuffer: 'soon' }, /DURATION_INVALID/],
  [{ createClient: undefined }, /OPTION_INVALID.*createClient/],
  [{ createRateLimiting: 5 }, /OPTION_INVALID.*createRateLimiting/],
])('when options are wrong, then %j is refused', (options, message) => {
  const rest = {
    name: 'service',
    toRequest: (value: number) => value,
    createClient: () => new Service(),
  }
  expect(() => AsyncSink.of({ ...rest, ...options } as never)).toThrow(message)
})
