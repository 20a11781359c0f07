import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../../run-command.ts'
import { mutated } from './mutated.ts'
import { MUTATIONS } from './mutations.ts'

describe('a mutation', () => {
  test.each(MUTATIONS)('fits the source as it is: $name', (mutation) => {
    const source = readFileSync(join(ROOT, mutation.file), 'utf8')
    expect(mutated(mutation, source)).not.toBe(source)
  })

  test('when its snippet is gone, or there twice, then it says what to do', () => {
    const mutation = { name: 'bug', file: 'a.ts', snippet: 'x = 1', replacement: 'x = 2' }
    expect(mutated(mutation, 'let x = 1\n')).toBe('let x = 2\n')
    expect(() => mutated(mutation, 'let y = 1')).toThrow(/holds 0 times.*Write the bug anew/s)
    expect(() => mutated(mutation, 'x = 1, x = 1')).toThrow(/holds 2 times/)
  })

  test('has a name of its own', () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length)
  })
})
