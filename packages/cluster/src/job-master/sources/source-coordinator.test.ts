import {
  type JsonValue,
  type MillraceError,
  type Source,
  type SourceSplit,
  type SplitEnumerator,
  type SplitEnumeratorContext,
} from '@millrace/core'
import type { SourceCommand } from '@millrace/runtime'
import { type SimulatedProcess, Simulation } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EnumeratorStart, SourceCoordinator } from './source-coordinator.ts'

let simulation: Simulation
let process: SimulatedProcess
let context: SplitEnumeratorContext
let calls: string[]
let sent: string[]
let failures: MillraceError[]

beforeEach(() => {
  simulation = new Simulation({ seed: 1 })
  process = simulation.process('master')
  calls = []
  sent = []
  failures = []
})

afterEach(() => process.crash())

interface Setting {
  readonly enumerator?: Partial<SplitEnumerator>
  readonly start?: EnumeratorStart
  readonly reassigns?: boolean
}

async function started({ enumerator, start, reassigns }: Setting = {}): Promise<SourceCoordinator> {
  const coordinator = new SourceCoordinator({
    platform: process,
    source: {
      reassignsSplitsOnRecovery: reassigns,
      createEnumerator: (given: SplitEnumeratorContext, restored: JsonValue | undefined) => {
        context = given
        calls.push(`create ${JSON.stringify(restored)}`)
        return { ...NOTING, ...enumerator }
      },
    } as unknown as Source<unknown>,
    uid: 'uid',
    name: 'numbers',
    parallelism: 2,
    start: start ?? { kind: 'fresh' },
    send: (command, subtaskIndex) => sent.push(`${subtaskIndex} ${asText(command)}`),
    fail: (error) => failures.push(error),
    onWatermark: () => {},
    onBacklog: () => {},
  })
  await coordinator.start()
  return coordinator
}

const NOTING: SplitEnumerator = {
  start: () => void calls.push('start'),
  addReader: (subtask) => void calls.push(`add reader ${subtask}`),
  handleSplitRequest: (subtask) => void calls.push(`request of ${subtask}`),
  addSplitsBack: (splits, subtask) => void calls.push(`back from ${subtask}: ${ids(splits)}`),
  handleSourceEvent: (event, subtask) => void calls.push(`${JSON.stringify(event)} of ${subtask}`),
  snapshotState: (checkpointId) => [checkpointId],
  notifyCheckpointComplete: (checkpointId) => void calls.push(`complete ${checkpointId}`),
  close: () => void calls.push('close'),
}

function asText(command: SourceCommand): string {
  return command.kind === 'add-splits' ? `splits ${ids(command.splits)}` : command.kind
}

function ids(splits: readonly SourceSplit[]): string {
  return splits.map(({ splitId }) => splitId).join(' ')
}

function register(
  coordinator: SourceCoordinator,
  subtaskIndex: number,
  { splits = [] as readonly SourceSplit[], hasEnded = false, requestsSplit = false } = {},
): void {
  coordinator.onEvent({ kind: 'register', splits, hasEnded, requestsSplit }, subtaskIndex)
}

describe('what an enumerator is told', () => {
  test('when readers say something, then it hears all in order', async () => {
    const coordinator = await started()
    register(coordinator, 1)
    coordinator.onEvent({ kind: 'request-split' }, 1)
    coordinator.onEvent({ kind: 'custom', event: { lag: 1 } }, 1)
    coordinator.notifyCheckpointComplete(4)
    await coordinator.close()
    expect(calls).toEqual([
      'create undefined',
      'start',
      'add reader 1',
      'request of 1',
      '{"lag":1} of 1',
      'complete 4',
      'close',
    ])
  })

  test('when it is restored, then it begins with its own copy of its state', async () => {
    const state = { next: [1] }
    await started({ start: { kind: 'restored', state } })
    expect(calls).toEqual(['create {"next":[1]}', 'start'])
  })

  test('when readers keep their splits, then it sees them; when not, then it has them back before the reader', async () => {
    const splits = [{ splitId: 'a' }]
    register(await started(), 0, { splits })
    expect(context.registeredReaders.get(0)).toEqual({ subtaskIndex: 0, splits, hasEnded: false })
    expect(calls.splice(0)).toEqual(['create undefined', 'start', 'add reader 0'])
    register(await started({ reassigns: true }), 0, { splits })
    expect(calls).toEqual(['create undefined', 'start', 'back from 0: a', 'add reader 0'])
    expect(sent.at(-1)).toBe('0 registered')
  })

  test('when the checkpoint has no enumerator, then all was assigned, and there is no state either', async () => {
    const coordinator = await started({ start: { kind: 'all-assigned' } })
    register(coordinator, 0)
    expect(calls).toEqual([])
    expect(sent).toEqual(['0 registered', '0 no-more-splits'])
    expect(coordinator.snapshot(1)).toBeUndefined()
  })
})

