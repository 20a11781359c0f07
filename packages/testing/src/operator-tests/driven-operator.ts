// What the harnesses of one and of two inputs have in common: a clock, what the operator emits, its state. A harness
// outlives the operator in it: a restart puts another one in its place.

import {
  type Accumulator,
  type AggregatingStateDescriptor,
  type Duration,
  type GeneralizedWatermark,
  durationMs,
  type Key,
  type ListStateDescriptor,
  type MapStateDescriptor,
  MillraceError,
  OutputTag,
  type ReducingStateDescriptor,
  type ValueStateDescriptor,
  type WatermarkDeclaration,
  watermarkOf,
  type WatermarkValueOf,
} from '@millrace/core'
import type { HarnessRecord, OperatorHarness } from '../operator-harness/operator-harness.ts'
import type { HarnessSnapshot } from '../operator-harness/operator-snapshot.ts'
import type { SingleOperator } from './single-operator.ts'
import { type PendingTimer, StateOfSnapshot } from './state-of-snapshot.ts'

/**
 * One operator under test, whatever it reads. What the operator throws, the call that caused it throws.
 *
 * @example
 * ```ts
 * import { testOperator } from 'millrace/testing'
 *
 * const harness = await testOperator<number, number>((numbers) => numbers.map((n) => 2 * n))
 * harness.processElement(21)
 * await harness.restart()
 * console.log(harness.values) // [ 42 ]
 * ```
 */
export abstract class DrivenOperator<OUT> {
  readonly #plan: SingleOperator
  readonly #output: HarnessRecord<OUT>[] = []
  readonly #watermarks: number[] = []
  readonly #generalizedWatermarks: GeneralizedWatermark[] = []
  readonly #sideOutputs = new Map<string, readonly HarnessRecord<unknown>[]>()
  #operator: OperatorHarness<OUT>
  #isOutputFull = false

  constructor(plan: SingleOperator, operator: OperatorHarness<OUT>) {
    this.#plan = plan
    this.#operator = operator
  }

