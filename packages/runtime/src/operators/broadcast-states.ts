// Broadcast state: maps that every subtask holds alike, because every subtask sees every broadcast element. The elements of the
// other side reach one subtask each, so they get a view that only reads.

import {
  broadcastEvolutionRole,
  type JsonValue,
  type MapState,
  type MapStateDescriptor,
  MillraceError,
  type ReadOnlyMapState,
  show,
  type StateEvolution,
  type TypeDescriptor,
} from '@millrace/core'
import type { OperatorStateBackend } from '@millrace/state'
import type { OperatorContext } from './operator.ts'

interface DeclaredState {
  readonly name: string
  readonly keyType: TypeDescriptor
  readonly valueType: TypeDescriptor
}

/** The broadcast states of one operator subtask. */
export class BroadcastStates {
  readonly #states: ReadonlyMap<string, MapState<unknown, unknown>>
  readonly #views: ReadonlyMap<string, ReadOnlyMapState<unknown, unknown>>

  constructor(context: OperatorContext, backend: OperatorStateBackend | undefined) {
    const declared = context.operator.config['states'] as unknown as readonly (DeclaredState &
      JsonValue)[]
    const states = declared.map((state) => ({
      name: state.name,
      map: (backend as OperatorStateBackend).getBroadcastState({
        ...(state as DeclaredState),
        ...evolutionOf(context, state.name),
      }),
    }))
    this.#states = new Map(states.map(({ name, map }) => [name, map]))
    this.#views = new Map(states.map(({ name, map }) => [name, new ReadOnlyView(name, map)]))
  }

  get<UK, UV>({ name }: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    return (this.#states.get(name) ?? this.#unknown(name)) as MapState<UK, UV>
  }

  getReadOnly<UK, UV>({ name }: MapStateDescriptor<UK, UV>): ReadOnlyMapState<UK, UV> {
    return (this.#views.get(name) ?? this.#unknown(name)) as ReadOnlyMapState<UK, UV>
  }

  #unknown(name: string): never {
    throw new MillraceError('STATE_ACCESS_INVALID', {
      expected: `a broadcast state that was given to broadcast(): ${[...this.#states.keys()].join(', ')}`,
      came: show(name),
      todo: 'Give its descriptor to broadcast(...) of the stream that fills it.',
    })
  }
}

/** A map that cannot be changed, not even from JavaScript. */
class ReadOnlyView implements MapState<unknown, unknown> {
  readonly #name: string
  readonly #map: MapState<unknown, unknown>

  constructor(name: string, map: MapState<unknown, unknown>) {
    this.#name = name
    this.#map = map
  }

  get(key: unknown): unknown {
    return this.#map.get(key)
  }

  contains(key: unknown): boolean {
    return this.#map.contains(key)
  }

  entries(): Iterable<readonly [unknown, unknown]> {
    return this.#map.entries()
  }

  keys(): Iterable<unknown> {
    return this.#map.keys()
  }

  values(): Iterable<unknown> {
    return this.#map.values()
  }

  isEmpty(): boolean {
    return this.#map.isEmpty()
  }

  put(): void {
    this.#refuse('put')
  }

  remove(): void {
    this.#refuse('remove')
  }

  clear(): void {
    this.#refuse('clear')
  }

  #refuse(method: string): never {
    throw new MillraceError('STATE_ACCESS_INVALID', {
      expected: `the broadcast state ${show(this.#name)} to be changed by broadcast elements only`,
      came: `${method}() for an element of the other side`,
      todo: 'Change it in processBroadcastElement: every subtask sees those elements, so all hold the same.',
      ids: { state: this.#name },
    })
  }
}

/** The migrations and defaults of a state; they are functions, so the plan refers to them. */
function evolutionOf(
  { operator, functions }: OperatorContext,
  name: string,
): StateEvolution<unknown> {
  const ref = operator.functions[broadcastEvolutionRole(name)]
  if (ref === undefined) return {}
  const { migrate, fieldDefaults } = functions.resolve<StateEvolution<unknown>>(ref)
  return { ...(migrate && { migrate }), ...(fieldDefaults && { fieldDefaults }) }
}
