import { describe, expect, test } from 'vitest'
import { LoopMarkers } from './loop-markers.ts'

describe('the markers of a loop', () => {
  test('when a marker has come on every channel, then the least of them goes on', () => {
    const markers = new LoopMarkers(2)
    markers.add(0, 3)
    expect(markers.take()).toBeUndefined()
    markers.add(1, 2)
    expect(markers.take()).toBe(2)
    expect(markers.take()).toBeUndefined()
  })

  test('when a channel is ahead, then its next marker waits for the others', () => {
    const markers = new LoopMarkers(2)
    markers.add(0, 1)
    markers.add(0, 2)
    markers.add(1, 5)
    expect(markers.take()).toBe(1)
    expect(markers.take()).toBeUndefined()
    markers.add(1, 6)
    expect(markers.take()).toBe(2)
  })

  test('when a channel has ended, then its last marker still counts, and later ones are not waited for', () => {
    const markers = new LoopMarkers(2)
    markers.add(0, 0)
    markers.end(0)
    markers.add(1, 4)
    markers.add(1, 5)
    expect(markers.take()).toBe(0)
    expect(markers.take()).toBe(5)
  })

  test('when all channels have ended, then there is none', () => {
    const markers = new LoopMarkers(1)
    markers.end(0)
    expect(markers.take()).toBeUndefined()
  })
})
