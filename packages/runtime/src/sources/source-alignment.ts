// Keeps a source from running ahead of others: what it reads waits as long as its watermark is beyond a limit, which the
// coordinator sets from time to time. A reader that can pause splits is never paused as a whole, so that splits which
// are idle or behind go on.
//
//   every interval: where we are ──> coordinator ──> align: limit ──> pause, resume

import {
  MAX_WATERMARK,
  MIN_WATERMARK,
  type SourceReader,
  type WatermarkAlignment,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import type { WatermarkAssigner } from '../watermarks/watermark-assigner.ts'

/** What a source's alignment is made of. */
export interface SourceAlignmentInit {
  readonly context: OperatorContext
  readonly alignment: WatermarkAlignment
  readonly reader: Pick<SourceReader<unknown>, 'pauseOrResumeSplits'>
  readonly assigner: Pick<
    WatermarkAssigner<unknown>,
    'watermark' | 'isIdle' | 'splitWatermarks' | 'setPaused'
  >
  readonly isPerSplit: boolean
}

/** The alignment of one reader. */
export class SourceAlignment {
  readonly #init: SourceAlignmentInit
  readonly #canPauseSplits: boolean
  readonly #pausedSplits = new Set<string>()
  #limit = MAX_WATERMARK
  #isPaused = false

  constructor(init: SourceAlignmentInit) {
    this.#init = init
    this.#canPauseSplits = init.isPerSplit && init.reader.pauseOrResumeSplits !== undefined
  }

  /** Whether nothing is to be read at all. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Begins to tell the coordinator where the reader is. */
  start(): void {
    const { context, alignment } = this.#init
    context.processingTime.after(alignment.updateIntervalMs, () => {
      this.#report()
      this.start()
    })
  }

  /** The reader is at its end and is not to be waited for. */
  finish(): void {
    const { sendSourceEvent } = this.#init.context
    sendSourceEvent({ kind: 'watermark', watermark: MAX_WATERMARK, isIdle: false })
  }

  /** The coordinator has moved the limit. */
  setLimit(watermark: number): void {
    this.#limit = watermark
    if (this.check()) this.#init.context.wake()
  }

  /** Pauses what is beyond the limit, resumes what is not. Answers whether something was resumed. */
  check(): boolean {
    return this.#canPauseSplits ? this.#checkSplits() : this.#checkReader()
  }

  /** The split is over. */
  forget(splitId: string): void {
    this.#pausedSplits.delete(splitId)
  }

  #report(): void {
    const { context, assigner } = this.#init
    const { watermark, isIdle } = assigner
    // Who has no time yet holds nobody back; otherwise all would wait for a first record that may never come.
    if (watermark === MIN_WATERMARK && !isIdle) return
    context.sendSourceEvent({ kind: 'watermark', watermark, isIdle })
  }

  #checkReader(): boolean {
    const wasPaused = this.#isPaused
    this.#isPaused = this.#init.assigner.watermark > this.#limit
    return wasPaused && !this.#isPaused
  }

  #checkSplits(): boolean {
    const { assigner, reader } = this.#init
    const toPause: string[] = []
    const toResume: string[] = []
    for (const [splitId, watermark] of assigner.splitWatermarks()) {
      const isPaused = this.#pausedSplits.has(splitId)
      if (watermark > this.#limit === isPaused) continue
      if (isPaused) toResume.push(splitId)
      else toPause.push(splitId)
    }
    if (toPause.length === 0 && toResume.length === 0) return false
    for (const splitId of toPause) {
      this.#pausedSplits.add(splitId)
      assigner.setPaused(splitId, true)
    }
    for (const splitId of toResume) {
      this.#pausedSplits.delete(splitId)
      assigner.setPaused(splitId, false)
    }
    reader.pauseOrResumeSplits?.(toPause, toResume)
    return toResume.length > 0
  }
}
