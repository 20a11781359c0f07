// The functions of stages: they hold state of every kind, set timers, and tell an observer what must not be.

import {
  type BroadcastAccess,
  type BroadcastProcessFunction,
  type CheckpointedFunction,
  type Collector,
  type FunctionInitializationContext,
  type KeyedCoProcessFunction,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  type MapStateDescriptor,
  type OnTimerContext,
  OutputTag,
  type ProcessContext,
  type ProcessFunction,
  type ReadOnlyBroadcastAccess,
  type RichFilterFunction,
  type RuntimeContext,
  Types,
  type ValueState,
} from 'millrace'
import type { Observer } from '../checkers.ts'
import { TimerWatch, WatermarkWatch } from '../functions.ts'
import { Event, type Rule } from '../input.ts'
import { isLeft } from './expected.ts'

/**
 * Remembers the ids of all records in operator state: in a list that every subtask gets whole, since a record that was in a
 * checkpoint must not come again, wherever it comes; and in one that is dealt out, so that each id has one subtask.
 */
export class Remember implements ProcessFunction<Event, Event>, CheckpointedFunction {
  readonly #uid: string
  readonly #observer: Observer
  readonly #own: number[] = []
  readonly #all = new Set<number>()
  #stored!: ListState<number>
  #dealt!: ListState<number>

  constructor(uid: string, observer: Observer) {
    this.#uid = uid
    this.#observer = observer
  }

  initializeState({ operatorStateStore }: FunctionInitializationContext): void {
    this.#stored = operatorStateStore.getUnionListState({ name: 'ids', type: Types.int })
    for (const id of this.#stored.get()) {
      if (this.#all.has(id)) this.#observer.violation('state', `record ${id} is remembered twice`)
      this.#all.add(id)
    }
    this.#dealt = operatorStateStore.getListState({ name: 'own ids', type: Types.int })
    this.#own.push(...this.#dealt.get())
  }

  open({ attempt }: RuntimeContext): void {
    for (const id of this.#own) {
      this.#observer.once(
        'state',
        `attempt ${attempt}: ${this.#uid} gave record ${id} to a subtask`,
      )
    }
  }

  processElement(event: Event, _context: ProcessContext, out: Collector<Event>): void {
    const { id } = event
    if (this.#all.has(id)) this.#observer.violation('state', `record ${id} came again`)
    this.#all.add(id)
    this.#own.push(id)
    out.collect(event)
  }

  snapshotState(): void {
    this.#stored.update(this.#own)
    this.#dealt.update(this.#own)
  }
}

/** Takes the records of even values. */
export const evenTag = new OutputTag('even', Event)

/** Hands records of odd values on, and all others to the side output. */
export class PartByValue implements ProcessFunction<Event, Event> {
  processElement(event: Event, context: ProcessContext, out: Collector<Event>): void {
    if (event.value % 2 === 0) context.output(evenTag, event)
    else out.collect(event)
  }
}

/** Keeps records until event time has gone on by so much. */
export class HoldBack
  implements
    KeyedProcessFunction<string, Event, Event>,
    KeyedCoProcessFunction<string, Event, Event, Event>
{
  readonly #delayMs: number
  readonly #observer: Observer
  readonly #watch: WatermarkWatch
  #waiting!: ListState<Event>
  #timers!: TimerWatch

  constructor(delayMs: number, observer: Observer) {
    this.#delayMs = delayMs
    this.#observer = observer
    this.#watch = new WatermarkWatch('a stage that holds back', observer)
  }

  open(context: KeyedRuntimeContext): void {
    this.#waiting = context.getListState({ name: 'waiting', type: Event })
    this.#timers = new TimerWatch('a stage that holds back', context, this.#observer)
  }

  processElement(event: Event, context: KeyedProcessContext<string>): void {
    this.#hold(event, context)
  }

  processElement1(event: Event, context: KeyedProcessContext<string>): void {
    this.#hold({ ...event, value: event.value + 1 }, context)
  }

  processElement2(event: Event, context: KeyedProcessContext<string>): void {
    this.#hold({ ...event, value: event.value - 1 }, context)
  }

  onTimer(timestamp: number, context: OnTimerContext<string>, out: Collector<Event>): void {
    this.#watch.see(context.currentWatermark())
    this.#timers.fires(timestamp, context.currentWatermark())
    const waiting = this.#waiting.get()
    this.#waiting.update(waiting.filter(({ time }) => time !== timestamp))
    for (const event of waiting) if (event.time === timestamp) out.collect(event)
  }

  #hold(event: Event, context: KeyedProcessContext<string>): void {
    this.#watch.see(context.currentWatermark())
    const time = event.time + this.#delayMs
    this.#waiting.add({ ...event, time })
    context.timerService.registerEventTimeTimer(time)
    this.#timers.set(time)
  }
}

export const stageRules: MapStateDescriptor<number, string> = {
  name: 'stage rules',
  keyType: Types.int,
  valueType: Types.string,
}

/** Looks rules up: one that is there is the right one. */
export class LookUp implements BroadcastProcessFunction<Event, Rule, Event> {
  readonly #ruleCount: number
  readonly #observer: Observer

  constructor(ruleCount: number, observer: Observer) {
    this.#ruleCount = ruleCount
    this.#observer = observer
  }

