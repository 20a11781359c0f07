// Stages, written with the public API.

import {
  AsyncDataStream,
  AsyncRetryStrategies,
  type DataStream,
  type KeyedStream,
  type OutputTag,
  rich,
  type SingleOutputStreamOperator,
  type StreamExecutionEnvironment,
  type TypeInfo,
  Types,
  WatermarkStrategy,
} from 'millrace'
import type { Observer } from '../checkers.ts'
import { type Event, Rule, rulesOf } from '../input.ts'
import { redistributed } from '../redistributed.ts'
import {
  countOf,
  identityOf,
  isLeft,
  joinKeyOf,
  pairOf,
  PARTITION_TIME,
  REPLICAS,
  summaryOf,
} from './expected.ts'
import {
  asking,
  Cache,
  evenTag,
  First,
  HoldBack,
  isRight,
  LookUp,
  PartByValue,
  Pause,
  Remember,
  stageRules,
} from './functions.ts'
import type { StagePlan, StageWork } from './plan.ts'
import { buildWindows } from './windows.ts'

/** What stages are built with. */
export interface StageSite {
  readonly env: StreamExecutionEnvironment
  readonly observer: Observer
  /** `undefined` leaves records without a type. */
  readonly type: TypeInfo<Event> | undefined
  readonly startCount: number
  /** Whether all clocks of the scenario agree and never jump. */
  readonly isClockSteady: boolean
  /** Tells the stages of several streams apart. */
  readonly name: string
}

/** The stream that leaves the stages. */
export function buildStages(
  stream: DataStream<Event>,
  stages: readonly StagePlan[],
  site: StageSite,
): DataStream<Event> {
  return stages.reduce(
    (left, plan, place) => new StageBuilder(plan, `${site.name}-${place}`, site).build(left),
    stream,
  )
}

class StageBuilder {
  readonly #plan: StagePlan
  readonly #uid: string
  readonly #site: StageSite
  readonly #parallelism: number
  readonly #type: { readonly type?: TypeInfo<Event> }

  constructor(plan: StagePlan, uid: string, site: StageSite) {
    this.#plan = plan
    this.#uid = uid
    this.#site = site
    this.#parallelism = plan.parallelism[site.startCount % plan.parallelism.length] as number
    this.#type = site.type === undefined ? {} : { type: site.type }
  }

