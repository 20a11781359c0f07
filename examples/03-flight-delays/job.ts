// Flight delays: real flights, out of order, through event-time windows into files, exactly once.
//
//   flights ─> by origin ─┬─> daily windows ──────┬─> name airports ─> daily/
//                         │      └─ late flights ──────────────────> late/
//                         └─> 6 h / 1 h windows ──┴─> name airports ─> six-hours/
//   airports ─────────────────── broadcast ────────┘

import { join } from 'node:path'
import {
  type BroadcastStream,
  csv,
  FileSink,
  FileSource,
  jsonLinesEncoder,
  type KeyedStream,
  OutputTag,
  type SingleOutputStreamOperator,
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
import { type FlightDelayOptions, parseOptions } from './options.ts'
import { ReplaySource } from './replay-source.ts'

/** The order of arrival; the same in every run. */
export const REPLAY = {
  seed: 2001,
  /** About a day and a half of flights-20k.json: more than the watermark waits, so some flights are late. */
  disorder: 400,
} as const

const lateFlights = new OutputTag('late-flights', Flight)

/** Builds the job. Every worker thread calls it too, so it depends on the command line alone. */
export default function buildFlightDelays(env: StreamExecutionEnvironment): void {
  const options = parseOptions(process.argv.slice(2))
  env.setParallelism(options.parallelism)
  const flights = flightsByOrigin(env, options)
  const airports = readAirports(env, options)
  const daily = inDailyWindows(flights)
  const sixHours = inSixHourWindows(flights)

  for (const [name, windows] of [
    ['daily', daily],
    ['six-hours', sixHours],
  ] as const) {
    windows
      .keyBy((row) => row.origin, { type: Types.string })
      .connect(airports)
      .process(() => new NameAirports(), { type: WindowRow })
      .uid(`${name}-named`)
      .sinkTo(files<WindowRow>(options, name))
      .uid(`${name}-files`)
  }
  daily.getSideOutput(lateFlights).sinkTo(files<Flight>(options, 'late')).uid('late-files')
}

function flightsByOrigin(
  env: StreamExecutionEnvironment,
  { input, rate, failAfter }: FlightDelayOptions,
): KeyedStream<string, Flight> {
  // A watermark with every record: which flights are late does not depend on how fast the job runs.
  const time = WatermarkStrategy.forBoundedOutOfOrderness<Flight>('1 d', { emit: 'per-record' })
  return env
    .fromSource(
      new ReplaySource({ path: input, ...REPLAY, rate }),
      time.withTimestampAssigner((flight) => flight.date),
      'flights',
    )
    .uid('flights')
    .process(() => new FailOnce<Flight>(failAfter), { type: Flight })
    .uid('fail-once')
    .name('fail once')
    .keyBy((flight) => flight.origin, { type: Types.string })
}

/** Names and states, in every subtask that needs them. */
function readAirports(
  env: StreamExecutionEnvironment,
  { airports }: FlightDelayOptions,
): BroadcastStream<Airport> {
  return env
    .fromSource(
      FileSource.of({ path: airports, format: csv({ type: Airport }) }),
      WatermarkStrategy.noWatermarks<Airport>(),
      'airports',
    )
    .uid('airports')
    .broadcast(airportNames)
}

function inDailyWindows(flights: KeyedStream<string, Flight>): WindowRows {
  return flights
    .window(TumblingEventTimeWindows.of('1 d'))
    .sideOutputLateData(lateFlights)
    .aggregate(delayStatistics, toRow('1 d'))
    .returns(WindowRow)
    .uid('daily')
    .name('daily')
}

function inSixHourWindows(flights: KeyedStream<string, Flight>): WindowRows {
  return flights
    .window(SlidingEventTimeWindows.of('6 h', '1 h'))
    .aggregate(delayStatistics, toRow('6 h / 1 h'))
    .returns(WindowRow)
    .uid('six-hours')
    .name('six-hours')
}

type WindowRows = SingleOutputStreamOperator<WindowRow>

/** JSON lines in part files, which become visible with the checkpoint that holds them. */
function files<T>({ output }: FlightDelayOptions, name: string): FileSink<T> {
  return FileSink.of({
    path: join(output, name),
    encoder: jsonLinesEncoder<T>(),
    partSuffix: '.jsonl',
  })
}
