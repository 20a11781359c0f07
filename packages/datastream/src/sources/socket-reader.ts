// Reads lines from a TCP connection.
//
//   connecting ──> connected ──end──> waiting to retry ──> connecting        'ended' once retries are used up
//        └──────────failure───────────────┘                                  a failure then fails the job
//
// Lines wait in memory until they are polled. When they hold more than BUFFER_CHARS_MAX characters the connection is
// paused, and resumed when half of them are gone; the operating systems then hold back the sender.

import {
  type Connection,
  MillraceError,
  type PollResult,
  type SocketAddress,
  type SourceOutput,
  type SourceReader,
  type SourceReaderContext,
  type SourceSplit,
  type Timer,
} from '@millrace/core'
import { DelimitedText } from './delimited-text.ts'

/** Characters of complete lines in memory at which the connection is paused; also the longest line. */
export const BUFFER_CHARS_MAX: number = 1024 * 1024

/** What a {@link SocketReader} reads. */
export interface SocketReaderInit {
  readonly address: SocketAddress
  readonly delimiter: string
  readonly maxRetries: number
  readonly retryDelayMs: number
}

/** The connection. It has no position: only whether it is over. */
export interface SocketSplit extends SourceSplit {
  readonly isEnded: boolean
}

/** The reader of a `SocketTextSource`. Its one split has no position: what was sent is gone. */
export class SocketReader implements SourceReader<string, SocketSplit> {
  readonly #context: SourceReaderContext
  readonly #init: SocketReaderInit
  readonly #text: DelimitedText
  #lines: string[] = []
  #polled = 0
  #bufferedChars = 0
  #connection: Connection | undefined
  #isPaused = false
  #retries = 0
  #retryTimer: Timer | undefined
  #split: SocketSplit | undefined
  #isEnded = false
  #isComplete = false
  #isClosed = false

  constructor(context: SourceReaderContext, init: SocketReaderInit) {
    this.#context = context
    this.#init = init
    this.#text = new DelimitedText(init.delimiter)
  }

  start(): void {}

  addSplits([split]: readonly SocketSplit[]): void {
    if (split === undefined) return
    this.#split = split
    this.#isEnded = split.isEnded
    if (!this.#isEnded) void this.#connect()
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<string>, recordsMax: number): PollResult {
    const end = Math.min(this.#polled + recordsMax, this.#lines.length)
    while (this.#polled < end) {
      const line = this.#lines[this.#polled++] as string
      this.#bufferedChars -= line.length + 1
      output.collect(line)
    }
    this.#forgetPolled()
    this.#resumeBelowHalf()
    if (this.#polled < this.#lines.length) return 'more'
    const isOver = this.#split === undefined || this.#isEnded
    return isOver && this.#isComplete ? 'end' : 'nothing-now'
  }

  snapshot(): readonly SocketSplit[] {
    if (this.#split === undefined) return []
    const isEnded = this.#isEnded && this.#polled === this.#lines.length
    return [{ ...this.#split, isEnded }]
  }

  close(): void {
    this.#isClosed = true
    this.#retryTimer?.cancel()
    this.#connection?.close()
  }

  async #connect(): Promise<void> {
    const { address } = this.#init
    let connection: Connection
    try {
      connection = await this.#context.platform.network.connect(address)
    } catch (error) {
      if (!this.#isClosed) this.#retryOr(() => this.#fail('no connection', error))
      return
    }
    if (this.#isClosed) return connection.close()
    this.#connection = connection
    this.#isPaused = false
    connection.onData((bytes) => this.#receive(bytes))
    connection.onClose((error) => this.#disconnected(error))
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isClosed) return
    this.#add(this.#text.feed(bytes))
    if (this.#text.restLength > BUFFER_CHARS_MAX) {
      this.close()
      this.#context.fail(
        new MillraceError('RECORD_MALFORMED', {
          expected: `a line of at most ${BUFFER_CHARS_MAX} characters from ${this.#peer}`,
          came: 'a longer one',
          todo: 'Check the delimiter: the sender may end its lines with another one.',
        }),
      )
    }
  }

  #disconnected(error: Error | undefined): void {
    if (this.#isClosed) return
    this.#connection = undefined
    if (error === undefined) {
      this.#add(this.#text.finish())
      this.#retryOr(() => this.#end())
    } else {
      // Half a line of a broken connection is not a record.
      this.#text.reset()
      this.#retryOr(() => this.#fail('a connection that broke', error))
    }
  }

  #retryOr(giveUp: () => void): void {
    if (this.#retries === this.#init.maxRetries) return giveUp()
    this.#retries++
    const { platform } = this.#context
    platform.log.info('socket source connects again', { peer: this.#peer, retry: this.#retries })
    this.#retryTimer = platform.timers.after(this.#init.retryDelayMs, () => void this.#connect())
  }

  #end(): void {
    this.#isEnded = true
    this.#context.wake()
  }

  #fail(came: string, cause: unknown): void {
    this.#context.fail(
      new MillraceError('SOCKET_FAILED', {
        expected: `lines of text from ${this.#peer}`,
        came: `${came}, after ${this.#retries} of ${this.#init.maxRetries} retries`,
        todo: 'Check that the server runs and can be reached; maxRetries lets the source wait for it.',
        cause,
      }),
    )
  }

  #add(lines: readonly string[]): void {
    if (lines.length === 0) return
    for (const line of lines) {
      this.#lines.push(line)
      this.#bufferedChars += line.length + 1
    }
    if (!this.#isPaused && this.#bufferedChars > BUFFER_CHARS_MAX) {
      this.#isPaused = true
      this.#connection?.pause()
    }
    this.#context.wake()
  }

  /** Moves the lines that are left to the front once they are the smaller half, so that moving stays cheap. */
  #forgetPolled(): void {
    if (this.#polled * 2 < this.#lines.length) return
    this.#lines = this.#lines.slice(this.#polled)
    this.#polled = 0
  }

  #resumeBelowHalf(): void {
    if (!this.#isPaused || this.#bufferedChars > BUFFER_CHARS_MAX / 2) return
    this.#isPaused = false
    this.#connection?.resume()
  }

  get #peer(): string {
    return `${this.#init.address.host}:${this.#init.address.port}`
  }
}
