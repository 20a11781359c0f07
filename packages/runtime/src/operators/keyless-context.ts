import {
  type Key,
  type KeyedProcessContext,
  type KeyedState,
  type KeyedStateApplication,
  MIN_WATERMARK,
} from '@millrace/core'
import type { KeyedScope } from './keyed-scope.ts'
import type { NamedStateStore } from './named-state-store.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorProcessContext } from './runtime-context.ts'
import { type NamedOperator, refusePromise } from './user-function.ts'

/** What a keyed function is called with where no key is current, for a broadcast element or a watermark: it can reach all. */
export class KeylessContext<K extends Key>
  extends OperatorProcessContext
  implements KeyedStateApplication<K>
{
  readonly #scope: KeyedScope<K>
  readonly #named: NamedStateStore
  readonly #operator: NamedOperator

  constructor(context: OperatorContext, scope: KeyedScope<K>, named: NamedStateStore) {
    super(context, MIN_WATERMARK)
    this.#scope = scope
    this.#named = named
    this.#operator = context.operator
  }

  applyToKeyedState<S extends KeyedState>(state: S, apply: (key: K, state: S) => void): void {
    const { states } = this.#scope
    // All keys first: what is applied may change and clear the state.
    for (const key of states.keysOf(this.#named.nameOf(state))) {
      states.setCurrentKey(key)
      refusePromise(apply(key, state), this.#operator, 'function of applyToKeyedState')
    }
    states.clearCurrentKey()
  }

  /** For callers without types: refuses, because no key is current. */
  get currentKey(): K {
    return this.#scope.currentKey
  }

  /** For callers without types: registering refuses, because no key is current. */
  get timerService(): KeyedProcessContext<K>['timerService'] {
    return this.#scope.timerService
  }
}
