// What windows should do, in the plainest way: every pane keeps all its elements, its trigger's memory and its timers, and every step
// looks at every pane. Written from Flink's rules, not from the operators; tests compare both.

/** A record of the tests. */
export interface ReferenceElement {
  readonly key: string
  readonly id: number
}

/** One key in one window. `extra` tells windows of the same time apart. */
export interface ReferencePane {
  readonly key: string
  start: number
  end: number
  readonly extra: number
  elements: { readonly id: number; readonly timestamp: number }[]
  /** What the trigger remembers. */
  memory: Record<string, number | undefined>
  eventTimers: Set<number>
  processingTimers: Set<number>
  /** How often it has fired: what a window state would count. */
  fires: number
}

/** A window that an element opens. */
export interface ReferenceWindow {
  readonly start: number
  readonly end: number
  readonly extra?: number
}

/** What a trigger says: whether the window is evaluated, and whether its content goes. */
export type ReferenceDecision = '' | 'fire' | 'purge' | 'fire purge'

/** What a trigger can ask. */
export interface ReferenceClock {
  readonly watermark: number
  readonly now: number
}

/** A trigger, over the memory and timers of a pane. */
export interface ReferenceTrigger {
  element(
    pane: ReferencePane,
    clock: ReferenceClock,
    element: ReferenceElement,
    timestamp: number,
  ): ReferenceDecision
  event(pane: ReferencePane, time: number, clock: ReferenceClock): ReferenceDecision
  processing(pane: ReferencePane, time: number, clock: ReferenceClock): ReferenceDecision
  /** `pane` has taken the place of `merged`. */
  merge?(pane: ReferencePane, merged: readonly ReferencePane[], clock: ReferenceClock): void
  clear(pane: ReferencePane): void
}

type Elements = ReferencePane['elements']

/** What is tested. */
export interface ReferenceInit {
  readonly isEventTime: boolean
  readonly isMerging: boolean
  readonly allowedLatenessMs: number
  readonly assign: (element: ReferenceElement, timestamp: number, now: number) => ReferenceWindow[]
  readonly trigger: ReferenceTrigger
  readonly evictBefore?: (elements: Elements) => Elements
  readonly evictAfter?: (elements: Elements) => Elements
  /** Whether a window that an evictor left without elements is evaluated. */
  readonly firesEmpty: boolean
}

const END_OF_TIME = Number.MAX_SAFE_INTEGER

/** The windows of all keys. Each step answers what is emitted, as sorted texts. */
export class WindowReference {
  readonly #init: ReferenceInit
  #panes: ReferencePane[] = []
  #watermark = Number.MIN_SAFE_INTEGER
  #now: number
  #emitted: string[] = []

  constructor(init: ReferenceInit, now = 0) {
    this.#init = init
    this.#now = now
  }

