import { show } from '@millrace/core'
import { Digest } from './digest.ts'

/** What a trace needs to know. */
export interface TraceOptions {
  /** Whether to keep readable lines, which is slow and takes memory. */
  readonly keepsLines: boolean
  /** Simulated time, for each note. */
  readonly nowMs: () => number
}

/**
 * What happened in a simulation, as a hash and, if asked, as lines. Two runs of one seed must have
 * the same hash; the first line that differs shows where something came in that does not follow
 * from the seed.
 */
export class Trace {
  readonly #digest = new Digest()
  readonly #keepsLines: boolean
  readonly #nowMs: () => number
  #lines: string[] = []

  constructor(options: TraceOptions) {
    this.#keepsLines = options.keepsLines
    this.#nowMs = options.nowMs
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return this.#digest.hex()
  }

  /** The latest lines, at most {@link TRACE_LINES_MAX}; none unless they were asked for. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /**
   * Adds what `who` did. The content of `detail` counts in full, though its line shows only its
   * beginning.
   */
  note(who: string, what: string, detail?: unknown): void {
    const digest = this.#digest
    digest.mixNumber(this.#nowMs())
    digest.mixText(who)
    digest.mixText(what)
    if (detail !== undefined) digest.mixValue(detail)
    if (this.#keepsLines) this.#keep(who, what, detail)
  }

  #keep(who: string, what: string, detail: unknown): void {
    if (this.#lines.length >= TRACE_LINES_MAX) this.#lines = this.#lines.slice(TRACE_LINES_MAX / 2)
    const shown = detail === undefined ? '' : ` ${showDetail(detail)}`
    this.#lines.push(`${this.#nowMs().toFixed(3)} ms ${who} ${what}${shown}`)
  }
}

/** The older half of the lines is dropped when there are so many. */
const TRACE_LINES_MAX = 1_000_000

function showDetail(detail: unknown): string {
  if (ArrayBuffer.isView(detail)) return `${detail.byteLength} bytes`
  return show(detail)
}
