// Writes snapshots and a whole checkpoint in the formats of today, to be kept: tests of later releases read them with the
// program as it was and with programs that changed. What was kept once is never written again.
//
//   npm run state-test-data -- v1

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Types } from '@millrace/core'
import { HeapKeyedStateBackend, KeyedSnapshotWriter, OperatorStateBackend } from '@millrace/state'
import {
  type AggregateFunction,
  EventTimeSessionWindows,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  MillraceError,
  StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  WatermarkStrategy,
} from 'millrace'

const MAX_PARALLELISM = 128
const ALL_KEY_GROUPS = { start: 0, end: MAX_PARALLELISM - 1 }
const RECORDS = 2000

/** Called last, when all that it needs is there. */
async function main(): Promise<void> {
  const [version] = process.argv.slice(2)
  if (version === undefined) throw new Error('usage: npm run state-test-data -- v1')
  const stateFolder = newFolder(join('packages/state/test-data', version))
  const jobFolder = newFolder(join('packages/millrace/test-data', version))
  writeFileSync(join(stateFolder, 'keyed.snapshot'), keyedSnapshot())
  writeFileSync(join(stateFolder, 'timers.snapshot'), timersSnapshot())
  writeFileSync(join(stateFolder, 'operator.snapshot'), operatorSnapshot())
  await writeCheckpoint(jobFolder)
}

function newFolder(path: string): string {
  if (existsSync(path)) throw new Error(`${path} is there already: kept state is never replaced`)
  mkdirSync(path, { recursive: true })
  return path
}

/** Typed states of the five kinds and untyped ones, for the int keys 0 to 9. */
function keyedSnapshot(): Uint8Array {
  const backend = new HeapKeyedStateBackend<number>({
    keyType: Types.int,
    maxParallelism: MAX_PARALLELISM,
    keyGroupRange: ALL_KEY_GROUPS,
  })
  const stop = Types.record({ airport: Types.string, minutes: Types.int })
  const flight = Types.record({
    id: Types.int,
    origin: Types.string,
    stops: Types.array(stop),
    gate: Types.nullable(Types.string),
  })
  const value = backend.getValueState({ name: 'value', type: flight })
  const list = backend.getListState({ name: 'list', type: stop })
  const map = backend.getMapState({ name: 'map', keyType: Types.string, valueType: stop })
  const reducing = backend.getReducingState({
    name: 'reducing',
    type: Types.int,
    reduce: (left, right) => left + right,
  })
  const aggregating = backend.getAggregatingState({ name: 'aggregating', aggregate: countAndSum })
  const untyped = backend.getValueState<object>({ name: 'untyped' })
  for (let key = 0; key < 10; key++) {
    backend.setCurrentKey(key)
    const stops = Array.from({ length: key % 3 }, (_, index) => ({
      airport: `airport ${index}`,
      minutes: 10 * index,
    }))
    value.update({ id: key, origin: `origin ${key}`, stops, gate: key % 2 === 0 ? null : 'B7' })
    list.addAll([
      { airport: 'SFO', minutes: key },
      { airport: 'JFK', minutes: key + 1 },
    ])
    map.put('first', { airport: 'LAX', minutes: key })
    reducing.add(key)
    reducing.add(100)
    aggregating.add(key)
    aggregating.add(key)
    untyped.update({ id: key, tags: ['a', 'b'], when: new Date(key) })
  }
  const writer = new KeyedSnapshotWriter({ keyType: Types.int, maxParallelism: MAX_PARALLELISM })
  backend.snapshotInto(writer)
  return writer.finish()
}

/** Keys without values under the timestamps of their timers. */
function timersSnapshot(): Uint8Array {
  const writer = new KeyedSnapshotWriter({ keyType: Types.int, maxParallelism: MAX_PARALLELISM })
  const table = { name: '$timers.event-time', kind: 'timers', valueType: undefined }
  writer.writeTable(table, (add) => {
    for (let key = 0; key < 10; key++) add(key, 1000 + key, undefined)
  })
  return writer.finish()
}

