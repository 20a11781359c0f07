// Windows over two streams: each record is tagged with its input, and one window operator has them all.

import type { TaggedUnion } from '@millrace/core'
import type { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { TwoInputOperator } from '../operators/two-input-operator.ts'

/** Runs a window operator over the records of two inputs. */
export class CoGroupWindowOperator<T1, T2> extends TwoInputOperator<T1, T2> {
  readonly #windows: OneInputOperator<TaggedUnion<T1, T2>>

  constructor(context: OperatorContext, windows: OneInputOperator<TaggedUnion<T1, T2>>) {
    super(context)
    this.#windows = windows
  }

  override open(): void | Promise<void> {
    return this.#windows.open()
  }

  override finish(): void {
    this.#windows.finish()
  }

  override snapshot(checkpointId: number, triggeredAtMs: number): OperatorSnapshot {
    return this.#windows.snapshot(checkpointId, triggeredAtMs)
  }

  override close(): void | Promise<void> {
    return this.#windows.close()
  }

  protected override processElement1(value: T1, timestamp: number): void {
    this.#windows.processElement(new TaggedRecord(1, value) as TaggedUnion<T1, T2>, timestamp)
  }

  protected override processElement2(value: T2, timestamp: number): void {
    this.#windows.processElement(new TaggedRecord(2, value) as TaggedUnion<T1, T2>, timestamp)
  }

  protected override onWatermark(watermark: number): void {
    this.#windows.processWatermark(watermark)
  }
}

class TaggedRecord {
  readonly input: 1 | 2
  readonly value: unknown

  constructor(input: 1 | 2, value: unknown) {
    this.input = input
    this.value = value
  }
}
