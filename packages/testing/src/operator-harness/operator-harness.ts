// Drives one real operator, the same class that runs in a job, with a clock that stands still until it is moved.
//
//   test ──processElement, processWatermark, advanceTo──> [ operator ] ──> output, watermarks, side outputs
//          snapshot ──> HarnessSnapshot ──restored──> [ operator ], also at another parallelism

import {
  type Accumulator,
  AccumulatorTotals,
  checkOptions,
  type GeneralizedWatermark,
  type JsonObject,
  keyGroupRangeFor,
  MAX_WATERMARK,
  MillraceError,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  type OutputTag,
  Parameters,
  type Platform,
  type PollResult,
  type SourceSplit,
  type TypeDescriptor,
  Types,
  type WatermarkDeclaration,
} from '@millrace/core'
import { type FunctionRef, FunctionTable, type OperatorKind } from '@millrace/job-graph'
import {
  AccumulatorSet,
  createOperator,
  type Input,
  type Operator,
  type OperatorContext,
  ProcessingTimeService,
  type SourceCommand,
  type SourceEvent,
  SourceOperator,
} from '@millrace/runtime'
import { harnessPlatform } from './harness-platform.ts'
import { ManualTime } from './manual-time.ts'
import {
  type HarnessSnapshot,
  OPERATOR_UID,
  type OperatorPlace,
  restoredInputWatermarks,
  restoredOperator,
} from './operator-snapshot.ts'

/** The operator to drive, as a plan describes it, and the place it runs in. */
export interface OperatorHarnessOptions {
  readonly kind: OperatorKind
  /** Shown in errors. Default: the kind. */
  readonly name?: string
  /** What the kind needs, as data. Default: nothing. */
  readonly config?: JsonObject
  /** What the kind needs, by role: `map`, `keySelector`, `process`, `aggregate` and so on. Default: nothing. */
  readonly functions?: Readonly<Record<string, unknown>>
  /** Default: `Types.any()` for an operator with a `keySelector`. */
  readonly keyType?: TypeDescriptor
  /** Default: `Types.any()`. */
  readonly outputType?: TypeDescriptor
  /**
   * What a source reads: it is given these splits when it opens fresh, and told that there are no more, also after a restore.
   * Default: it is told nothing, and {@link OperatorHarness.tellSource} is the coordinator.
   */
  readonly splits?: readonly SourceSplit[]
  /** The kinds of watermarks that the operator may emit. Default: none. */
  readonly declaredWatermarks?: readonly WatermarkDeclaration[]
  /** Default: 0. */
  readonly subtaskIndex?: number
  /** Default: 1. */
  readonly parallelism?: number
  /** Default: 128. */
  readonly maxParallelism?: number
  /** Restarts before this one. Default: 0. */
  readonly attempt?: number
  /** How often periodic watermark generators are asked; 0 for never. Default: 200. */
  readonly autoWatermarkIntervalMs?: number
  /** What functions see as `context.globalJobParameters`. Default: none. */
  readonly globalJobParameters?: Parameters
  /** Default: a clock that shows 0. */
  readonly time?: ManualTime
  /** Default: a platform without files and network. Its clock and timers are not used; those are `time`. */
  readonly platform?: Platform
  /** The snapshots of all old subtasks. Default: none, a fresh start. */
  readonly restored?: readonly HarnessSnapshot[]
}

/** One record that an operator emitted. `timestamp` is `NO_TIMESTAMP` if it has none. */
export interface HarnessRecord<T> {
  readonly value: T
  readonly timestamp: number
}

/**
 * One operator under test. What it throws, its caller gets; what fails outside of a call is thrown by the next one.
 *
 * @example
 * ```ts
 * import { OperatorHarness } from '@millrace/testing'
 *
 * const lengths = await OperatorHarness.open<number>({
 *   kind: 'map',
 *   functions: { map: (word: string) => word.length },
 * })
 * lengths.processElement('apple', 7)
 * console.log(lengths.output) // [ { value: 5, timestamp: 7 } ]
 * ```
 *
 * @example
 * A window, stopped in the middle and restored:
 *
 * ```ts
 * import { TumblingEventTimeWindows } from '@millrace/core'
 * import { OperatorHarness } from '@millrace/testing'
 *
 * const counts = await OperatorHarness.open<number>({
 *   kind: 'window',
 *   config: {
 *     assigner: { ...TumblingEventTimeWindows.of('10 ms') },
 *     allowedLatenessMs: 0,
 *     lateTag: null,
 *     accumulatorType: { kind: 'int' },
 *   },
 *   functions: {
 *     keySelector: (word: string) => word,
 *     aggregate: {
 *       createAccumulator: () => 0,
 *       add: (count: number) => count + 1,
 *       getResult: (count: number) => count,
 *       merge: (left: number, right: number) => left + right,
 *     },
 *   },
 * })
 * counts.processElement('apple', 3)
 * const restarted = await counts.restart()
 * restarted.processElement('apple', 8)
 * restarted.processWatermark(9)
 * console.log(restarted.output) // [ { value: 2, timestamp: 9 } ]
 * ```
 */
