import { MillraceError, Parameters, type Sink, type SinkWriterContext } from '@millrace/core'
import type {
  CollectedPayload,
  JobClient,
  JobExecutionResult,
  JobExecutor,
  JobSubmission,
  SinkMessage,
} from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { currentExecutor, installExecutor } from '../executor.ts'
import type { ExecutionOptions } from './execution-options.ts'
import { StreamExecutionEnvironment } from './stream-execution-environment.ts'

/** Pretends to run jobs: each collect sink is written the values 'x' and 'y', and commits them twice. */
class PretendingExecutor implements JobExecutor {
  readonly submissions: JobSubmission[] = []
  readonly messages: SinkMessage[] = []

  submit(submission: JobSubmission): Promise<JobClient> {
    this.submissions.push(submission)
    const handlers: ((payload: CollectedPayload) => void)[] = []
    return Promise.resolve({
      sendToSink: (message) => void this.messages.push(message),
      onCollected: (handler: (payload: CollectedPayload) => void) => void handlers.push(handler),
      result: async () => {
        for (const payload of await collectPayloads(submission)) {
          handlers.forEach((handler) => handler(payload))
        }
        return { jobName: submission.graph.jobName } as JobExecutionResult
      },
    } as JobClient)
  }
}

async function collectPayloads({ graph, functions }: JobSubmission): Promise<CollectedPayload[]> {
  const payloads: CollectedPayload[] = []
  const sinks = graph.vertices.flatMap((vertex) => vertex.operators)
  for (const { uid } of sinks.filter(({ name }) => name === 'Sink: Collect')) {
    const sink = functions.resolve<Sink<string>>(`${uid}#sink`)
    const context = {
      runId: 'run',
      subtaskIndex: 0,
      attempt: 0,
      hasCheckpoints: true,
      sendToClient: (payload: unknown) => void payloads.push({ uid, subtaskIndex: 0, payload }),
    } as SinkWriterContext
    const writer = sink.createWriter(context)
    writer.write('x', { timestamp: undefined, currentWatermark: 0 })
    writer.write('y', { timestamp: undefined, currentWatermark: 0 })
    const committables = await writer.prepareCommit()
    await sink.createCommitter?.(context).commit(committables)
    await sink.createCommitter?.(context).commit(committables)
  }
  return [{ uid: 'another', subtaskIndex: 0, payload: undefined }, ...payloads]
}

function environment(options: ExecutionOptions = {}) {
  const executor = new PretendingExecutor()
  const env = StreamExecutionEnvironment.getExecutionEnvironment({ executor, ...options })
  return { env, executor }
}

