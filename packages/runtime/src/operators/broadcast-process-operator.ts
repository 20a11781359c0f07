import {
  type BroadcastProcessFunction,
  type MapStateDescriptor,
  MIN_WATERMARK,
} from '@millrace/core'
import { BroadcastStates } from './broadcast-states.ts'
import { TimestampedCollector } from './collector.ts'
import type { OperatorContext, OperatorSnapshot } from './operator.ts'
import { OperatorProcessContext, runtimeContext } from './runtime-context.ts'
import { TwoInputOperator } from './two-input-operator.ts'
import { callFunction } from './user-function.ts'

/** A process context with access to broadcast state. */
class BroadcastContext extends OperatorProcessContext {
  readonly #states: BroadcastStates

  constructor(context: OperatorContext, states: BroadcastStates) {
    super(context, MIN_WATERMARK)
    this.#states = states
  }

  getBroadcastState<UK, UV>(
    descriptor: MapStateDescriptor<UK, UV>,
  ): ReturnType<typeof this.states.get<UK, UV>> {
    return this.states.get(descriptor)
  }

  get states(): BroadcastStates {
    return this.#states
  }
}

/** Runs a `BroadcastProcessFunction`: input 0 has the elements, input 1 the broadcast ones. */
export class BroadcastProcessOperator<IN, B, OUT> extends TwoInputOperator<IN, B> {
  readonly #function: BroadcastProcessFunction<IN, B, OUT>
  readonly #states: BroadcastStates
  readonly #collector: TimestampedCollector<OUT>
  readonly #broadcastContext: BroadcastContext

  constructor(context: OperatorContext) {
    super(context)
    const { process } = context.operator.functions
    this.#function =
      context.functions.resolve<() => BroadcastProcessFunction<IN, B, OUT>>(process)()
    this.#states = new BroadcastStates(context)
    this.#collector = new TimestampedCollector(this.output)
    this.#broadcastContext = new BroadcastContext(context, this.#states)
  }

  override open(): void {
    callFunction(this.context.operator, 'open method', () =>
      this.#function.open?.(runtimeContext(this.context)),
    )
  }

  protected override processElement1(value: IN, timestamp: number): void {
    this.#run(timestamp, () =>
      this.#function.processElement(value, this.#broadcastContext, this.#collector),
    )
  }

  protected override processElement2(value: B, timestamp: number): void {
    this.#run(timestamp, () =>
      this.#function.processBroadcastElement(value, this.#broadcastContext, this.#collector),
    )
  }

  protected override onWatermark(watermark: number): void {
    this.#broadcastContext.watermark = watermark
    super.onWatermark(watermark)
  }

  override snapshot(): OperatorSnapshot {
    return { operator: this.#states.snapshot() }
  }

  override close(): void {
    this.#function.close?.()
  }

  #run(timestamp: number, call: () => unknown): void {
    this.#collector.timestamp = timestamp
    this.#broadcastContext.currentTimestamp = timestamp
    callFunction(this.context.operator, 'process function', call)
  }
}
