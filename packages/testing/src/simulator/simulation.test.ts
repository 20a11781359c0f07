import { describe, expect, test } from 'vitest'
import type { FaultPlan } from './faults/fault-plan.ts'
import { Simulation, type SimulationOptions } from './simulation.ts'

describe('a simulation', () => {
  test('when one seed runs twice, then the traces are the same line by line', async () => {
    const first = await runBusyWorld(7)
    const again = await runBusyWorld(7)
    expect(again.traceLines).toEqual(first.traceLines)
    expect(again.traceHash).toBe(first.traceHash)
    expect(first.traceLines.length).toBeGreaterThan(1000)
    for (const what of ['turn', 'create /file-1', 'bytes from server#1', 'crashes', 'info: echo']) {
      expect(first.traceLines.some((line) => line.includes(` ${what}`))).toBe(true)
    }
  })

  test('when no lines are kept, then the hash is the same', async () => {
    const withLines = await runBusyWorld(7)
    const withoutLines = await runBusyWorld(7, false)
    expect(withoutLines.traceLines).toEqual([])
    expect(withoutLines.traceHash).toBe(withLines.traceHash)
  })

  test('when seeds differ, then the traces differ', async () => {
    const hashes = new Set<string>()
    for (let seed = 0; seed < 10; seed++) hashes.add((await runBusyWorld(seed, false)).traceHash)
    expect(hashes.size).toBe(10)
  })

  test('when only the content of a message, a file or a log line differs, then the traces differ', async () => {
    const contents = ['a', 'b']
    for (const use of [postText, writeText, logText]) {
      const [left, right] = await Promise.all(contents.map((content) => use(content)))
      expect(left).not.toBe(right)
    }
  })

  test('when no event is left, then it says the seed and what waits', async () => {
    const simulation = new Simulation({ seed: 42 })
    const left = simulation.process('source')
    const right = simulation.process('window')
    simulation.portPair(left, right).left.post('nobody listens')
    await expect(simulation.run(() => false)).rejects.toMatchObject({
      code: 'SIMULATION_FAILED',
      ids: { seed: 42 },
      message: expect.stringMatching(
        /no event that is left \(running: source#1, window#1; pending: window#1 message from source#1: 1 waiting, nobody receives\)/,
      ),
    })
  })

  test('when simulated time runs out, then it says what is pending', async () => {
    const simulation = new Simulation({ seed: 42 })
    const { timers } = simulation.process('worker')
    timers.after(1000, () => undefined)
    await expect(simulation.run(() => false, { simulatedMsMax: 500 })).rejects.toThrow(
      /end of its time at 500 ms.*pending: worker#1 timer at 1000.000 ms.*Run seed 42 again/,
    )
  })

  test('when there are too many events, then it gives up', async () => {
    const simulation = new Simulation({ seed: 42 })
    const { timers } = simulation.process('worker')
    let count = 0
    const spin = (): void => {
      count++
      timers.soon(spin)
    }
    spin()
    await expect(simulation.run(() => false, { eventsMax: 100 })).rejects.toThrow(
      '100 events without an end',
    )
    expect(count).toBe(101)
  })

  test('when an event throws, then the error names the seed and keeps the cause', async () => {
    const simulation = new Simulation({ seed: 42 })
    const cause = new Error('broken')
    simulation.after(10, () => {
      throw cause
    })
    await expect(simulation.run(() => false)).rejects.toMatchObject({
      code: 'SIMULATION_FAILED',
      ids: { seed: 42, simulatedMs: 10 },
      message: expect.stringContaining('Error: broken'),
      cause,
    })
  })

  test('when the condition already holds, then no event runs', async () => {
    const simulation = new Simulation({ seed: 42 })
    simulation.after(0, () => {
      throw new Error('an event ran')
    })
    await simulation.run(() => true)
    expect(simulation.nowMs).toBe(0)
  })

  test('when it runs to its rest, then until nothing can happen any more, or it says what still does', async () => {
    const simulation = new Simulation({ seed: 42 })
    const { timers } = simulation.process('worker')
    timers.after(1000, () => timers.after(500, () => undefined))
    timers.after(5000, () => undefined).cancel()
    await simulation.runToRest()
    expect(simulation.nowMs).toBe(1500)
    const again = (): void => void timers.after(100, again)
    again()
    await expect(simulation.runToRest({ simulatedMsMax: 1000 })).rejects.toThrow(
      /pending: worker#1 timer/,
    )
  })

  test('when the faults end, then disks and messages take their usual time and nothing fails', async () => {
    const faults: FaultPlan = {
      disk: { latencyMs: { min: 50, max: 50 }, writeErrorChance: 1 },
      network: { delayMs: { min: 70, max: 70 } },
      untilMs: 1000,
    }
    const simulation = new Simulation({ seed: 42, faults })
    const { files } = simulation.process('worker')
    const makeDirectory = (): Promise<void> => simulation.resultOf(files.makeDirectory('/folder'))
    const ports = simulation.portPair(simulation.process('left'), simulation.process('right'))
    const takesMs = async (): Promise<number> => {
      const startMs = simulation.nowMs
      let isThere = false
      ports.left.post('message')
      ports.right.onMessage(() => {
        isThere = true
      })
      await simulation.run(() => isThere)
      return simulation.nowMs - startMs
    }
    await expect(makeDirectory()).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    expect(simulation.nowMs).toBe(50)
    expect(await takesMs()).toBeCloseTo(70)
    await simulation.runFor(1000)
    const startMs = simulation.nowMs
    await makeDirectory()
    expect(simulation.nowMs - startMs).toBeLessThan(1)
    expect(await takesMs()).toBeLessThan(0.6)
  })

  test('when a promise rejects, then its result rejects with the same error', async () => {
    const simulation = new Simulation({ seed: 42 })
    const { files } = simulation.process('worker')
    await expect(simulation.resultOf(files.read('/nothing'))).rejects.toMatchObject({
      code: 'FILE_MISSING',
    })
  })

  test.each([
    [{ seed: -1 }, 'OPTION_INVALID'],
    [{ seed: 0.5 }, 'OPTION_INVALID'],
    [{ seed: 1, sead: 2 }, 'OPTION_UNKNOWN'],
    [{ seed: 1, faults: { discs: {} } }, 'OPTION_UNKNOWN'],
  ])('when the options are %j, then it refuses with %s', (options, code) => {
    expect(() => new Simulation(options as SimulationOptions)).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

const STORMY: FaultPlan = {
  crashes: { count: { min: 2, max: 4 }, withinMs: { min: 0, max: 300 } },
  disk: {
    slow: { everyMs: { min: 10, max: 50 }, forMs: { min: 5, max: 20 }, factor: 20 },
    full: { everyMs: { min: 50, max: 100 }, forMs: { min: 5, max: 10 } },
    writeErrorChance: 0.05,
  },
  clock: { driftMax: 0.001, jumps: { everyMs: { min: 20, max: 60 }, byMs: { min: -50, max: 50 } } },
}

/** Two processes that write files, send messages and log, through crashes and failures. */
async function runBusyWorld(seed: number, trace: boolean = true): Promise<Simulation> {
  const simulation = new Simulation({ seed, faults: STORMY, trace })
  const server = simulation.process('server')
  simulation.listen({
    host: 'server',
    port: 1,
    process: server,
    accept: (connection) => connection.onData((bytes) => connection.write(bytes)),
  })
  for (const name of ['left', 'right']) {
    simulation.supervise(name, async ({ clock, files, log, network, random, timers }) => {
      const connection = await network.connect({ host: 'server', port: 1 })
      connection.onData((bytes) => log.info('echo', { lengthBytes: bytes.length }))
      for (let index = 0; index < 1000; index++) {
        try {
          const file = await files.create(`/file-${index % 5}`)
          await file.write(new TextEncoder().encode(random.id()))
          if (random.chance(0.5)) await file.sync()
          await files.rename(`/file-${index % 5}`, `/kept-${index % 3}`)
          if (random.chance(0.5)) await files.syncDirectory('/')
        } catch (error) {
          log.warn('a file failed', { error, at: clock.now() })
        }
        connection.write(new Uint8Array(index % 50))
        await new Promise<void>((resolve) => timers.soon(resolve))
      }
    })
  }
  await simulation.runFor(500)
  return simulation
}

async function postText(text: string): Promise<string> {
  const simulation = new Simulation({ seed: 1 })
  const ports = simulation.portPair(simulation.process('left'), simulation.process('right'))
  let isOver = false
  ports.right.onMessage(() => {
    isOver = true
  })
  ports.left.post({ text })
  await simulation.run(() => isOver)
  return simulation.traceHash
}

async function writeText(text: string): Promise<string> {
  const simulation = new Simulation({ seed: 1 })
  const { files } = simulation.process('worker')
  const file = await simulation.resultOf(files.create('/file'))
  await simulation.resultOf(file.write(new TextEncoder().encode(text)))
  return simulation.traceHash
}

async function logText(text: string): Promise<string> {
  const simulation = new Simulation({ seed: 1 })
  simulation.process('worker').log.info('said', { text })
  return Promise.resolve(simulation.traceHash)
}