describe('readers that wait for an answer', () => {
  test('when all are there and some got no split, then these are told, and not before', async () => {
    const coordinator = await started({
      enumerator: { addReader: (n) => n === 1 && context.assignSplits([{ splitId: 'a' }], 1) },
    })
    register(coordinator, 0)
    expect(sent).toEqual(['0 registered'])
    register(coordinator, 1)
    expect(sent).toEqual(['0 registered', '1 registered', '1 splits a', '0 no-splits-now'])
  })

  test('when a reader asks as it registers, then it is answered together', async () => {
    const assign = (n: number): void => context.assignSplits([{ splitId: `for ${n}` }], n)
    const coordinator = await started({ enumerator: { handleSplitRequest: assign } })
    register(coordinator, 0, { requestsSplit: true })
    register(coordinator, 1, { requestsSplit: true })
    expect(sent.filter((what) => what.endsWith('no-splits-now'))).toEqual([])
    coordinator.onEvent({ kind: 'request-split' }, 1)
    expect(sent.at(-1)).toBe('1 splits for 1')
  })

  test('when work is under way that may find some, then the answer waits for it', async () => {
    const coordinator = await started()
    context.runAsync(
      async () => 'b',
      (splitId) => context.assignSplits([{ splitId }], 0),
    )
    context.schedule(async () => new Promise<void>(() => {}), boom, { delayMs: 50 })
    register(coordinator, 0)
    register(coordinator, 1)
    expect(sent).toEqual(['0 registered', '1 registered'])
    await simulation.runFor(1)
    expect(sent.slice(2)).toEqual(['0 splits b', '1 no-splits-now'])
  })

  test('when there is none for a request, then that is the answer, also after a reader that had ended', async () => {
    const coordinator = await started()
    register(coordinator, 0, { hasEnded: true })
    register(coordinator, 1)
    coordinator.onEvent({ kind: 'request-split' }, 1)
    expect(sent.filter((what) => what.endsWith('now'))).toEqual([
      '1 no-splits-now',
      '1 no-splits-now',
    ])
  })
})

describe('what an enumerator does', () => {
  test('when it assigns, then the readers are told, and of the end once', async () => {
    register(await started(), 1)
    context.assignSplits([{ splitId: 'a' }, { splitId: 'b' }], 1)
    context.assignSplits([], 1)
    context.sendEventToReader('hello', 1)
    context.signalNoMoreSplits(1)
    context.signalNoMoreSplits(1)
    expect(sent).toEqual(['1 registered', '1 splits a b', '1 custom', '1 no-more-splits'])
  })

  test('when it assigns to somebody who cannot read it, then that is said, and fails the job for good', async () => {
    const assign = (): void => context.assignSplits([{ splitId: 'a' }], 1)
    const coordinator = await started({ enumerator: { handleSplitRequest: assign } })
    coordinator.onEvent({ kind: 'request-split' }, 0)
    expect(failures.pop()?.message).toMatch(/none yet, but got reader 1, from.*'numbers'/)
    register(coordinator, 1)
    context.signalNoMoreSplits(1)
    coordinator.onEvent({ kind: 'request-split' }, 0)
    expect(failures.pop()?.message).toMatch(/split 'a' for reader 1, which was told/)
    register(await started(), 1, { hasEnded: true })
    expect(assign).toThrow(/which had ended before the restart/)
  })

  test('when work waits, then its result is handled like a message, and after the end not at all', async () => {
    const coordinator = await started()
    context.runAsync(
      async () => 'found',
      (result) => calls.push(result),
    )
    expect(calls).not.toContain('found')
    await simulation.runFor(1)
    expect(calls).toContain('found')
    context.runAsync(
      async () => 'too late',
      (result) => calls.push(result),
    )
    await coordinator.close()
    await simulation.runFor(1)
    expect(calls).not.toContain('too late')
  })

  test('when work is scheduled, then it is done at its times, never twice at once, until the end', async () => {
    const coordinator = await started()
    const times: number[] = []
    const slowly = async (): Promise<number> => {
      const begun = Math.round(simulation.nowMs)
      await new Promise<void>((resolve) => process.timers.after(30, resolve))
      return begun
    }
    context.schedule(slowly, (begun) => times.push(begun), { delayMs: 10, intervalMs: 100 })
    context.schedule(slowly, (begun) => times.push(begun), {})
    await simulation.runFor(350)
    expect(times).toHaveLength(4)
    const [atOnce, first, second, third] = times
    expect([atOnce, first]).toEqual([0, 10])
    expect((second as number) - (first as number)).toBeGreaterThanOrEqual(130)
    expect((third as number) - (second as number)).toBeGreaterThanOrEqual(130)
    await coordinator.close()
    await simulation.runFor(500)
    expect(times).toHaveLength(4)
  })

  test.each([
    [
      'a message',
      (coordinator: SourceCoordinator) => register(coordinator, 0),
      { addReader: boom },
    ],
    ['work', () => context.runAsync(async () => boom(), boom), {}],
    ['the result of work', () => context.runAsync(async () => 1, boom), {}],
    ['itself', () => context.fail(new Error('boom')), {}],
  ])('when it fails in %s, then the job fails with its name', async (_where, act, enumerator) => {
    const coordinator = await started({ enumerator })
    act(coordinator)
    await simulation.runFor(1)
    expect(failures).toMatchObject([{ code: 'FUNCTION_FAILED', ids: { uid: 'uid' } }])
    expect(failures[0]?.message).toMatch(/split enumerator.*of 'numbers'.*boom/)
  })

  test('when it cannot start, then whoever starts it is told', async () => {
    await expect(started({ enumerator: { start: boom } })).rejects.toThrow(/to start.*boom/)
  })

  test('when its state is taken, then changes that come later are not in it', async () => {
    const state = [1]
    const coordinator = await started({ enumerator: { snapshotState: () => state } })
    const snapshot = coordinator.snapshot(1)
    state.push(2)
    expect(snapshot).toEqual([1])
    const failing = await started({ enumerator: { snapshotState: boom } })
    expect(() => failing.snapshot(1)).toThrow(/FUNCTION_FAILED.*snapshot.*boom/)
  })

  test('when it cannot be closed, then that is no failure of the job', async () => {
    const coordinator = await started({ enumerator: { close: boom } })
    await coordinator.close()
    expect(failures).toEqual([])
  })
})

function boom(): never {
  throw new Error('boom')
}
