// The records of the job.

import { type Infer, type JsonValue, Types } from 'millrace'

/** One flight. */
export const Flight = Types.record({
  /** Departure, milliseconds since 1970, as if the local time were UTC. */
  date: Types.long,
  /** Minutes; negative when early. */
  delay: Types.int,
  /** Miles. */
  distance: Types.int,
  /** The IATA code of the airport. */
  origin: Types.string,
})
export type Flight = Infer<typeof Flight>

/** One line of airports.csv. */
export const Airport = Types.record({ iata: Types.string, name: Types.string, state: Types.string })
export type Airport = Infer<typeof Airport>

/** The flights of one airport in one window. */
export const WindowRow = Types.record({
  window: Types.string,
  start: Types.string,
  origin: Types.string,
  airport: Types.string,
  flights: Types.int,
  averageDelay: Types.double,
  worstDelay: Types.int,
  shareLate: Types.double,
})
export type WindowRow = Infer<typeof WindowRow>

/** The day on which the hours of flights-200k.json, which has no dates, are put. */
const DAY_WITHOUT_DATE = Date.UTC(2001, 0, 1)

/**
 * The flight in one element of flights-20k.json, `{date, delay, distance, origin, …}`, or of flights-200k.json,
 * `{delay, distance, time}` with the hour as a fraction and neither day nor airport.
 */
export function toFlight(value: JsonValue): Flight {
  const { date, time, delay, distance, origin } = value as Record<string, JsonValue>
  return {
    date: typeof date === 'string' ? parseDate(date) : DAY_WITHOUT_DATE + Number(time) * 3_600_000,
    delay: Number(delay),
    distance: Number(distance),
    origin: typeof origin === 'string' ? origin : '(any)',
  }
}

/** `2001/01/31 23:59`. */
function parseDate(text: string): number {
  const [year, month, day, hour, minute] = text.split(/[/ :]/).map(Number)
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute)
}
