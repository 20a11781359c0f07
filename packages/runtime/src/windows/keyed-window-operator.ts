// What all window operators have in common: the plan, keys, folding, late records.

import {
  type AggregateFunction,
  type Key,
  type KeySelector,
  MillraceError,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  show,
  type TypeDescriptor,
  type WindowAssignerPlan,
  type WindowPlan,
} from '@millrace/core'
import { type KeyedSnapshotReader, ownedStrings, ownString, type OwnStrings } from '@millrace/state'
import { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext } from '../operators/operator.ts'
import { functionFailure, promiseReturned } from '../operators/user-function.ts'
import { type Merging, windowMerging } from './merging.ts'
import { WindowEmitter } from './window-emitter.ts'
import { type WindowInput, windowInput } from './window-input.ts'

/** A keyed window operator, without its windows. */
export abstract class KeyedWindowOperator<
  K extends Key,
  IN,
  ACC,
  OUT,
  ASSIGNER extends WindowAssignerPlan,
> extends OneInputOperator<IN> {
  protected readonly config: WindowPlan & { readonly assigner: ASSIGNER }
  protected readonly isEventTime: boolean
  protected readonly aggregate: AggregateFunction<IN, ACC, unknown>
  protected readonly keyOf: KeySelector<IN, K>
  protected readonly emitter: WindowEmitter<K, ACC, OUT>
  protected readonly merging: Merging<ACC>
  protected watermark: number = MIN_WATERMARK
  protected readonly keyType: TypeDescriptor
  protected readonly dropLate: WindowInput<K, IN>['dropLate']
  readonly #ownStrings: OwnStrings | undefined

  constructor(context: OperatorContext) {
    super(context)
    const { operator, functions } = context
    const config = operator.config as unknown as WindowPlan & { readonly assigner: ASSIGNER }
    checkParallelism(context, config)
    this.isEventTime = config.assigner.kind !== 'global' && config.assigner.time === 'event-time'
    // The clock decides where a record belongs, so in processing time nothing is late.
    this.config = this.isEventTime ? config : { ...config, allowedLatenessMs: 0 }
    this.aggregate = functions.resolve(operator.functions['aggregate'])
    this.merging = windowMerging(operator, this.aggregate)
    const input = windowInput<K, IN>(context, config)
    this.keyOf = input.keyOf
    this.dropLate = input.dropLate
    this.emitter = new WindowEmitter(context, this.aggregate as never)
    this.keyType = operator.keyType ?? { kind: 'any' }
    this.#ownStrings = ownedStrings(this.config.accumulatorType)
  }

  /** The event time by which a record is put into windows. */
  protected eventTimeOf(value: IN, timestamp: number): number {
    if (timestamp !== NO_TIMESTAMP) return timestamp
    throw new MillraceError('TIMESTAMP_INVALID', {
      expected: `records with timestamps in the window '${this.context.operator.name}'`,
      came: `one without: ${show(value)}`,
      todo: 'Call assignTimestampsAndWatermarks before the window, or use a processing-time window.',
      ids: { uid: this.context.operator.uid },
    })
  }

  /** A key as it is kept: a string cut out of a frame would keep the text of the whole frame alive. */
  protected ownedKey(key: K): K {
    return ownString(key) as K
  }

  /** An accumulator as it is kept, for the same reason. */
  protected owned(accumulator: ACC): ACC {
    return this.#ownStrings === undefined ? accumulator : (this.#ownStrings(accumulator) as ACC)
  }

  /** Folds a value into an accumulator, or into a fresh one; a failure names the operator. */
  protected add(accumulator: ACC | undefined, value: IN): ACC {
    const { operator } = this.context
    let after: ACC
    try {
      const before = accumulator === undefined ? this.aggregate.createAccumulator() : accumulator
      after = this.aggregate.add(before, value)
    } catch (error) {
      throw functionFailure(error, operator, 'aggregate function')
    }
    if (after instanceof Promise) throw promiseReturned(after, operator, 'aggregate function')
    return after
  }
}

/** A window without keys must see all records: with several subtasks, each would have a part of it. */
function checkParallelism({ operator, parallelism }: OperatorContext, plan: WindowPlan): void {
  if (plan.isNonKeyed !== true || parallelism === 1) return
  throw new MillraceError('OPTION_INVALID', {
    expected: `a parallelism of 1 for '${operator.name}', whose windows have no keys`,
    came: String(parallelism),
    todo: 'Remove setParallelism, or use keyBy and window.',
    ids: { uid: operator.uid },
  })
}

/**
 * Refuses the windows of a checkpoint that nobody read: they were kept in another way, by another assigner, trigger or evictor. To
 * leave them out would lose records unseen.
 */
export function refuseOtherWindows(
  restored: KeyedSnapshotReader,
  { operator }: OperatorContext,
): void {
  const other = restored.tables().find(({ name }) => name.startsWith('$'))
  if (other === undefined) return
  throw new MillraceError('STATE_INCOMPATIBLE', {
    expected: `open windows of the kind that '${operator.name}' has`,
    came: `windows kept as ${show(other.name)} in the checkpoint`,
    todo: 'Go back to the assigner, trigger and evictor of before, or give the operator a new uid to begin without old windows.',
    ids: { uid: operator.uid },
  })
}
