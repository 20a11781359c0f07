import { describe, expect, test } from 'vitest'
import { Simulation } from './simulation.ts'

describe('a process that crashed', () => {
  test('when timers and turns were pending, then they never run', async () => {
    const simulation = new Simulation({ seed: 1 })
    const worker = simulation.process('worker')
    const failing = (): void => {
      throw new Error('a crashed process ran')
    }
    worker.timers.after(10, failing)
    worker.timers.soon(failing)
    worker.crash()
    worker.timers.after(10, failing).cancel()
    worker.timers.soon(failing)
    await simulation.runFor(100)
    expect(worker.isAlive).toBe(false)
  })

  test('when files and connections were waited for, then the promises never settle', async () => {
    const simulation = new Simulation({ seed: 1 })
    const worker = simulation.process('worker')
    simulation.disk('worker').place('/file', 'content')
    const file = await simulation.resultOf(worker.files.create('/out'))
    let settledCount = 0
    const settle = (): void => {
      settledCount++
    }
    const waitForAll = (): void => {
      worker.files.read('/file').then(settle, settle)
      worker.files.read('/nothing').then(settle, settle)
      file.write(new Uint8Array(1)).then(settle, settle)
      worker.network.connect({ host: 'nowhere', port: 1 }).then(settle, settle)
    }
    waitForAll()
    worker.crash()
    waitForAll()
    await simulation.runFor(100)
    expect(settledCount).toBe(0)
  })

  test('when it logs or prints after its crash, then nobody hears it', () => {
    const simulation = new Simulation({ seed: 1, trace: true })
    const worker = simulation.process('worker')
    worker.log.info('before')
    worker.print('printed before')
    worker.crash()
    worker.print('printed after')
    worker.log.error('after')
    expect(simulation.traceLines.join('\n')).toMatch(/info: before/)
    expect(worker.printedLines).toEqual(['printed before'])
    expect(simulation.traceLines.join('\n')).not.toMatch(/error: after/)
  })

  test('when it is started again, then it has its disk and clock and a chance of its own', async () => {
    const simulation = new Simulation({ seed: 1 })
    const first = simulation.process('worker')
    const file = await simulation.resultOf(first.files.create('/file'))
    await simulation.resultOf(file.write(new Uint8Array([1, 2, 3])))
    await simulation.resultOf(file.sync())
    await simulation.resultOf(first.files.syncDirectory('/'))
    first.clock.jumpBy(-100_000)
    const id = first.random.id()
    first.crash()
    const second = simulation.process('worker')
    expect(await simulation.resultOf(second.files.read('/file'))).toEqual(new Uint8Array([1, 2, 3]))
    expect(second.clock).toBe(first.clock)
    expect(second.random.id()).not.toBe(id)
    expect(second.lifetime.name).toBe('worker#2')
  })

  test('when it still runs, then no other may have its name', () => {
    const simulation = new Simulation({ seed: 1 })
    simulation.process('worker')
    expect(() => simulation.process('worker')).toThrow(/OPTION_INVALID.*crash the running/)
  })
})
