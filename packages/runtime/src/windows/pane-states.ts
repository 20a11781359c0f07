// The states that triggers and process window functions keep for one key and window. They lie in the pane, so they are found without
// a look-up and go when it goes. Each state has a slot: the same index in all panes.
//
//   table of the snapshot   '$trigger-state.<name>' or '$window-state.<name>', entries (key, {window, value})

import {
  type AggregatingState,
  type AggregatingStateDescriptor,
  describeType,
  type KeyedStateStore,
  type ListState,
  type ListStateDescriptor,
  type MapState,
  type MapStateDescriptor,
  MillraceError,
  type ReducingState,
  type ReducingStateDescriptor,
  show,
  type TimeWindow,
  type TypeDescriptor,
  Types,
  typesEqual,
  type ValueState,
  type ValueStateDescriptor,
} from '@millrace/core'
import {
  HeapAggregatingState,
  HeapListState,
  HeapMapState,
  HeapReducingState,
  HeapValueState,
  type KeyedStateKind,
  ownedStrings,
  type StateCell,
} from '@millrace/state'
import type { WindowPane } from './window-pane.ts'

type Pane = WindowPane<unknown, TimeWindow>

/** One state: what it is called in snapshots, and what it holds. */
export interface PaneStateSlot {
  readonly tableName: string
  readonly kind: KeyedStateKind
  readonly valueType: TypeDescriptor
}

/** The states of all panes of an operator. */
export class PaneStates {
  /** The pane whose states are read and written. */
  current: Pane | undefined
  readonly #slots: PaneStateSlot[] = []

  get slots(): readonly PaneStateSlot[] {
    return this.#slots
  }

  /** The index of a state. @throws MillraceError `STATE_INCOMPATIBLE` if it is known as another one. */
  slotOf(wanted: PaneStateSlot): number {
    const index = this.#slots.findIndex(({ tableName }) => tableName === wanted.tableName)
    if (index < 0) return this.#slots.push(wanted) - 1
    const known = this.#slots[index] as PaneStateSlot
    if (known.kind === wanted.kind && typesEqual(known.valueType, wanted.valueType)) return index
    throw new MillraceError('STATE_INCOMPATIBLE', {
      expected: `the ${known.kind} state ${show(known.tableName)} of type ${describeType(known.valueType)} that was declared before`,
      came: `a ${wanted.kind} state of type ${describeType(wanted.valueType)} with the same name`,
      todo: 'Give each state of a window a name of its own, or declare it the same way everywhere.',
    })
  }

  get(slot: number): unknown {
    return this.#pane().states?.[slot]
  }

  set(slot: number, value: unknown): void {
    setState(this.#pane(), slot, value)
  }

  #pane(): Pane {
    if (this.current !== undefined) return this.current
    throw new MillraceError('STATE_ACCESS_INVALID', {
      expected: 'a current window when its state is read or written',
      came: 'an access outside of one',
      todo: 'Use the states of a window only in the calls that are given its context.',
    })
  }
}

/** Sets or, with `undefined`, removes what a pane has in a slot. */
export function setState(pane: Pane, slot: number, value: unknown): void {
  const states = (pane.states ??= [])
  const wasSet = states[slot] !== undefined
  states[slot] = value
  if (wasSet !== (value !== undefined)) pane.stateCount += wasSet ? -1 : 1
}

/** The states of the current pane, by name. */
export class PaneStateStore implements KeyedStateStore {
  protected readonly states: PaneStates
  readonly #prefix: string
  /** The handle of a descriptor that was used before: most are constants. */
  readonly #handles = new Map<object, { readonly kind: KeyedStateKind; readonly state: unknown }>()

  /** `prefix` keeps the states of triggers and functions apart. */
  constructor(states: PaneStates, prefix: string) {
    this.states = states
    this.#prefix = prefix
  }

