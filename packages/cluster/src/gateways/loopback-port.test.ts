import { Simulation } from '@millrace/testing'
import { expect, test } from 'vitest'
import { loopbackPortPair } from './loopback-port.ts'

function connected() {
  const simulation = new Simulation({ seed: 1 })
  const { left, right } = loopbackPortPair(simulation.process('one').timers)
  return { simulation, left, right }
}

test('when messages are posted, then they arrive in order, and not inside post', async () => {
  const { simulation, left, right } = connected()
  const arrived: unknown[] = []
  right.onMessage((message) => {
    arrived.push(message)
    if (message === 1) left.post(3)
  })

  left.post(1)
  left.post(2)
  expect(arrived).toEqual([])
  await simulation.run(() => arrived.length === 3)

  expect(arrived).toEqual([1, 2, 3])
})

test('when nobody listens yet, then messages wait', async () => {
  const { simulation, left, right } = connected()
  const message = { by: 'reference' }
  right.post(message)
  await simulation.runFor(10)

  const arrived: unknown[] = []
  left.onMessage((each) => arrived.push(each))
  await simulation.run(() => arrived.length === 1)

  expect(arrived[0]).toBe(message)
})

test('when a port is closed, then nothing arrives at it any more', async () => {
  const { simulation, left, right } = connected()
  const arrived: unknown[] = []
  right.onMessage((message) => arrived.push(message))
  left.post('under way')
  right.close()
  left.post('too late')
  await simulation.runFor(10)

  expect(arrived).toEqual([])
})
