// What a scenario's job must give, computed without the engine: slowly, in one loop over the input, with every window a
// list of records. Nothing here is shared with the engine, so that both cannot be wrong in the same way.
//
// In an ordered job the watermark is known before each record, so it is known which are late. In any other job no record
// is late, and no watermark is looked at before the end.

import { CANCELING_VALUE } from './functions.ts'
import { type Event, eventsOf, rulesOf } from './input.ts'
import type { Row } from './row.ts'
import type { OperatorPlan, Scenario, WindowPlan } from './scenario.ts'
import { expectedOfStage } from './stages/expected.ts'

/** What the sinks must hold, in any order, and how far the accumulators must count. */
export interface Expected {
  readonly results: readonly Row[]
  readonly late: readonly Row[]
  readonly copies: readonly Row[]
  readonly accumulators: Readonly<Record<string, number>>
}

/** The right answer. */
export function expectedOf(scenario: Scenario): Expected {
  const { input, job } = scenario
  const sources = Array.from({ length: input.streamCount }, (_, stream) =>
    stateless(scenario, timed(scenario, stream)),
  )
  // Two streams are one before the stages, unless they are joined after them.
  const parts = job.operator.kind === 'join' ? sources : [sources.flat()]
  const streams = parts.map((events) => staged(scenario, events))
  const events = streams.flat()
  const { results, late = [] } = resultsOf(scenario, streams)
  const hasLateOutput = 'hasLateOutput' in job.operator && job.operator.hasLateOutput
  const lateRows = hasLateOutput ? late.map(({ id }) => ({ id })) : []
  const copies =
    job.hasSecondSink && job.operator.kind !== 'join'
      ? events.map(({ id, text }) => ({ id, text }))
      : []
  return {
    results,
    late: lateRows,
    copies,
    accumulators: {
      events: events.length,
      results: results.length,
      late: lateRows.length,
      copies: copies.length,
      // Late records that have no output of their own are counted where they are dropped.
      'operator.late': hasLateOutput || job.operator.kind === 'two-windows' ? 0 : late.length,
      'small.late': job.operator.kind === 'two-windows' ? late.length : 0,
    },
  }
}

/** A record, and what the watermark is when it comes. */
interface TimedEvent extends Event {
  readonly watermark: number
}

interface Answer {
  readonly results: readonly Row[]
  readonly late?: readonly Event[]
}

const NEVER = Number.NEGATIVE_INFINITY
const END = Number.POSITIVE_INFINITY

function timed(scenario: Scenario, stream: number): readonly TimedEvent[] {
  const { input, job } = scenario
  let watermark = NEVER
  return eventsOf(scenario, stream).map((event) => {
    const seen = {
      ...event,
      watermark: job.isOrdered && input.streamCount === 1 ? watermark : NEVER,
    }
    watermark = Math.max(watermark, event.time - input.delayMs - 1)
    return seen
  })
}

function stateless({ job }: Scenario, events: readonly TimedEvent[]): readonly TimedEvent[] {
  let left = events
  if (job.hasMap) left = left.map((event) => ({ ...event, value: event.value * 3 - 1 }))
  if (job.hasFilter) left = left.filter((event) => event.value % 4 !== 0)
  return left
}

/** What leaves the stages. Jobs with stages ask only for results that no order changes, and have no late records. */
function staged({ job }: Scenario, events: readonly TimedEvent[]): readonly TimedEvent[] {
  return job.stages.reduce<readonly TimedEvent[]>(
    (left, stage) => expectedOfStage(left, stage).map((event) => ({ ...event, watermark: NEVER })),
    events,
  )
}

function resultsOf({ job }: Scenario, streams: readonly (readonly TimedEvent[])[]): Answer {
  const { operator, isOrdered } = job
  const events = streams.flat()
  switch (operator.kind) {
    case 'none':
      return { results: events.map(({ id, value }) => ({ id, value })) }
    case 'window':
      return ofEachKey(events, (key, own) => windows(key, own, operator, isOrdered))
    case 'session':
      return ofEachKey(events, (key, own) => sessions(key, own, operator))
    case 'buckets':
      return ofEachKey(events, (key, own) => ({ results: buckets(key, own, operator, isOrdered) }))
    case 'reduce':
      return ofEachKey(events, (key, own) => ({ results: runningSums(key, own, isOrdered) }))
    case 'broadcast-join': {
      const rules = rulesOf(operator.ruleCount)
      return {
        results: events.map(({ id }) => ({ id, label: rules[id % rules.length]?.label ?? '' })),
      }
    }
    case 'join': {
      const [lefts = [], rights = []] = streams
      return {
        results: lefts.flatMap((left) =>
          rights
            .filter((right) => right.key === left.key)
            .map((right) => ({ left: left.id, right: right.id })),
        ),
      }
    }
    case 'two-windows':
      return twoWindows(events, operator.sizeMs)
  }
}

/** The answers for all keys. Of a key, time goes on with the records of all others too. */
function ofEachKey(
  events: readonly TimedEvent[],
  answer: (key: string, own: readonly Moment[]) => Answer,
): Answer {
  const answers = [...new Set(events.map(({ key }) => key))].map((key) => {
    const moments = events.map((event): Moment => ({
      watermark: event.watermark,
      event: event.key === key ? event : undefined,
    }))
    return answer(key, [...moments, { watermark: END, event: undefined }])
  })
  return {
    results: answers.flatMap(({ results }) => results),
    late: answers.flatMap(({ late = [] }) => late),
  }
}

/** The watermark, and the record of the key that comes then, if it is one of the key's. */
interface Moment {
  readonly watermark: number
  readonly event: Event | undefined
}

interface OpenWindow {
  start: number
  end: number
  events: Event[]
  hasFired: boolean
}

