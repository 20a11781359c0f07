import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseOptions, UsageError } from './options.ts'

describe('the options of the flight delays', () => {
  it('when nothing is said, then the flights of vega-datasets are read as fast as possible in one thread', () => {
    const { input, airports, ...others } = parseOptions([])

    expect(input).toMatch(/flights-20k\.json$/)
    expect(existsSync(input)).toBe(true)
    expect(existsSync(airports)).toBe(true)
    expect(others).toEqual({
      output: 'out/flight-delays',
      parallelism: 1,
      threads: 0,
      failAfter: 0,
      rate: 0,
      fromLatest: false,
      help: false,
    })
  })

  it('when all is said, then each option has its value', () => {
    const args =
      '--input a.json --output b --parallelism 4 --threads 2 --fail-after 8000 --rate 500 --from-latest --help'

    expect(parseOptions(args.split(' '))).toMatchObject({
      input: 'a.json',
      output: 'b',
      parallelism: 4,
      threads: 2,
      failAfter: 8000,
      rate: 500,
      fromLatest: true,
      help: true,
    })
  })

  it.each([
    ['--parallelism', '0'],
    ['--parallelism', 'many'],
    ['--threads', '1.5'],
    ['--fail-after', '1e3'],
    ['--rate', ''],
  ])('when %s is %j, then the message names both', (option, text) => {
    expect(() => parseOptions([option, text])).toThrow(
      new UsageError(
        `${option} expects a whole number from ${option === '--parallelism' ? 1 : 0} on, but got '${text}'`,
      ),
    )
  })

  it('when an option is unknown, then the message names it', () => {
    expect(() => parseOptions(['--paralelism', '4'])).toThrow(UsageError)
    expect(() => parseOptions(['--paralelism', '4'])).toThrow(/--paralelism/)
  })
})
