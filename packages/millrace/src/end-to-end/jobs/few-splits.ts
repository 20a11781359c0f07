import {
  type StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { DiscoveringSource } from './discovering-source.ts'
import { SumOf } from './sum-of.ts'

const Reading = Types.record({ key: Types.int, at: Types.int })

/**
 * One split for four readers, and a source that never ends: windows fire only if nobody waits for the readers without a split.
 * The counter `fired` has the start of each window that did.
 */
export default function fewSplits(env: StreamExecutionEnvironment): void {
  const source = new DiscoveringSource({
    splits: 1,
    splitRecords: 100,
    everyMs: 1,
    isEndless: true,
  })
  env
    .fromSource(source, WatermarkStrategy.forMonotonousTimestamps(), 'numbers')
    .map((at) => ({ key: at % 3, at }), { type: Reading })
    .keyBy((reading) => reading.key, { type: Types.int })
    .window(TumblingEventTimeWindows.of('10 ms'))
    .maxBy('at')
    .map((reading) => reading.at, { type: Types.int })
    .keyBy(() => 0, { type: Types.int })
    .process(() => new SumOf('fired'), { type: Types.int })
    .discard()
}
