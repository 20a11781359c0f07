import { expect, it } from 'vitest'
import { toFlight } from './flight.ts'

it('when an element has a date, then it is the time in UTC', () => {
  const element = { date: '2001/01/31 23:59', delay: -3, distance: 900, origin: 'ORD' }

  expect(toFlight({ ...element, destination: 'JFK' })).toEqual({
    ...element,
    date: Date.parse('2001-01-31T23:59:00Z'),
  })
})

it('when an element has an hour only, then it is put on the first day, and the airport is open', () => {
  expect(toFlight({ delay: 14, distance: 405, time: 8.25 })).toEqual({
    date: Date.parse('2001-01-01T08:15:00Z'),
    delay: 14,
    distance: 405,
    origin: '(any)',
  })
})
