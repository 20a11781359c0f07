// What the compiler knows about streams. These tests fail in `tsc -b`, not when they run.

import {
  type AggregateFunction,
  type BroadcastProcessFunction,
  type Collector,
  type CoProcessFunction,
  type KeyedBroadcastProcessFunction,
  type KeyedCoProcessFunction,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type KeyedStateApplication,
  type ListState,
  OutputTag,
  type ProcessFunction,
  rich,
  type RichFlatMapFunction,
  type RichMapFunction,
  type RuntimeContext,
  TumblingEventTimeWindows,
  Types,
} from '@millrace/core'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'
import type { NumericField, OrderedField } from '../functions/field-functions.ts'
import type { BroadcastStream } from './broadcast-stream.ts'
import type { ConnectedStreams, KeyedConnectedStreams } from './connected-streams.ts'
import type { DataStream } from './data-stream.ts'
import type { KeyedStream } from './keyed-stream.ts'
import type { SingleOutputStreamOperator } from './single-output-stream-operator.ts'

interface Bid {
  readonly auction: number
  readonly bidder: string
  readonly price: bigint
  readonly at: Date
  readonly note: string | null
}

interface Rule {
  readonly limit: number
}

const env = StreamExecutionEnvironment.getExecutionEnvironment()
const bids = env.fromData<Bid>([])
const rules = env.fromData<Rule>([])

const Flight = z.object({ origin: z.string(), delay: z.string().transform(Number) })

describe('the type of a stream', () => {
  test('when a source has a schema, then it is what the schema answers', () => {
    type Read = { origin: string; delay: number }
    const values: unknown[] = []
    expectTypeOf(env.fromData(values, { schema: Flight })).toEqualTypeOf<
      SingleOutputStreamOperator<Read>
    >()
    expectTypeOf(env.generate({ generator: (n) => `${n}`, schema: Flight })).toEqualTypeOf<
      SingleOutputStreamOperator<Read>
    >()
    expectTypeOf(env.socketTextStream('localhost', 1, { schema: Flight })).toEqualTypeOf<
      SingleOutputStreamOperator<Read>
    >()
    expectTypeOf(env.socketTextStream('localhost', 1)).toEqualTypeOf<
      SingleOutputStreamOperator<string>
    >()
    expectTypeOf(env.generate({ generator: (n) => `${n}` })).toEqualTypeOf<
      SingleOutputStreamOperator<string>
    >()
    expectTypeOf(env.fromData([{ a: 1 }])).toEqualTypeOf<
      SingleOutputStreamOperator<{ a: number }>
    >()
  })

  test('when it comes from a source, then it is that of its values', () => {
    expectTypeOf(env.fromData([1, 2])).toEqualTypeOf<SingleOutputStreamOperator<number>>()
    expectTypeOf(env.fromData(['a'])).toEqualTypeOf<SingleOutputStreamOperator<string>>()
    expectTypeOf(env.fromSequence(1, 2)).toEqualTypeOf<SingleOutputStreamOperator<number>>()
    expectTypeOf(env.generate({ generator: (index) => ({ index }) })).toEqualTypeOf<
      SingleOutputStreamOperator<{ index: number }>
    >()
    const typed = env.fromData([{ id: 1 }], { type: Types.record({ id: Types.int }) })
    expectTypeOf(typed).toExtend<DataStream<{ id: number }>>()
    // @ts-expect-error -- the values are not of the type
    env.fromData([{ id: 'one' }], { type: Types.record({ id: Types.int }) })
  })

  test('when it is transformed, then it is inferred from the function', () => {
    expectTypeOf(bids.map((bid) => bid.bidder)).toEqualTypeOf<SingleOutputStreamOperator<string>>()
    expectTypeOf(bids.flatMap((bid) => [bid.auction])).toEqualTypeOf<
      SingleOutputStreamOperator<number>
    >()
    expectTypeOf(bids.filter((bid) => bid.auction > 1)).toEqualTypeOf<
      SingleOutputStreamOperator<Bid>
    >()
    expectTypeOf(bids.map((bid) => bid.note).filter((note) => note !== null)).toEqualTypeOf<
      SingleOutputStreamOperator<string>
    >()
    expectTypeOf(bids.process((): ProcessFunction<Bid, Rule> => neverCalled())).toEqualTypeOf<
      SingleOutputStreamOperator<Rule>
    >()
    expectTypeOf(bids.union(bids)).toEqualTypeOf<DataStream<Bid>>()
    // @ts-expect-error -- streams of different types have no union
    bids.union(rules)
    expectTypeOf(bids.getSideOutput(new OutputTag('late', Types.int))).toEqualTypeOf<
      DataStream<number>
    >()
    const collect = () => bids.executeAndCollect()
    expectTypeOf(collect).returns.toEqualTypeOf<Promise<Bid[]>>()
  })

  test('when a type is declared, then it must fit what the function makes', () => {
    bids.map((bid) => bid.auction, { type: Types.int })
    bids.map((bid) => bid.auction).returns(Types.double)
    // @ts-expect-error -- the function makes text
    bids.map((bid) => bid.bidder, { type: Types.int })
    // @ts-expect-error -- the stream is of numbers
    bids.map((bid) => bid.auction).returns(Types.string)
  })
})