  /** The records that the operator emitted, in order. */
  get output(): readonly HarnessRecord<OUT>[] {
    return [...this.#output, ...this.#operator.output]
  }

  /** The values of {@link output}. */
  get values(): readonly OUT[] {
    return this.output.map(({ value }) => value)
  }

  /** The watermarks that the operator emitted, in order. */
  get watermarks(): readonly number[] {
    return [...this.#watermarks, ...this.#operator.watermarks]
  }

  /** The watermarks of the user's own kinds that the operator emitted or handed on, in order. */
  get generalizedWatermarks(): readonly GeneralizedWatermark[] {
    return [...this.#generalizedWatermarks, ...this.#operator.generalizedWatermarks]
  }

  /** Whether the operator has told its readers not to wait for it. */
  get isIdle(): boolean {
    return this.#operator.isIdle
  }

  /** What the operator emitted to a side output, in order. */
  sideOutput<T>(tag: OutputTag<T>): readonly HarnessRecord<T>[] {
    const earlier = (this.#sideOutputs.get(tag.id) ?? []) as readonly HarnessRecord<T>[]
    return [...earlier, ...this.#operator.sideOutput(tag)]
  }

  /** The ids of the side outputs that got records. */
  get sideOutputIds(): readonly string[] {
    return [...new Set([...this.#sideOutputs.keys(), ...this.#operator.sideOutputIds])]
  }

  /** Forgets all that was emitted: {@link output}, {@link watermarks} and the side outputs begin anew. */
  clearOutput(): void {
    this.#keepOutput()
    this.#output.length = 0
    this.#watermarks.length = 0
    this.#generalizedWatermarks.length = 0
    this.#sideOutputs.clear()
  }

  /** The accumulators of the operator whose result is a number, by name. */
  get accumulators(): Readonly<Record<string, number>> {
    return this.#operator.accumulators
  }

  /** The result of an accumulator; `create` makes an empty one of a class of your own. */
  getAccumulatorResult<R = number>(
    name: string,
    create?: () => Accumulator<never, R>,
  ): R | undefined {
    return this.#operator.getAccumulatorResult(name, create)
  }

  /**
   * Gives the operator a watermark of the user's own kind, as what all channels of all its inputs say together.
   *
   * @throws MillraceError `OPTION_INVALID` for a value of another type.
   */
  processGeneralizedWatermark<D extends WatermarkDeclaration>(
    declaration: D,
    value: WatermarkValueOf<D>,
  ): void {
    this.#operator.processGeneralizedWatermark(watermarkOf(declaration, value))
  }

  /** Whether a task would give the operator records: false while a sink is full. */
  get isAvailable(): boolean {
    return this.#operator.isAvailable
  }

  /**
   * Whether the operator is to believe that its output is full and its input has to wait. Such time does not count as idle.
   * At first it is not; a restart does not change it.
   */
  setOutputFull(isFull: boolean): void {
    this.#isOutputFull = isFull
    this.#operator.isInputBlocked = isFull
  }

  /** What the operator's clock shows, in milliseconds since 1970. It stands still between the calls of the test. */
  get processingTime(): number {
    return this.#operator.time.now()
  }

  /** Lets the clock go on to `nowMs`, and runs what becomes due on the way, at its own moment. */
  setProcessingTime(nowMs: number): void {
    this.#operator.advanceTo(nowMs)
  }

  /** Lets the clock go on for so long, and runs what becomes due on the way, at its own moment. */
  advanceProcessingTime(duration: Duration): void {
    this.setProcessingTime(this.processingTime + durationMs(duration))
  }

  /** The value state of a key; the default of the descriptor, or `undefined`, if the key has none. */
  async valueState<T>(key: Key, descriptor: ValueStateDescriptor<T>): Promise<T | undefined> {
    return (await this.#state()).valueState(key, descriptor)
  }

  /** The list state of a key. */
  async listState<T>(key: Key, descriptor: ListStateDescriptor<T>): Promise<readonly T[]> {
    return (await this.#state()).listState(key, descriptor)
  }

  /** The map state of a key. */
  async mapState<UK, UV>(
    key: Key,
    descriptor: MapStateDescriptor<UK, UV>,
  ): Promise<ReadonlyMap<UK, UV>> {
    return (await this.#state()).mapState(key, descriptor)
  }

  /** The reducing state of a key. */
  async reducingState<T>(key: Key, descriptor: ReducingStateDescriptor<T>): Promise<T | undefined> {
    return (await this.#state()).reducingState(key, descriptor)
  }

  /** The result of the aggregating state of a key. */
  async aggregatingState<IN, ACC, RESULT>(
    key: Key,
    descriptor: AggregatingStateDescriptor<IN, ACC, RESULT>,
  ): Promise<RESULT | undefined> {
    return (await this.#state()).aggregatingState(key, descriptor)
  }

  /** A broadcast state. */
  async broadcastState<UK, UV>(
    descriptor: MapStateDescriptor<UK, UV>,
  ): Promise<ReadonlyMap<UK, UV>> {
    return (await this.#state()).broadcastState(descriptor)
  }

  /** A list that belongs to no key, as `getListState` of `initializeState` gives it. */
  async operatorListState<T>(descriptor: ListStateDescriptor<T>): Promise<readonly T[]> {
    return (await this.#state()).operatorListState(descriptor)
  }

  /** A list that belongs to no key, as `getUnionListState` of `initializeState` gives it. */
  async unionListState<T>(descriptor: ListStateDescriptor<T>): Promise<readonly T[]> {
    return (await this.#state()).unionListState(descriptor)
  }

  /** The event-time timers that the function has set and that have not fired, earliest first. */
  async eventTimeTimers(): Promise<readonly PendingTimer[]> {
    return (await this.#state()).timers('event-time')
  }

  /** The processing-time timers that the function has set and that have not fired, earliest first. */
  async processingTimeTimers(): Promise<readonly PendingTimer[]> {
    return (await this.#state()).timers('processing-time')
  }

  /** How many {@link eventTimeTimers} there are. */
  async numEventTimeTimers(): Promise<number> {
    return (await this.eventTimeTimers()).length
  }

  /** How many {@link processingTimeTimers} there are. */
  async numProcessingTimeTimers(): Promise<number> {
    return (await this.processingTimeTimers()).length
  }

  /**
   * The state of the operator at this moment, as a checkpoint would hold it: give it to the option `restored` of another
   * harness. Calls `snapshotState` of the function, and lets a sink prepare its commit.
   */
  snapshot(): Promise<HarnessSnapshot> {
    return this.#operator.snapshot()
  }

  /** Tells the operator that its last snapshot is durable: a sink commits. */
  notifyCheckpointComplete(): Promise<void> {
    return this.#operator.notifyCheckpointComplete()
  }

  /** Tells the operator that its last snapshot will never be part of a checkpoint. */
  notifyCheckpointAborted(): void {
    this.#operator.notifyCheckpointAborted()
  }

  /**
   * Snapshots the operator, gives it up, and puts a fresh one with that state in its place: what a failure right after a
   * checkpoint does. The clock and the outputs stay, and so does this harness, which is answered.
   */
  async restart(): Promise<this> {
    // The cut is made when it is called: what an async function emits after that, the failure takes back.
    const restarting = this.#operator.restart()
    this.#keepOutput()
    const operator = await restarting
    operator.isInputBlocked = this.#isOutputFull
    this.#operator = operator
    return this
  }

  /** Whether everything that came in has been emitted: false while an async operator waits for answers. */
  get isDrained(): boolean {
    return this.#operator.isDrained
  }

  /**
   * Waits until an async operator has all the answers that it waits for, and has emitted them. The clock stands still meanwhile:
   * let it go on first to what is to time out or to be asked again.
   *
   * @throws MillraceError `TEST_FAILED` if answers are still missing after a million turns of the event loop, some seconds.
   */
  async drain(): Promise<void> {
    for (let turn = 0; turn < DRAIN_TURNS_MAX; turn++) {
      if (this.isDrained) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (!this.isDrained) throw notDrained(this.#plan.operator.name)
    // What failed meanwhile is thrown by the next call.
    this.#operator.advanceTo(this.processingTime)
  }

  /** Ends the input: the last watermark on each input, then what the operator holds back. {@link drain} waits for the rest. */
  endInput(): void {
    this.#operator.finish()
  }

  /** Gives the operator up: `close` of its function. */
  close(): Promise<void> {
    return this.#operator.close()
  }

  /** The operator that gets the next record. */
  protected get operator(): OperatorHarness<OUT> {
    return this.#operator
  }

  /** The operator's number of a stream of the test. */
  protected inputOf(stream: number): number {
    return this.#plan.inputOf[stream] ?? 0
  }

  async #state(): Promise<StateOfSnapshot> {
    const nowMs = this.processingTime
    return new StateOfSnapshot(await this.#operator.snapshot(), this.#plan.operator.keyType, nowMs)
  }

  /** Takes over what the operator has emitted. */
  #keepOutput(): void {
    const operator = this.#operator
    this.#output.push(...operator.output)
    this.#watermarks.push(...operator.watermarks)
    this.#generalizedWatermarks.push(...operator.generalizedWatermarks)
    for (const id of operator.sideOutputIds) {
      const records = operator.sideOutput(new OutputTag(id))
      if (records.length > 0) this.#sideOutputs.set(id, this.sideOutput(new OutputTag(id)))
    }
    operator.clearOutput()
  }
}

/** Whoever has not answered by then waits for a clock that stands still, or for ever. */
const DRAIN_TURNS_MAX = 1_000_000

function notDrained(name: string): MillraceError {
  return new MillraceError('TEST_FAILED', {
    expected: `'${name}' to get all the answers that it waits for`,
    came: 'none for some seconds',
    todo: 'Let the function answer in the test, or let the clock go on to the timeout with advanceProcessingTime.',
  })
}
