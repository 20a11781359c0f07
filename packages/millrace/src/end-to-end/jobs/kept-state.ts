// The job of scripts/write-state-test-data.ts, with every type of its state changed since. Module for threads.

import {
  type AggregateFunction,
  type Collector,
  EventTimeSessionWindows,
  type Infer,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type MapStateDescriptor,
  migrateFrom,
  type OnTimerContext,
  type ProcessFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  type TypeInfo,
  Types,
  WatermarkStrategy,
} from 'millrace'

/** As many as the job was to read that wrote the checkpoint. */
export const RECORDS = 2000

const CountAndSum = Types.record({ count: Types.int, sum: Types.int })

/** Renamed, and with a field more. */
const Totalled = Types.record({ total: Types.double, records: Types.long, isNew: Types.boolean })

const totalled: AggregateFunction<
  number,
  { total: number; records: number; isNew: boolean },
  string
> = {
  accumulatorType: Totalled,
  accumulatorEvolution: {
    migrate: migrateFrom(CountAndSum, ({ count, sum }) => ({
      total: sum,
      records: count,
      isNew: false,
    })),
  },
  createAccumulator: () => ({ total: 0, records: 0, isNew: true }),
  add: ({ total, records, isNew }, value) => ({
    total: total + value,
    records: records + 1,
    isNew,
  }),
  getResult: ({ total, records }) => `${records} records, ${total} in all`,
  merge: (left, right) => ({
    total: left.total + right.total,
    records: left.records + right.records,
    isNew: left.isNew && right.isNew,
  }),
}

const rules: MapStateDescriptor<string, { factor: number }> = {
  name: 'rules',
  keyType: Types.string,
  valueType: Types.record({ factor: Types.int }),
  migrate: migrateFrom(Types.int, (factor) => ({ factor })),
}

/** What it finds in state and windows it counts, as text, in accumulators. */
export default function keptState(
  env: StreamExecutionEnvironment,
  totalType: TypeInfo<Total> = Total,
): void {
  const time = WatermarkStrategy.forMonotonousTimestamps<number>()
  const numbers = env
    .generate({ count: RECORDS, generator: (index) => index })
    .uid('numbers')
    .map((value) => value)
    .returns(Types.int)
    .assignTimestampsAndWatermarks(time.withTimestampAssigner((value) => value * 10))
    .uid('times')
  const ruleValues = env.fromData([7]).uid('rule-values').broadcast(rules)
  const factors = numbers
    .connect(ruleValues)
    .process<string>(() => ({
      processElement: (value, context, out) => {
        if (value < RECORDS - 1) return
        out.collect(`factor ${JSON.stringify(context.getBroadcastState(rules).get('factor'))}`)
      },
      processBroadcastElement: () => {},
    }))
    .uid('rules')
  const byDigit = numbers.keyBy((value) => value % 10, { type: Types.long })
  const totals = byDigit.process(() => new Totals(totalType)).uid('totals')
  const windows = byDigit
    .window(TumblingEventTimeWindows.of('1 min'))
    .aggregate(totalled, ({ key, window }, result) => [
      `window ${key} from ${window.start}: ${result}`,
    ])
    .uid('windows')
  const sessions = byDigit
    .window(EventTimeSessionWindows.withGap('1 min'))
    .aggregate(totalled, ({ key, window }, result) => [
      `session ${key} from ${window.start} to ${window.end}: ${result}`,
    ])
    .uid('sessions')
  // The sinks of then are part of the checkpoint too.
  for (const [uid, stream] of Object.entries({ rules: factors, totals, windows, sessions })) {
    stream.discard().uid(`no-${uid}`)
  }
  factors
    .union(totals, windows, sessions)
    .process(() => new Found())
    .uid('found')
    .discard()
    .uid('nothing')
}

/** Widened, reordered, and with a new field. */
const Total = Types.record({
  sum: Types.double,
  note: Types.string,
  count: Types.nullable(Types.long),
})
type Total = Infer<typeof Total>

class Totals implements KeyedProcessFunction<number, number, string> {
  readonly #totalType: TypeInfo<Total>
  #add!: (value: number) => void
  #show!: () => object

  constructor(totalType: TypeInfo<Total>) {
    this.#totalType = totalType
  }

  open(context: KeyedRuntimeContext): void {
    const total = context.getValueState({
      name: 'total',
      type: this.#totalType,
      fieldDefaults: { note: 'restored' },
    })
    const firsts = context.getListState({ name: 'firsts', type: Types.nullable(Types.long) })
    const parities = context.getMapState({
      name: 'parities',
      keyType: Types.string,
      valueType: Types.long,
      ttl: { duration: '1 d' },
    })
    const largest = context.getReducingState({
      name: 'largest',
      type: Types.string,
      migrate: migrateFrom(Types.int, (value) => String(value)),
      reduce: (left, right) => (Number(left) > Number(right) ? left : right),
    })
    const aggregated = context.getAggregatingState({ name: 'aggregated', aggregate: totalled })
    this.#add = (value) => {
      const { sum, note, count } = total.value() ?? { sum: 0, note: 'new', count: 0 }
      total.update({ sum: sum + value, note, count: (count ?? 0) + 1 })
      if (firsts.get().length < 3) firsts.add(value)
      const parity = value % 20 < 10 ? 'even tens' : 'odd tens'
      parities.put(parity, (parities.get(parity) ?? 0) + 1)
      largest.add(String(value))
      aggregated.add(value)
    }
    this.#show = () => [
      total.value(),
      firsts.get(),
      Object.fromEntries(parities.entries()),
      largest.get(),
      aggregated.get(),
    ]
  }

  processElement(value: number, _context: KeyedProcessContext<number>): void {
    this.#add(value)
  }

  onTimer(timestamp: number, context: OnTimerContext<number>, out: Collector<string>): void {
    out.collect(`timer ${context.currentKey} at ${timestamp}: ${JSON.stringify(this.#show())}`)
  }
}

/** Makes each text an accumulator: the program that runs the job sees them, on whatever thread they came up. */
class Found implements ProcessFunction<string, never> {
  #context!: RuntimeContext

  open(context: RuntimeContext): void {
    this.#context = context
  }

  processElement(text: string): void {
    this.#context.getAccumulator(text).add(1)
  }
}