describe('execute', () => {
  test('when a job is complete, then it is submitted and its result comes back', async () => {
    const { env, executor } = environment({ parallelism: 2 })
    env.fromSequence(1, 2).discard()
    expect((await env.execute('count')).jobName).toBe('count')
    const [submission] = executor.submissions
    expect(submission?.graph).toMatchObject({ jobName: 'count', vertices: [{ parallelism: 2 }] })
  })

  test('when executed a second time, then only what was added since is submitted', async () => {
    const { env, executor } = environment()
    env.fromSequence(1, 2).discard()
    await env.execute()
    await expect(env.execute()).rejects.toThrow(/JOB_EMPTY/)
    env.fromData(['a']).discard().name('second')
    await env.execute()
    const names = executor.submissions.map(({ graph }) => graph.vertices.map(({ name }) => name))
    expect(names).toEqual([
      ['Source: Sequence Source -> Sink: Discard'],
      ['Source: Collection Source -> second'],
    ])
  })

  test('when a stream of an earlier job is read again, then its operators are part of both', async () => {
    const { env, executor } = environment()
    const stream = env.fromSequence(1, 2).map(String)
    expect(await stream.executeAndCollect()).toHaveLength(2)
    expect(await stream.executeAndCollect()).toHaveLength(2)
    const [first, second] = executor.submissions
    expect(first?.graph.hash).toBe(second?.graph.hash)
  })

  test('when the graph is empty or a stream has no sink, then it says so', async () => {
    const { env } = environment()
    await expect(env.execute()).rejects.toThrow(/JOB_EMPTY.*env\.fromData/)
    expect(() => env.explain()).toThrow(/JOB_EMPTY/)
    const stream = env
      .fromData([1])
      .map((n) => n)
      .name('left open')
    await expect(env.execute()).rejects.toThrow(/JOB_WITHOUT_SINK.*'left open'.*without a sink/)
    stream.discard()
    await expect(env.execute()).resolves.toBeDefined()
  })

  test('when a uid is given twice or is malformed, then it is refused and can be mended', async () => {
    const { env } = environment()
    const source = env.fromData([1]).uid('same')
    const sink = source.discard().uid('same')
    await expect(env.execute()).rejects.toThrow(/UID_DUPLICATE.*"same" a second time/)
    sink.uid('a#b')
    await expect(env.execute()).rejects.toThrow(/OPTION_INVALID.*without '#'/)
    sink.uid('other')
    await expect(env.execute()).resolves.toBeDefined()
  })

  test('when a parallelism is above the maximum, then it names the operator', async () => {
    const { env } = environment({ maxParallelism: 4 })
    env.fromSequence(1, 2).discard().setParallelism(8).name('wide')
    await expect(env.execute()).rejects.toThrow(/at most 4.*'wide'.*got 8/)
  })

  test('when the max parallelism is not given, then it follows from the parallelism', async () => {
    const { env, executor } = environment()
    const source = env.fromSequence(1, 2)
    for (const parallelism of [1, 85, 86, 32_768]) source.discard().setParallelism(parallelism)
    await env.execute()
    const [submission] = executor.submissions
    const found = submission?.graph.vertices.map((v) => [v.parallelism, v.maxParallelism])
    expect(found).toEqual([
      [1, 128],
      [85, 128],
      [86, 256],
      [32_768, 32_768],
    ])
  })

  test('when no executor is there, then it says where to get one', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    env.fromData([1]).discard()
    await expect(env.execute()).rejects.toThrow(/OPTION_INVALID.*'millrace'/)
    const executor = new PretendingExecutor()
    installExecutor(executor)
    expect(currentExecutor()).toBe(executor)
    await env.execute()
    expect(executor.submissions).toHaveLength(1)
  })
})

describe('executeAndCollect', () => {
  test('when payloads are sent twice, then each record comes once', async () => {
    const { env } = environment()
    expect(await env.fromData(['a']).executeAndCollect()).toEqual(['x', 'y'])
  })

  test('when the stream has a parallelism of its own, then collecting needs no exchange', async () => {
    const { env, executor } = environment({ parallelism: 2 })
    await env.fromSequence(1, 9).map(String).setParallelism(3).executeAndCollect('job')
    const [submission] = executor.submissions
    expect(submission?.graph.vertices.map(({ name }) => name)).toEqual([
      'Source: Sequence Source',
      'Map -> Sink: Collect',
    ])
  })

  test('when it is refused, then the environment is as before', async () => {
    const { env } = environment()
    const open = env.fromData([1]).name('open')
    await expect(env.fromData([2]).executeAndCollect()).rejects.toThrow(/JOB_WITHOUT_SINK.*'open'/)
    expect(env.explain()).not.toContain("Collect'")
    open.discard()
  })
})

describe('explain', () => {
  test('when asked, then it shows vertices and edges and keeps the program', async () => {
    const { env } = environment({ parallelism: 2 })
    env
      .fromData(['a'])
      .uid('words')
      .keyBy((word) => word)
      .reduce((left) => left)
      .uid('last')
      .print()
      .uid('out')
    const plan = env.explain('my job')
    expect(plan.replace(/\(\w+\)/, '(hash)').split('\n')).toEqual([
      "Job 'my job' (hash)",
      '',
      '1. Source: Collection Source  [parallelism 1]',
      "     source 'Source: Collection Source'  uid words  emits any",
      '     => 2 by hash of key',
      '',
      '2. Keyed Reduce -> Sink: Print to Std. Out  [parallelism 2]',
      "     keyed-reduce 'Keyed Reduce'  uid last  emits any",
      "     sink 'Sink: Print to Std. Out'  uid out  emits any",
    ])
    await expect(env.execute()).resolves.toBeDefined()
  })
})

