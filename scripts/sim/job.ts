// The job of a scenario, written with the public API.

import {
  type AggregateFunction,
  type DataStream,
  DataGeneratorSource,
  type Duration,
  EventTimeSessionWindows,
  FileSink,
  type FileSinkOptions,
  FileSource,
  jsonLines,
  jsonLinesEncoder,
  type JobExecutionResult,
  type KeyedStream,
  OutputTag,
  rollWhen,
  SlidingEventTimeWindows,
  type SingleOutputStreamOperator,
  type Sink,
  type Source,
  StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
  type WindowedStream,
} from 'millrace'
import type { SimulatedProgram } from '@millrace/testing'
import { DiscoveringSource } from '../../packages/millrace/src/end-to-end/jobs/discovering-source.ts'
import type { Observer } from './checkers.ts'
import { Buckets, JoinByKey, JoinRules, Probe, ruleStates } from './functions.ts'
import { Event, eventsOf, inputFolder, Rule, rulesOf } from './input.ts'
import { redistributed } from './redistributed.ts'
import type { Row } from './row.ts'
import type { Scenario, SinkPlan, SourcePlan, WindowPlan } from './scenario.ts'
import { asyncSink, type Outside, tableSink } from './sinks.ts'
import { buildStages } from './stages/build.ts'

/** The folders of the sinks. */
export const SINKS = { results: '/out/results', late: '/out/late', copies: '/out/copies' } as const

export const CHECKPOINT_DIRECTORY = '/checkpoints'

/** Where a job begins. */
export interface StartingPoint {
  readonly checkpointDirectory: string
  readonly restoreFrom:
    | 'latest'
    | { readonly path: string; readonly claimMode: 'claim' | 'no-claim' }
}

/** What a test may put in place of a part of the job. */
export interface JobParts {
  readonly observer: Observer
  /** Default: the newest checkpoint. */
  readonly startingPoint?: StartingPoint
  /** The folder in which those of inputs and outputs lie. Default: the root of the simulated disk. */
  readonly root?: string
  /** The systems outside. Default: none, and the second branch writes files. */
  readonly outside?: Outside
  /** Makes a sink of a file sink. Default: the file sink as it is. */
  readonly sink?: (sink: Sink<Row>) => Sink<Row>
}

/** The program of a scenario, at its `startCount`-th start. */
export function programOf(
  scenario: Scenario,
  startCount: number,
  parts: JobParts,
): SimulatedProgram<JobExecutionResult> {
  return (executor) => {
    const { run, job } = scenario
    const { checkpointDirectory: directory = CHECKPOINT_DIRECTORY, restoreFrom = 'latest' } =
      parts.startingPoint ?? {}
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads: run.threads,
      maxParallelism: job.maxParallelism,
      checkpointing: {
        interval: run.checkpointIntervalMs,
        minPause: run.checkpointMinPauseMs,
        timeout: run.checkpointTimeoutMs,
        ...(run.alignedTimeoutMs !== null && {
          unaligned: true,
          alignedTimeout: run.alignedTimeoutMs,
        }),
        retained: run.retained,
        tolerableFailures: run.tolerableFailures,
        ...(run.isDurable && { directory, restoreFrom }),
      },
      restart: { strategy: 'fixed-delay', attempts: 1_000_000, delay: run.restartDelayMs },
      bufferTimeout: run.bufferTimeoutMs,
      operatorChaining: job.layout.hasChains,
      autoWatermarkInterval: 20,
    })
    buildJob(env, scenario, startCount, parts)
    return env.execute(`seed ${scenario.seed}`)
  }
}

/** Describes the job of a scenario in an environment. */
export function buildJob(
  env: StreamExecutionEnvironment,
  scenario: Scenario,
  startCount: number,
  parts: JobParts,
): void {
  new JobBuilder(env, scenario, startCount, parts).build()
}

const lateTag = new OutputTag('late', Event)

class JobBuilder {
  readonly #env: StreamExecutionEnvironment
  readonly #scenario: Scenario
  readonly #startCount: number
  readonly #keyedParallelism: number
  readonly #parts: JobParts

  constructor(
    env: StreamExecutionEnvironment,
    scenario: Scenario,
    startCount: number,
    parts: JobParts,
  ) {
    this.#env = env
    this.#scenario = scenario
    this.#startCount = startCount
    const { keyed } = scenario.job.parallelism
    this.#keyedParallelism = keyed[startCount % keyed.length] as number
    this.#parts = parts
  }