  element(element: ReferenceElement, timestamp: number): string[] {
    const { assign, isMerging, isEventTime, allowedLatenessMs } = this.#init
    let isTaken = false
    for (const window of assign(element, timestamp, this.#now)) {
      const pane = isMerging ? this.#merged(element.key, window) : this.#pane(element.key, window)
      if (isEventTime && this.#cleanup(pane) <= this.#watermark) continue
      if (!this.#panes.includes(pane)) this.#panes.push(pane)
      isTaken = true
      pane.elements.push({ id: element.id, timestamp })
      this.#decide(pane, this.#init.trigger.element(pane, this.#clock(), element, timestamp))
      this.#setCleanup(pane)
    }
    if (!isTaken && isEventTime && timestamp + allowedLatenessMs <= this.#watermark) {
      this.#emitted.push(`late ${element.id}`)
    }
    return this.#take()
  }

  watermark(watermark: number): string[] {
    this.#watermark = watermark
    this.#fireTimers('eventTimers', watermark)
    return this.#take()
  }

  /** The clock goes on; all before the moment it shows is over. */
  clock(now: number): string[] {
    while (this.#now < now) {
      this.#now++
      this.#fireTimers('processingTimers', this.#now - 1)
    }
    return this.#take()
  }

  #fireTimers(timers: 'eventTimers' | 'processingTimers', upTo: number): void {
    const isEventTime = timers === 'eventTimers'
    const cleansUp = isEventTime === this.#init.isEventTime
    for (;;) {
      const due = this.#earliest(timers, cleansUp, upTo)
      if (due === undefined) return
      const { pane, time } = due
      // The trigger may have deleted the timer of that time. The clean-up comes all the same: here it is not Flink, which forgets it.
      if (pane[timers].delete(time)) {
        const { trigger } = this.#init
        const kind = isEventTime ? 'event' : 'processing'
        this.#decide(pane, trigger[kind](pane, time, this.#clock()))
      }
      if (cleansUp && time === this.#cleanup(pane)) this.#clear(pane)
    }
  }

  /** The pane with the earliest timer or clean-up. */
  #earliest(
    timers: 'eventTimers' | 'processingTimers',
    cleansUp: boolean,
    upTo: number,
  ): { readonly pane: ReferencePane; readonly time: number } | undefined {
    let found: { readonly pane: ReferencePane; readonly time: number } | undefined
    for (const pane of this.#panes) {
      const times = cleansUp ? [...pane[timers], this.#cleanup(pane)] : [...pane[timers]]
      const time = Math.min(...times)
      if (time <= upTo && (found === undefined || time < found.time)) found = { pane, time }
    }
    return found
  }

  #clock(): ReferenceClock {
    return { watermark: this.#watermark, now: this.#now }
  }

  #pane(key: string, { start, end, extra = 0 }: ReferenceWindow): ReferencePane {
    const known = this.#panes.find(
      (pane) =>
        pane.key === key && pane.start === start && pane.end === end && pane.extra === extra,
    )
    return known ?? newPane(key, start, end, extra)
  }

  /** The pane of a window, after all panes of the key that it touches have become one. */
  #merged(key: string, { start, end }: ReferenceWindow): ReferencePane {
    const touching = this.#panes.filter(
      (pane) => pane.key === key && pane.start <= end && pane.end >= start,
    )
    const result = newPane(
      key,
      Math.min(start, ...touching.map((pane) => pane.start)),
      Math.max(end, ...touching.map((pane) => pane.end)),
      0,
    )
    const same = touching.find((pane) => pane.start === result.start && pane.end === result.end)
    if (same !== undefined || touching.length === 0) return same ?? result
    this.#panes = this.#panes.filter((pane) => !touching.includes(pane))
    this.#panes.push(result)
    this.#init.trigger.merge?.(result, touching, this.#clock())
    result.elements = touching.flatMap((pane) => pane.elements)
    return result
  }

  #decide(pane: ReferencePane, decision: ReferenceDecision): void {
    if (decision.includes('fire') && pane.elements.length > 0) this.#fire(pane)
    if (decision.includes('purge')) pane.elements = []
  }

  #fire(pane: ReferencePane): void {
    const { evictBefore, evictAfter, firesEmpty } = this.#init
    const left = evictBefore?.(pane.elements) ?? pane.elements
    if (left.length > 0 || firesEmpty) {
      pane.fires++
      const ids = left.map(({ id }) => id).sort((a, b) => a - b)
      const window = `${pane.key} [${pane.start}, ${pane.end})${pane.extra}`
      this.#emitted.push(`${window} #${pane.fires}: ${ids.join(' ')}`)
    }
    pane.elements = evictAfter?.(left) ?? left
  }

  #cleanup(pane: ReferencePane): number {
    return pane.end - 1 + (this.#init.isEventTime ? this.#init.allowedLatenessMs : 0)
  }

  #setCleanup(pane: ReferencePane): void {
    const time = this.#cleanup(pane)
    if (time >= END_OF_TIME) return
    if (this.#init.isEventTime) pane.eventTimers.add(time)
    else pane.processingTimers.add(time)
  }

  #clear(pane: ReferencePane): void {
    this.#panes = this.#panes.filter((each) => each !== pane)
  }

  #take(): string[] {
    return this.#emitted.splice(0).sort()
  }
}

function newPane(key: string, start: number, end: number, extra: number): ReferencePane {
  return {
    key,
    start,
    end,
    extra,
    elements: [],
    memory: {},
    eventTimers: new Set(),
    processingTimers: new Set(),
    fires: 0,
  }
}
