// Processes whole partitions: folds the records of a subtask, or of each key in it, while they come, and emits when the input
// has ended. For mapPartition and sortPartition the fold is a list of all records, kept in memory.
//
// The last watermark waits for the results, so that nothing comes after it. What was emitted is remembered: a task can be
// restored after its operators have ended, and they then end again.

import {
  type Collector,
  type Key,
  type KeySelector,
  MAX_WATERMARK,
  NO_TIMESTAMP,
  type TypeDescriptor,
} from '@millrace/core'
import {
  KeyedSnapshotReader,
  KeyedSnapshotWriter,
  OperatorStateBackend,
  ownedStrings,
  ownString,
  type OwnStrings,
} from '@millrace/state'
import { OneInputOperator } from '../operators/base-operator.ts'
import { TimestampedCollector } from '../operators/collector.ts'
import { checkedKeySelector } from '../operators/keyed-scope.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { functionFailure, isPromise, promiseReturned } from '../operators/user-function.ts'

/** The configuration of a partition operator, as the API writes it into the plan. */
export interface PartitionConfig {
  readonly accumulatorType: TypeDescriptor
  /** Set when the accumulator holds records as they come: their strings must not hold on to frames. */
  readonly keptRecordType: TypeDescriptor | null
  /** Whether a subtask without records emits too; never so for keys. */
  readonly emitsEmpty: boolean
}

/** What a partition is folded with; the API makes it from the user's functions. */
export interface PartitionFold<IN, ACC, OUT> {
  createAccumulator(): ACC
  add(accumulator: ACC, value: IN): ACC
  /** Needed when subtasks become fewer: one then goes on with the accumulators of several. */
  merge(left: ACC, right: ACC): ACC
  emit(accumulator: ACC, out: Collector<OUT>): Iterable<OUT> | void
}

/** The slot that says that the results were emitted. */
const EMITTED_SLOT = 'partition-emitted'

const ACCUMULATORS = 'accumulators'
const KEYED_TABLE = '$partition'

/** What partitions of subtasks and of keys have in common. */
abstract class PartitionOperator<IN, ACC, OUT> extends OneInputOperator<IN> {
  protected readonly config: PartitionConfig
  readonly #fold: PartitionFold<IN, ACC, OUT>
  readonly #collector: TimestampedCollector<OUT>
  readonly #ownRecord: OwnStrings | undefined
  readonly #ownAccumulator: OwnStrings | undefined
  #isLastWatermarkHeld = false
  #hasEmitted = false

  constructor(context: OperatorContext) {
    super(context)
    const { operator, functions } = context
    this.config = operator.config as unknown as PartitionConfig
    this.#fold = functions.resolve(operator.functions['fold'])
    this.#collector = new TimestampedCollector(this.output)
    this.#collector.timestamp = NO_TIMESTAMP
    const { accumulatorType, keptRecordType } = this.config
    this.#ownRecord = keptRecordType === null ? undefined : ownedStrings(keptRecordType)
    this.#ownAccumulator = keptRecordType === null ? ownedStrings(accumulatorType) : undefined
  }

  /** Emits every accumulator; `isFresh` unless results were emitted before a restart. */
  protected abstract emitAll(isFresh: boolean): void

  /** The accumulators as bytes, and the slot they belong into. */
  protected abstract snapshotAccumulators(): OperatorSnapshot

  override open(): void {
    const { restored, parallelism } = this.context
    const emitted = restored.slot(EMITTED_SLOT).length
    // With another parallelism the slots of all old subtasks are here.
    this.#hasEmitted =
      emitted > 0 && emitted === (restored.parallelism === parallelism ? 1 : restored.parallelism)
  }

  override processWatermark(watermark: number): void {
    if (watermark === MAX_WATERMARK) this.#isLastWatermarkHeld = true
    else this.output.processWatermark(watermark)
  }

  override finish(): void {
    this.emitAll(!this.#hasEmitted)
    this.#hasEmitted = true
    if (this.#isLastWatermarkHeld) this.output.processWatermark(MAX_WATERMARK)
  }

  override snapshot(): OperatorSnapshot {
    const accumulators = this.snapshotAccumulators()
    return this.#hasEmitted ? { ...accumulators, [EMITTED_SLOT]: new Uint8Array(1) } : accumulators
  }

  protected add(accumulator: ACC | undefined, value: IN): ACC {
    const ownRecord = this.#ownRecord
    const kept = ownRecord === undefined ? value : (ownRecord(value) as IN)
    return this.#call('partition function', () => {
      const before = accumulator === undefined ? this.#fold.createAccumulator() : accumulator
      const after = this.#fold.add(before, kept)
      const ownAccumulator = this.#ownAccumulator
      const isSame = after === accumulator || ownAccumulator === undefined
      return isSame ? after : (ownAccumulator(after) as ACC)
    })
  }

