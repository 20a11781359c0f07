// Calls the trigger of a pane: sets its context before, checks its answer after, and names the operator when it fails.

import {
  type AggregatingStateDescriptor,
  type ListStateDescriptor,
  MillraceError,
  type OnMergeContext,
  type ReducingStateDescriptor,
  show,
  type TimeWindow,
  type Trigger,
  TriggerResult,
  type TypeDescriptor,
  Types,
} from '@millrace/core'
import type { KeyedStateKind } from '@millrace/state'
import {
  type NamedOperator,
  functionFailure,
  isPromise,
  promiseReturned,
} from '../operators/user-function.ts'
import { accumulatorType, type PaneStates, PaneStateStore, setState } from './pane-states.ts'
import type { PaneTimeDomain, PaneTimers } from './pane-timers.ts'
import type { WindowPane } from './window-pane.ts'

/** What a {@link PaneTrigger} needs of its operator. */
export interface PaneTriggerInit<K, T, W extends TimeWindow> {
  readonly operator: NamedOperator
  readonly trigger: Trigger<T, W>
  readonly states: PaneStates
  readonly timers: PaneTimers<K, W>
  readonly currentWatermark: () => number
}

/** The trigger of an operator, called for one pane at a time. */
export class PaneTrigger<K, T, W extends TimeWindow> {
  readonly #operator: NamedOperator
  readonly #trigger: Trigger<T, W>
  readonly #context: PaneTriggerContext<K, W>

  constructor(init: PaneTriggerInit<K, T, W>) {
    this.#operator = init.operator
    this.#trigger = init.trigger
    this.#context = new PaneTriggerContext(init)
  }

  onElement(element: T, timestamp: number, pane: WindowPane<K, W>): TriggerResult {
    this.#context.enter(pane)
    try {
      const result = this.#trigger.onElement(element, timestamp, pane.window, this.#context)
      return this.#checked(result)
    } catch (error) {
      throw functionFailure(error, this.#operator, 'trigger')
    }
  }

  onTimer(domain: PaneTimeDomain, time: number, pane: WindowPane<K, W>): TriggerResult {
    this.#context.enter(pane)
    try {
      const result =
        domain === 'event-time'
          ? this.#trigger.onEventTime(time, pane.window, this.#context)
          : this.#trigger.onProcessingTime(time, pane.window, this.#context)
      return this.#checked(result)
    } catch (error) {
      throw functionFailure(error, this.#operator, 'trigger')
    }
  }

  /** `pane` has taken the place of `merged`. */
  onMerge(pane: WindowPane<K, W>, merged: readonly WindowPane<K, W>[]): void {
    this.#context.enter(pane, merged)
    this.#call(() => this.#trigger.onMerge?.(pane.window, this.#context))
  }

  clear(pane: WindowPane<K, W>): void {
    this.#context.enter(pane)
    this.#call(() => this.#trigger.clear(pane.window, this.#context))
  }

  #call(call: () => unknown): void {
    try {
      const result = call()
      if (isPromise(result)) throw promiseReturned(result, this.#operator, 'trigger')
    } catch (error) {
      throw functionFailure(error, this.#operator, 'trigger')
    }
  }

  #checked(result: TriggerResult): TriggerResult {
    switch (result) {
      case 'continue':
      case 'fire':
      case 'purge':
      case 'fire-and-purge':
        return result
      default:
        throw this.#unknownResult(result)
    }
  }

  #unknownResult(result: unknown): MillraceError {
    if (isPromise(result)) return promiseReturned(result, this.#operator, 'trigger')
    return new MillraceError('WINDOW_INVALID', {
      expected: `one of ${Object.values(TriggerResult).join(', ')} from the trigger of '${this.#operator.name}'`,
      came: show(result),
      todo: 'Return for example TriggerResult.CONTINUE.',
      ids: { uid: this.#operator.uid },
    })
  }
}

class PaneTriggerContext<K, W extends TimeWindow> extends PaneStateStore implements OnMergeContext {
  readonly #timers: PaneTimers<K, W>
  readonly currentWatermark: () => number
  #pane!: WindowPane<K, W>
  #merged: readonly WindowPane<K, W>[] = []

  constructor({ states, timers, currentWatermark }: PaneTriggerInit<K, never, W>) {
    super(states, '$trigger-state.')
    this.#timers = timers
    this.currentWatermark = currentWatermark
  }

  enter(pane: WindowPane<K, W>, merged: readonly WindowPane<K, W>[] = []): void {
    this.#pane = pane
    this.#merged = merged
    this.states.current = pane
  }

  currentProcessingTime(): number {
    return this.#timers.processingTime()
  }

  registerEventTimeTimer(timestamp: number): void {
    this.#timers.register('event-time', checkedTime(timestamp), this.#pane)
  }

  registerProcessingTimeTimer(timestamp: number): void {
    this.#timers.register('processing-time', checkedTime(timestamp), this.#pane)
  }

  deleteEventTimeTimer(timestamp: number): void {
    this.#timers.delete('event-time', timestamp, this.#pane)
  }

  deleteProcessingTimeTimer(timestamp: number): void {
    this.#timers.delete('processing-time', timestamp, this.#pane)
  }

  mergeListState<T>({ name, type = Types.any() }: ListStateDescriptor<T>): void {
    this.#merge<T[]>(name, 'list', Types.array(type), (left, right) => [...left, ...right])
  }

  mergeReducingState<T>({ name, type = Types.any(), reduce }: ReducingStateDescriptor<T>): void {
    this.#merge<T>(name, 'reducing', type, reduce)
  }

  mergeAggregatingState<IN, ACC, OUT>(descriptor: AggregatingStateDescriptor<IN, ACC, OUT>): void {
    const { name, aggregate } = descriptor
    this.#merge<ACC>(name, 'aggregating', accumulatorType(descriptor), (left, right) =>
      aggregate.merge(left, right),
    )
  }

  #merge<V>(
    name: string,
    kind: KeyedStateKind,
    valueType: TypeDescriptor,
    combine: (left: V, right: V) => V,
  ): void {
    const slot = this.slot(name, kind, valueType)
    for (const source of this.#merged) {
      const moved = source.states?.[slot] as V | undefined
      if (moved === undefined) continue
      const own = this.#pane.states?.[slot] as V | undefined
      setState(source, slot, undefined)
      setState(this.#pane, slot, own === undefined ? moved : combine(own, moved))
    }
  }
}

function checkedTime(timestamp: number): number {
  if (Number.isInteger(timestamp)) return timestamp
  throw new MillraceError('TIMESTAMP_INVALID', {
    expected: 'whole milliseconds since 1970 for the timer of a trigger',
    came: show(timestamp),
    todo: 'Check what the timestamp is computed from: a missing field makes it NaN.',
  })
}
