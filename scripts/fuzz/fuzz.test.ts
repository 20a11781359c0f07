// Every target for a moment, every input that ever failed, and proof that a broken reader is found. More: npm run fuzz.

import { Decimal, FrameBuffer, frameCodec, MillraceError, Types } from '@millrace/core'
import { csv } from '@millrace/format-csv'
import { SeededRandom } from '@millrace/testing'
import { describe, expect, test } from 'vitest'
import { interpretedFrameCodec } from '../../packages/core/src/serialization/interpreted-frame-codec.ts'
import { packValues, unpackValues } from '../../packages/core/src/serialization/untyped-values.ts'
import { execute, fuzzRun } from './fuzz-run.ts'
import { type FuzzTarget, weightOf } from './fuzz-target.ts'
import { mutateJson } from './mutate-json.ts'
import { FUZZ_TARGETS } from './targets.ts'

const EXECUTIONS = 300

/** Types are compiled, and the machine may be busy. */
const TIMEOUT_MS = 120_000

describe('hostile bytes', () => {
  test.each(FUZZ_TARGETS.map((target) => [target.name, target] as const))(
    'are read or refused by %s',
    async (_name, target) => {
      const goesOn = (executions: number): boolean => executions < EXECUTIONS
      const { failure, executions } = await fuzzRun({ target, seed: 1, goesOn })
      expect(failure?.problem).toBeUndefined()
      expect(executions).toBe(EXECUTIONS)
    },
    TIMEOUT_MS,
  )
})

const CORRUPT = 'CHECKPOINT_CORRUPT'

/** What once failed: the target, the input, and what it must come to now. */
const REGRESSIONS: readonly (readonly [string, string | Uint8Array, string])[] = [
  // A type of a type of a type, deeper than the stack of calls.
  [
    'types',
    `${'{"kind":"nullable","type":'.repeat(9000)}{"kind":"int"}${'}'.repeat(9000)}`,
    CORRUPT,
  ],
  ['types', '{"kind":"record","fields":[{"name":"__proto__","type":{"kind":"int"}}]}', CORRUPT],
  // Patterns of paths that no regular expression can be made of.
  ['texts', 'a}', 'value'],
  ['texts', '[z-a]', 'value'],
  // Times and lists in slots of operators: no number was 0 or NaN, another shape a TypeError.
  ['restored', '\u0000', CORRUPT],
  ['restored', '\u0000soon', CORRUPT],
  ['restored', '\u0001{}', CORRUPT],
  ['restored', '\u0002null', CORRUPT],
  ['restored', '\u0003{}', CORRUPT],
  ['restored', '\u0003[{"name":"sum","kind":"double-counter","snapshots":[{}]}]', CORRUPT],
  ['restored', '\u0005{', CORRUPT],
  // A split without an end: the same index again and again.
  ['restored', '\u0006[{"splitId":"a","next":0,"step":0,"end":10}]', CORRUPT],
  ['restored', '\u0007[null]', CORRUPT],
  ['restored', '\u0008[{"splitId":"a","path":"a","offset":-1,"line":0,"isDone":false}]', CORRUPT],
  ['restored', '\u0009null', CORRUPT],
  ['restored', '\u0009{"waiting":{},"seen":[]}', CORRUPT],
  ['restored', '\n[5]', CORRUPT],
  ['restored', '\u000b"later"', CORRUPT],
]

describe('what once failed', () => {
  test.each(REGRESSIONS)('%s: %.60s', async (name, input, outcome) => {
    const target = FUZZ_TARGETS.find((candidate) => candidate.name === name) as FuzzTarget
    const bytes = typeof input === 'string' ? new Uint8Array(Buffer.from(input)) : input
    const result = await execute(target, bytes)
    expect(result.problem).toBeUndefined()
    expect(result.outcome.startsWith(outcome)).toBe(true)
  })

  test.each([
    ['generated', frameCodec(Types.string)],
    ['interpreted', interpretedFrameCodec(Types.string)],
  ])('lengths of strings do not go backwards in a frame, %s', (_, codec) => {
    const frame = new FrameBuffer(new ArrayBuffer(1024))
    const long = 'x'.repeat(70_000)
    codec.encode(frame, 0, ['', long, ''], new Float64Array(3), 3)
    // Three lengths whose sum is right: each of the first two took the whole text.
    const lengths = (24 + 8 * 3) / 4
    frame.i32.set([70_000, -70_000, 70_000], lengths)
    expect(() => codec.decode(frame, 0, [], new Float64Array(3))).toThrow(/FRAME_CORRUPT/)
  })

  test('a decimal of untyped data has a scale that arithmetic can bear', () => {
    const packed = Buffer.from(packValues([Decimal.of(1n, 7)]))
    const scale = packed.lastIndexOf(7)
    // 10 to the power of 1e9 would take 400 MB and minutes.
    const hostile = Buffer.concat([packed.subarray(0, scale), Buffer.from('ce3b9aca00', 'hex')])
    expect(unpackValues(packed)).toEqual([Decimal.of(1n, 7)])
    expect(() => unpackValues(hostile)).toThrow()
  })

  test('a header of very many columns is checked in one pass', () => {
    const decoder = csv({ type: Types.record({ a: Types.string }) }).createDecoder()
    const columns = Array.from({ length: 200_000 }, (_, index) => `c${index}`)
    decoder.feed(Buffer.from(`${columns.join(',')}\n`))
    decoder.finish()
    expect(decoder.next()).toBe('malformed')
  })
})

