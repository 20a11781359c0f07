import { OutputTag, type ProcessContext, type SinkWriterContext } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { Simulation } from '../simulator/simulation.ts'
import { OperatorHarness, type OperatorHarnessOptions } from './operator-harness.ts'
import { type HarnessStep, runSteps } from './run-steps.ts'

const identity: OperatorHarnessOptions = {
  kind: 'map',
  functions: { map: (value: unknown) => value },
}

/** Numbers what it sees, in a field: the number is lost with each restart. */
const forgetful: OperatorHarnessOptions = {
  kind: 'process',
  functions: {
    process: () => {
      let count = 0
      return {
        processElement: (_: unknown, context: ProcessContext) =>
          context.output(new OutputTag('numbers'), ++count),
      }
    },
  },
}

function sinkOf(use: (context: SinkWriterContext) => unknown): OperatorHarnessOptions {
  const sink = {
    createWriter: (context: SinkWriterContext) => ({ open: () => use(context), close: () => {} }),
  }
  return { kind: 'sink', functions: { sink } }
}

describe('OperatorHarness', () => {
  test('when watermarks repeat or go back, then the operator does not see them', async () => {
    const harness = await OperatorHarness.open(identity)
    for (const watermark of [5, 5, 3, 6]) harness.processWatermark(watermark)
    expect(harness.watermarks).toEqual([5, 6])
  })

  test('when an operator does not have what is asked for, then it says what there is', async () => {
    const harness = await OperatorHarness.open(identity)
    expect(() => harness.processElement('x', 1, 1)).toThrow(/OPTION_INVALID.*from 0 to 0.*1/)
    expect(() => harness.poll(1)).toThrow(/OPTION_INVALID.*kind 'map'/)
    await expect(OperatorHarness.open({ ...identity, parallelsm: 2 } as never)).rejects.toThrow(
      /OPTION_UNKNOWN.*Did you mean "parallelism"/,
    )
  })

  test('when an operator needs files, then it is told to bring them, and may', async () => {
    const needy = sinkOf(({ platform }) => platform.files.list('/'))
    await expect(OperatorHarness.open(needy)).rejects.toThrow(/OPTION_INVALID.*platform.files/)
    const platform = new Simulation({ seed: 1 }).process('worker')
    let clock: unknown
    const harness = await OperatorHarness.open({
      ...sinkOf((context) => {
        clock = context.platform.clock
        expect(context.platform.files).toBe(platform.files)
      }),
      platform,
    })
    expect(clock, 'the clock is still that of the harness').toBe(harness.time)
  })

  test('when something fails outside of a call, then the next call throws it, once', async () => {
    let fail: (error: unknown) => void = () => {}
    const harness = await OperatorHarness.open(sinkOf((context) => void (fail = context.fail)))
    fail(new Error('first'))
    fail(new Error('second'))
    expect(() => harness.advanceTo(1)).toThrow('first')
    expect(() => harness.advanceTo(2)).not.toThrow()
  })

  test('when snapshots of different runs are restored together, then it is a mistake of the test', async () => {
    const narrow = await (await OperatorHarness.open(identity)).snapshot()
    const wide = { ...narrow, parallelism: 2 }
    await expect(OperatorHarness.open({ ...identity, restored: [narrow, wide] })).rejects.toThrow(
      /ASSERTION_FAILED.*same run/,
    )
  })
})

describe('runSteps', () => {
  const steps = [1, 2, 3].map(
    (value): HarnessStep =>
      (harness) =>
        harness.processElement(value, value),
  )
  const numbers = (outputs: Awaited<ReturnType<typeof runSteps>>): unknown[] =>
    outputs.map(({ sideOutputs }) => sideOutputs['numbers']?.[0]?.value)

  test('when an operator keeps something outside of its state, then a restart shows it', async () => {
    expect(numbers(await runSteps(forgetful, steps))).toEqual([1, 2, 3])
    const restarted = await runSteps(forgetful, steps, { restartAfter: (index) => index === 1 })
    expect(numbers(restarted)).toEqual([1, 2, 1])
  })

  test('when steps emit records and watermarks, then each has its own', async () => {
    const outputs = await runSteps(identity, [
      (harness) => {
        harness.processElement('b', 2)
        harness.processElement('a', 2)
        harness.processElement('c', 1)
      },
      (harness) => harness.processWatermark(7),
      async (harness) => harness.advanceTo(5),
    ])
    expect(outputs).toEqual([
      {
        records: [
          { value: 'c', timestamp: 1 },
          { value: 'a', timestamp: 2 },
          { value: 'b', timestamp: 2 },
        ],
        watermark: undefined,
        sideOutputs: {},
      },
      { records: [], watermark: 7, sideOutputs: {} },
      { records: [], watermark: undefined, sideOutputs: {} },
    ])
  })
})
