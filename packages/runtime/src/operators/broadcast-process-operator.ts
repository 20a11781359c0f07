import {
  type BroadcastAccess,
  type BroadcastProcessFunction,
  type GeneralizedWatermark,
  type MapState,
  type MapStateDescriptor,
  MIN_WATERMARK,
  type ReadOnlyBroadcastAccess,
  type ReadOnlyMapState,
} from '@millrace/core'
import { handleWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { BroadcastStates } from './broadcast-states.ts'
import { TimestampedCollector } from './collector.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorProcessContext } from './runtime-context.ts'
import { TwoInputOperator } from './two-input-operator.ts'
import { functionFailure, refusePromise } from './user-function.ts'

/** What elements are processed with: broadcast state to read. */
class ElementContext extends OperatorProcessContext implements ReadOnlyBroadcastAccess {
  readonly #states: BroadcastStates

  constructor(context: OperatorContext, states: BroadcastStates) {
    super(context, MIN_WATERMARK)
    this.#states = states
  }

  getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): ReadOnlyMapState<UK, UV> {
    return this.#states.getReadOnly(descriptor)
  }
}

/** What broadcast elements are processed with: broadcast state to change. */
class BroadcastElementContext extends OperatorProcessContext implements BroadcastAccess {
  readonly #states: BroadcastStates

  constructor(context: OperatorContext, states: BroadcastStates) {
    super(context, MIN_WATERMARK)
    this.#states = states
  }

  getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    return this.#states.get(descriptor)
  }
}

/** Runs a `BroadcastProcessFunction`: input 0 has the elements, input 1 the broadcast ones. */
export class BroadcastProcessOperator<IN, B, OUT> extends TwoInputOperator<IN, B> {
  protected override readonly lifeCycle: FunctionLifeCycle
  readonly #function: BroadcastProcessFunction<IN, B, OUT>
  readonly #collector: TimestampedCollector<OUT>
  readonly #elementContext: ElementContext
  readonly #broadcastContext: BroadcastElementContext

  constructor(context: OperatorContext) {
    super(context)
    const { process } = context.operator.functions
    this.#function =
      context.functions.resolve<() => BroadcastProcessFunction<IN, B, OUT>>(process)()
    this.lifeCycle = new FunctionLifeCycle(context, {
      function: this.#function,
      hasOperatorState: true,
    })
    const states = new BroadcastStates(context, this.lifeCycle.operatorStates)
    this.#collector = new TimestampedCollector(this.output)
    this.#elementContext = new ElementContext(context, states)
    this.#broadcastContext = new BroadcastElementContext(context, states)
  }

  protected override processElement1(value: IN, timestamp: number): void {
    this.#collector.timestamp = timestamp
    this.#elementContext.currentTimestamp = timestamp
    try {
      const result: unknown = this.#function.processElement(
        value,
        this.#elementContext,
        this.#collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  protected override processElement2(value: B, timestamp: number): void {
    this.#collector.timestamp = timestamp
    this.#broadcastContext.currentTimestamp = timestamp
    try {
      const result: unknown = this.#function.processBroadcastElement(
        value,
        this.#broadcastContext,
        this.#collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  protected override onWatermark(watermark: number): void {
    this.#elementContext.watermark = watermark
    this.#broadcastContext.watermark = watermark
    super.onWatermark(watermark)
  }

  protected override onGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    handleWatermark(
      {
        operator: this.context.operator,
        function: this.#function,
        context: this.#elementContext,
        collector: this.#collector,
        output: this.output,
      },
      watermark,
    )
  }
}
