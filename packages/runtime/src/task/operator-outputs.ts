// How an operator's output is wired: to nothing, to one reader, or to several.

import type { GeneralizedWatermark } from '@millrace/core'
import type { Input } from '../operators/operator.ts'

/** Drops everything: nobody reads. */
const DISCARDING_OUTPUT: Input<unknown> = {
  processElement: () => {},
  processWatermark: () => {},
  processWatermarkStatus: () => {},
  processGeneralizedWatermark: () => {},
}

/** One output that reaches all readers. A single reader is called directly. */
export function combineOutputs(readers: readonly Input<unknown>[]): Input<unknown> {
  const [first] = readers
  if (first === undefined) return DISCARDING_OUTPUT
  return readers.length === 1 ? first : new FanOut(readers)
}

/** A main output whose time reaches the side outputs too: it is the same in all of them. */
export function withSideOutputs(
  main: Input<unknown>,
  sides: readonly Input<unknown>[],
): Input<unknown> {
  return {
    processElement: (value, timestamp) => main.processElement(value, timestamp),
    processWatermark: (watermark) => {
      main.processWatermark(watermark)
      for (const side of sides) side.processWatermark(watermark)
    },
    processWatermarkStatus: (isIdle) => {
      main.processWatermarkStatus(isIdle)
      for (const side of sides) side.processWatermarkStatus(isIdle)
    },
    processGeneralizedWatermark: (watermark) => {
      main.processGeneralizedWatermark(watermark)
      for (const side of sides) side.processGeneralizedWatermark(watermark)
    },
  }
}

/** Hands the same record to several readers, in order. They share it and must not change it. */
class FanOut implements Input<unknown> {
  readonly #readers: readonly Input<unknown>[]

  constructor(readers: readonly Input<unknown>[]) {
    this.#readers = readers
  }

  processElement(value: unknown, timestamp: number): void {
    for (const reader of this.#readers) reader.processElement(value, timestamp)
  }

  processWatermark(watermark: number): void {
    for (const reader of this.#readers) reader.processWatermark(watermark)
  }

  processWatermarkStatus(isIdle: boolean): void {
    for (const reader of this.#readers) reader.processWatermarkStatus(isIdle)
  }

  processGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    for (const reader of this.#readers) reader.processGeneralizedWatermark(watermark)
  }
}
