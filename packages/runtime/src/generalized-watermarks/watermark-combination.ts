// What several channels say of one kind of watermark, together.
//
//   channel 0   5 ────────── 9                          min: 5 ── 3 ── 9 told, the second 9 is not: nothing has changed
//   channel 1        3 ────────── 9 ── 9                (with waitForAll the 5 is not told either)
//
// A channel counts from its first value on, with its last one, also when it has ended. One that has ended without a value is
// not waited for. What was told last is always the combination of the values: so the values are all that a checkpoint needs.

import { type GeneralizedWatermark, type WatermarkDeclaration, watermarkOf } from '@millrace/core'

/** A value of either type. */
export type WatermarkValue = GeneralizedWatermark['value']

/** Combines the values of some channels. The caller keeps which of them have ended. */
export class WatermarkCombination {
  readonly declaration: WatermarkDeclaration
  readonly #values: (WatermarkValue | undefined)[]
  readonly #hasEnded: readonly boolean[]
  #told: WatermarkValue | undefined

  /** `values` are those of the channels at the last checkpoint: what they are together has been told. */
  constructor(
    declaration: WatermarkDeclaration,
    values: readonly (WatermarkValue | undefined)[],
    hasEnded: readonly boolean[],
  ) {
    this.declaration = declaration
    this.#values = [...values]
    this.#hasEnded = hasEnded
    this.#told = this.#together()
  }

  /** The last value of each channel. */
  get values(): readonly (WatermarkValue | undefined)[] {
    return this.#values
  }

  /** A channel has a new value. */
  set(channel: number, value: WatermarkValue): void {
    this.#values[channel] = value
  }

  /** What is to be told: the combination, if it has changed since the last time. */
  take(): GeneralizedWatermark | undefined {
    const value = this.#together()
    if (value === undefined || value === this.#told) return undefined
    this.#told = value
    return watermarkOf(this.declaration, value)
  }

  #together(): WatermarkValue | undefined {
    const { waitForAll, combine } = this.declaration
    const isMissing = this.#values.some(
      (value, channel) => value === undefined && this.#hasEnded[channel] !== true,
    )
    if (waitForAll && isMissing) return undefined
    return combineValues(combine, this.#values)
  }
}

/** The combination of those values that are there; `undefined` if none is. */
export function combineValues(
  combine: WatermarkDeclaration['combine'],
  values: readonly (WatermarkValue | undefined)[],
): WatermarkValue | undefined {
  let together: WatermarkValue | undefined
  for (const value of values) {
    if (value === undefined) continue
    together = together === undefined ? value : combineTwo(combine, together, value)
  }
  return together
}

function combineTwo(
  combine: WatermarkDeclaration['combine'],
  left: WatermarkValue,
  right: WatermarkValue,
): WatermarkValue {
  switch (combine) {
    case 'min':
      return left < right ? left : right
    case 'max':
      return left > right ? left : right
    case 'and':
      return left === true && right === true
    case 'or':
      return left === true || right === true
  }
}