/** A split list, a union list and a broadcast map. */
function operatorSnapshot(): Uint8Array {
  const backend = new OperatorStateBackend({ subtaskIndex: 0, parallelism: 1 })
  const position = Types.record({ file: Types.string, offset: Types.int })
  backend.getListState({ name: 'split', type: position }).addAll([
    { file: 'a', offset: 1 },
    { file: 'b', offset: 2 },
  ])
  backend.getUnionListState({ name: 'union', type: Types.int }).addAll([1, 2, 3])
  const rules = { name: 'broadcast', keyType: Types.string, valueType: position }
  backend.getBroadcastState(rules).put('rule', { file: 'c', offset: 3 })
  return backend.snapshot()
}

const countAndSum: AggregateFunction<number, { count: number; sum: number }, number> = {
  accumulatorType: Types.record({ count: Types.int, sum: Types.int }),
  createAccumulator: () => ({ count: 0, sum: 0 }),
  add: ({ count, sum }, value) => ({ count: count + 1, sum: sum + value }),
  getResult: ({ sum }) => sum,
  merge: (left, right) => ({ count: left.count + right.count, sum: left.sum + right.sum }),
}

/** A job that fails in the middle, for good, as soon as it has a checkpoint. */
async function writeCheckpoint(directory: string): Promise<void> {
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    checkpointing: { interval: '300 ms', directory },
    restart: { strategy: 'none' },
  })
  const time = WatermarkStrategy.forMonotonousTimestamps<number>()
  const numbers = env
    .generate({ count: RECORDS, recordsPerSecond: 2000, generator: (index) => index })
    .uid('numbers')
    .map((value) => {
      if (hasCheckpoint(directory)) throw new Error('stopped')
      return value
    })
    .assignTimestampsAndWatermarks(time.withTimestampAssigner((value) => value * 10))
    .uid('times')
  const rules = env
    .fromData([7])
    .uid('rule-values')
    .broadcast({ name: 'rules', keyType: Types.string, valueType: Types.int })
  numbers
    .connect(rules)
    .process(() => ({
      processElement: () => {},
      processBroadcastElement: (value, context) =>
        context.getBroadcastState({ name: 'rules' }).put('factor', value),
    }))
    .uid('rules')
    .discard()
    .uid('no-rules')
  const byDigit = numbers.keyBy((value) => value % 10, { type: Types.int })
  byDigit
    .process(() => new Totals())
    .uid('totals')
    .discard()
    .uid('no-totals')
  byDigit
    .window(TumblingEventTimeWindows.of('1 min'))
    .aggregate(countAndSum)
    .uid('windows')
    .discard()
    .uid('no-windows')
  byDigit
    .window(EventTimeSessionWindows.withGap('1 min'))
    .aggregate(countAndSum)
    .uid('sessions')
    .discard()
    .uid('no-sessions')
  try {
    await env.execute('kept state')
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'FUNCTION_FAILED') return
    throw error
  }
  throw new Error('the job came to its end before its first checkpoint')
}

function hasCheckpoint(directory: string): boolean {
  return readdirSync(directory).some((name) => existsSync(join(directory, name, '_metadata')))
}

/** States of all five kinds and a timer a key that is due at the end of the input. */
class Totals implements KeyedProcessFunction<number, number, never> {
  #add!: (value: number) => void

  open(context: KeyedRuntimeContext): void {
    const total = context.getValueState({
      name: 'total',
      type: Types.record({ count: Types.int, sum: Types.int }),
    })
    const firsts = context.getListState({ name: 'firsts', type: Types.int })
    const parities = context.getMapState({
      name: 'parities',
      keyType: Types.string,
      valueType: Types.int,
    })
    const largest = context.getReducingState({
      name: 'largest',
      type: Types.int,
      reduce: (left, right) => Math.max(left, right),
    })
    const aggregated = context.getAggregatingState({ name: 'aggregated', aggregate: countAndSum })
    this.#add = (value) => {
      const { count, sum } = total.value() ?? { count: 0, sum: 0 }
      total.update({ count: count + 1, sum: sum + value })
      if (firsts.get().length < 3) firsts.add(value)
      const parity = value % 20 < 10 ? 'even tens' : 'odd tens'
      parities.put(parity, (parities.get(parity) ?? 0) + 1)
      largest.add(value)
      aggregated.add(value)
    }
  }

  processElement(value: number, { timerService }: KeyedProcessContext<number>): void {
    this.#add(value)
    timerService.registerEventTimeTimer(1_000_000)
  }
}

await main()
