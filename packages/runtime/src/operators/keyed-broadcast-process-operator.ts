import type {
  BroadcastAccess,
  Key,
  KeyedBroadcastProcessFunction,
  KeySelector,
  OnTimerContext,
  ReadOnlyBroadcastAccess,
} from '@millrace/core'
import { BroadcastStates } from './broadcast-states.ts'
import { checkedKeySelector } from './keyed-scope.ts'
import { KeyedTwoInputOperator } from './keyed-two-input-operator.ts'
import type { OperatorContext, OperatorSnapshot } from './operator.ts'
import { keyedRuntimeContext } from './runtime-context.ts'
import { callFunction } from './user-function.ts'

/** Runs a `KeyedBroadcastProcessFunction`: input 0 has the keyed elements, input 1 the broadcast ones. */
export class KeyedBroadcastProcessOperator<K extends Key, IN, B, OUT> extends KeyedTwoInputOperator<
  K,
  IN,
  B,
  OUT
> {
  readonly #function: KeyedBroadcastProcessFunction<K, IN, B, OUT>
  readonly #keyOf: KeySelector<IN, K>
  readonly #states: BroadcastStates
  readonly #broadcastContext: typeof this.keyedContext & BroadcastAccess

  constructor(context: OperatorContext) {
    super(context)
    const { process, keySelector } = context.operator.functions
    this.#function =
      context.functions.resolve<() => KeyedBroadcastProcessFunction<K, IN, B, OUT>>(process)()
    this.#keyOf = checkedKeySelector(context.functions, keySelector, context.operator)
    this.#states = new BroadcastStates(context)
    const access: BroadcastAccess = {
      getBroadcastState: (descriptor) => this.#states.get(descriptor),
    }
    this.#broadcastContext = Object.assign(this.keyedContext, access)
  }

  override open(): void {
    this.scope.open()
    callFunction(this.context.operator, 'open method', () =>
      this.#function.open?.(keyedRuntimeContext(this.context, this.scope.states)),
    )
  }

  protected override processElement1(value: IN, timestamp: number): void {
    this.process(this.#keyOf(value), timestamp, () =>
      this.#function.processElement(value, this.#broadcastContext, this.collector),
    )
  }

  protected override processElement2(value: B, timestamp: number): void {
    this.scope.states.clearCurrentKey()
    this.processUnkeyed(timestamp, () =>
      this.#function.processBroadcastElement(value, this.#broadcastContext, this.collector),
    )
  }

  protected override onTimer(timestamp: number, context: OnTimerContext<K>): unknown {
    return this.#function.onTimer?.(
      timestamp,
      context as OnTimerContext<K> & ReadOnlyBroadcastAccess,
      this.collector,
    )
  }

  override snapshot(): OperatorSnapshot {
    return { ...super.snapshot(), operator: this.#states.snapshot() }
  }

  override close(): void {
    this.scope.close()
    this.#function.close?.()
  }
}
