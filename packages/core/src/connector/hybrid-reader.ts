import type { WatermarkDeclaration, WatermarkValueOf } from '../time/generalized-watermark.ts'
import type { JsonValue } from '../types/json.ts'
import { checkRestored, isCount, isSplit } from '../errors/check-restored.ts'
import {
  type HybridCommand,
  type HybridEvent,
  type HybridSplit,
  hybridSplit,
} from './hybrid-split.ts'
import type {
  PollResult,
  SourceOutput,
  SourceReader,
  SourceReaderContext,
} from './source-reader.ts'
import type { SourceSplit } from './source-split.ts'
import type { Source } from './source.ts'

/** What a {@link HybridReader} is made of. */
export interface HybridReaderInit<T> {
  readonly context: SourceReaderContext
  readonly hasTimePerSplit: boolean
  readonly sourceCount: number
  readonly sourceAt: (index: number, position: JsonValue) => Source<T>
}

/** Runs the readers of several sources one after the other. Which one it is the enumerator says. */
export class HybridReader<T> implements SourceReader<T, HybridSplit> {
  readonly #init: HybridReaderInit<T>
  readonly #closings = new Set<Promise<void>>()
  #index = -1
  /** The reader of the current source, once it has started. */
  #reader: SourceReader<T> | undefined
  /** What came before it had. */
  #waitingSplits: HybridSplit[] = []
  #waitingCommands: HybridCommand[] = []
  #isComplete = false
  #hasFinished = false
  #isClosed = false
  #output: HybridOutput<T> | undefined

  constructor(init: HybridReaderInit<T>) {
    this.#init = init
  }

  start(): void {}

  addSplits(splits: readonly HybridSplit[]): void {
    for (const split of splits) {
      const isWhole = isCount(split.sourceIndex) && isSplit(split.split)
      checkRestored(isWhole, 'a split of one of the sources', split)
      this.#waitingSplits.push(split)
    }
    this.#handOver()
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
    this.#reader?.notifyNoMoreSplits()
  }

  handleSourceEvent(json: JsonValue): void {
    const command = json as HybridCommand
    if (command.kind === 'switch') return this.#switchTo(command.index, command.position)
    this.#waitingCommands.push(command)
    this.#handOver()
  }

  pollNext(output: SourceOutput<T>, recordsMax: number): PollResult {
    const reader = this.#reader
    if (reader === undefined || this.#hasFinished) return 'nothing-now'
    const hybridOutput = (this.#output ??= new HybridOutput(this.#init.hasTimePerSplit))
    hybridOutput.begin(output, this.#index)
    const result = reader.pollNext(hybridOutput, recordsMax)
    if (result !== 'end' || this.#index === this.#init.sourceCount - 1) return result
    this.#hasFinished = true
    this.#send({ kind: 'finished', index: this.#index })
    return 'nothing-now'
  }

  snapshot(): readonly HybridSplit[] {
    const current = this.#reader?.snapshot() ?? []
    return [...current.map((split) => hybridSplit(this.#index, split)), ...this.#waitingSplits]
  }

  notifyCheckpointComplete(checkpointId: number): void | Promise<void> {
    return this.#reader?.notifyCheckpointComplete?.(checkpointId)
  }

  notifyCheckpointAborted(checkpointId: number): void {
    this.#reader?.notifyCheckpointAborted?.(checkpointId)
  }

  notifyCheckpointSubsumed(checkpointId: number): void {
    this.#reader?.notifyCheckpointSubsumed?.(checkpointId)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#reader?.close()
    await Promise.all(this.#closings)
  }

  #switchTo(index: number, position: JsonValue): void {
    if (index === this.#index) return
    const { context, sourceAt } = this.#init
    if (this.#reader !== undefined) this.#giveUp(this.#reader)
    this.#reader = undefined
    this.#index = index
    this.#hasFinished = false
    const source = sourceAt(index, position)
    const reader = source.createReader({
      ...context,
      sendSplitRequest: () => this.#send({ kind: 'request-split', index }),
      sendSourceEvent: (event) => this.#send({ kind: 'custom', index, event }),
    })
    const begin = (): void => {
      if (this.#isClosed) return this.#giveUp(reader)
      this.#reader = reader
      this.#handOver()
      if (this.#isComplete) reader.notifyNoMoreSplits()
      context.wake()
    }
    const starting = reader.start()
    if (starting === undefined) begin()
    else starting.then(begin).catch(context.fail)
  }

  #giveUp(reader: SourceReader<T>): void {
    const closing = Promise.resolve(reader.close())
      .catch(this.#init.context.fail)
      .finally(() => this.#closings.delete(closing))
    this.#closings.add(closing)
  }

  /** Gives the current reader what has come for it. */
  #handOver(): void {
    const reader = this.#reader
    if (reader === undefined) return
    const splits = this.#waitingSplits.splice(0).map(({ split }): SourceSplit => split)
    if (splits.length > 0) reader.addSplits(splits)
    for (const command of this.#waitingCommands.splice(0)) {
      if (command.index !== this.#index) continue
      if (command.kind === 'no-more-splits') reader.notifyNoMoreSplits()
      else if (command.kind === 'custom') reader.handleSourceEvent?.(command.event)
    }
  }

  #send(event: HybridEvent): void {
    this.#init.context.sendSourceEvent(event as unknown as JsonValue)
  }
}

/** Emits for the splits of the current source as for those of the hybrid source. */
class HybridOutput<T> implements SourceOutput<T> {
  readonly #hasTimePerSplit: boolean
  #output!: SourceOutput<T>
  #index = 0

  constructor(hasTimePerSplit: boolean) {
    this.#hasTimePerSplit = hasTimePerSplit
  }

  begin(output: SourceOutput<T>, index: number): void {
    this.#output = output
    this.#index = index
  }

  collect(value: T, timestamp?: number): void {
    this.#output.collect(value, timestamp)
  }

  forSplit(splitId: string): ReturnType<SourceOutput<T>['forSplit']> {
    // One of several sources has no time per split: then all records of the reader have one time.
    if (!this.#hasTimePerSplit) return this.#output
    return this.#output.forSplit(`${this.#index}/${splitId}`)
  }

  releaseSplit(splitId: string): void {
    this.#output.releaseSplit(`${this.#index}/${splitId}`)
  }

  markIdle(): void {
    this.#output.markIdle()
  }

  markActive(): void {
    this.#output.markActive()
  }

  emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void {
    this.#output.emitWatermark(declaration, value)
  }
}
