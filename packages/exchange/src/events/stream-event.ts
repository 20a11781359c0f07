// What travels between tasks beside records. Events keep their place among the records of their channel.

import type { GeneralizedWatermark } from '@millrace/core'

/** Marks a cut through all streams: records before it belong to the epoch, records after it do not. */
export interface Barrier {
  /**
   * `checkpoint` and `savepoint` snapshot all state; `final` does so after the last record, so that the last results are
   * committed.
   */
  readonly kind: 'checkpoint' | 'savepoint' | 'final'
  readonly checkpointId: number
  /** When the coordinator triggered it, in milliseconds since 1970. */
  readonly triggeredAtMs: number
  /**
   * The job ends when this one is complete: sources emit nothing after it, and no task does anything but commit. Should it be given
   * up, all go on.
   */
  readonly isStopping?: true
  /** Of a savepoint: where tasks store their state, in place of the checkpoint directory. */
  readonly savepointDirectory?: string
}

/** An event in a channel. */
export type StreamEvent =
  | { readonly kind: 'watermark'; readonly watermark: number }
  /** Whether the channel is waited for: an idle one does not hold the time of its reader back. */
  | { readonly kind: 'watermark-status'; readonly isIdle: boolean }
  /** One of the user's own kind; not coalesced as those of event time are. */
  | { readonly kind: 'generalized-watermark'; readonly watermark: GeneralizedWatermark }
  | { readonly kind: 'barrier'; readonly barrier: Barrier }
  /**
   * Goes round a loop whose inputs have ended, behind the records that came before it. `quietRounds`: for how many rounds nothing
   * has gone through the heads of the loop.
   */
  | { readonly kind: 'loop-marker'; readonly quietRounds: number }
  /** No more records; barriers still follow until the job ends. */
  | { readonly kind: 'end-of-data' }
