// The bytes of one file, as programs see them and as they would be after a crash. Bytes are only
// ever appended to a buffer, so the durable content is the first part of a buffer and making it
// durable copies nothing. Emptying the file takes a new buffer, and the old one stays what a crash
// may bring back.

import type { SeededRandom } from '../seeded-random.ts'
import type { Lifetime } from '../time/lifetime.ts'

/** A file on a simulated disk. */
export class FileNode {
  readonly kind = 'file'
  /** Who wrote what is not durable yet, or `undefined` if everything is. */
  writer: Lifetime | undefined
  modifiedMs: number
  #live: Content = EMPTY
  #durable: Content = EMPTY
  /** So many bytes at the start of the live content are durable. */
  #safeBytes = 0

  constructor(nowMs: number) {
    this.modifiedMs = nowMs
  }

  get sizeBytes(): number {
    return this.#live.sizeBytes
  }

  /** A copy of up to `lengthBytes` bytes from `position`. */
  read(position: number, lengthBytes: number): Uint8Array {
    const { buffer, sizeBytes } = this.#live
    const start = Math.min(position, sizeBytes)
    return buffer.slice(start, Math.min(start + lengthBytes, sizeBytes))
  }

  append(bytes: Uint8Array): void {
    const { buffer, sizeBytes } = this.#live
    const newSizeBytes = sizeBytes + bytes.length
    let target = buffer
    if (newSizeBytes > buffer.length) {
      target = new Uint8Array(Math.max(newSizeBytes, 2 * buffer.length, 64))
      target.set(buffer.subarray(0, sizeBytes))
    }
    target.set(bytes, sizeBytes)
    this.#live = { buffer: target, sizeBytes: newSizeBytes }
  }

  empty(): void {
    this.#live = EMPTY
    this.#safeBytes = 0
  }

  /** Leaves the first bytes. The content gets a buffer of its own: the durable one must not be written over. */
  cut(sizeBytes: number): void {
    this.#live = { buffer: this.#live.buffer.slice(0, sizeBytes), sizeBytes }
    this.#safeBytes = Math.min(this.#safeBytes, sizeBytes)
  }

  sync(): void {
    this.#durable = this.#live
    this.#safeBytes = this.#live.sizeBytes
    this.writer = undefined
  }

  /**
   * The machine of the writer went down: what was not durable is kept, lost, or torn somewhere in
   * the middle.
   */
  crash(random: SeededRandom): void {
    const outcome = OUTCOMES[random.integer({ min: 0, max: OUTCOMES.length - 1 })]
    if (outcome === 'lost') this.#live = this.#durable
    if (outcome === 'torn') {
      const sizeBytes = random.integer({ min: this.#safeBytes, max: this.#live.sizeBytes })
      this.#live = { buffer: this.#live.buffer, sizeBytes }
    }
    this.sync()
  }
}

const OUTCOMES = ['kept', 'lost', 'torn'] as const

/** The first `sizeBytes` of a buffer that may be longer. */
interface Content {
  readonly buffer: Uint8Array
  readonly sizeBytes: number
}

const EMPTY: Content = { buffer: new Uint8Array(0), sizeBytes: 0 }
