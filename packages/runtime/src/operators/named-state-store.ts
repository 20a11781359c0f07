import {
  type AggregatingState,
  type AggregatingStateDescriptor,
  type KeyedStateStore,
  type ListState,
  type ListStateDescriptor,
  type MapState,
  type MapStateDescriptor,
  MillraceError,
  type ReducingState,
  type ReducingStateDescriptor,
  show,
  type ValueState,
  type ValueStateDescriptor,
} from '@millrace/core'
import type { NamedOperator } from './user-function.ts'

/**
 * Keyed states that can be found again by their handles: what applies a change to all keys is given a handle. The names that the
 * operator uses itself are not given out.
 */
export class NamedStateStore implements KeyedStateStore {
  readonly #states: KeyedStateStore
  readonly #operator: NamedOperator
  readonly #reserved: readonly string[]
  readonly #names = new WeakMap<object, string>()

  constructor(
    states: KeyedStateStore,
    operator: NamedOperator,
    { reserved = [] }: { readonly reserved?: readonly string[] } = {},
  ) {
    this.#states = states
    this.#operator = operator
    this.#reserved = reserved
  }

  /** The name of a state. @throws MillraceError `STATE_ACCESS_INVALID` for what is not a handle of this store. */
  nameOf(state: unknown): string {
    const name = this.#names.get(state as object)
    if (name !== undefined) return name
    throw new MillraceError('STATE_ACCESS_INVALID', {
      expected: `a keyed state of '${this.#operator.name}' for applyToKeyedState`,
      came: show(state),
      todo: 'Hand over what getValueState, getListState or another of them answered in open.',
      ids: { uid: this.#operator.uid },
    })
  }

  getValueState<T>(
    descriptor: ValueStateDescriptor<T> & { readonly defaultValue: T },
  ): ValueState<T>
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined>
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined> {
    return this.#named(descriptor, (states) => states.getValueState(descriptor))
  }

  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#named(descriptor, (states) => states.getListState(descriptor))
  }

  getMapState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    return this.#named(descriptor, (states) => states.getMapState(descriptor))
  }

  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T> {
    return this.#named(descriptor, (states) => states.getReducingState(descriptor))
  }

  getAggregatingState<IN, ACC, OUT>(
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
  ): AggregatingState<IN, OUT> {
    return this.#named(descriptor, (states) => states.getAggregatingState(descriptor))
  }

  #named<S extends object>(
    { name }: { readonly name: string },
    get: (states: KeyedStateStore) => S,
  ): S {
    if (this.#reserved.includes(name)) throw nameTaken(name, this.#operator)
    const state = get(this.#states)
    this.#names.set(state, name)
    return state
  }
}

function nameTaken(state: string, { uid, name }: NamedOperator): MillraceError {
  return new MillraceError('STATE_ACCESS_INVALID', {
    expected: `a state of '${name}' with a name of its own`,
    came: `${show(state)}, which the operator itself uses`,
    todo: 'Rename the state.',
    ids: { uid, state },
  })
}