describe('the type of a keyed stream', () => {
  const keyed = bids.keyBy((bid) => bid.bidder)

  test('when a selector is given, then the key is what it answers', () => {
    expectTypeOf(keyed).toEqualTypeOf<KeyedStream<string, Bid>>()
    expectTypeOf(bids.keyBy((bid) => bid.auction)).toEqualTypeOf<KeyedStream<number, Bid>>()
    // @ts-expect-error -- an object has no identity across processes
    bids.keyBy((bid) => ({ id: bid.auction }))
    // @ts-expect-error -- null is no key
    bids.keyBy((bid) => bid.note)
  })

  test('when it is processed, then the function sees the key', () => {
    const factory = (): KeyedProcessFunction<string, Bid, number> => ({
      processElement: (bid, context, out) => {
        expectTypeOf(bid).toEqualTypeOf<Bid>()
        expectTypeOf(context.currentKey).toEqualTypeOf<string>()
        out.collect(bid.auction)
      },
    })
    expectTypeOf(keyed.process(factory)).toEqualTypeOf<SingleOutputStreamOperator<number>>()
  })

  test('when fields are named, then only fitting ones are taken', () => {
    expectTypeOf<NumericField<Bid>>().toEqualTypeOf<'auction' | 'price'>()
    expectTypeOf<OrderedField<Bid>>().toEqualTypeOf<'auction' | 'price' | 'bidder' | 'at'>()
    expectTypeOf(keyed.sum('price')).toEqualTypeOf<SingleOutputStreamOperator<Bid>>()
    expectTypeOf(keyed.maxBy('at')).toEqualTypeOf<SingleOutputStreamOperator<Bid>>()
    // @ts-expect-error -- text has no sum
    keyed.sum('bidder')
    // @ts-expect-error -- no such field
    keyed.min('cost')
  })
})

describe('the type of a function with a life cycle', () => {
  class Plain implements RichMapFunction<Bid, number> {
    open(context: RuntimeContext): void {
      expectTypeOf(context.jobName).toEqualTypeOf<string>()
    }

    map(bid: Bid): number {
      return bid.auction
    }
  }

  class Stateful implements RichFlatMapFunction<Bid, string> {
    open(context: KeyedRuntimeContext): void {
      context.getValueState({ name: 'last', type: Types.string })
    }

    flatMap(bid: Bid, out: Collector<string>): void {
      out.collect(bid.bidder)
    }
  }

  test('when it wants no state, then it fits every stream', () => {
    const keyed = bids.keyBy((bid) => bid.bidder)
    expectTypeOf(bids.map(rich(() => new Plain()))).toEqualTypeOf<
      SingleOutputStreamOperator<number>
    >()
    expectTypeOf(keyed.map(rich(() => new Plain()))).toEqualTypeOf<
      SingleOutputStreamOperator<number>
    >()
    expectTypeOf(keyed.filter(rich(() => ({ filter: () => true })))).toEqualTypeOf<
      SingleOutputStreamOperator<Bid>
    >()
    // @ts-expect-error -- the function is one of bids
    rules.map(rich(() => new Plain()))
  })

  test('when it wants keyed state, then it fits keyed streams only', () => {
    const keyed = bids.keyBy((bid) => bid.bidder)
    expectTypeOf(keyed.flatMap(rich(() => new Stateful()))).toEqualTypeOf<
      SingleOutputStreamOperator<string>
    >()
    // @ts-expect-error -- there is no keyed state without keys
    bids.flatMap(rich(() => new Stateful()))
  })

  test('when a process function wants keyed state, then an unkeyed stream does not take it', () => {
    const stateful = () => ({
      open: (context: KeyedRuntimeContext) => void context.getListState({ name: 'list' }),
      processElement: (_: Bid, __: unknown, out: Collector<number>) => out.collect(1),
    })
    bids.keyBy((bid) => bid.bidder).process(stateful)
    // @ts-expect-error -- there is no keyed state without keys
    bids.process(stateful)
  })

  test('when broadcast elements reach all keys, then the handle says what they find there', () => {
    const apply = (context: KeyedStateApplication<string>, list: ListState<Bid>): void =>
      context.applyToKeyedState(list, (key, state) => {
        expectTypeOf(key).toEqualTypeOf<string>()
        expectTypeOf(state).toEqualTypeOf<ListState<Bid>>()
      })
    expectTypeOf(apply).returns.toEqualTypeOf<void>()
  })
})

