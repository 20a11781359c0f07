// Programs that cannot be run, or that give the engine what it cannot use: refused by name, and not tried again.

import {
  type Key,
  SlidingEventTimeWindows,
  StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'

interface Reading {
  readonly sensor: string
  readonly at?: number
}

const READINGS: readonly Reading[] = [{ sensor: 'roof', at: 1000 }, { sensor: 'cellar' }]

describe('a timestamp', () => {
  it.each([
    ['NaN', () => Number.NaN],
    ['missing', ({ at }: Reading) => at as number],
    ['text', () => '12:00' as unknown as number],
    ['not whole', () => 0.5],
  ])('when it is %s, then the job fails at once with the record', async (_name, timestampOf) => {
    const env = environmentWithRestarts()
    env
      .fromData(READINGS)
      .assignTimestampsAndWatermarks(
        WatermarkStrategy.forMonotonousTimestamps<Reading>().withTimestampAssigner(timestampOf),
      )
      .name('time of readings')
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('TIMESTAMP_INVALID')
    expect(error.message).toContain("'time of readings'")
    expect(error.came).toContain('"sensor"')
    expect(error.todo).toContain('timestamp assigner')
    expect(restarts).toBe(0)
  })

  it('when no timestamps were assigned, then an event-time window says what to call', async () => {
    const env = environmentWithRestarts()
    env
      .fromData(READINGS)
      .keyBy(({ sensor }) => sensor)
      .window(TumblingEventTimeWindows.of('1 s'))
      .reduce((left) => left)
      .name('readings a second')
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('TIMESTAMP_INVALID')
    expect(error.message).toContain("'readings a second'")
    expect(error.todo).toContain('assignTimestampsAndWatermarks')
    expect(restarts).toBe(0)
  })
})

describe('a key', () => {
  it.each([
    ['null', null],
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['an object', { city: 'Roma' }],
    ['an array', ['Roma', 1]],
  ])('when it is %s, then the job fails at once and names the operator', async (_name, key) => {
    const env = environmentWithRestarts()
    env
      .fromData(READINGS)
      .keyBy(() => key as unknown as Key)
      .reduce((left) => left)
      .name('newest reading')
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('KEY_INVALID')
    expect(error.expected).toContain('a string, a finite number, a boolean or a bigint')
    expect(error.came).toContain("in 'newest reading'")
    expect(error.todo).toContain('composite key')
    expect(restarts).toBe(0)
  })
})

describe('a program that describes no job', () => {
  it.each([
    ['of a negative size', () => TumblingEventTimeWindows.of(-5000), 'size of more than 0 ms'],
    ['of no size', () => TumblingEventTimeWindows.of(0), 'size of more than 0 ms'],
    ['with a negative slide', () => SlidingEventTimeWindows.of('6 h', '-1 h'), 'slide'],
    [
      'with a slide above its size',
      () => SlidingEventTimeWindows.of('1 h', '6 h'),
      'slide <= size',
    ],
  ])('when a window is %s, then it is refused where it is written', (_name, window, expected) => {
    expect(window).toThrow(
      expect.objectContaining({
        code: 'WINDOW_INVALID',
        message: expect.stringContaining(expected),
      }),
    )
  })

  it('when two operators have one uid, then execute names it and both operators', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    env
      .fromData([1, 2])
      .map((value) => value)
      .uid('same')
      .name('first')
      .map((value) => value)
      .uid('same')
      .name('second')
      .discard()

    const { error } = await failureOf(env)

    expect(error.code).toBe('UID_DUPLICATE')
    expect(error.message).toContain('"same"')
    expect(error.message).toContain('first')
    expect(error.message).toContain('second')
  })

  it('when a stream ends without a sink, then execute names its last operator and the sinks', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    env
      .fromData([1, 2])
      .map((value) => value)
      .name('lost')

    const { error } = await failureOf(env)

    expect(error.code).toBe('JOB_WITHOUT_SINK')
    expect(error.message).toContain("'lost'")
    expect(error.todo).toContain('.sinkTo(')
  })

  it('when there is nothing at all, then execute says what a job needs', async () => {
    const { error } = await failureOf(StreamExecutionEnvironment.getExecutionEnvironment())

    expect(error.code).toBe('JOB_EMPTY')
    expect(error.todo).toContain('source')
    expect(error.todo).toContain('sink')
  })
})

describe('a type that the program does not keep to', () => {
  it('when a sink writes such a record, then the job fails with the type, and not with a checkpoint', async () => {
    const env = environmentWithRestarts()
    const Half = Types.record({ half: Types.int })
    const halves = env
      .fromData([1, 2])
      .map((value) => ({ half: value / 2 }), { type: Half })
      .name('halves')

    await expect(halves.executeAndCollect()).rejects.toMatchObject({
      code: 'TYPE_MISMATCH',
      expected: 'int',
      came: expect.stringContaining('0.5 in field "half"'),
    })
  })
})

/** Two restarts: an error that a restart cannot help must not use them. */
function environmentWithRestarts(): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    restart: { strategy: 'fixed-delay', attempts: 2, delay: 1 },
  })
}