export class OperatorHarness<OUT = unknown> {
  /** The clock of the operator. */
  readonly time: ManualTime
  /** What the operator emitted, in order. */
  readonly output: HarnessRecord<OUT>[] = []
  /** The watermarks that the operator emitted, in order. */
  readonly watermarks: number[] = []
  /** The watermarks of the user's own kinds that the operator emitted, in order. */
  readonly generalizedWatermarks: GeneralizedWatermark[] = []
  /** Watermarks, and `'idle'` and `'active'` where the status changed, in order. */
  readonly times: (number | 'idle' | 'active')[] = []
  /** Whether the operator told its readers not to wait for it. */
  isIdle = false
  /** What the operator handed to the program that submitted the job. */
  readonly sentToClient: unknown[] = []
  /** What a source said to its coordinator, in order. */
  readonly sourceEvents: SourceEvent[] = []
  readonly #options: OperatorHarnessOptions
  readonly #place: OperatorPlace
  readonly #sideOutputs = new Map<string, HarnessRecord<unknown>[]>()
  readonly #accumulators = new AccumulatorSet()
  readonly #processingTime: ProcessingTimeService
  readonly #operator: Operator
  readonly #inputWatermarks: number[]
  /** Whether the operator is to believe that its input has to wait. */
  isInputBlocked = false
  #checkpointId = 0
  #isFinished = false
  #failure: { readonly error: unknown } | undefined