describe('the type of a windowed stream', () => {
  const windowed = bids.keyBy((bid) => bid.bidder).window(TumblingEventTimeWindows.of('1 s'))

  test('when records are aggregated, then the result is what comes out', () => {
    const aggregate: AggregateFunction<Bid, bigint, number> = {
      createAccumulator: neverCalled,
      add: neverCalled,
      getResult: neverCalled,
      merge: neverCalled,
    }
    expectTypeOf(windowed.reduce((left) => left)).toEqualTypeOf<SingleOutputStreamOperator<Bid>>()
    const aggregated = () => windowed.aggregate(aggregate)
    expectTypeOf(aggregated).returns.toEqualTypeOf<SingleOutputStreamOperator<number>>()
    const shown = () =>
      windowed.aggregate(aggregate, ({ key, window }, result) => {
        expectTypeOf(key).toEqualTypeOf<string>()
        expectTypeOf(window.start).toEqualTypeOf<number>()
        expectTypeOf(result).toEqualTypeOf<number>()
        return [{ key, result }]
      })
    expectTypeOf(shown).returns.toEqualTypeOf<
      SingleOutputStreamOperator<{ key: string; result: number }>
    >()
  })

  test('when all elements are processed, then they are an array of the records', () => {
    const counted = windowed.process((_context, elements) => {
      expectTypeOf(elements).toEqualTypeOf<readonly Bid[]>()
      return [elements.length]
    })
    expectTypeOf(counted).toEqualTypeOf<SingleOutputStreamOperator<number>>()
    expectTypeOf(windowed.sum('auction')).toEqualTypeOf<SingleOutputStreamOperator<Bid>>()
    windowed.sideOutputLateData(new OutputTag<Bid>('late'))
    // @ts-expect-error -- late records are bids
    windowed.sideOutputLateData(new OutputTag('late', Types.int))
  })
})

describe('the type of connected streams', () => {
  const byBidder = bids.keyBy((bid) => bid.bidder)
  const ruleTexts = rules.keyBy((rule) => String(rule.limit))

  test('when streams are connected, then each side keeps its type', () => {
    const connected = bids.connect(rules)
    expectTypeOf(connected).toEqualTypeOf<ConnectedStreams<Bid, Rule>>()
    expectTypeOf(
      connected.map(
        (bid) => bid.auction,
        (rule) => rule.limit,
      ),
    ).toEqualTypeOf<SingleOutputStreamOperator<number>>()
    const factory = (): CoProcessFunction<Bid, Rule, string> => neverCalled()
    expectTypeOf(connected.process(factory)).toEqualTypeOf<SingleOutputStreamOperator<string>>()
  })

  test('when both are keyed alike, then the function sees the key', () => {
    const keyed = byBidder.connect(ruleTexts)
    expectTypeOf(keyed).toEqualTypeOf<KeyedConnectedStreams<string, Bid, Rule>>()
    const factory = (): KeyedCoProcessFunction<string, Bid, Rule, string> => neverCalled()
    expectTypeOf(keyed.process(factory)).toEqualTypeOf<SingleOutputStreamOperator<string>>()
    expectTypeOf(
      bids.connect(rules).keyBy(
        (bid) => bid.auction,
        (rule) => rule.limit,
      ),
    ).toEqualTypeOf<KeyedConnectedStreams<number, Bid, Rule>>()
    expectTypeOf(byBidder.connect(rules)).toEqualTypeOf<ConnectedStreams<Bid, Rule>>()
    // @ts-expect-error -- a number never meets a string
    byBidder.connect(rules.keyBy((rule) => rule.limit))
  })

  test('when one is broadcast with states, then both function interfaces fit', () => {
    const states = { name: 'rules', keyType: Types.string, valueType: Types.int }
    expectTypeOf(rules.broadcast()).toEqualTypeOf<DataStream<Rule>>()
    const broadcast = rules.broadcast(states)
    expectTypeOf(broadcast).toEqualTypeOf<BroadcastStream<Rule>>()
    const plain = (): BroadcastProcessFunction<Bid, Rule, string> => neverCalled()
    expectTypeOf(bids.connect(broadcast).process(plain)).toEqualTypeOf<
      SingleOutputStreamOperator<string>
    >()
    const keyed = (): KeyedBroadcastProcessFunction<string, Bid, Rule, string> => neverCalled()
    expectTypeOf(byBidder.connect(broadcast).process(keyed)).toEqualTypeOf<
      SingleOutputStreamOperator<string>
    >()
  })
})

/** Stands for a function whose type is all that matters. */
function neverCalled(): never {
  throw new Error('not reached')
}
