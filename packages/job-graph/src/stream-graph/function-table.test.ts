import { describe, expect, test } from 'vitest'
import { FunctionTable } from './function-table.ts'

describe('FunctionTable', () => {
  test('when a function is registered, then its reference leads to it', () => {
    const table = new FunctionTable()
    const map = (value: number): number => value + 1
    const ref = table.register('count', 'map', map)
    expect(ref).toBe('count#map')
    expect(table.resolve(ref)).toBe(map)
  })

  test('when a reference is unknown, missing or taken, then it is a bug', () => {
    const table = new FunctionTable()
    table.register('count', 'map', () => 1)
    expect(() => table.resolve('count#filter')).toThrow(/ASSERTION_FAILED.*count#filter/)
    expect(() => table.resolve(undefined)).toThrow(/ASSERTION_FAILED/)
    expect(() => table.register('count', 'map', () => 2)).toThrow(/ASSERTION_FAILED.*twice/)
  })
})
