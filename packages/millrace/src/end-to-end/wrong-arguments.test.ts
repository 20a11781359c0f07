// What a program hands over by mistake is refused where it is written, with what was expected and what to write instead.

import { MillraceError, StreamExecutionEnvironment, TumblingEventTimeWindows } from 'millrace'
import { describe, expect, it } from 'vitest'
import { activeResources, nothingLeft } from './failure-of.ts'
import { type ArgumentKind, CALLS, environment } from './wrong-arguments.ts'

class Own {
  processElement(): void {}
}

type Wrong = readonly [what: string, value: unknown]

const NO_FUNCTIONS: readonly Wrong[] = [
  ['nothing', undefined],
  ['a number', 42],
  ['text', 'text'],
  ['an object', {}],
  ['a class', Own],
  ['an instance', new Own()],
]

/** What is wrong for each kind of argument. Symbols are, for all: they cannot even be printed like other values. */
const WRONG: Readonly<Record<ArgumentKind, readonly Wrong[]>> = {
  function: [...NO_FUNCTIONS, ['an async function', async () => 1]],
  factory: [...NO_FUNCTIONS, ['an async function', async () => new Own()]],
  'life-cycle': NO_FUNCTIONS,
  options: [
    ['null', null],
    ['a number', 42],
    ['text', 'text'],
    ['a function', () => 1],
    ['an unknown option', { unknownOption: 1 }],
  ],
  count: [
    ['text', '3'],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an object', {}],
  ],
  duration: [
    ['text that is none', 'soon'],
    ['NaN', Number.NaN],
    ['half a millisecond', 0.5],
    ['an object', {}],
    ['a function', () => 1],
  ],
  stream: [
    ['null', null],
    ['nothing', undefined],
    ['a number', 42],
    ['an array', [1]],
    ['a class', Own],
  ],
  assigner: [
    ['null', null],
    ['nothing', undefined],
    ['a number', 42],
    ['text', 'text'],
    ['an object', {}],
    ['an object of an unknown kind', { kind: 'odd' }],
    ['a class', Own],
    ['an instance', new Own()],
  ],
  object: [
    ['null', null],
    ['a number', 42],
    ['a class', Own],
  ],
  text: [
    ['a number', 42],
    ['an object', {}],
  ],
}

/** Where the argument may be left out; `null` is the same there. */
const OPTIONAL = new Set([
  'window reduce window',
  'window aggregate window',
  'FileSource filter',
  'FileSink rolling',
])

const CASES = CALLS.flatMap(([name, kind, call]) =>
  [...WRONG[kind], ['a symbol', Symbol('odd')] as const]
    .filter(([, value]) => (value ?? undefined) !== undefined || !OPTIONAL.has(name))
    .map(([what, value]) => ({ name, what, call, value })),
)

describe('an argument that cannot be used', () => {
  it.each(CASES)('when $name gets $what, then it is refused at once', async ({ call, value }) => {
    const before = activeResources()

    const refused = thrownBy(() => call(value as never))

    expect(refused).toBeInstanceOf(MillraceError)
    expect((refused as MillraceError).todo).not.toBe('')
    await nothingLeft(before)
  })
})

/** Option names with a slip of the pen, and what they were meant to be. */
const SLIPS: readonly (readonly [string, () => unknown, meant: string])[] = [
  ['getExecutionEnvironment', () => withOptions({ paralelism: 2 }), 'parallelism'],
  [
    'checkpointing',
    () => withOptions({ checkpointing: { interval: 1, directry: 'x' } }),
    'directory',
  ],
  ['restart', () => withOptions({ restart: { strategy: 'none', delays: 1 } }), 'strategy'],
  [
    'map',
    () =>
      environment()
        .fromData([1])
        .map((n) => n, { typ: 1 } as never),
    'type',
  ],
  ['tumbling windows', () => TumblingEventTimeWindows.of(1, { ofset: 1 } as never), 'offset'],
  [
    'mapAsync',
    () =>
      environment()
        .fromData([1])
        .mapAsync(async (n) => n, { timeout: 1, capcity: 1 } as never),
    'capacity',
  ],
]

describe('an option with a slip of the pen', () => {
  it.each(SLIPS)('when %s gets one, then the message has the right name', (name, call, meant) => {
    const refused = thrownBy(call)

    expect(refused, name).toMatchObject({ code: 'OPTION_UNKNOWN' })
    expect((refused as MillraceError).message).toContain(meant)
  })
})

function withOptions(options: object): unknown {
  return StreamExecutionEnvironment.getExecutionEnvironment(options as never)
}

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}