  build(stream: DataStream<Event>): DataStream<Event> {
    const { work, partitioning } = this.#plan
    const events = redistributed(stream, partitioning)
    const { observer } = this.#site
    switch (work.kind) {
      case 'remember':
        return this.#laidOut(events.process(() => new Remember(this.#uid, observer), this.#type))
      case 'side-output':
        return this.#sideOutput(events)
      case 'connect':
        return this.#connected(events, work.delayMs)
      case 'hold-back':
        return this.#laidOut(
          byKey(events).process(() => new HoldBack(work.delayMs, observer), this.#type),
        )
      case 'rules':
        return this.#withRules(events, work.ruleCount)
      case 'replicate':
        return this.#laidOut(events.broadcast().map((event) => event, this.#type)).setParallelism(
          REPLICAS,
        )
      case 'distinct':
        return this.#distinct(events, work.hasCleanupInSnapshots)
      case 'cache': {
        const { isClockSteady } = this.#site
        const cache = { ...work, isClockSteady, observer }
        return this.#laidOut(byKey(events).process(() => new Cache(cache), this.#type))
      }
      case 'pause':
        return this.#timed(
          this.#laidOut(byKey(events).process(() => new Pause(work.delayMs, observer), this.#type)),
        )
      case 'async':
        return this.#asking(events, work)
      case 'interval-join':
        return this.#intervalJoin(events, work)
      case 'loop':
        return this.#loop(events, work)
      case 'partition':
        return this.#timed(this.#partition(events, work.by))
      default: {
        const windows = buildWindows(events, work, this.#type)
        const rows = isOneSubtask(work) ? windows.uid(`${this.#uid}-out`) : this.#laidOut(windows)
        return work.kind === 'count-window' ? this.#timed(rows) : rows
      }
    }
  }

  #sideOutput(events: DataStream<Event>): DataStream<Event> {
    const odd = this.#laidOut(events.process(() => new PartByValue(), this.#type))
    const even = odd
      .getSideOutput(evenTag as OutputTag<Event>)
      .map((event): Event => ({ ...event, value: event.value + 1 }), this.#type)
    return odd.union(this.#laidOut(even, 'even'))
  }

  #connected(events: DataStream<Event>, delayMs: number | null): DataStream<Event> {
    const [left, right] = this.#parts(events)
    if (delayMs === null) {
      const both = left.connect(right).map(
        (event): Event => ({ ...event, value: event.value + 1 }),
        (event): Event => ({ ...event, value: event.value - 1 }),
        this.#type,
      )
      return this.#laidOut(both)
    }
    return this.#laidOut(
      byKey(left)
        .connect(byKey(right))
        .process(() => new HoldBack(delayMs, this.#site.observer), this.#type),
    )
  }

  #withRules(events: DataStream<Event>, ruleCount: number): DataStream<Event> {
    const rules = this.#site.env
      .generate<Rule>({
        count: ruleCount,
        generator: (index) => rulesOf(ruleCount)[index] as Rule,
        recordsPerSecond: 400,
        type: Rule,
      })
      .setParallelism(1)
      .uid(`${this.#uid}-rules`)
      .broadcast(stageRules)
    const { observer } = this.#site
    return this.#laidOut(
      events.connect(rules).process(() => new LookUp(ruleCount, observer), this.#type),
    )
  }

  #distinct(events: DataStream<Event>, hasCleanupInSnapshots: boolean): DataStream<Event> {
    const doubled = this.#laidOut(
      events.flatMap((event) => [event, event], this.#type),
      'doubled',
    )
    return this.#laidOut(
      doubled
        .keyBy(identityOf, { type: Types.string })
        .filter(rich(() => new First(hasCleanupInSnapshots))),
    )
  }

  #asking(
    events: DataStream<Event>,
    { isOrdered, capacity }: StageWork & { readonly kind: 'async' },
  ): DataStream<Event> {
    const options = {
      timeout: '10 min',
      capacity,
      retry: AsyncRetryStrategies.fixedDelay<Event>({ maxRetries: 3, delay: 2 }),
      ...this.#type,
    }
    return this.#laidOut(
      isOrdered
        ? AsyncDataStream.orderedWait(events, asking(), options)
        : AsyncDataStream.unorderedWait(events, asking(), options),
    )
  }

  #intervalJoin(
    events: DataStream<Event>,
    { lowerMs, upperMs }: StageWork & { readonly kind: 'interval-join' },
  ): DataStream<Event> {
    const [left, right] = this.#parts(events)
    return this.#laidOut(
      byKey(left, joinKeyOf)
        .intervalJoin(byKey(right, joinKeyOf))
        .between(lowerMs, upperMs)
        .upperBoundExclusive()
        .process((one, other, { timestamp }) => [pairOf(one, other, timestamp)], this.#type),
    )
  }

  #loop(
    events: DataStream<Event>,
    { step, crosses }: StageWork & { readonly kind: 'loop' },
  ): DataStream<Event> {
    const entering = this.#laidOut(
      events.map((event) => event, this.#type),
      'entering',
    )
    const loop = this.#laidOut(entering.iterate(), 'loop')
    const again = this.#laidOut(
      loop.filter(({ value }) => value > step),
      'again',
    )
    const stepped = again.map(
      (event): Event => ({ ...event, value: event.value - step }),
      this.#type,
    )
    loop.closeWith(
      crosses ? this.#laidOut(stepped, 'stepped').rebalance() : this.#laidOut(stepped, 'stepped'),
    )
    return this.#timed(this.#laidOut(loop.filter(({ value }) => value <= step)))
  }

  #partition(
    events: DataStream<Event>,
    by: (StageWork & { readonly kind: 'partition' })['by'],
  ): SingleOutputStreamOperator<Event> {
    const ofKeys = byKey(events).fullWindowPartition()
    switch (by) {
      case 'sort':
        return this.#laidOut(events.fullWindowPartition().sortPartition('value', 'descending'))
      case 'count':
        return this.#laidOut(
          ofKeys.mapPartition((records) => {
            const own = [...records]
            return [countOf(own[0]?.key ?? 'none', PARTITION_TIME, own.length)]
          }, this.#type),
        )
      case 'reduce':
        return this.#laidOut(
          ofKeys.reduce((left, right) => summaryOf(left.key, PARTITION_TIME, [left, right])),
        )
      case 'aggregate':
        return this.#laidOut(
          ofKeys.aggregate(
            {
              createAccumulator: () => ({ key: '', count: 0 }),
              add: ({ count }, { key }) => ({ key, count: count + 1 }),
              merge: (left, right) => ({ key: left.key, count: left.count + right.count }),
              getResult: ({ key, count }) => countOf(key, PARTITION_TIME, count),
            },
            this.#type,
          ),
        )
    }
  }

  /** What loops, partitions, endless windows and timers of processing time give has no time, or may come after it. */
  #timed(events: DataStream<Event>): DataStream<Event> {
    return this.#laidOut(
      events.assignTimestampsAndWatermarks(
        WatermarkStrategy.forBoundedOutOfOrderness<Event>('60 d').withTimestampAssigner(
          ({ time }) => time,
        ),
      ),
      'timed',
    )
  }

  #parts(events: DataStream<Event>): readonly [DataStream<Event>, DataStream<Event>] {
    return [
      this.#laidOut(events.filter(isLeft), 'left'),
      this.#laidOut(events.filter(isRight), 'right'),
    ]
  }

  #laidOut<S extends SingleOutputStreamOperator<Event>>(stream: S, part = 'out'): S {
    return stream.setParallelism(this.#parallelism).uid(`${this.#uid}-${part}`)
  }
}

/** Windows without keys are one subtask. */
function isOneSubtask(work: StageWork): boolean {
  return work.kind === 'window-all' || (work.kind === 'count-window' && !work.isKeyed)
}

function byKey(
  events: DataStream<Event>,
  keyOf: (event: Event) => string = ({ key }) => key,
): KeyedStream<string, Event> {
  return events.keyBy(keyOf, { type: Types.string })
}
