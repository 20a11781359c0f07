import { expect, test } from 'vitest'
import { checkOptions } from './check-options.ts'

const KNOWN = ['path', 'format', 'onMalformed']

test('when all names are known, then nothing happens', () => {
  expect(() => checkOptions('FileSource.of', { path: 'x', format: 1 }, KNOWN)).not.toThrow()
})

test('when a name is misspelled, then the error names the nearest known one', () => {
  expect(() => checkOptions('FileSource.of', { onMalformd: 'skip' }, KNOWN)).toThrow(
    /OPTION_UNKNOWN.*FileSource\.of: path, format, onMalformed.*"onMalformd".*mean "onMalformed"\?/,
  )
})

test('when a name is like none, then the error does not guess', () => {
  expect(() => checkOptions('FileSource.of', { zzz: 1 }, KNOWN)).toThrow(/"zzz"\. Remove it\./)
})

test('when there is no object, then the error lists the names', () => {
  expect(() => checkOptions('csv', 'header' as never, ['header'])).toThrow(/OPTION_INVALID.*header/)
})
