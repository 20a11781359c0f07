// Flink's triggers, in the plainest way, for the reference that the window operators are compared with.

import type { ReferenceDecision, ReferencePane, ReferenceTrigger } from './window-reference.ts'

const last = (pane: ReferencePane): number => pane.end - 1

/** Triggers by their kind in plans. */
export const REFERENCE_TRIGGERS = {
  'event-time': (): ReferenceTrigger => ({
    element(pane, { watermark }) {
      if (last(pane) <= watermark) return 'fire'
      pane.eventTimers.add(last(pane))
      return ''
    },
    event: (pane, time) => (time === last(pane) ? 'fire' : ''),
    processing: () => '',
    merge(pane, _merged, { watermark }) {
      if (last(pane) > watermark) pane.eventTimers.add(last(pane))
    },
    clear: (pane) => void pane.eventTimers.delete(last(pane)),
  }),

  'processing-time': (): ReferenceTrigger => ({
    element(pane) {
      pane.processingTimers.add(last(pane))
      return ''
    },
    event: () => '',
    processing: () => 'fire',
    merge(pane, _merged, { now }) {
      if (last(pane) > now) pane.processingTimers.add(last(pane))
    },
    clear: (pane) => void pane.processingTimers.delete(last(pane)),
  }),

  count: (maxCount: number): ReferenceTrigger => ({
    element(pane) {
      const count = (pane.memory['count'] ?? 0) + 1
      pane.memory['count'] = count < maxCount ? count : undefined
      return count < maxCount ? '' : 'fire'
    },
    event: () => '',
    processing: () => '',
    merge(pane, merged) {
      const counts = merged.map(({ memory }) => memory['count'] ?? 0)
      pane.memory['count'] = counts.reduce((left, right) => left + right, 0)
    },
    clear: (pane) => void (pane.memory['count'] = undefined),
  }),

  'continuous-event-time': (intervalMs: number): ReferenceTrigger => {
    const plan = (pane: ReferencePane, from: number): void => {
      const next = Math.min(from + intervalMs, last(pane))
      pane.memory['fire'] = next
      pane.eventTimers.add(next)
    }
    return {
      element(pane, { watermark }, _element, timestamp) {
        if (last(pane) <= watermark) return 'fire'
        pane.eventTimers.add(last(pane))
        if (pane.memory['fire'] === undefined) {
          plan(pane, Math.floor(timestamp / intervalMs) * intervalMs)
        }
        return ''
      },
      event(pane, time) {
        if (time === last(pane)) return 'fire'
        if (pane.memory['fire'] !== time) return ''
        plan(pane, time)
        return 'fire'
      },
      processing: () => '',
      merge(pane, merged) {
        const fires = merged.flatMap(({ memory }) => memory['fire'] ?? [])
        if (fires.length === 0) return
        pane.memory['fire'] = Math.min(...fires)
        pane.eventTimers.add(Math.min(...fires))
      },
      clear(pane) {
        pane.eventTimers.delete(pane.memory['fire'] ?? Number.NaN)
        pane.memory['fire'] = undefined
      },
    }
  },

  'continuous-processing-time': (intervalMs: number): ReferenceTrigger => {
    const plan = (pane: ReferencePane, from: number): void => {
      const next = from + intervalMs
      const bounded = last(pane) > from ? Math.min(next, last(pane)) : next
      pane.memory['fire'] = bounded
      pane.processingTimers.add(bounded)
    }
    return {
      element(pane, { now }) {
        if (pane.memory['fire'] === undefined) plan(pane, Math.floor(now / intervalMs) * intervalMs)
        return ''
      },
      event: () => '',
      processing(pane, time) {
        if (pane.memory['fire'] !== time) return ''
        plan(pane, time)
        return 'fire'
      },
      merge(pane, merged) {
        const fires = merged.flatMap(({ memory }) => memory['fire'] ?? [])
        if (fires.length === 0) return
        pane.memory['fire'] = Math.min(...fires)
        pane.processingTimers.add(Math.min(...fires))
      },
      clear(pane) {
        pane.processingTimers.delete(pane.memory['fire'] ?? Number.NaN)
        pane.memory['fire'] = undefined
      },
    }
  },

  /** The delta of two elements is that of their ids. */
  delta: (threshold: number): ReferenceTrigger => ({
    element(pane, _clock, { id }) {
      const before = pane.memory['last']
      if (before !== undefined && id - before <= threshold) return ''
      pane.memory['last'] = id
      return before === undefined ? '' : 'fire'
    },
    event: () => '',
    processing: () => '',
    clear: (pane) => void (pane.memory['last'] = undefined),
  }),

  never: (): ReferenceTrigger => ({
    element: () => '',
    event: () => '',
    processing: () => '',
    clear: () => {},
  }),

  purging: (nested: ReferenceTrigger): ReferenceTrigger => {
    const purging = (decision: ReferenceDecision): ReferenceDecision =>
      decision === 'fire' ? 'fire purge' : decision
    return {
      element: (...facts) => purging(nested.element(...facts)),
      event: (...facts) => purging(nested.event(...facts)),
      processing: (...facts) => purging(nested.processing(...facts)),
      merge: (...facts) => nested.merge?.(...facts),
      clear: (pane) => nested.clear(pane),
    }
  },

  'processing-timeout': (
    nested: ReferenceTrigger,
    timeoutMs: number,
    resets: boolean,
    clears: boolean,
  ): ReferenceTrigger => {
    const clear = (pane: ReferencePane): void => {
      pane.processingTimers.delete(pane.memory['timeout'] ?? Number.NaN)
      pane.memory['timeout'] = undefined
      nested.clear(pane)
    }
    const onTimer = (pane: ReferencePane, decision: ReferenceDecision): ReferenceDecision => {
      if (clears) clear(pane)
      return decision.includes('purge') ? 'fire purge' : 'fire'
    }
    return {
      element(pane, clock, element, timestamp) {
        const decision = nested.element(pane, clock, element, timestamp)
        if (decision.includes('fire')) {
          clear(pane)
          return decision
        }
        if (resets) pane.processingTimers.delete(pane.memory['timeout'] ?? Number.NaN)
        if (resets || pane.memory['timeout'] === undefined) {
          pane.memory['timeout'] = clock.now + timeoutMs
          pane.processingTimers.add(clock.now + timeoutMs)
        }
        return decision
      },
      event: (pane, time, clock) => onTimer(pane, nested.event(pane, time, clock)),
      processing: (pane, time, clock) => onTimer(pane, nested.processing(pane, time, clock)),
      clear,
    }
  },
} as const
