// What a stage must give, in one loop over all its records. Nothing here is shared with the engine.

import type { Event } from '../input.ts'
import type { AssignerPlan, StagePlan, StageWork, TriggerPlan } from './plan.ts'

/** The records that leave a stage, in any order. */
export function expectedOfStage(events: readonly Event[], { work }: StagePlan): readonly Event[] {
  switch (work.kind) {
    case 'remember':
    case 'rules':
    case 'async':
    case 'cache':
    case 'pause':
      return events
    case 'replicate':
      return events.flatMap((event) => Array.from({ length: REPLICAS }, () => event))
    case 'side-output':
      return events.map((event) =>
        event.value % 2 === 0 ? { ...event, value: event.value + 1 } : event,
      )
    case 'connect':
      return connected(events, work.delayMs ?? 0)
    case 'hold-back':
      return events.map((event) => ({ ...event, time: event.time + work.delayMs }))
    case 'distinct':
      return [...new Map(events.map((event) => [identityOf(event), event])).values()]
    case 'loop':
      return events.map((event) => ({ ...event, value: leftAfter(event.value, work.step) }))
    case 'partition':
      return partitions(events, work.by)
    case 'count-window':
      return countWindows(events, work)
    case 'interval-join':
      return intervalJoin(events, work)
    default:
      return windowed(events, work)
  }
}

/** Subtasks of the stage that gets each record in each of them. */
export const REPLICAS = 2

/** What two records have in common only if they are equal. */
export function identityOf({ id, key, time, value }: Event): string {
  return `${id}|${key}|${time}|${value}`
}

/** Joins pair records that agree in this, so that there are not too many pairs. */
export function joinKeyOf({ key, value }: Event): string {
  return `${key}/${((value % 4) + 4) % 4}`
}

/** Which of two parts of a stream a record belongs to. */
export function isLeft({ id, value }: Event): boolean {
  return (id + value) % 2 === 0
}

/** A pair of records as one. */
export function pairOf(left: Event, right: Event, time: number): Event {
  const { id, key } = left
  return { id, key, time, value: (left.value * 3 + right.value) % 100, text: '' }
}

/** A summary of records as one. */
export function summaryOf(key: string, time: number, events: readonly Event[]): Event {
  return {
    id: Math.min(...events.map(({ id }) => id)),
    key,
    time,
    value: rest(events.reduce((sum, { value }) => sum + value, 0)),
    text: '',
  }
}

/** A sum, kept small. That of rests is that of the whole. */
export function rest(sum: number): number {
  return ((sum % 1000) + 1000) % 1000
}

/** How many records there were, as a record. */
export function countOf(key: string, time: number, count: number): Event {
  return { id: count, key, time, value: count, text: '' }
}

/** The value of a record that has gone round a loop until it cannot go on. */
function leftAfter(value: number, step: number): number {
  let left = value
  while (left > step) left -= step
  return left
}

/** How long the session of a record waits. */
export function gapOf({ id }: Event, gapMs: number): number {
  return gapMs + (Math.abs(id) % 3) * 10
}

function connected(events: readonly Event[], delayMs: number): readonly Event[] {
  return events.map((event) => ({
    ...event,
    time: event.time + delayMs,
    value: event.value + (isLeft(event) ? 1 : -1),
  }))
}

function byKey(
  events: readonly Event[],
  keyOf: (event: Event) => string = ({ key }) => key,
): readonly (readonly [string, readonly Event[]])[] {
  return [...Map.groupBy(events, keyOf)]
}

function partitions(
  events: readonly Event[],
  by: (StageWork & { readonly kind: 'partition' })['by'],
): readonly Event[] {
  if (by === 'sort') return events
  return byKey(events).map(([key, own]) => {
    if (by !== 'reduce') return countOf(key, PARTITION_TIME, own.length)
    return own.length === 1 ? (own[0] as Event) : summaryOf(key, PARTITION_TIME, own)
  })
}

/** Partitions and windows without an end give records of this time. */
export const PARTITION_TIME = Date.UTC(2024, 0, 2)

function countWindows(
  events: readonly Event[],
  { size, isKeyed }: StageWork & { readonly kind: 'count-window' },
): readonly Event[] {
  const groups = isKeyed ? byKey(events) : [['all', events] as const]
  return groups.flatMap(([key, own]) =>
    Array.from({ length: Math.floor(own.length / size) }, () => countOf(key, PARTITION_TIME, size)),
  )
}

function intervalJoin(
  events: readonly Event[],
  { lowerMs, upperMs }: StageWork & { readonly kind: 'interval-join' },
): readonly Event[] {
  return byKey(events, joinKeyOf).flatMap(([, own]) =>
    own.filter(isLeft).flatMap((left) =>
      own
        .filter((right) => !isLeft(right))
        .filter(({ time }) => left.time + lowerMs <= time && time < left.time + upperMs)
        .map((right) => pairOf(left, right, Math.max(left.time, right.time))),
    ),
  )
}

