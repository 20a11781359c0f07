import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Parameters } from './parameters.ts'

describe('parameters from arguments', () => {
  test('when they have values, equal signs or nothing, then all are read', () => {
    const args = ['--input', 'a b.json', '-n', '-5', '--ratio=0.5', '--empty=', '--verbose', '--on']
    expect(Parameters.fromArgs(args).toObject()).toEqual({
      input: 'a b.json',
      n: '-5',
      ratio: '0.5',
      empty: '',
      verbose: 'true',
      on: 'true',
    })
  })

  test('when a value has no name, then it is refused', () => {
    expect(() => Parameters.fromArgs(['--a', 'b', 'c'])).toThrow(
      /OPTION_INVALID.*"c" without a name/,
    )
  })

  test('when a parameter comes twice, then the last one counts', () => {
    expect(Parameters.fromArgs(['--a', '1', '--a', '2']).get('a')).toBe('2')
  })

  test('when any parameters are written as arguments, then they are read again', () => {
    const name = fc.stringMatching(/^[a-z][a-zA-Z0-9.-]{0,8}$/)
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (object) => {
        const args = Object.entries(object).map(([key, value]) => `--${key}=${value}`)
        expect(Parameters.fromArgs(args).toObject()).toEqual({ ...object })
      }),
    )
  })
})

test('when a properties file has comments, continued lines and both separators, then its entries are read', () => {
  const text =
    '# input\r\ninput = bids.json\r\n! more\nwindow: 10 s\nlong = a, \\\n   b\nflag\n\nurl=http://x/?a=b\n'
  expect(Parameters.fromProperties(text).toObject()).toEqual({
    input: 'bids.json',
    window: '10 s',
    long: 'a, b',
    flag: '',
    url: 'http://x/?a=b',
  })
})

test('when environment variables are read, then only those with the prefix count', () => {
  const variables = { JOB_A: '1', JOB_B: undefined, A: '2' }
  expect(Parameters.fromEnv(variables, 'JOB_').toObject()).toEqual({ A: '1' })
})

describe('the getters', () => {
  const parameters = Parameters.fromObject({
    n: 5,
    x: 0.5,
    yes: true,
    time: '1 min',
    ms: 20,
    text: 'a',
  })

  test('when parameters are there, then they are answered in their type', () => {
    expect(parameters.getInt('n')).toBe(5)
    expect(parameters.getNumber('x')).toBe(0.5)
    expect(parameters.getBoolean('yes')).toBe(true)
    expect(parameters.getDuration('time')).toBe(60_000)
    expect(parameters.getDuration('ms')).toBe(20)
    expect(parameters.get('text')).toBe('a')
    expect(parameters.getRequired('text')).toBe('a')
  })

  test('when they are missing, then the default is answered', () => {
    expect(parameters.getInt('m', 7)).toBe(7)
    expect(parameters.getNumber('m', 7.5)).toBe(7.5)
    expect(parameters.getBoolean('m', false)).toBe(false)
    expect(parameters.getDuration('m', '2 s')).toBe(2000)
    expect(parameters.get('m', 'b')).toBe('b')
    expect(parameters.get('m')).toBeUndefined()
  })

  test.each<[string, () => unknown, string]>([
    ['a missing one is required', () => parameters.getRequired('m'), 'got none. There are: n, x'],
    ['a missing number has no default', () => parameters.getInt('m'), '"m", but got none'],
    ['text is asked for as a whole number', () => parameters.getInt('text', 1), 'got "a"'],
    ['a fraction is asked for as a whole number', () => parameters.getInt('x'), 'got "0.5"'],
    ['text is asked for as a number', () => parameters.getNumber('text'), 'got "a"'],
    ['a number is asked for as a boolean', () => parameters.getBoolean('n'), 'got "5"'],
    ['text is asked for as a duration', () => parameters.getDuration('text'), 'got "a"'],
  ])('when %s, then the error says so', (_what, act, message) => {
    expect(act).toThrow(message)
  })

  test('when some were asked for, then the others are unrequested', () => {
    const fresh = Parameters.fromObject({ a: 1, b: 2, c: 3 })
    fresh.get('a')
    fresh.has('b')
    expect(fresh.unrequested()).toEqual(['c'])
  })

  test('when parameters are merged, then the later ones win', () => {
    const merged = Parameters.fromObject({ a: 1, b: 2 }).mergeWith(Parameters.fromObject({ b: 3 }))
    expect(merged.toObject()).toEqual({ a: '1', b: '3' })
  })

  test('when a value is an object, then it is refused', () => {
    expect(() => Parameters.fromObject({ a: {} as never })).toThrow(/OPTION_INVALID.*"a"/)
  })
})