  get #root(): string {
    return this.#parts.root ?? ''
  }

  build(): void {
    const { input, job } = this.#scenario
    const first = this.#stream(0)
    const second = input.streamCount === 2 ? this.#stream(1) : undefined
    if (job.operator.kind === 'join' && second !== undefined) {
      const left = this.#stateless(first, 'left')
      this.#sink(this.#join(left, this.#stateless(second, 'right')), 'results')
    } else {
      const stream = second === undefined ? first : first.union(second)
      const events = this.#stateless(stream, 'events')
      this.#sink(this.#results(events), 'results')
      if (job.hasSecondSink) {
        const copies = events
          .map(({ id, text }): Row => ({ id, text }))
          .setParallelism(job.parallelism.stateless)
          .uid('copies')
        this.#sink(copies, 'copies')
      }
    }
  }

  #stream(index: number): SingleOutputStreamOperator<Event> {
    const { input, job } = this.#scenario
    const watermarks = this.#watermarks<Event>(input.delayMs).withTimestampAssigner(
      (event) => event.time,
    )
    if (input.source.kind === 'discovered') return this.#discovered(index, input.source)
    return this.#env
      .fromSource(this.#source(index), watermarks, `stream ${index}`)
      .setParallelism(job.parallelism.source)
      .uid(`source-${index}`)
  }

  /** Time for the records of a source. Where it may become idle, the others must not run ahead of what it still has. */
  #watermarks<T>(delay: Duration): WatermarkStrategy<T> {
    const { watermarks: emit, idleMs, alignment } = this.#scenario.input
    let strategy = WatermarkStrategy.forBoundedOutOfOrderness<T>(idleMs === null ? delay : '60 d', {
      emit,
    })
    if (idleMs !== null) strategy = strategy.withIdleness(idleMs)
    if (alignment === null) return strategy
    return strategy.withWatermarkAlignment('all', alignment.driftMs, alignment.everyMs)
  }

  /** The numbers of records come in splits that are found on the way; their times are those of the records. */
  #discovered(
    index: number,
    plan: SourcePlan & { readonly kind: 'discovered' },
  ): SingleOutputStreamOperator<Event> {
    const { input, job } = this.#scenario
    const events = eventsOf(this.#scenario, index)
    const { splitRecords, everyMs, reassigns } = plan
    const splits = Math.ceil(events.length / splitRecords)
    const source = new DiscoveringSource({ splits, splitRecords, everyMs, reassigns })
    // A source without splits is idle, and does not hold back the time of another that is further.
    const delay = job.isOrdered ? input.delayMs : '60 d'
    const ofNumbers = this.#watermarks<number>(delay).withTimestampAssigner(
      (at) => (events[at] ?? (events.at(-1) as Event)).time,
    )
    return this.#env
      .fromSource(source, ofNumbers, `stream ${index}`)
      .setParallelism(job.parallelism.source)
      .uid(`source-${index}`)
      .flatMap(
        (at): Event[] => (events[at] === undefined ? [] : [{ ...events[at] }]),
        job.isTyped ? { type: Event } : {},
      )
      .setParallelism(job.parallelism.source)
      .uid(`records-${index}`)
  }

  #source(index: number): Source<Event> {
    const { input, job } = this.#scenario
    const type = job.isTyped ? { type: Event } : {}
    if (input.source.kind === 'files') {
      const { bufferBytes, splitBytes } = input.source
      return FileSource.of({
        path: `${this.#root}${inputFolder(index)}`,
        format: jsonLines<Event>(type),
        bufferBytes,
        ...(splitBytes !== null && { splitBytes }),
      })
    }
    if (input.source.kind === 'discovered') throw new Error('its splits are numbers')
    const events = eventsOf(this.#scenario, index)
    return new DataGeneratorSource<Event>({
      count: events.length,
      generator: (at) => ({ ...(events[at] as Event) }),
      recordsPerSecond: input.source.recordsPerSecond,
      ...type,
    })
  }

  #stateless(stream: DataStream<Event>, name: string): SingleOutputStreamOperator<Event> {
    const { job, trouble } = this.#scenario
    const type = job.isTyped ? { type: Event } : {}
    const { stateless } = job.parallelism
    let events = redistributed(stream, job.layout.partitioning)
    if (job.hasMap) {
      events = events
        .map((event): Event => ({ ...event, value: event.value * 3 - 1 }), type)
        .setParallelism(stateless)
        .uid(`map-${name}`)
    }
    if (job.hasFilter) {
      events = events
        .filter((event) => event.value % 4 !== 0)
        .setParallelism(stateless)
        .uid(`filter-${name}`)
    }
    const { observer } = this.#parts
    const failAfter = trouble.failAfterRecords
    const staged = buildStages(events, job.stages, {
      env: this.#env,
      observer,
      type: job.isTyped ? Event : undefined,
      startCount: this.#startCount,
      isClockSteady: Object.keys(trouble.faults.clock ?? {}).length === 0,
      name,
    })
    const probed = staged
      .process(() => new Probe<Event>({ accumulator: 'events', failAfter, observer }), type)
      .setParallelism(stateless)
      .uid(`probe-${name}`)
    if (job.layout.hasOwnGroup) probed.slotSharingGroup('stateless')
    if (job.layout.hasFullFrames) probed.setBufferTimeout(-1)
    return probed
  }

  #results(events: DataStream<Event>): DataStream<Row> {
    const { operator, isOrdered } = this.#scenario.job
    switch (operator.kind) {
      case 'none':
        return this.#keyed(
          events.map(({ id, value }): Row => ({ id, value })),
          'operator',
        )
      case 'window':
        return this.#windows(events, operator)
      case 'session': {
        const windows = this.#byKey(events)
          .window(EventTimeSessionWindows.withGap(operator.gapMs))
          .allowedLateness(operator.latenessMs)
        return this.#aggregated(windows, operator.hasLateOutput)
      }
      case 'buckets': {
        const { observer } = this.#parts
        const { sizeMs } = operator
        return this.#keyed(
          this.#byKey(events).process(() => new Buckets({ sizeMs, cancels: isOrdered, observer })),
          'operator',
        )
      }
      case 'reduce':
        return this.#reduced(events)
      case 'broadcast-join':
        return this.#joinedRules(events, operator.ruleCount)
      case 'two-windows':
        return this.#twoWindows(events, operator.sizeMs)
      case 'join':
        throw new Error('a join needs two streams')
    }
  }

  #windows(events: DataStream<Event>, plan: WindowPlan): DataStream<Row> {
    const { sizeMs, slideMs, offsetMs, latenessMs, hasLateOutput } = plan
    const options = { offset: offsetMs }
    const assigner =
      sizeMs === slideMs
        ? TumblingEventTimeWindows.of(sizeMs, options)
        : SlidingEventTimeWindows.of(sizeMs, slideMs, options)
    const windows = this.#byKey(events).window(assigner).allowedLateness(latenessMs)
    if (plan.content === 'aggregate') return this.#aggregated(windows, hasLateOutput)
    // Overlapping windows hand their elements over slice by slice.
    const keepsOrder = this.#scenario.job.isOrdered && sizeMs === slideMs
    const withTag = hasLateOutput ? windows.sideOutputLateData(lateTag) : windows
    const rows = this.#keyed(
      withTag.process(({ key, window }, elements): Row[] => {
        const ids = elements.map(({ id }) => id)
        return [
          { key, start: window.start, end: window.end, ids: keepsOrder ? ids : ids.sort(byNumber) },
        ]
      }),
      'operator',
    )
    if (hasLateOutput) this.#late(rows)
    return rows
  }

  #aggregated(windows: WindowedStream<string, Event>, hasLateOutput: boolean): DataStream<Row> {
    const withTag = hasLateOutput ? windows.sideOutputLateData(lateTag) : windows
    const rows = this.#keyed(
      withTag.aggregate(statistics, ({ key, window: { start, end } }, result): Row[] => [
        { key, start, end, ...result },
      ]),
      'operator',
    )
    if (hasLateOutput) this.#late(rows)
    return rows
  }

  #late(rows: SingleOutputStreamOperator<Row>): void {
    const late = rows.getSideOutput(lateTag).map(({ id }): Row => ({ id }))
    this.#sink(this.#keyed(late, 'late'), 'late')
  }

  #reduced(events: DataStream<Event>): DataStream<Row> {
    const { isOrdered } = this.#scenario.job
    const counted = events
      .map(({ key, value }) => ({ key, count: 1, sum: isOrdered ? value : 0 }), { type: Counted })
      .setParallelism(this.#scenario.job.parallelism.stateless)
      .uid('counted')
    const reduced = counted
      .keyBy(({ key }) => key, { type: Types.string })
      .reduce((left, right) => ({
        key: left.key,
        count: left.count + right.count,
        sum: left.sum + right.sum,
      }))
    return this.#keyed(reduced, 'operator') as unknown as DataStream<Row>
  }

  #joinedRules(events: DataStream<Event>, ruleCount: number): DataStream<Row> {
    const rules = this.#env
      .generate<Rule>({
        count: ruleCount,
        generator: (index) => rulesOf(ruleCount)[index] as Rule,
        recordsPerSecond: 400,
        type: Rule,
      })
      .setParallelism(1)
      .uid('rules')
      .broadcast(ruleStates)
    return this.#keyed(
      this.#byKey(events)
        .connect(rules)
        .process(() => new JoinRules(ruleCount)),
      'operator',
    )
  }

  #join(first: DataStream<Event>, second: DataStream<Event>): DataStream<Row> {
    return this.#keyed(
      this.#byKey(first)
        .connect(this.#byKey(second))
        .process(() => new JoinByKey()),
      'operator',
    )
  }

  #twoWindows(events: DataStream<Event>, sizeMs: number): DataStream<Row> {
    const small = this.#byKey(events)
      .window(TumblingEventTimeWindows.of(sizeMs))
      .aggregate(statistics, ({ key }, { count, sum }): Counted[] => [
        { key: firstCharacter(key), count, sum },
      ])
      .returns(Counted)
    const large = this.#keyed(small, 'small')
      .keyBy(({ key }) => key, { type: Types.string })
      .window(TumblingEventTimeWindows.of(3 * sizeMs))
      .reduce(
        (left, right) => ({
          key: left.key,
          count: left.count + right.count,
          sum: left.sum + right.sum,
        }),
        ({ key, window }, { count, sum }): Row[] => [{ key, start: window.start, count, sum }],
      )
    return this.#keyed(large, 'operator')
  }

  #byKey(events: DataStream<Event>): KeyedStream<string, Event> {
    return events.keyBy(({ key }) => key, this.#scenario.job.isTyped ? { type: Types.string } : {})
  }

  #keyed<T>(stream: SingleOutputStreamOperator<T>, uid: string): SingleOutputStreamOperator<T> {
    return stream.setParallelism(this.#keyedParallelism).uid(uid).name(uid)
  }

  #sink(rows: DataStream<Row>, name: keyof typeof SINKS): void {
    const { observer, sink = (files) => files } = this.#parts
    const { parallelism, secondSink } = this.#scenario.job
    const files = FileSink.of<Row>({
      path: `${this.#root}${SINKS[name]}`,
      encoder: jsonLinesEncoder<Row>(),
      partSuffix: '.jsonl',
      ...(name === 'copies' && laidOut(secondSink)),
    })
    rows
      .process(() => new Probe<Row>({ accumulator: name, failAfter: null, observer }))
      .setParallelism(parallelism.sink)
      .uid(`${name}-probe`)
      .sinkTo(name === 'copies' ? this.#secondSink(sink(files)) : sink(files))
      .setParallelism(parallelism.sink)
      .uid(`${name}-files`)
  }

  #secondSink(files: Sink<Row>): Sink<Row> {
    const { outside } = this.#parts
    const { kind, stageParallelism } = this.#scenario.job.secondSink
    if (outside === undefined || kind === 'files') return files
    return kind === 'async' ? asyncSink(outside) : tableSink(outside, stageParallelism)
  }
}

