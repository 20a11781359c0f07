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
   * What a task does until the barrier is on all its channels. `aligned`: a channel that has it waits for the others. `unaligned`: it
   * overtakes what is queued, which becomes a part of the snapshot. `at-least-once`: nothing waits, and records after the barrier may
   * count twice after a restart.
   */
  readonly alignment: BarrierAlignment
  /** An aligned barrier begins to overtake so long after the first one has come to a task. Left out: never. */
  readonly alignedTimeoutMs?: number
  /**
   * The job ends when this one is complete: sources emit nothing after it, and no task does anything but commit. Should it be given
   * up, all go on.
   */
  readonly isStopping?: true
  /** Of a savepoint: where tasks store their state, in place of the checkpoint directory. */
  readonly savepointDirectory?: string
}

/** What a barrier does to the channels of a task, see {@link Barrier}. */
export type BarrierAlignment = 'aligned' | 'unaligned' | 'at-least-once'

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
