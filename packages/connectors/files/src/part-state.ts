// What checkpoints hold of a file sink: committables and writer states, as JSON.

import { checkRestored, isCount, type JsonValue, MillraceError } from '@millrace/core'
import type { PartOrigin, PartPaths } from './part-names.ts'

/** A part that is to become visible. Size and bucket are there when the sink compacts. */
export type PartCommittable = PartPaths & {
  readonly sizeBytes?: number
  readonly bucket?: string
}

/** A file whose content is in another part by now. */
export type RemovalCommittable = { readonly remove: string }

/** A part that was open at the checkpoint. */
export type OpenPartState = PartPaths & {
  readonly bucket: string
  /** So many bytes from the front belong to the checkpoint. */
  readonly sizeBytes: number
  readonly createdMs: number
}

/** The next part that a writer would have begun: every later one is younger than the checkpoint. */
export type NextPartState = { readonly next: PartOrigin }

/** A writer state of a file sink. */
export type FileWriterState = OpenPartState | NextPartState

/**
 * A committable as a checkpoint holds it.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function partPathsOf(committable: JsonValue): PartPaths {
  const { pending, final } = (committable ?? {}) as Partial<PartPaths>
  if (typeof pending === 'string' && typeof final === 'string') return { pending, final }
  throw new MillraceError('CHECKPOINT_CORRUPT', {
    expected: 'the two names of a part file, { pending, final }',
    came: JSON.stringify(committable),
    todo: 'The state is not that of a file sink: check the uid of the sink.',
  })
}

/** The file that a committable removes; `undefined` for a part. */
export function removalOf(committable: JsonValue): string | undefined {
  const { remove } = (committable ?? {}) as Partial<RemovalCommittable>
  return typeof remove === 'string' ? remove : undefined
}

/** The parts that were open, of the writer states of a checkpoint. */
export function openPartsOf(states: readonly JsonValue[]): readonly OpenPartState[] {
  return checkedStates(states).filter((state): state is OpenPartState => 'pending' in state)
}

/** Where each old writer stood, of the writer states of a checkpoint. */
export function nextPartsOf(states: readonly JsonValue[]): readonly PartOrigin[] {
  return checkedStates(states).flatMap((state) => ('next' in state ? [state.next] : []))
}

function checkedStates(states: readonly JsonValue[]): readonly FileWriterState[] {
  return states.map((state) => {
    checkRestored(isWriterState(state), 'the state of a file sink', state)
    return state as FileWriterState
  })
}

function isWriterState(state: JsonValue): boolean {
  const { next, pending, final, bucket, sizeBytes } = (state ?? {}) as Partial<
    OpenPartState & NextPartState
  >
  if (next !== undefined) return typeof next === 'object' && next !== null
  const areTexts = [pending, final, bucket].every((text) => typeof text === 'string')
  return areTexts && isCount(sizeBytes)
}
