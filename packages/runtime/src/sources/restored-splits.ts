// The splits of a checkpoint that a source subtask goes on with.

import { type JsonValue, MillraceError, show, type SourceSplit } from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { restoredList } from '../operators/restored-lists.ts'

/** The slot of a source's splits. */
export const SPLITS_SLOT = 'splits'

/** This subtask's part of all splits, dealt out in runs when the parallelism has changed. */
export function restoredSplits(context: OperatorContext): readonly SourceSplit[] {
  return restoredList(context, SPLITS_SLOT, 'spread').map((state, index) =>
    withId(context, state, index),
  )
}

/**
 * Releases before metadata format 2 had splits without ids. They are read by one reader for good, so an id that is made
 * up differs from all others of the source and that is enough.
 */
function withId(context: OperatorContext, state: JsonValue, index: number): SourceSplit {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) {
    throw new MillraceError('STATE_INCOMPATIBLE', {
      expected: `splits with an id in the state of the source '${context.operator.name}'`,
      came: show(state),
      todo: 'Another release of the source wrote it. Restore with that release, or start without the checkpoint.',
      ids: { uid: context.operator.uid },
    })
  }
  if ('splitId' in state) return state as unknown as SourceSplit
  return { splitId: `restored ${context.subtaskIndex}-${index}`, ...state }
}
