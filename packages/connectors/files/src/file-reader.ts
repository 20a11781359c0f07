import {
  type MalformedPolicy,
  type MalformedRecord,
  MillraceError,
  type PollResult,
  type RecordDecoder,
  type RecordFormat,
  show,
  type SourceOutput,
  type SourceReader,
  type SourceReaderContext,
} from '@millrace/core'
import { checkedSplit, type FileSplit } from './file-split.ts'
import { ReadAhead } from './read-ahead.ts'

/** What a reader is made of. */
export interface FileReaderInit<T> {
  readonly context: SourceReaderContext
  readonly format: RecordFormat<T>
  readonly onMalformed: MalformedPolicy
  readonly bufferBytes: number
  readonly malformedAccumulator: string
}

/** Reads its splits one after the other. */
export class FileReader<T> implements SourceReader<T, FileSplit> {
  readonly #init: FileReaderInit<T>
  readonly #splits: FileSplit[] = []
  #isComplete = false
  #currentIndex = -1
  #decoder: RecordDecoder<T> | undefined
  #readAhead: ReadAhead | undefined
  /** Files that were read to their end, until they are closed. */
  readonly #closing = new Set<Promise<void>>()
  #hasLoggedMalformed = false

  constructor(init: FileReaderInit<T>) {
    this.#init = init
  }

  start(): void {}

  addSplits(splits: readonly FileSplit[]): void {
    this.#splits.push(...splits.map(checkedSplit))
    if (this.#decoder === undefined) this.#openNextSplit()
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<T>, recordsMax: number): PollResult {
    let emitted = 0
    while (emitted < recordsMax) {
      const decoder = this.#decoder
      if (decoder === undefined) return this.#isComplete ? 'end' : 'nothing-now'
      switch (decoder.next()) {
        case 'record':
          output.collect(decoder.record)
          emitted += 1
          break
        case 'malformed':
          this.#passOver(decoder.malformed as MalformedRecord)
          break
        case 'need-input':
          if (!this.#feed(decoder)) return 'nothing-now'
          break
        case 'end':
          this.#finishSplit()
          break
      }
    }
    return 'more'
  }

  snapshot(): readonly FileSplit[] {
    this.#keepPosition()
    return [...this.#splits]
  }

  async close(): Promise<void> {
    this.#closeFile()
    await Promise.all(this.#closing)
  }

  /** Answers false if there is nothing to feed yet. */
  #feed(decoder: RecordDecoder<T>): boolean {
    const chunk = (this.#readAhead as ReadAhead).take()
    if (chunk === 'later') return false
    if (chunk === 'end') decoder.finish()
    else decoder.feed(chunk)
    return true
  }

  #openNextSplit(): void {
    this.#currentIndex = this.#splits.findIndex((split) => !split.isDone)
    const split = this.#splits[this.#currentIndex]
    if (split === undefined) return
    this.#decoder = this.#init.format.createDecoder()
    this.#decoder.restore(split)
    const { context, bufferBytes } = this.#init
    this.#readAhead = new ReadAhead({
      files: context.platform.files,
      path: split.path,
      offset: split.offset,
      bufferBytes,
      onProgress: context.wake,
      onFailure: context.fail,
    })
  }

  #finishSplit(): void {
    this.#keepPosition()
    const split = this.#splits[this.#currentIndex] as FileSplit
    this.#splits[this.#currentIndex] = { ...split, isDone: true }
    this.#closeFile()
    this.#openNextSplit()
  }

  #keepPosition(): void {
    const split = this.#splits[this.#currentIndex]
    if (split === undefined || this.#decoder === undefined) return
    const { splitId, path, isDone } = split
    this.#splits[this.#currentIndex] = { splitId, path, isDone, ...this.#decoder.snapshot() }
  }

  #closeFile(): void {
    const closing = this.#readAhead?.close()
    this.#readAhead = undefined
    this.#decoder = undefined
    if (closing === undefined) return
    const done = closing
      .catch((error: unknown) => this.#init.context.fail(error))
      .finally(() => this.#closing.delete(done))
    this.#closing.add(done)
  }

  #passOver(malformed: MalformedRecord): void {
    const { context, format, onMalformed, malformedAccumulator } = this.#init
    const { path } = this.#splits[this.#currentIndex] as FileSplit
    const { line, text, reason } = malformed
    if (onMalformed === 'fail') {
      throw new MillraceError('RECORD_MALFORMED', {
        expected: `a record of ${format.name} in ${path}, line ${line}`,
        came: `${reason}, in ${JSON.stringify(text)}`,
        todo: "Mend the file, or set onMalformed: 'skip' to pass over such records and count them.",
        ids: { file: path, line },
      })
    }
    context.addToAccumulator(malformedAccumulator, 1)
    if (this.#hasLoggedMalformed) return
    this.#hasLoggedMalformed = true
    context.platform.log.warn('passed over a malformed record; more of them are only counted', {
      file: path,
      line,
      reason,
      text: show(text),
      accumulator: malformedAccumulator,
    })
  }
}
