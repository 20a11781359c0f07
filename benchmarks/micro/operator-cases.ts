// Each kind of operator alone in a job: prepared bids, the operator, a sink that counts. What source and sink cost
// is the case `operator source and sink`, and is part of all others.

import type { OperatorKind } from '@millrace/job-graph'
import {
  type DataStream,
  type KeyedStream,
  StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { type PreparedBid, PreparedSource } from '../engine/prepared-source.ts'
import { CountingSink } from '../measuring/counting-sink.ts'
import { bidCount } from '../nexmark/queries/bid-count.ts'
import type { MicroCase } from './micro-case.ts'

const EVENTS = 1_000_000
const AUCTIONS = 1000
const EVENTS_PER_SECOND = 100_000

/** Adds an operator, and a sink that counts what it emits. */
type AddTo = (bids: DataStream<PreparedBid>) => void

/** A program for each kind of operator; the compiler sees that none is missing. */
const PROGRAMS: Readonly<Record<OperatorKind, AddTo>> = {
  source: counted((bids) => bids),
  sink: counted((bids) => bids),
  'timestamps-watermarks': counted((bids) => bids.assignTimestampsAndWatermarks(inOrder())),
  map: counted((bids) => bids.map(({ price }) => price, { type: Types.int })),
  'flat-map': counted((bids) => bids.flatMap<number>(({ price }, out) => out.collect(price))),
  filter: counted((bids) => bids.filter(({ price }) => price % 2 === 0)),
  process: counted((bids) =>
    bids.process<number>(() => ({ processElement: ({ price }, _, out) => out.collect(price) })),
  ),
  'keyed-process': counted((bids) =>
    byAuction(bids).process<number>(() => ({
      processElement: ({ price }, _, out) => out.collect(price),
    })),
  ),
  'keyed-reduce': counted((bids) => byAuction(bids).maxBy('price')),
  window: counted((bids) =>
    byAuction(bids).window(TumblingEventTimeWindows.of('1 s')).aggregate(bidCount),
  ),
  'co-process': counted((bids) =>
    bids.connect(few(bids)).map(
      ({ price }) => price,
      ({ price }) => price,
    ),
  ),
  'keyed-co-process': counted((bids) =>
    byAuction(bids)
      .connect(byAuction(few(bids)))
      .map(
        ({ price }) => price,
        ({ price }) => price,
      ),
  ),
  'broadcast-process': counted((bids) =>
    bids.connect(few(bids).broadcast(PRICES)).process<number>(() => ({
      processElement: ({ price }, _, out) => out.collect(price),
      processBroadcastElement: ({ auction, price }, context) =>
        context.getBroadcastState(PRICES).put(auction, price),
    })),
  ),
  'keyed-broadcast-process': counted((bids) =>
    byAuction(bids)
      .connect(few(bids).broadcast(PRICES))
      .process<number>(() => ({
        processElement: ({ price }, _, out) => out.collect(price),
        processBroadcastElement: ({ auction, price }, context) =>
          context.getBroadcastState(PRICES).put(auction, price),
      })),
  ),
  async: counted((bids) =>
    bids.mapAsync<number>(async ({ price }) => price, { timeout: '1 min', capacity: 1000 }),
  ),
  'interval-join': counted((bids) =>
    byAuction(bids)
      .intervalJoin(byAuction(few(bids)))
      .between('-1 s', '1 s')
      .process<number>(({ price }, _right, _context, out) => out.collect(price)),
  ),
  'iteration-head': counted((bids) => {
    const loop = bids.iterate()
    loop.closeWith(loop.filter(({ price }) => price < 0))
    return loop
  }),
  partition: counted((bids) =>
    bids.fullWindowPartition().reduce((left, right) => (right.price > left.price ? right : left)),
  ),
  'keyed-partition': counted((bids) =>
    byAuction(bids)
      .fullWindowPartition()
      .reduce((left, right) => (right.price > left.price ? right : left)),
  ),
  'sink-writer': addStagedSink,
  committer: addStagedSink,
  'commit-stage': addStagedSink,
}

function counted<OUT>(build: (bids: DataStream<PreparedBid>) => DataStream<OUT>): AddTo {
  return (bids) => build(bids).sinkTo(new CountingSink<OUT>())
}

/** A case for each kind of operator. */
export const OPERATOR_CASES: readonly MicroCase[] = Object.entries(PROGRAMS).map(
  ([kind, addTo]) => ({
    name: `operator ${kind}`,
    prepare: () => ({ count: EVENTS, run: () => runJob(addTo) }),
  }),
)

/** A sink of three operators: what it costs a record to be written in the first. */
class StagedSink extends CountingSink<PreparedBid> {
  override readonly name: string = 'Staged'
  readonly postCommit = [
    {
      name: 'after commit',
      createProcessor: () => ({ process: () => {}, isHolding: false, snapshotState: () => [] }),
    },
  ]

  createCommitter(): { commit: () => Promise<void> } {
    return { commit: async () => {} }
  }
}

function addStagedSink(bids: DataStream<PreparedBid>): void {
  bids.sinkTo(new StagedSink())
}

const PRICES = { name: 'prices', keyType: Types.int, valueType: Types.int }

async function runJob(addTo: AddTo): Promise<void> {
  const env = StreamExecutionEnvironment.getExecutionEnvironment()
  const source = new PreparedSource({
    events: EVENTS,
    auctions: AUCTIONS,
    eventsPerSecond: EVENTS_PER_SECOND,
  })
  addTo(env.fromSource(source, inOrder(), 'bids'))
  await env.execute()
}

function inOrder(): WatermarkStrategy<PreparedBid> {
  return WatermarkStrategy.forMonotonousTimestamps<PreparedBid>()
}

function byAuction(bids: DataStream<PreparedBid>): KeyedStream<number, PreparedBid> {
  return bids.keyBy(({ auction }) => auction, { type: Types.int })
}

/** The rare records of a second input. */
function few(bids: DataStream<PreparedBid>): DataStream<PreparedBid> {
  return bids.filter(({ price }) => price % 1000 === 0)
}