interface Pane {
  readonly key: string
  readonly start: number
  readonly end: number
  readonly events: readonly Event[]
}

function windowed(events: readonly Event[], work: StageWork): readonly Event[] {
  switch (work.kind) {
    case 'window':
      return panesOf(events, work.assigner).flatMap((pane) => evaluated(pane, work.trigger))
    case 'evicting':
      return panesOf(events, tumbling(work.sizeMs)).map(({ key, end, events: own }) => {
        const { evictor } = work
        const latest = Math.max(...own.map(({ time }) => time))
        const kept =
          evictor.kind === 'count'
            ? Math.min(evictor.isAfter ? own.length : evictor.maxCount, own.length)
            : own.filter(({ time }) => time > latest - evictor.sizeMs).length
        return countOf(key, end - 1, kept)
      })
    case 'window-all':
      return panesOf(
        events.map((event) => ({ ...event, key: 'all' })),
        tumbling(work.sizeMs),
      ).map(({ end, events: own }) => summaryOf('all', end - 1, own))
    case 'window-join':
      return panesOf(events, tumbling(work.sizeMs), joinKeyOf).flatMap(({ end, events: own }) =>
        own
          .filter(isLeft)
          .flatMap((left) =>
            own.filter((right) => !isLeft(right)).map((right) => pairOf(left, right, end - 1)),
          ),
      )
    case 'co-group':
      return panesOf(events, tumbling(work.sizeMs)).map(({ key, end, events: own }) => {
        const lefts = own.filter(isLeft).length
        return countOf(key, end - 1, lefts * 100 + own.length - lefts)
      })
    default:
      throw new Error(`${work.kind} has no windows`)
  }
}

function tumbling(sizeMs: number): AssignerPlan {
  return { kind: 'tumbling', sizeMs, offsetMs: 0 }
}

function evaluated({ key, end, events }: Pane, trigger: TriggerPlan): readonly Event[] {
  switch (trigger.kind) {
    case 'default':
    case 'own':
      return [summaryOf(key, end - 1, events)]
    case 'count':
    case 'purging-count':
      return Array.from({ length: Math.floor(events.length / trigger.maxCount) }, (_, nth) =>
        countOf(key, end - 1, trigger.maxCount * (trigger.kind === 'count' ? nth + 1 : 1)),
      )
  }
}

function panesOf(
  events: readonly Event[],
  assigner: AssignerPlan,
  keyOf?: (event: Event) => string,
): readonly Pane[] {
  return byKey(events, keyOf).flatMap(([key, own]) => {
    if (assigner.kind === 'session' || assigner.kind === 'dynamic-session') {
      return sessions(key, own, assigner)
    }
    const panes = new Map<number, { key: string; start: number; end: number; events: Event[] }>()
    for (const event of own) {
      for (const { start, end } of windowsOf(event.time, assigner)) {
        const pane = panes.get(start) ?? { key, start, end, events: [] }
        panes.set(start, pane)
        pane.events.push(event)
      }
    }
    return [...panes.values()]
  })
}

function windowsOf(
  time: number,
  assigner: Exclude<AssignerPlan, { readonly gapMs: number }>,
): readonly { readonly start: number; readonly end: number }[] {
  const { sizeMs } = assigner
  switch (assigner.kind) {
    case 'tumbling': {
      const { offsetMs } = assigner
      const start = Math.floor((time - offsetMs) / sizeMs) * sizeMs + offsetMs
      return [{ start, end: start + sizeMs }]
    }
    case 'sliding': {
      const found: { start: number; end: number }[] = []
      let start = Math.floor(time / assigner.slideMs) * assigner.slideMs
      for (; start + sizeMs > time; start -= assigner.slideMs) {
        found.push({ start, end: start + sizeMs })
      }
      return found
    }
    case 'own':
      return ownWindows(time, sizeMs)
  }
}

/** The windows of the user's own assigner: the double size, twice, one of them shorter. */
export function ownWindows(
  time: number,
  sizeMs: number,
): readonly { readonly start: number; readonly end: number }[] {
  const start = Math.floor(time / sizeMs) * sizeMs
  return [
    { start, end: start + sizeMs },
    { start: start - sizeMs + 1, end: start + 2 * sizeMs },
  ]
}

function sessions(
  key: string,
  events: readonly Event[],
  assigner: AssignerPlan & { readonly gapMs: number },
): readonly Pane[] {
  const isDynamic = assigner.kind === 'dynamic-session'
  let open: Pane[] = []
  for (const event of events) {
    const gapMs = isDynamic ? gapOf(event, assigner.gapMs) : assigner.gapMs
    let pane: Pane = { key, start: event.time, end: event.time + gapMs, events: [event] }
    const apart: Pane[] = []
    for (const other of open) {
      if (other.start > pane.end || pane.start > other.end) apart.push(other)
      else {
        pane = {
          key,
          start: Math.min(pane.start, other.start),
          end: Math.max(pane.end, other.end),
          events: [...other.events, ...pane.events],
        }
      }
    }
    open = [...apart, pane]
  }
  return open
}
