// Broadcast state: maps that every subtask holds alike, because every subtask sees every broadcast element.

import {
  broadcastEvolutionRole,
  type JsonValue,
  type MapState,
  type MapStateDescriptor,
  MillraceError,
  show,
  type StateEvolution,
  type TypeDescriptor,
} from '@millrace/core'
import { OperatorStateBackend } from '@millrace/state'
import type { OperatorContext } from './operator.ts'

interface DeclaredState {
  readonly name: string
  readonly keyType: TypeDescriptor
  readonly valueType: TypeDescriptor
}

/** The broadcast states of one operator subtask. */
export class BroadcastStates {
  readonly #backend: OperatorStateBackend
  readonly #states: ReadonlyMap<string, MapState<unknown, unknown>>

  constructor(context: OperatorContext) {
    this.#backend = new OperatorStateBackend({
      subtaskIndex: context.subtaskIndex,
      parallelism: context.parallelism,
      restored: context.restored.slot('operator').map(({ bytes }) => bytes),
    })
    const declared = context.operator.config['states'] as unknown as readonly (DeclaredState &
      JsonValue)[]
    this.#states = new Map(
      declared.map((state): [string, MapState<unknown, unknown>] => [
        state.name,
        this.#backend.getBroadcastState({
          ...(state as DeclaredState),
          ...evolutionOf(context, state.name),
        }),
      ]),
    )
  }

  get<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    const state = this.#states.get(descriptor.name)
    if (state !== undefined) return state as MapState<UK, UV>
    throw new MillraceError('STATE_ACCESS_INVALID', {
      expected: `a broadcast state that was given to broadcast(): ${[...this.#states.keys()].join(', ')}`,
      came: show(descriptor.name),
      todo: 'Give its descriptor to broadcast(...) of the stream that fills it.',
    })
  }

  snapshot(): Uint8Array {
    return this.#backend.snapshot()
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