/** Options of a file sink. */
function laidOut(plan: SinkPlan): Partial<FileSinkOptions<Row>> {
  const { bucketCount, rollBytes, compactCheckpoints } = plan
  return {
    ...(bucketCount > 1 && { buckets: ({ id }: Row) => `bucket-${Number(id) % bucketCount}` }),
    ...(rollBytes !== null && { rolling: rollWhen({ sizeBytes: rollBytes }) }),
    ...(compactCheckpoints !== null && { compaction: { checkpoints: compactCheckpoints } }),
  }
}

const Counted = Types.record({ key: Types.string, count: Types.int, sum: Types.int })
type Counted = { readonly key: string; readonly count: number; readonly sum: number }

const Statistics = Types.record({
  count: Types.int,
  sum: Types.int,
  min: Types.int,
  max: Types.int,
})
type Statistics = { count: number; sum: number; min: number; max: number }

const statistics: AggregateFunction<Event, Statistics, Statistics> = {
  accumulatorType: Statistics,
  createAccumulator: () => ({ count: 0, sum: 0, min: 2_147_483_647, max: -2_147_483_648 }),
  add(accumulator, { value }) {
    accumulator.count++
    accumulator.sum += value
    accumulator.min = Math.min(accumulator.min, value)
    accumulator.max = Math.max(accumulator.max, value)
    return accumulator
  },
  merge(left, right) {
    left.count += right.count
    left.sum += right.sum
    left.min = Math.min(left.min, right.min)
    left.max = Math.max(left.max, right.max)
    return left
  },
  getResult: ({ count, sum, min, max }) => ({ count, sum, min, max }),
}

function byNumber(left: number, right: number): number {
  return left - right
}

function firstCharacter(text: string): string {
  return Array.from(text)[0] ?? ''
}
