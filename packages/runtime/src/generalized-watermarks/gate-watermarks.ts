// The watermarks of the user's own kinds that come into a task: combined by kind over all channels of all inputs, and told to
// the head of the chain, through its first input. What the channels have said is part of the task's checkpoint, in a slot of
// its head; after a restore nothing is told that was told before.

import {
  describeDeclaration,
  type GeneralizedWatermark,
  isSameDeclaration,
  MillraceError,
  type WatermarkDeclaration,
} from '@millrace/core'
import type { ChannelOrigin, GateChannel } from '@millrace/exchange'
import type { Input, RestoredOperator } from '../operators/operator.ts'
import { decodeChannels, encodeChannels, restoredChannels } from './channel-snapshot.ts'
import { WatermarkCombination } from './watermark-combination.ts'

/** The slot of a task's first operator that holds what its channels have said. */
export const GENERALIZED_WATERMARKS_SLOT = 'generalized-watermarks'

/** What a {@link GateWatermarks} is made of. */
export interface GateWatermarksInit {
  readonly channels: readonly GateChannel[]
  /** The first input of the head; a source has none. */
  readonly head: Input<unknown> | undefined
  readonly subtaskIndex: number
  /** The checkpoint of the head. */
  readonly restored: RestoredOperator
}

/** Combines what comes through a gate. */
export class GateWatermarks {
  readonly #head: Input<unknown> | undefined
  readonly #origins: readonly ChannelOrigin[]
  readonly #hasEnded: boolean[]
  readonly #combinations = new Map<string, WatermarkCombination>()

  constructor({ channels, head, subtaskIndex, restored }: GateWatermarksInit) {
    this.#head = head
    this.#origins = channels.map(({ origin, input }, index) => {
      const inPlace = { edge: `input ${input}`, subtask: index, parallelism: channels.length }
      return origin ?? inPlace
    })
    const snapshots = restored
      .slot(GENERALIZED_WATERMARKS_SLOT)
      .toSorted(
        (a, b) => Number(b.subtaskIndex === subtaskIndex) - Number(a.subtaskIndex === subtaskIndex),
      )
      .map(({ bytes }) => decodeChannels(bytes))
    const { hasEnded, kinds } = restoredChannels(this.#origins, snapshots)
    this.#hasEnded = [...hasEnded]
    for (const { declaration, values } of kinds) this.#add(declaration, values)
  }

  /** One has come. @throws MillraceError `STATE_INCOMPATIBLE` if the checkpoint has another declaration under its name. */
  onWatermark(channel: number, { declaration, value }: GeneralizedWatermark): void {
    const combination = this.#combinations.get(declaration.name) ?? this.#add(declaration, [])
    if (!isSameDeclaration(combination.declaration, declaration)) {
      throw declarationChanged(combination.declaration, declaration)
    }
    combination.set(channel, value)
    this.#tell(combination)
  }

  /** No more will come: the channel is not waited for. */
  onEnd(channel: number): void {
    this.#hasEnded[channel] = true
    for (const combination of this.#combinations.values()) this.#tell(combination)
  }

  /** What the channels have said; `undefined` if none has said anything. */
  snapshot(): Uint8Array | undefined {
    if (this.#combinations.size === 0) return undefined
    return encodeChannels({
      origins: this.#origins,
      hasEnded: this.#hasEnded,
      kinds: [...this.#combinations.values()],
    })
  }

  #add(
    declaration: WatermarkDeclaration,
    values: WatermarkCombination['values'],
  ): WatermarkCombination {
    const ofChannels = this.#origins.map((_, channel) => values[channel])
    const combination = new WatermarkCombination(declaration, ofChannels, this.#hasEnded)
    this.#combinations.set(declaration.name, combination)
    return combination
  }

  #tell(combination: WatermarkCombination): void {
    const watermark = combination.take()
    if (watermark !== undefined) this.#head?.processGeneralizedWatermark(watermark)
  }
}

function declarationChanged(
  restored: WatermarkDeclaration,
  came: WatermarkDeclaration,
): MillraceError {
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected: `the watermark that the checkpoint knows: ${describeDeclaration(restored)}`,
    came: describeDeclaration(came),
    todo: 'Declare it as it was, or give the new one another name.',
  })
}
