import { describe, expect, test } from 'vitest'
import { rich, RichFactory } from './rich-functions.ts'

class Mapper {
  map(): number {
    return 1
  }
}

describe('rich', () => {
  test('when it is given a factory, then each call makes a fresh function', () => {
    const factory = rich(() => new Mapper())
    expect(factory).toBeInstanceOf(RichFactory)
    expect(factory.create()).not.toBe(factory.create())
  })

  test.each([
    ['the class', Mapper, /FUNCTION_INVALID.*factory.*the class Mapper itself/],
    ['an instance', new Mapper(), /FUNCTION_INVALID/],
    ['a function of records', (value: number) => value, /FUNCTION_INVALID/],
    ['nothing', undefined, /FUNCTION_INVALID.*undefined/],
  ])('when it is given %s, then it asks for a factory', (_, given, message) => {
    expect(() => rich(given as never)).toThrow(message)
  })
})
