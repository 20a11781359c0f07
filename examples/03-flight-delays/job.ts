// Flight delays: real flights, out of order, through event-time windows into files, exactly once.
//
//   flights ─> by origin ─┬─> daily windows ──────┬─> name airports ─> daily/
//                         │      └─ late flights ──────────────────> late/
//                         └─> 6 h / 1 h windows ──┴─> name airports ─> six-hours/
//   airports ─────────────────── broadcast ────────┘

import { join } from 'node:path'
import {
  csv,
  FileSink,
  FileSource,
  jsonLinesEncoder,
  OutputTag,
  SlidingEventTimeWindows,
  type StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { delayStatistics, toRow } from './delay-statistics.ts'
import { FailOnce } from './fail-once.ts'
import { Airport, Flight, WindowRow } from './flight.ts'
import { airportNames, NameAirports } from './name-airports.ts'
import { parseOptions } from './options.ts'
import { ReplaySource } from './replay-source.ts'

const SEED = 2001
/** About a day and a half of flights-20k.json: more than the watermark waits, so some flights are late. */
const DISORDER = 400

const lateFlights = new OutputTag('late-flights', Flight)

/** Builds the job. Every worker thread calls it too, so it depends on the command line alone. */
export default function buildFlightDelays(env: StreamExecutionEnvironment): void {
  const options = parseOptions(process.argv.slice(2))
  env.setParallelism(options.parallelism)

  const flights = env
    .fromSource(
      new ReplaySource({
        path: options.input,
        seed: SEED,
        disorder: DISORDER,
        rate: options.rate,
      }),
      // A watermark with every record: which flights are late does not depend on how fast the job runs.
      WatermarkStrategy.forBoundedOutOfOrderness<Flight>('1 d', {
        emit: 'per-record',
      }).withTimestampAssigner((flight) => flight.date),
      'flights',
    )
    .uid('flights')
    .process(() => new FailOnce<Flight>(options.failAfter), { type: Flight })
    .uid('fail-once')
    .keyBy((flight) => flight.origin, { type: Types.string })

  const daily = flights
    .window(TumblingEventTimeWindows.of('1 d'))
    .sideOutputLateData(lateFlights)
    .aggregate(delayStatistics, toRow('1 d'))
    .returns(WindowRow)
    .uid('daily')
    .name('daily')

  const sixHours = flights
    .window(SlidingEventTimeWindows.of('6 h', '1 h'))
    .aggregate(delayStatistics, toRow('6 h / 1 h'))
    .returns(WindowRow)
    .uid('six-hours')
    .name('six-hours')

  const airports = env
    .fromSource(
      FileSource.of({ path: options.airports, format: csv({ type: Airport }) }),
      WatermarkStrategy.noWatermarks<Airport>(),
      'airports',
    )
    .uid('airports')
    .broadcast(airportNames)

  for (const [name, windows] of [
    ['daily', daily],
    ['six-hours', sixHours],
  ] as const) {
    windows
      .keyBy((row) => row.origin, { type: Types.string })
      .connect(airports)
      .process(() => new NameAirports(), { type: WindowRow })
      .uid(`${name}-named`)
      .sinkTo(
        FileSink.of({
          path: join(options.output, name),
          encoder: jsonLinesEncoder<WindowRow>(),
          partSuffix: '.jsonl',
        }),
      )
      .uid(`${name}-files`)
  }

  daily
    .getSideOutput(lateFlights)
    .sinkTo(
      FileSink.of({
        path: join(options.output, 'late'),
        encoder: jsonLinesEncoder<Flight>(),
        partSuffix: '.jsonl',
      }),
    )
    .uid('late-files')
}
