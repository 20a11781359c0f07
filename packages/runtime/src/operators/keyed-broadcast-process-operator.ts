import {
  type BroadcastAccess,
  type Key,
  type KeyedBroadcastProcessFunction,
  type KeyedProcessContext,
  type KeyedState,
  type KeyedStateApplication,
  type KeySelector,
  type MapState,
  type MapStateDescriptor,
  MIN_WATERMARK,
  type OnTimerContext,
  type ReadOnlyBroadcastAccess,
} from '@millrace/core'
import { BroadcastStates } from './broadcast-states.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import { checkedKeySelector, type KeyedScope } from './keyed-scope.ts'
import { KeyedTwoInputOperator } from './keyed-two-input-operator.ts'
import { NamedStateStore } from './named-state-store.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorProcessContext } from './runtime-context.ts'
import { functionFailure, type NamedOperator, refusePromise } from './user-function.ts'

/** What broadcast elements are processed with: they have no key, and reach all. */
class BroadcastElementContext<K extends Key>
  extends OperatorProcessContext
  implements BroadcastAccess, KeyedStateApplication<K>
{
  readonly #states: BroadcastStates
  readonly #scope: KeyedScope<K>
  readonly #named: NamedStateStore
  readonly #operator: NamedOperator

  constructor(
    context: OperatorContext,
    states: BroadcastStates,
    scope: KeyedScope<K>,
    named: NamedStateStore,
  ) {
    super(context, MIN_WATERMARK)
    this.#states = states
    this.#scope = scope
    this.#named = named
    this.#operator = context.operator
  }

  getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    return this.#states.get(descriptor)
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

/** Runs a `KeyedBroadcastProcessFunction`: input 0 has the keyed elements, input 1 the broadcast ones. */
export class KeyedBroadcastProcessOperator<K extends Key, IN, B, OUT> extends KeyedTwoInputOperator<
  K,
  IN,
  B,
  OUT
> {
  protected override readonly lifeCycle: FunctionLifeCycle
  readonly #function: KeyedBroadcastProcessFunction<K, IN, B, OUT>
  readonly #keyOf: KeySelector<IN, K>
  readonly #elementContext: typeof this.keyedContext & ReadOnlyBroadcastAccess
  readonly #broadcastContext: BroadcastElementContext<K>

  constructor(context: OperatorContext) {
    super(context)
    const { process, keySelector } = context.operator.functions
    this.#function =
      context.functions.resolve<() => KeyedBroadcastProcessFunction<K, IN, B, OUT>>(process)()
    this.#keyOf = checkedKeySelector(context.functions, keySelector, context.operator)
    const named = new NamedStateStore(this.scope.states, context.operator)
    this.lifeCycle = new FunctionLifeCycle(context, {
      function: this.#function,
      scope: this.scope,
      keyedStates: named,
      hasOperatorState: true,
    })
    const states = new BroadcastStates(context, this.lifeCycle.operatorStates)
    const access: ReadOnlyBroadcastAccess = {
      getBroadcastState: (descriptor) => states.getReadOnly(descriptor),
    }
    this.#elementContext = Object.assign(this.keyedContext, access)
    this.#broadcastContext = new BroadcastElementContext(context, states, this.scope, named)
  }

  protected override processElement1(value: IN, timestamp: number): void {
    this.begin(this.#keyOf(value), timestamp)
    try {
      const result: unknown = this.#function.processElement(
        value,
        this.#elementContext,
        this.collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  protected override processElement2(value: B, timestamp: number): void {
    this.scope.states.clearCurrentKey()
    this.collector.timestamp = timestamp
    this.#broadcastContext.currentTimestamp = timestamp
    try {
      const result: unknown = this.#function.processBroadcastElement(
        value,
        this.#broadcastContext,
        this.collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  protected override onTimer(timestamp: number, context: OnTimerContext<K>): unknown {
    return this.#function.onTimer?.(
      timestamp,
      context as OnTimerContext<K> & ReadOnlyBroadcastAccess,
      this.collector,
    )
  }

  protected override onWatermark(watermark: number): void {
    this.#broadcastContext.watermark = watermark
    super.onWatermark(watermark)
  }
}