  processElement(
    event: Event,
    context: ProcessContext & ReadOnlyBroadcastAccess,
    out: Collector<Event>,
  ): void {
    const remainder = Math.abs(event.id) % this.#ruleCount
    const label = context.getBroadcastState(stageRules).get(remainder)
    if (label !== undefined && label !== `rule ${remainder}`) {
      this.#observer.violation('state', `the rule of ${remainder} is ${label}`)
    }
    out.collect(event)
  }

  processBroadcastElement(rule: Rule, context: ProcessContext & BroadcastAccess): void {
    const rules = context.getBroadcastState(stageRules)
    if (rules.get(rule.remainder) !== undefined) {
      this.#observer.violation('state', `the rule of ${rule.remainder} came again`)
    }
    rules.put(rule.remainder, rule.label)
  }
}

/** Lets the first record of a key through. What it remembers would expire, but long after the end. */
export class First implements RichFilterFunction<Event> {
  readonly #hasCleanupInSnapshots: boolean
  #hasCome!: ValueState<boolean>

  constructor(hasCleanupInSnapshots: boolean) {
    this.#hasCleanupInSnapshots = hasCleanupInSnapshots
  }

  open(context: KeyedRuntimeContext): void {
    this.#hasCome = context.getValueState({
      name: 'has come',
      type: Types.boolean,
      defaultValue: false,
      ttl: { duration: '30 d', cleanup: { fullSnapshot: this.#hasCleanupInSnapshots } },
    })
  }

  filter(): boolean {
    if (this.#hasCome.value()) return false
    this.#hasCome.update(true)
    return true
  }
}

/** What a cache is made from. */
export interface CacheInit {
  readonly ttlMs: number
  readonly hasCleanupInSnapshots: boolean
  readonly isClockSteady: boolean
  readonly observer: Observer
}

/** Remembers for each key when it came last, and forgets it after a while: not earlier, and not later. */
export class Cache implements KeyedProcessFunction<string, Event, Event> {
  readonly #init: CacheInit
  #cached!: ValueState<number | undefined>
  #written!: ValueState<number | undefined>

  constructor(init: CacheInit) {
    this.#init = init
  }

  open(context: KeyedRuntimeContext): void {
    const { ttlMs, hasCleanupInSnapshots } = this.#init
    this.#written = context.getValueState<number>({ name: 'written', type: Types.long })
    this.#cached = context.getValueState<number>({
      name: 'cached',
      type: Types.long,
      ttl: { duration: ttlMs, cleanup: { fullSnapshot: hasCleanupInSnapshots } },
    })
  }

  processElement(event: Event, context: KeyedProcessContext<string>, out: Collector<Event>): void {
    const { ttlMs, isClockSteady, observer } = this.#init
    const { timerService } = context
    const beforeMs = timerService.currentProcessingTime()
    const cached = this.#cached.value()
    const written = this.#written.value()
    if (cached !== undefined && beforeMs - cached >= ttlMs + READING_MS) {
      observer.violation('state', `what expired ${beforeMs - cached - ttlMs} ms ago is still seen`)
    }
    const isYoung = written !== undefined && timerService.currentProcessingTime() - written < ttlMs
    if (isClockSteady && isYoung && cached === undefined) {
      observer.violation('state', `what is younger than ${ttlMs} ms has expired`)
    }
    const nowMs = timerService.currentProcessingTime()
    this.#written.update(nowMs)
    this.#cached.update(nowMs)
    out.collect(event)
  }
}

/** The state reads the clock itself, a little later than its user. */
const READING_MS = 5

/** Keeps records for a while of processing time, and until the end of time at most. */
export class Pause implements KeyedProcessFunction<string, Event, Event> {
  readonly #delayMs: number
  readonly #observer: Observer
  #waiting!: ListState<Event>
  #timers!: TimerWatch

  constructor(delayMs: number, observer: Observer) {
    this.#delayMs = delayMs
    this.#observer = observer
  }

  open(context: KeyedRuntimeContext): void {
    this.#waiting = context.getListState({ name: 'waiting', type: Event })
    this.#timers = new TimerWatch('a pause', context, this.#observer)
  }

  processElement(event: Event, { timerService }: KeyedProcessContext<string>): void {
    this.#waiting.add(event)
    const dueMs = timerService.currentProcessingTime() + this.#delayMs
    timerService.registerProcessingTimeTimer(dueMs)
    this.#timers.set(dueMs)
    timerService.registerEventTimeTimer(END_MS)
    this.#timers.set(END_MS)
  }

  onTimer(timestamp: number, context: OnTimerContext<string>, out: Collector<Event>): void {
    const { timerService } = context
    const now =
      timestamp === END_MS ? context.currentWatermark() : timerService.currentProcessingTime()
    this.#timers.fires(timestamp, now)
    for (const event of this.#waiting.get()) out.collect(event)
    this.#waiting.clear()
  }
}

/** After all records and all clocks: reached when the input ends. */
const END_MS = Date.UTC(2200, 0, 1)

/** Answers after some turns, so that answers overtake each other, and fails at the first attempt now and then. */
export function asking(): (event: Event) => Promise<Event[]> {
  const failed = new Set<number>()
  return async (event) => {
    for (let turn = 0; turn < (Math.abs(event.id) * 7) % 40; turn++) await Promise.resolve()
    if (event.id % 11 === 0 && !failed.has(event.id)) {
      failed.add(event.id)
      throw new Error('not the first time')
    }
    return [event]
  }
}

/** The part of a stream that a record is in. */
export function isRight(event: Event): boolean {
  return !isLeft(event)
}
