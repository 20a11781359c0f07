import {
  type BroadcastAccess,
  type GeneralizedWatermark,
  type Key,
  type KeyedBroadcastProcessFunction,
  type KeySelector,
  type MapState,
  type MapStateDescriptor,
  type OnTimerContext,
  type ReadOnlyBroadcastAccess,
} from '@millrace/core'
import { handleWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { BroadcastStates } from './broadcast-states.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import { checkedKeySelector, type KeyedScope } from './keyed-scope.ts'
import { KeylessContext } from './keyless-context.ts'
import { KeyedTwoInputOperator } from './keyed-two-input-operator.ts'
import { NamedStateStore } from './named-state-store.ts'
import type { OperatorContext } from './operator.ts'
import { functionFailure, refusePromise } from './user-function.ts'

/** What broadcast elements are processed with: they have no key, and reach all. */
class BroadcastElementContext<K extends Key> extends KeylessContext<K> implements BroadcastAccess {
  readonly #states: BroadcastStates

  constructor(
    context: OperatorContext,
    states: BroadcastStates,
    scope: KeyedScope<K>,
    named: NamedStateStore,
  ) {
    super(context, scope, named)
    this.#states = states
  }

  getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    return this.#states.get(descriptor)
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
  readonly #watermarkContext: KeylessContext<K> & ReadOnlyBroadcastAccess

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
    this.#watermarkContext = Object.assign(new KeylessContext(context, this.scope, named), access)
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
    this.#watermarkContext.watermark = watermark
    super.onWatermark(watermark)
  }

  protected override onGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    this.scope.states.clearCurrentKey()
    handleWatermark(
      {
        operator: this.context.operator,
        function: this.#function,
        context: this.#watermarkContext,
        collector: this.collector,
        output: this.output,
      },
      watermark,
    )
  }
}