function windows(
  key: string,
  moments: readonly Moment[],
  plan: WindowPlan,
  isOrdered: boolean,
): Answer {
  const open: OpenWindow[] = []
  const results: Row[] = []
  const late: Event[] = []
  const fire = (window: OpenWindow): void => {
    window.hasFired = true
    const { start, end, events } = window
    if (plan.content === 'aggregate') results.push({ key, start, end, ...statistics(events) })
    else {
      const ids = events.map(({ id }) => id)
      const keepsOrder = isOrdered && plan.sizeMs === plan.slideMs
      results.push({ key, start, end, ids: keepsOrder ? ids : ids.toSorted((a, b) => a - b) })
    }
  }
  for (const { watermark, event } of moments) {
    for (const window of open) if (!window.hasFired && window.end - 1 <= watermark) fire(window)
    if (event === undefined) continue
    const alive = startsOf(event.time, plan).filter(
      (start) => start + plan.sizeMs - 1 + plan.latenessMs > watermark,
    )
    if (alive.length === 0) late.push(event)
    for (const start of alive) {
      let window = open.find((other) => other.start === start)
      if (window === undefined) {
        window = { start, end: start + plan.sizeMs, events: [], hasFired: false }
        open.push(window)
      }
      window.events.push(event)
      if (window.end - 1 <= watermark) fire(window)
    }
  }
  return { results, late }
}

/** The starts of all windows that hold a time. */
function startsOf(time: number, { sizeMs, slideMs, offsetMs }: WindowPlan): readonly number[] {
  const starts: number[] = []
  let start = Math.floor((time - offsetMs) / slideMs) * slideMs + offsetMs
  for (; start + sizeMs > time; start -= slideMs) starts.push(start)
  return starts
}

function sessions(
  key: string,
  moments: readonly Moment[],
  plan: OperatorPlan & { readonly kind: 'session' },
): Answer {
  let open: OpenWindow[] = []
  const results: Row[] = []
  const late: Event[] = []
  const fire = (window: OpenWindow): void => {
    window.hasFired = true
    const { start, end, events } = window
    results.push({ key, start, end, ...statistics(events) })
  }
  for (const { watermark, event } of moments) {
    for (const window of open) if (!window.hasFired && window.end - 1 <= watermark) fire(window)
    open = open.filter((window) => window.end - 1 + plan.latenessMs > watermark)
    if (event === undefined) continue
    const own = { start: event.time, end: event.time + plan.gapMs }
    const touching = open.filter((other) => other.start <= own.end && own.start <= other.end)
    const merged: OpenWindow = {
      start: Math.min(own.start, ...touching.map(({ start }) => start)),
      end: Math.max(own.end, ...touching.map(({ end }) => end)),
      events: [...touching.flatMap(({ events }) => events), event],
      hasFired: false,
    }
    if (merged.end - 1 + plan.latenessMs <= watermark) {
      late.push(event)
      continue
    }
    open = [...open.filter((other) => !touching.includes(other)), merged]
    if (merged.end - 1 <= watermark) fire(merged)
  }
  return { results, late }
}

function buckets(
  key: string,
  moments: readonly Moment[],
  { sizeMs }: OperatorPlan & { readonly kind: 'buckets' },
  cancels: boolean,
): readonly Row[] {
  const open = new Map<number, Event[]>()
  const results: Row[] = []
  let lastWatermark = NEVER
  for (const { watermark, event } of moments) {
    // A timer that is set for a time that has passed waits until time goes on.
    const isLater = watermark > lastWatermark
    lastWatermark = watermark
    for (const end of [...open.keys()].toSorted((a, b) => a - b)) {
      if (end - 1 > watermark || !isLater) continue
      const events = open.get(end) ?? []
      open.delete(end)
      const ids = events.map(({ id }) => id).toSorted((a, b) => a - b)
      results.push({ key, end, sum: sumOf(events), ids, nth: results.length + 1 })
    }
    if (event === undefined) continue
    const end = Math.floor(event.time / sizeMs) * sizeMs + sizeMs
    if (cancels && event.value === CANCELING_VALUE) open.delete(end)
    else open.set(end, [...(open.get(end) ?? []), event])
  }
  return results
}

function runningSums(key: string, moments: readonly Moment[], isOrdered: boolean): readonly Row[] {
  const events = moments.flatMap(({ event }) => event ?? [])
  return events.map((_, index) => ({
    key,
    count: index + 1,
    sum: isOrdered ? sumOf(events.slice(0, index + 1)) : 0,
  }))
}

function twoWindows(events: readonly TimedEvent[], sizeMs: number): Answer {
  const late: Event[] = []
  const rows = new Map<string, { key: string; start: number; count: number; sum: number }>()
  for (const event of events) {
    const { key, time, value, watermark } = event
    const smallEnd = Math.floor(time / sizeMs) * sizeMs + sizeMs
    if (smallEnd - 1 <= watermark) {
      late.push(event)
      continue
    }
    const start = Math.floor((smallEnd - 1) / (3 * sizeMs)) * 3 * sizeMs
    const largeKey = [...key][0] ?? ''
    const row = rows.get(`${largeKey} ${start}`) ?? { key: largeKey, start, count: 0, sum: 0 }
    row.count += 1
    row.sum += value
    rows.set(`${largeKey} ${start}`, row)
  }
  return { results: [...rows.values()], late }
}

function statistics(events: readonly Event[]): {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
} {
  const values = events.map(({ value }) => value)
  return {
    count: values.length,
    sum: sumOf(events),
    min: Math.min(...values),
    max: Math.max(...values),
  }
}

function sumOf(events: readonly Event[]): number {
  return events.reduce((sum, { value }) => sum + value, 0)
}
