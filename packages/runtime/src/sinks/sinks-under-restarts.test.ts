// Every operator of a sink under the hostile run: with restarts after any steps, what reaches the world, and what goes on to the
// next operator, is what was written, once.

import type {
  CommitStage,
  CommittableBatch,
  JsonValue,
  Sink,
  SinkWriter,
  SinkWriterContext,
} from '@millrace/core'
import {
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
} from '@millrace/testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

/** What a writer made durable: numbers under an id of its own. */
type Part = { readonly id: string; readonly numbers: readonly number[] }

/** Holds what was committed; to commit something again changes nothing. */
class World implements Sink<number> {
  readonly name = 'world'
  readonly #parts = new Map<string, readonly number[]>()

  describe(): JsonValue {
    return this.name
  }

  createWriter({ attempt }: SinkWriterContext): SinkWriter<number> {
    let numbers: number[] = []
    let count = 0
    return {
      isAvailable: true,
      open: () => {},
      write: (value) => void numbers.push(value),
      prepareCommit: async () => {
        const part: Part = { id: `${attempt}/${count++}`, numbers }
        numbers = []
        return part.numbers.length === 0 ? [] : [part]
      },
      snapshotState: () => [],
      close: () => {},
    }
  }

  createCommitter(): { commit(parts: readonly JsonValue[]): Promise<void> } {
    return {
      commit: async (parts) => {
        for (const part of parts as readonly Part[]) this.#parts.set(part.id, part.numbers)
      },
    }
  }

  get numbers(): readonly number[] {
    return sorted([...this.#parts.values()].flat())
  }
}

/** Gives batches on when the next checkpoint is complete. */
const waiting: CommitStage = {
  name: 'waiting',
  createProcessor: ({ emit }) => {
    let held: CommittableBatch[] = []
    return {
      open: (states) => void (held = [...(states as readonly CommittableBatch[])]),
      process: (batch) => void held.push(batch),
      onCheckpointComplete: () => held.splice(0).forEach(emit),
      get isHolding() {
        return held.length > 0
      },
      snapshotState: () => [...held],
    }
  },
}

/** Hands batches on at once. */
const passing: CommitStage = {
  name: 'passing',
  createProcessor: ({ emit }) => ({
    process: emit,
    isHolding: false,
    snapshotState: () => [],
  }),
}

type Happening = 'record' | 'checkpoint' | 'aborted checkpoint'
type RecordStep = (number: number) => HarnessStep

/** Runs an operator through the happenings; answers the numbers that were given and those that it emitted. */
async function run(
  operator: OperatorHarnessOptions,
  record: RecordStep,
  happenings: readonly Happening[],
  restarts: readonly number[],
): Promise<{ readonly given: readonly number[]; readonly emitted: readonly number[] }> {
  const given: number[] = []
  // The last checkpoints are those at the end of the input: after them nothing may be left.
  const all: readonly Happening[] = [...happenings, 'checkpoint', 'checkpoint']
  const steps = all.map((happening): HarnessStep => {
    if (happening === 'record') return record(given.push(given.length) - 1)
    return async (harness) => {
      await harness.snapshot()
      if (happening === 'checkpoint') await harness.notifyCheckpointComplete()
      else harness.notifyCheckpointAborted()
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const outputs = await runSteps(operator, steps, {
    restartAfter: (index) => index < happenings.length && restarts.includes(index),
  })
  const batches = outputs
    .flatMap(({ records }) => records)
    .map(({ value }) => JSON.parse(value as string) as CommittableBatch)
  const parts = batches.flatMap(({ committables }) => committables as readonly Part[])
  return { given, emitted: sorted(parts.flatMap(({ numbers }) => numbers)) }
}

const happenings = fc.array(
  fc.constantFrom<Happening>('record', 'record', 'checkpoint', 'aborted checkpoint'),
  { maxLength: 25, size: 'max' },
)
const restarts = fc.oneof(
  fc.constant(Array.from({ length: 25 }, (_, index) => index)),
  fc.array(fc.nat(24), { maxLength: 10 }),
)

const writes: RecordStep = (number) => (harness) => harness.processElement(number)

/** A batch of a writer, as it comes over the edge: of one checkpoint each, from the only writer. */
const batchOf: RecordStep = (number) => (harness) => {
  const part: Part = { id: `part ${number}`, numbers: [number] }
  const batch: CommittableBatch = {
    checkpointId: number + 1,
    subtaskIndex: 0,
    subtaskCount: 1,
    committables: [part],
  }
  harness.processElement(JSON.stringify(batch))
}

test('when a sink that commits itself is restarted anywhere, then each record is committed once', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, restarts, async (events, restartSteps) => {
      const world = new World()
      const operator = { kind: 'sink', functions: { sink: world } } as const
      const { given } = await run(operator, writes, events, restartSteps)
      expect(world.numbers).toEqual(given)
    }),
  )
})

test('when a writer is restarted anywhere, then its committables go on once', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, restarts, async (events, restartSteps) => {
      const operator = { kind: 'sink-writer', functions: { sink: new World() } } as const
      const { given, emitted } = await run(operator, writes, events, restartSteps)
      expect(emitted).toEqual(given)
    }),
  )
})

test.each([true, false])(
  'when a committer is restarted anywhere, then all is committed, and goes on once (straight from writers: %s)',
  async (comesFromWriter) => {
    await fc.assert(
      fc.asyncProperty(happenings, restarts, async (events, restartSteps) => {
        const world = new World()
        const operator: OperatorHarnessOptions = {
          kind: 'committer',
          config: { comesFromWriter, handsOn: true },
          functions: { sink: world },
        }
        const { given, emitted } = await run(operator, batchOf, events, restartSteps)
        expect(world.numbers).toEqual(given)
        expect(emitted).toEqual(given)
      }),
    )
  },
)

test('when a checkpoint is complete at any moment of a commit, then the batch goes on once', async () => {
  for (let turns = 0; turns < 20; turns++) {
    const harness = await OperatorHarness.open({
      kind: 'committer',
      config: { comesFromWriter: true, handsOn: true },
      functions: { sink: new World() },
    })
    await harness.snapshot()
    await batchOf(0)(harness)
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    await harness.notifyCheckpointComplete()
    await new Promise((resolve) => setImmediate(resolve))
    expect(harness.output.length, `${turns} turns later`).toBe(1)
  }
})

test.each([waiting, passing])(
  'when the $name stage is restarted anywhere, then each batch goes on once',
  async (stage) => {
    await fc.assert(
      fc.asyncProperty(happenings, restarts, async (events, restartSteps) => {
        const operator = { kind: 'commit-stage', functions: { stage } } as const
        const { given, emitted } = await run(operator, batchOf, events, restartSteps)
        expect(emitted).toEqual(given)
      }),
    )
  },
)

function sorted(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((left, right) => left - right)
}