  protected empty(): ACC {
    return this.#call('partition function', () => this.#fold.createAccumulator())
  }

  protected merge(left: ACC, right: ACC): ACC {
    return this.#call('partition function', () => this.#fold.merge(left, right))
  }

  protected emit(accumulator: ACC): void {
    this.#call('partition function', () => {
      const results = this.#fold.emit(accumulator, this.#collector)
      if (results === undefined) return undefined
      if (isPromise(results)) return results
      for (const result of results) this.#collector.collect(result)
      return undefined
    })
  }

  #call<V>(what: string, call: () => V): V {
    const { operator } = this.context
    let result: V
    try {
      result = call()
    } catch (error) {
      throw functionFailure(error, operator, what)
    }
    if (isPromise(result)) throw promiseReturned(result, operator, what)
    return result
  }
}

/** Folds all records of a subtask. */
export class SubtaskPartitionOperator<IN, ACC, OUT> extends PartitionOperator<IN, ACC, OUT> {
  #accumulator: ACC | undefined

  override open(): void {
    super.open()
    const { subtaskIndex, parallelism, restored } = this.context
    const snapshots = restored.slot('operator').map(({ bytes }) => bytes)
    const state = new OperatorStateBackend({ subtaskIndex, parallelism, restored: snapshots })
    const type = this.config.accumulatorType
    for (const accumulator of state.getListState({ name: ACCUMULATORS, type }).get() as ACC[]) {
      this.#accumulator =
        this.#accumulator === undefined ? accumulator : this.merge(this.#accumulator, accumulator)
    }
  }

  override processElement(value: IN): void {
    this.#accumulator = this.add(this.#accumulator, value)
  }

  protected override emitAll(isFresh: boolean): void {
    if (this.#accumulator === undefined && isFresh && this.config.emitsEmpty) {
      this.#accumulator = this.empty()
    }
    if (this.#accumulator !== undefined) this.emit(this.#accumulator)
    this.#accumulator = undefined
  }

  protected override snapshotAccumulators(): OperatorSnapshot {
    const { subtaskIndex, parallelism } = this.context
    const state = new OperatorStateBackend({ subtaskIndex, parallelism })
    const list = state.getListState({ name: ACCUMULATORS, type: this.config.accumulatorType })
    if (this.#accumulator !== undefined) list.update([this.#accumulator])
    return { operator: state.snapshot() }
  }
}

/** Folds the records of each key. */
export class KeyedPartitionOperator<K extends Key, IN, ACC, OUT> extends PartitionOperator<
  IN,
  ACC,
  OUT
> {
  readonly #keyOf: KeySelector<IN, K>
  readonly #keyType: TypeDescriptor
  #accumulators = new Map<K, ACC>()

  constructor(context: OperatorContext) {
    super(context)
    const { operator, functions } = context
    this.#keyOf = checkedKeySelector(functions, operator.functions['keySelector'], operator)
    this.#keyType = operator.keyType ?? { kind: 'any' }
  }

  override open(): void {
    super.open()
    const { restored, keyGroupRange } = this.context
    const snapshots = restored.slot('keyed').map(({ bytes }) => bytes)
    const reader = new KeyedSnapshotReader(snapshots, keyGroupRange)
    const valueType = this.config.accumulatorType
    const table = { kind: 'partition', keyType: this.#keyType, valueType }
    reader.readTable(KEYED_TABLE, table, (key, _, accumulator) =>
      this.#accumulators.set(key as K, accumulator as ACC),
    )
  }

  override processElement(value: IN): void {
    const key = this.#keyOf(value)
    const before = this.#accumulators.get(key)
    const after = this.add(before, value)
    if (before === undefined) this.#accumulators.set(ownString(key) as K, after)
    else if (after !== before) this.#accumulators.set(key, after)
  }

  protected override emitAll(): void {
    const accumulators = this.#accumulators
    this.#accumulators = new Map()
    for (const accumulator of accumulators.values()) this.emit(accumulator)
  }

  protected override snapshotAccumulators(): OperatorSnapshot {
    const { maxParallelism } = this.context
    const valueType = this.config.accumulatorType
    const writer = new KeyedSnapshotWriter({ keyType: this.#keyType, maxParallelism })
    writer.writeTable({ name: KEYED_TABLE, kind: 'partition', valueType }, (add) => {
      for (const [key, accumulator] of this.#accumulators) add(key, 0, accumulator)
    })
    return { keyed: writer.finish() }
  }
}