describe('the fuzzer itself', () => {
  const seeds = (): readonly Uint8Array[] => [Buffer.from('{"length":3}')]
  const goesOn = (executions: number): boolean => executions < 20_000

  test('when a reader throws what it must not, then the input is found', async () => {
    const target: FuzzTarget = {
      name: 'believes',
      seeds,
      read: (bytes) => (JSON.parse(textOrEmpty(bytes)) as { length: number }).length.toFixed(),
      codes: [],
    }
    const { failure } = await fuzzRun({ target, seed: 1, goesOn })
    expect(failure?.problem).toMatch(/TypeError|SyntaxError/)
  })

  test('when a reader makes much of few bytes, then the input is found', async () => {
    const target: FuzzTarget = {
      name: 'allocates',
      seeds,
      read: (bytes) => new Uint8Array(Number(/\d{1,6}/.exec(textOrEmpty(bytes))?.[0] ?? 0)),
      codes: [],
    }
    const { failure } = await fuzzRun({ target, seed: 1, goesOn })
    expect(failure?.problem).toMatch(/bytes became a value of/)
  })

  test('when a reader throws a code that was not announced, then the input is found', async () => {
    const target: FuzzTarget = {
      name: 'asserts',
      seeds,
      read: (bytes) => {
        if (bytes.length > 12) throw new MillraceError('ASSERTION_FAILED', ERROR)
        return bytes
      },
      codes: ['CHECKPOINT_CORRUPT'],
    }
    const { failure } = await fuzzRun({ target, seed: 1, goesOn })
    expect(failure?.problem).toContain('ASSERTION_FAILED')
  })

  test('when a good input is refused, then that is a failure too', async () => {
    const target: FuzzTarget = {
      name: 'refuses',
      seeds,
      read: () => {
        throw new MillraceError('CHECKPOINT_CORRUPT', ERROR)
      },
      codes: ['CHECKPOINT_CORRUPT'],
    }
    const { failure } = await fuzzRun({ target, seed: 1, goesOn })
    expect(failure?.problem).toContain('a good input was refused')
  })

  test('the same seed gives the same inputs', async () => {
    const inputsOf = async (): Promise<readonly string[]> => {
      const inputs: string[] = []
      const target: FuzzTarget = { name: 'same', seeds, read: (bytes) => bytes, codes: [] }
      await fuzzRun({
        target,
        seed: 3,
        goesOn: (executions) => executions < 200,
        onInput: (input) => inputs.push(Buffer.from(input).toString('hex')),
      })
      return inputs
    }
    const inputs = await inputsOf()
    expect(new Set(inputs).size).toBeGreaterThan(100)
    expect(await inputsOf()).toEqual(inputs)
  })

  test('changed JSON is JSON, and seldom the same', () => {
    const random = new SeededRandom(5)
    const text = JSON.stringify({ a: [1, { b: 'c' }], d: null })
    const changed = Array.from({ length: 200 }, () => mutateJson(text, random))
    for (const json of changed) expect(() => JSON.parse(json)).not.toThrow()
    expect(changed.filter((json) => json === text).length).toBeLessThan(40)
  })

  test('text that overlaps weighs as much as its copies', () => {
    const text = 'x'.repeat(1000)
    expect(weightOf([text, text.substring(1)])).toBeGreaterThan(1900)
    expect(weightOf(new Array(5000))).toBeGreaterThanOrEqual(5000)
    expect(weightOf(new Map([['k', new Set([Uint8Array.of(1, 2)])]]))).toBe(8)
  })
})

const ERROR = { expected: 'a', came: 'b', todo: 'c' }

function textOrEmpty(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
