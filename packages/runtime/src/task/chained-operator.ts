import type { Operator } from '../operators/operator.ts'
import { functionFailure, namingOperator } from '../operators/user-function.ts'
import type { ProcessingTimeService } from '../timers/processing-time-service.ts'
import type { AccumulatorSet } from './accumulator-set.ts'

/** One operator of the chain, as the task holds it. */
export interface ChainedOperator {
  readonly uid: string
  readonly name: string
  readonly operator: Operator
  readonly accumulators: AccumulatorSet
  /** Ends with the operator. */
  readonly processingTime: ProcessingTimeService
}

/** Opens the operator; what it throws carries its name. */
export async function openOperator(chained: ChainedOperator): Promise<void> {
  try {
    await chained.operator.open()
  } catch (error) {
    throw namingOperator(functionFailure(error, chained, 'open()'), chained)
  }
}