  private constructor(options: OperatorHarnessOptions) {
    checkOptions('OperatorHarness', options, KNOWN_OPTIONS)
    const { subtaskIndex = 0, parallelism = 1, maxParallelism = 128 } = options
    this.#options = options
    this.#place = { subtaskIndex, parallelism, maxParallelism }
    this.time = options.time ?? new ManualTime()
    this.#processingTime = new ProcessingTimeService(this.time, this.time, (mail) => mail())
    this.#operator = createOperator(this.#context())
    this.#checkpointId = Math.max(
      0,
      ...(options.restored ?? []).map((snapshot) => snapshot.checkpointId),
    )
    const inputCount = this.#operator.inputs.length
    this.#inputWatermarks = [...restoredInputWatermarks(options.restored ?? [], inputCount)]
  }

  /**
   * Makes an operator and opens it, with the state of `restored` if there is any. As in a job, a restored operator is told at
   * once how far time had come.
   */
  static async open<OUT = unknown>(options: OperatorHarnessOptions): Promise<OperatorHarness<OUT>> {
    const harness = new OperatorHarness<OUT>(options)
    await harness.#operator.open()
    harness.#inputWatermarks.forEach((watermark, input) => {
      if (watermark > MIN_WATERMARK) harness.#input(input).processWatermark(watermark)
    })
    harness.#giveSplits()
    harness.#throwFailure()
    return harness
  }

  /** What the operator emitted to a side output, in order. */
  sideOutput<T>(tag: OutputTag<T>): readonly HarnessRecord<T>[] {
    return (this.#sideOutputs.get(tag.id) ?? []) as HarnessRecord<T>[]
  }

  /** The ids of the side outputs that got records. */
  get sideOutputIds(): readonly string[] {
    return [...this.#sideOutputs.keys()]
  }

  /** Forgets all that was emitted. */
  clearOutput(): void {
    this.output.length = 0
    this.watermarks.length = 0
    this.generalizedWatermarks.length = 0
    this.times.length = 0
    this.#sideOutputs.clear()
  }

  /** The accumulators of the operator whose result is a number, by name. */
  get accumulators(): Readonly<Record<string, number>> {
    return this.#accumulatorTotals().numbers
  }

  /** The result of an accumulator, as of a job; `create` makes an empty one of a class of the user's. */
  getAccumulatorResult<R = number>(
    name: string,
    create?: () => Accumulator<never, R>,
  ): R | undefined {
    return this.#accumulatorTotals().result(name, create)
  }

  /** Whether everything that came in has been emitted: false while an async operator waits for answers. */
  get isDrained(): boolean {
    return this.#operator.isDrained
  }

  /** Whether the operator would be given records: false while a sink is full. */
  get isAvailable(): boolean {
    return this.#operator.isAvailable
  }

  /** Gives the operator a record. `input` is 1 for the second stream of an operator that reads two. */
  processElement(value: unknown, timestamp: number = NO_TIMESTAMP, input: number = 0): void {
    this.#input(input).processElement(value, timestamp)
    this.#throwFailure()
  }

  /** Tells the operator that time has come this far on an input. One that is not later than the last is ignored. */
  processWatermark(watermark: number, input: number = 0): void {
    if (watermark <= (this.#inputWatermarks[input] ?? MIN_WATERMARK)) return
    this.#inputWatermarks[input] = watermark
    this.#input(input).processWatermark(watermark)
    this.#throwFailure()
  }

  /** Tells the operator that an input is idle, or is waited for again. */
  processWatermarkStatus(isIdle: boolean, input: number = 0): void {
    this.#input(input).processWatermarkStatus(isIdle)
    this.#throwFailure()
  }

  /** Tells the operator of a watermark of the user's own kind, as what all its channels say together. */
  processGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    this.#input(0).processGeneralizedWatermark(watermark)
    this.#throwFailure()
  }

  /** Moves the clock, and runs what becomes due on the way. */
  advanceTo(nowMs: number): void {
    this.time.advanceTo(nowMs)
    this.#throwFailure()
  }

  /** Tells a source something, as its coordinator. */
  tellSource(command: SourceCommand): void {
    this.#source().handleCommand(command)
    this.#throwFailure()
  }

  /** Lets a source emit up to `recordsMax` records. */
  poll(recordsMax: number): PollResult {
    const result = this.#source().poll(recordsMax)
    this.#throwFailure()
    return result
  }

  /** Ends the input: the last watermark on each input, then what the operator holds back. */
  finish(): void {
    this.#inputWatermarks.forEach((_, input) => this.processWatermark(MAX_WATERMARK, input))
    this.#operator.finish()
    this.#isFinished = true
    if (this.#operator.isDrained) this.#processingTime.close()
    this.#throwFailure()
  }

  /** The state of the operator at this moment, as a checkpoint would hold it. */
  async snapshot(): Promise<HarnessSnapshot> {
    const inputWatermarks = [...this.#inputWatermarks]
    const checkpointId = ++this.#checkpointId
    const blobs = Object.entries(this.#operator.snapshot(checkpointId, this.time.now()))
    if (!this.#accumulators.isEmpty) blobs.push(['accumulators', this.#accumulators.snapshot()])
    const slots = await Promise.all(
      blobs.map(async ([slot, bytes]) => [slot, Uint8Array.from(await bytes)] as const),
    )
    this.#throwFailure()
    return {
      ...this.#place,
      checkpointId,
      isFinished: this.#isFinished,
      inputWatermarks,
      slots: Object.fromEntries(slots),
    }
  }

  /** Tells the operator that its last snapshot is durable, and so are all before it. */
  async notifyCheckpointComplete(): Promise<void> {
    await this.#operator.notifyCheckpointComplete(this.#checkpointId)
    this.#throwFailure()
  }

  /** Tells the operator that its last snapshot will never be part of a complete checkpoint. */
  notifyCheckpointAborted(): void {
    this.#operator.notifyCheckpointAborted(this.#checkpointId)
    this.#throwFailure()
  }

  /** Tells the operator that its last snapshot is part of a complete checkpoint that a newer one has replaced. */
  notifyCheckpointSubsumed(): void {
    this.#operator.notifyCheckpointSubsumed(this.#checkpointId)
    this.#throwFailure()
  }

  /**
   * Snapshots the operator, gives it up, and answers a new one with that state. The clock goes on; the outputs of the new
   * harness are empty.
   */
  async restart(): Promise<OperatorHarness<OUT>> {
    const snapshot = await this.snapshot()
    await this.close()
    const { attempt = 0 } = this.#options
    return OperatorHarness.open<OUT>({
      ...this.#options,
      time: this.time,
      attempt: attempt + 1,
      restored: [snapshot],
    })
  }

  /** Gives the operator up. */
  async close(): Promise<void> {
    this.#processingTime.close()
    await this.#operator.close()
  }

  #input(index: number): Input<unknown> {
    const input = this.#operator.inputs[index]
    if (input !== undefined) return input as Input<unknown>
    throw new MillraceError('OPTION_INVALID', {
      expected: `an input from 0 to ${this.#operator.inputs.length - 1}`,
      came: String(index),
      todo: 'A source has no input: use poll. Others have one, or two.',
    })
  }

  #accumulatorTotals(): AccumulatorTotals {
    const totals = new AccumulatorTotals()
    this.#accumulators.addInto(totals)
    return totals
  }

  #source(): SourceOperator<unknown> {
    if (this.#operator instanceof SourceOperator) return this.#operator
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a source to poll',
      came: `an operator of kind '${this.#options.kind}'`,
      todo: 'Use processElement.',
    })
  }

  #giveSplits(): void {
    if (!(this.#operator instanceof SourceOperator)) return
    this.#operator.register()
    const { splits, restored = [] } = this.#options
    if (splits === undefined) return
    this.tellSource({ kind: 'registered' })
    if (restored.length === 0 && splits.length > 0) this.tellSource({ kind: 'add-splits', splits })
    this.tellSource({ kind: 'no-more-splits' })
  }

  #throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure.error
  }

  #context(): OperatorContext {
    const { kind, name = kind, config = {}, functions = {}, keyType } = this.#options
    const {
      declaredWatermarks,
      outputType = Types.any(),
      attempt = 0,
      autoWatermarkIntervalMs = 200,
    } = this.#options
    const { platform = harnessPlatform(this.time), restored: snapshots = [] } = this.#options
    const { subtaskIndex, parallelism, maxParallelism } = this.#place
    const table = new FunctionTable()
    const refs: Record<string, FunctionRef> = {}
    for (const [role, value] of Object.entries(functions)) {
      refs[role] = table.register(OPERATOR_UID, role, value)
    }
    const restored = restoredOperator(snapshots, this.#place)
    for (const { bytes } of restored.slot('accumulators')) this.#accumulators.restore(bytes)
    return {
      platform: { ...platform, clock: this.time, timers: this.time },
      operator: {
        uid: OPERATOR_UID,
        name,
        kind,
        config,
        functions: refs,
        outputType,
        keyType: keyType ?? ('keySelector' in functions ? Types.any() : null),
        chainedTo: null,
        ...(declaredWatermarks && { declaredWatermarks }),
      },
      functions: table,
      jobName: 'harness',
      taskName: `${name} (${subtaskIndex + 1}/${parallelism})`,
      ...this.#place,
      keyGroupRange: keyGroupRangeFor(subtaskIndex, parallelism, maxParallelism),
      attempt,
      runId: 'harness',
      autoWatermarkIntervalMs,
      hasCheckpoints: true,
      feedback: undefined,
      output: {
        processElement: (value, timestamp) => this.output.push({ value: value as OUT, timestamp }),
        processWatermark: (watermark) => {
          this.watermarks.push(watermark)
          this.times.push(watermark)
        },
        processWatermarkStatus: (isIdle) => {
          this.isIdle = isIdle
          this.times.push(isIdle ? 'idle' : 'active')
        },
        processGeneralizedWatermark: (watermark) => void this.generalizedWatermarks.push(watermark),
      },
      sideOutput: (tag) => this.#sideOutputOf(tag),
      restored,
      processingTime: this.#processingTime,
      accumulators: this.#accumulators,
      isInputBlocked: () => this.isInputBlocked,
      enqueue: (mail) => this.#run(mail),
      globalJobParameters: this.#options.globalJobParameters ?? Parameters.fromObject({}),
      cachedFiles: {},
      wake: () => {},
      fail: (error) => {
        this.#failure ??= { error }
      },
      sendToClient: (payload) => this.sentToClient.push(payload),
      sendSourceEvent: (event) => this.sourceEvents.push(event),
    }
  }

  /** Runs what a promise has left for the task; what it throws, the next call of the harness throws. */
  #run(mail: () => void): void {
    try {
      mail()
    } catch (error) {
      this.#failure ??= { error }
    }
  }

  #sideOutputOf(tag: string): Input<unknown> {
    return {
      processElement: (value, timestamp) => {
        const records = this.#sideOutputs.get(tag) ?? []
        this.#sideOutputs.set(tag, records)
        records.push({ value, timestamp })
      },
      processWatermark: () => {},
      processWatermarkStatus: () => {},
      processGeneralizedWatermark: () => {},
    }
  }
}

const KNOWN_OPTIONS = [
  'kind',
  'name',
  'config',
  'functions',
  'keyType',
  'outputType',
  'splits',
  'declaredWatermarks',
  'subtaskIndex',
  'parallelism',
  'maxParallelism',
  'attempt',
  'autoWatermarkIntervalMs',
  'globalJobParameters',
  'time',
  'platform',
  'restored',
] as const satisfies readonly (keyof OperatorHarnessOptions)[]
