import {
  FileSource,
  type StreamExecutionEnvironment,
  textLines,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { SumOf } from './sum-of.ts'

/** Numbers in the files of a folder that is watched: each is a time. The sum of the numbers in windows that fired is counted. */
export default function monitoredFiles(env: StreamExecutionEnvironment): void {
  const source = FileSource.of({
    path: process.env['MILLRACE_TEST_FOLDER'] as string,
    format: textLines(),
    monitorInterval: '10 ms',
  })
  const time = WatermarkStrategy.forMonotonousTimestamps<string>().withTimestampAssigner(Number)
  env
    .fromSource(source, time, 'files')
    .map(Number, { type: Types.int })
    .keyBy(() => 0, { type: Types.int })
    .window(TumblingEventTimeWindows.of(100))
    .reduce((left, right) => left + right)
    .keyBy(() => 0, { type: Types.int })
    .process(() => new SumOf('fired'), { type: Types.int })
    .discard()
}