  getValueState<T>(
    descriptor: ValueStateDescriptor<T> & { readonly defaultValue: T },
  ): ValueState<T>
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined>
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined> {
    return this.#handle(descriptor, 'value', () => {
      const { name, type = Types.any(), defaultValue } = descriptor
      return new HeapValueState(this.#cell<T>(name, 'value', type), defaultValue)
    })
  }

  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#handle(descriptor, 'list', () => {
      const { name, type = Types.any() } = descriptor
      return new HeapListState(this.#cell<T[]>(name, 'list', Types.array(type)), ownedStrings(type))
    })
  }

  getMapState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    return this.#handle(descriptor, 'map', () => {
      const { name, keyType = Types.any(), valueType = Types.any() } = descriptor
      const cell = this.#cell<Map<UK, UV>>(name, 'map', Types.map(keyType, valueType))
      return new HeapMapState(cell, ownedStrings(valueType))
    })
  }

  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T> {
    return this.#handle(descriptor, 'reducing', () => {
      const { name, type = Types.any(), reduce } = descriptor
      return new HeapReducingState(this.#cell<T>(name, 'reducing', type), reduce)
    })
  }

  getAggregatingState<IN, ACC, OUT>(
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
  ): AggregatingState<IN, OUT> {
    return this.#handle(descriptor, 'aggregating', () => {
      const { name, aggregate } = descriptor
      const type = accumulatorType(descriptor)
      return new HeapAggregatingState(this.#cell<ACC>(name, 'aggregating', type), aggregate)
    })
  }

  protected slot(name: string, kind: KeyedStateKind, valueType: TypeDescriptor): number {
    return this.states.slotOf({ tableName: `${this.#prefix}${name}`, kind, valueType })
  }

  #cell<V>(name: string, kind: KeyedStateKind, valueType: TypeDescriptor): StateCell<V> {
    return new PaneStateCell<V>(this.states, this.slot(name, kind, valueType), valueType)
  }

  #handle<H>(descriptor: object, kind: KeyedStateKind, create: () => H): H {
    const known = this.#handles.get(descriptor)
    if (known?.kind === kind) return known.state as H
    checkDescriptor(descriptor)
    const state = create()
    // Descriptors that are written anew for each call are not worth remembering, and would pile up.
    if (this.#handles.size < HANDLES_MAX) this.#handles.set(descriptor, { kind, state })
    return state
  }
}

/** The accumulator type of an aggregating state. */
export function accumulatorType<IN, ACC, OUT>({
  type,
  aggregate,
}: AggregatingStateDescriptor<IN, ACC, OUT>): TypeDescriptor {
  return type ?? aggregate.accumulatorType ?? Types.any()
}

class PaneStateCell<V> implements StateCell<V> {
  readonly #states: PaneStates
  readonly #slot: number
  readonly #ownStrings: ReturnType<typeof ownedStrings>

  constructor(states: PaneStates, slot: number, valueType: TypeDescriptor) {
    this.#states = states
    this.#slot = slot
    this.#ownStrings = ownedStrings(valueType)
  }

  get(): V | undefined {
    return this.#states.get(this.#slot) as V | undefined
  }

  put(value: V): void {
    const own = this.#ownStrings
    this.#states.set(this.#slot, own === undefined ? value : own(value))
  }

  remove(): void {
    if (this.#states.get(this.#slot) !== undefined) this.#states.set(this.#slot, undefined)
  }
}

/** What states of keys may have and states of windows not: those live as long as their window, with the type of the checkpoint. */
const REFUSED_OPTIONS = ['ttl', 'migrate', 'fieldDefaults']

function checkDescriptor(descriptor: object): void {
  const refused = REFUSED_OPTIONS.find((option) => option in descriptor)
  if (refused === undefined) return
  throw new MillraceError('OPTION_INVALID', {
    expected: 'a state of a window or trigger, which lives as long as its window',
    came: `one with the option ${show(refused)}`,
    todo: 'Leave the option out, or keep the state by key: in globalState of a process window function.',
  })
}

/** Descriptors whose handles are remembered, by store. A function has a handful. */
const HANDLES_MAX = 64
