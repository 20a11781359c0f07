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
import { isGzipped } from './file-discovery.ts'
import { GzipReadAhead } from './gzip-read-ahead.ts'
import { LineRange } from './line-range.ts'
import { ReadAhead } from './read-ahead.ts'

/** What a reader is made of. */
export interface FileReaderInit<T> {
  readonly context: SourceReaderContext
  readonly format: RecordFormat<T>
  readonly onMalformed: MalformedPolicy
  readonly bufferBytes: number
  readonly malformedAccumulator: string
}

/**
 * Reads its splits one after the other. With each one it begins it asks for another, so that the next is there when this one
 * ends.
 */
export class FileReader<T> implements SourceReader<T, FileSplit> {
  readonly #init: FileReaderInit<T>
  /** The first one is being read, if there is a decoder. */
  #splits: FileSplit[] = []
  #isComplete = false
  #decoder: RecordDecoder<T> | undefined
  #readAhead: ReadAhead | GzipReadAhead | undefined
  /** Set while a range of a file is read. */
  #range: LineRange | undefined
  /** Files that were read to their end, until they are closed. */
  readonly #closing = new Set<Promise<void>>()
  #hasLoggedMalformed = false

  constructor(init: FileReaderInit<T>) {
    this.#init = init
  }

  start(): void {
    this.#init.context.sendSplitRequest()
  }

  addSplits(splits: readonly FileSplit[]): void {
    // Earlier releases kept what was read to its end.
    this.#splits.push(...splits.map(checkedSplit).filter(({ isDone }) => !isDone))
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
          this.#finishSplit(output)
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
    const range = this.#range
    const chunk = range?.isOver === true ? 'end' : this.#readAhead?.take()
    if (chunk === undefined || chunk === 'later') return false
    if (chunk === 'end') decoder.finish()
    else if (range === undefined) decoder.feed(chunk)
    else this.#feedRange(decoder, range, chunk)
    return true
  }

  #feedRange(decoder: RecordDecoder<T>, range: LineRange, chunk: Uint8Array): void {
    const wasInside = range.startOffset === undefined
    const bytes = range.cut(chunk)
    if (range.startOffset === undefined) return
    if (wasInside) decoder.restore({ offset: range.startOffset, line: 0 })
    if (bytes.byteLength > 0) decoder.feed(bytes)
  }

  #openNextSplit(): void {
    const [split] = this.#splits
    if (split === undefined) return
    const { context, bufferBytes, format } = this.#init
    if (!this.#isComplete) context.sendSplitRequest()
    const { path, end, isInside = false } = split
    this.#decoder = format.createDecoder()
    if (!isInside) this.#decoder.restore(split)
    if (end !== undefined || isInside) {
      this.#range = new LineRange({ offset: split.offset, end, isInside })
    }
    const init = {
      files: context.platform.files,
      path,
      offset: this.#range?.readOffset ?? split.offset,
      bufferBytes,
      onProgress: context.wake,
      onFailure: context.fail,
    }
    this.#readAhead = isGzipped(path) ? new GzipReadAhead(init) : new ReadAhead(init)
  }

  #finishSplit(output: SourceOutput<T>): void {
    const { splitId } = this.#splits.shift() as FileSplit
    this.#closeFile()
    // First the request for a further one, then the release: in between, the reader would count as idle.
    this.#openNextSplit()
    output.releaseSplit(splitId)
  }

  #keepPosition(): void {
    const [split] = this.#splits
    if (split === undefined || this.#decoder === undefined) return
    // The first record boundary of the range is not known yet.
    if (this.#range !== undefined && this.#range.startOffset === undefined) return
    const { splitId, path, isDone, end } = split
    const position = this.#decoder.snapshot()
    this.#splits[0] = { splitId, path, isDone, ...(end !== undefined && { end }), ...position }
  }

  #closeFile(): void {
    const closing = this.#readAhead?.close()
    this.#readAhead = undefined
    this.#decoder = undefined
    this.#range = undefined
    if (closing === undefined) return
    const done = closing
      .catch((error: unknown) => this.#init.context.fail(error))
      .finally(() => this.#closing.delete(done))
    this.#closing.add(done)
  }

  #passOver(malformed: MalformedRecord): void {
    const { context, format, onMalformed, malformedAccumulator } = this.#init
    const { path, splitId } = this.#splits[0] as FileSplit
    const { line, text, reason } = malformed
    if (onMalformed === 'fail') {
      // Lines are counted from the start of a range, whose id says where it begins.
      const place = splitId === path ? path : `${path} from byte ${splitId.slice(path.length + 1)}`
      throw new MillraceError('RECORD_MALFORMED', {
        expected: `a record of ${format.name} in ${place}, line ${line}`,
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