describe('settings', () => {
  const settingsOf = async (
    options: ExecutionOptions,
    change: (env: StreamExecutionEnvironment) => void = () => {},
  ) => {
    const { env, executor } = environment(options)
    change(env)
    env.fromData([1]).discard()
    await env.execute()
    return executor.submissions[0]?.settings
  }

  test('when nothing is given, then defaults hold and there is no restart', async () => {
    expect(await settingsOf({})).toEqual({
      checkpointing: null,
      restart: { kind: 'none' },
      autoWatermarkIntervalMs: 200,
      bufferTimeoutMs: 10,
      threads: 0,
      module: null,
      defaults: { parallelism: 1, maxParallelism: null },
    })
  })

  test('when checkpoints are on, then a failure is retried three times', async () => {
    const expected = {
      checkpointing: {
        intervalMs: 5000,
        intervalDuringBacklogMs: 5000,
        directory: null,
        timeoutMs: 600_000,
        minPauseMs: 0,
        retained: 1,
        tolerableFailures: 0,
        mode: 'exactly-once',
        isUnaligned: false,
        alignedTimeoutMs: 0,
        maxConcurrent: 1,
        onCancel: 'retain',
        restoreFrom: null,
      },
      restart: {
        kind: 'exponential-delay',
        initialMs: 1000,
        maxMs: 60_000,
        multiplier: 1.5,
        resetThresholdMs: 3_600_000,
        jitter: 0.1,
        attempts: null,
      },
    }
    expect(await settingsOf({ checkpointing: { interval: '5 s' } })).toMatchObject(expected)
    expect(await settingsOf({}, (env) => env.enableCheckpointing('5 s'))).toMatchObject(expected)
  })

  test('when all is given, then it is what is submitted', async () => {
    const options: ExecutionOptions = {
      threads: 2,
      module: 'file:///job.ts',
      checkpointing: {
        interval: '1 s',
        directory: '/checkpoints',
        timeout: '1 min',
        minPause: '2 s',
        retained: 3,
        tolerableFailures: 4,
        unaligned: true,
        alignedTimeout: '3 s',
        restoreFrom: 'latest',
      },
      restart: { strategy: 'fixed-delay', attempts: 7, delay: 5 },
      autoWatermarkInterval: '50 ms',
      bufferTimeout: 0,
    }
    expect(await settingsOf(options)).toEqual({
      threads: 2,
      module: 'file:///job.ts',
      checkpointing: {
        intervalMs: 1000,
        intervalDuringBacklogMs: 1000,
        directory: '/checkpoints',
        timeoutMs: 60_000,
        minPauseMs: 2000,
        retained: 3,
        tolerableFailures: 4,
        mode: 'exactly-once',
        isUnaligned: true,
        alignedTimeoutMs: 3000,
        maxConcurrent: 1,
        onCancel: 'retain',
        restoreFrom: { path: 'latest', claimMode: 'claim', allowNonRestoredState: false },
      },
      restart: { kind: 'fixed-delay', attempts: 7, delayMs: 5 },
      autoWatermarkIntervalMs: 50,
      bufferTimeoutMs: 0,
      defaults: { parallelism: 1, maxParallelism: null },
    })
    const none = await settingsOf(options, (env) => env.setRestartStrategy({ strategy: 'none' }))
    expect(none?.restart).toEqual({ kind: 'none' })
  })

  test('when a savepoint is named, then it is not claimed; the latest checkpoint is', async () => {
    const restoreFrom = async (options: unknown): Promise<unknown> => {
      const checkpointing = { interval: 1, directory: '/c', restoreFrom: options } as const
      return (await settingsOf({ checkpointing } as ExecutionOptions))?.checkpointing?.restoreFrom
    }
    expect(await restoreFrom('/s/savepoint-1')).toEqual({
      path: '/s/savepoint-1',
      claimMode: 'no-claim',
      allowNonRestoredState: false,
    })
    expect(await restoreFrom({ path: '/s', claimMode: 'claim' })).toMatchObject({
      claimMode: 'claim',
    })
    expect(await restoreFrom({ path: 'latest', allowNonRestoredState: true })).toEqual({
      path: 'latest',
      claimMode: 'claim',
      allowNonRestoredState: true,
    })
  })

  test('when a restart strategy leaves something out, then it has its defaults', async () => {
    const rare = { strategy: 'failure-rate', attempts: 2 } as const
    expect((await settingsOf({ restart: rare }))?.restart).toEqual({
      kind: 'failure-rate',
      attempts: 2,
      intervalMs: 60_000,
      delayMs: 1000,
    })
    const growing = { strategy: 'exponential-delay', attempts: 5, initialDelay: 10 } as const
    expect((await settingsOf({ restart: growing }))?.restart).toMatchObject({
      initialMs: 10,
      maxMs: 60_000,
      attempts: 5,
    })
  })

  test('when parameters, files and a buffer timeout are set, then they are submitted with the job', async () => {
    const settings = await settingsOf({ bufferTimeout: 5 }, (env) =>
      env
        .setBufferTimeout(-1)
        .setGlobalJobParameters({ old: 1 })
        .setGlobalJobParameters(Parameters.fromArgs(['--limit', '5']))
        .registerCachedFile('/data/rules.json', 'rules')
        .registerCachedFile('models', 'models'),
    )
    expect(settings).toMatchObject({
      bufferTimeoutMs: -1,
      globalJobParameters: { limit: '5' },
      cachedFiles: { rules: '/data/rules.json', models: 'models' },
    })
  })

  test('when parameters or files differ, then the plan is the same', async () => {
    const hashOf = async (change: (env: StreamExecutionEnvironment) => unknown) => {
      const { env, executor } = environment()
      change(env)
      env.fromData([1]).discard()
      await env.execute()
      return executor.submissions[0]?.graph.hash
    }
    const plain = await hashOf(() => {})
    expect(await hashOf((env) => env.setGlobalJobParameters({ limit: 5 }))).toBe(plain)
    expect(await hashOf((env) => env.registerCachedFile('/data/rules.json', 'rules'))).toBe(plain)
  })

  test('when a local environment is made, then it has the parallelism, and no other option of that name', () => {
    expect(StreamExecutionEnvironment.createLocalEnvironment().parallelism).toBe(1)
    expect(StreamExecutionEnvironment.createLocalEnvironment(3, { threads: 0 }).parallelism).toBe(3)
    expect(() => StreamExecutionEnvironment.createLocalEnvironment(0)).toThrow(/OPTION_INVALID/)
    expect(() =>
      StreamExecutionEnvironment.createLocalEnvironment(1, { thread: 2 } as never),
    ).toThrow(/OPTION_UNKNOWN.*"threads"/)
  })

  test.each<[string, (env: StreamExecutionEnvironment) => unknown, RegExp]>([
    [
      'a cached file of a name that is taken',
      (env) => env.registerCachedFile('/a', 'rules').registerCachedFile('/b', 'rules'),
      /OPTION_INVALID.*"rules" a second time/,
    ],
    [
      'a cached file without a path',
      (env) => env.registerCachedFile('', 'x'),
      /OPTION_INVALID.*path/,
    ],
    ['a listener that hears nothing', (env) => env.registerJobListener({}), /FUNCTION_INVALID/],
    [
      'parameters that are none',
      (env) => env.setGlobalJobParameters({ a: [] as never }),
      /OPTION_INVALID/,
    ],
    [
      'chaining that is no boolean',
      () => environment({ operatorChaining: 1 as never }),
      /OPTION_INVALID.*operatorChaining/,
    ],
  ])('when given %s, then it is refused', (_what, act, message) => {
    expect(() => act(environment().env)).toThrow(message)
  })

  test('when the parallelism changes, then a worker thread begins with the one that held for the first operator', async () => {
    const { env, executor } = environment({ parallelism: 2 })
    env.setParallelism(3).setMaxParallelism(64)
    const source = env.fromSequence(1, 2)
    env.setParallelism(4)
    source.discard()
    await env.execute()
    env.fromSequence(1, 2).discard()
    await env.execute()

    expect(executor.submissions.map(({ settings }) => settings.defaults)).toEqual([
      { parallelism: 3, maxParallelism: 64 },
      { parallelism: 4, maxParallelism: 64 },
    ])
  })

  test('when the parallelism changes, then operators that were there keep theirs', async () => {
    const { env, executor } = environment({ parallelism: 2 })
    const source = env.fromSequence(1, 2)
    env.setParallelism(3).setMaxParallelism(64)
    source.discard()
    await env.execute()
    expect(executor.submissions[0]?.graph.vertices).toMatchObject([
      { parallelism: 2, maxParallelism: 128 },
      { parallelism: 3, maxParallelism: 64 },
    ])
    expect(env.parallelism).toBe(3)
  })

  test.each<[object, string, string]>([
    [{ paralelism: 2 }, 'OPTION_UNKNOWN', 'Did you mean "parallelism"'],
    [{ parallelism: 0 }, 'OPTION_INVALID', 'parallelism'],
    [{ maxParallelism: 40_000 }, 'OPTION_INVALID', 'max parallelism'],
    [{ threads: -1 }, 'OPTION_INVALID', 'threads'],
    [{ module: '' }, 'OPTION_INVALID', 'module'],
    [{ autoWatermarkInterval: 0 }, 'OPTION_INVALID', 'autoWatermarkInterval'],
    [{ bufferTimeout: 'now' }, 'DURATION_INVALID', 'bufferTimeout'],
    [{ checkpointing: { interval: 0 } }, 'OPTION_INVALID', 'interval'],
    [{ checkpointing: { interval: 1, dir: '/x' } }, 'OPTION_UNKNOWN', 'directory'],
    [{ checkpointing: { interval: 1, restoreFrom: 'latest' } }, 'OPTION_INVALID', 'directory'],
    [{ checkpointing: { interval: 1, retained: 0 } }, 'OPTION_INVALID', 'retained'],
    [{ checkpointing: { interval: 1, restoreFrom: '' } }, 'OPTION_INVALID', 'restoreFrom'],
    [{ checkpointing: { interval: 1, restoreFrom: null } }, 'OPTION_INVALID', 'restoreFrom'],
    [{ checkpointing: { interval: 1, restoreFrom: { pat: 'x' } } }, 'OPTION_UNKNOWN', 'path'],
    [
      { checkpointing: { interval: 1, restoreFrom: { path: 'x', claimMode: 'mine' } } },
      'OPTION_INVALID',
      'no-claim',
    ],
    [{ checkpointing: { interval: 1, onCancel: 'forget' } }, 'OPTION_INVALID', 'onCancel'],
    [
      { checkpointing: { interval: 1, maxConcurrent: 2, minPause: 1 } },
      'OPTION_INVALID',
      'minPause',
    ],
    [
      { checkpointing: { interval: 1, maxConcurrent: 2, unaligned: true } },
      'OPTION_INVALID',
      'unaligned',
    ],
    [{ restart: { strategy: 'often' } }, 'OPTION_INVALID', "'fixed-delay'"],
    [{ restart: { strategy: 'fixed-delay', attempts: 0 } }, 'OPTION_INVALID', 'attempts'],
    [{ restart: { strategy: 'none', attempts: 1 } }, 'OPTION_UNKNOWN', 'strategy'],
    [{ restart: { strategy: 'failure-rate' } }, 'OPTION_INVALID', 'attempts'],
    [
      { restart: { strategy: 'failure-rate', attempts: 1, intervall: 1 } },
      'OPTION_UNKNOWN',
      'interval',
    ],
    [{ restart: { strategy: 'exponential-delay', jitter: 2 } }, 'OPTION_INVALID', 'jitter'],
    [{ restart: { strategy: 'exponential-delay', multiplier: 0.5 } }, 'OPTION_INVALID', 'multi'],
    [{ restart: { strategy: 'exponential-delay', maxDelay: 1 } }, 'OPTION_INVALID', 'maxDelay'],
  ])('when options are %j, then %s is thrown', (options, code, text) => {
    let caught: unknown
    try {
      StreamExecutionEnvironment.getExecutionEnvironment(options)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(MillraceError)
    expect((caught as MillraceError).code).toBe(code)
    expect((caught as MillraceError).message).toContain(text)
  })
})

describe('sources of the environment', () => {
  test('when values are given one by one or as an iterable, then they are those of a collection', async () => {
    const { env, executor } = environment()
    const readBy = async (build: () => { discard(): unknown }): Promise<unknown> => {
      build().discard()
      await env.execute()
      return executor.submissions.at(-1)?.graph.vertices[0]?.operators[0]?.config['source']
    }
    const values = await readBy(() => env.fromData([1, 2, 3]))
    expect(await readBy(() => env.fromElements(1, 2, 3))).toEqual(values)
    expect(await readBy(() => env.fromCollection(new Set([1, 2, 3, 1])))).toEqual(values)
    expect(() => env.fromCollection('abc' as never)).toThrow(/OPTION_INVALID.*iterable/)
    expect(() => env.fromCollection(5 as never)).toThrow(/OPTION_INVALID.*iterable/)
  })

  test('when added, then their parallelism and type are those of the source', () => {
    const { env } = environment({ parallelism: 4 })
    env.fromData(['a']).uid('data').discard()
    env.socketTextStream('localhost', 9999).uid('socket').discard()
    env.fromSequence(1, 2).uid('sequence').discard()
    const plan = env.explain()
    expect(plan).toMatch(/Collection Source {2}\[parallelism 1\]/)
    expect(plan).toMatch(/Socket Stream {2}\[parallelism 1\]/)
    expect(plan).toMatch(/Sequence Source .*\[parallelism 4\]/)
    expect(plan).toMatch(/uid socket {2}emits string/)
    expect(plan).toMatch(/uid sequence {2}emits long/)
  })

  test.each<[string, (env: StreamExecutionEnvironment) => unknown, RegExp]>([
    ['no array', (env) => env.fromData('abc' as never), /OPTION_INVALID.*array of values/],
    [
      'no source',
      (env) => env.fromSource({} as never, {} as never, 'x'),
      /FUNCTION_INVALID.*describe/,
    ],
    ['a reversed sequence', (env) => env.fromSequence(3, 1), /OPTION_INVALID.*from 3 to 1/],
    [
      'an async generator',
      (env) => env.generate({ generator: async () => 1 }),
      /FUNCTION_RETURNED_PROMISE/,
    ],
    [
      'a count below 0',
      (env) => env.generate({ generator: () => 1, count: -1 }),
      /OPTION_INVALID.*count/,
    ],
    [
      'a rate of 0',
      (env) => env.generate({ generator: () => 1, recordsPerSecond: 0 }),
      /OPTION_INVALID.*above 0/,
    ],
    ['a port of 0', (env) => env.socketTextStream('localhost', 0), /OPTION_INVALID.*port/],
    ['no host', (env) => env.socketTextStream('', 1), /OPTION_INVALID.*host/],
    [
      'no delimiter',
      (env) => env.socketTextStream('h', 1, { delimiter: '' }),
      /OPTION_INVALID.*delimiter/,
    ],
  ])('when given %s, then it is refused', (_what, act, message) => {
    expect(() => act(environment().env)).toThrow(message)
  })
})
