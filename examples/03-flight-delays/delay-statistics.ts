// What is computed for each airport and window.

import { type AggregateFunction, type Infer, Types, type WindowFunction } from 'millrace'
import type { Flight, WindowRow } from './flight.ts'

/** A flight counts as late from here on. */
const LATE_MINUTES = 15

const Accumulator = Types.record({
  flights: Types.int,
  totalDelay: Types.int,
  worstDelay: Types.int,
  lateFlights: Types.int,
})
type Accumulator = Infer<typeof Accumulator>

/** Flights, average and worst delay, share of late flights. */
export const delayStatistics: AggregateFunction<Flight, Accumulator, Accumulator> = {
  accumulatorType: Accumulator,
  createAccumulator: () => ({
    flights: 0,
    totalDelay: 0,
    worstDelay: -2_147_483_648,
    lateFlights: 0,
  }),
  add(accumulator, { delay }) {
    accumulator.flights++
    accumulator.totalDelay += delay
    accumulator.worstDelay = Math.max(accumulator.worstDelay, delay)
    if (delay > LATE_MINUTES) accumulator.lateFlights++
    return accumulator
  },
  merge(left, right) {
    left.flights += right.flights
    left.totalDelay += right.totalDelay
    left.worstDelay = Math.max(left.worstDelay, right.worstDelay)
    left.lateFlights += right.lateFlights
    return left
  },
  getResult: (accumulator) => accumulator,
}

/** The row of a window; the airport's name is not known yet. */
export function toRow(window: string): WindowFunction<Accumulator, WindowRow, string> {
  return ({ key, window: { start } }, { flights, totalDelay, worstDelay, lateFlights }) => [
    {
      window,
      start: new Date(start).toISOString().slice(0, 16),
      origin: key,
      airport: '',
      flights,
      averageDelay: Math.round((totalDelay / flights) * 10) / 10,
      worstDelay,
      shareLate: Math.round((lateFlights / flights) * 1000) / 1000,
    },
  ]
}
