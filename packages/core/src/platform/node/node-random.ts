import { getRandomValues, randomBytes } from 'node:crypto'
import type { Random } from '../platform.ts'

/** Asking the system for one number costs a microsecond; for 1024 at once, some nanoseconds each. */
const POOL_WORDS = 2048

/** Random numbers of the operating system, fetched in pools. */
export class NodeRandom implements Random {
  readonly #pool: Uint32Array<ArrayBuffer> = new Uint32Array(POOL_WORDS)
  #used: number = POOL_WORDS

  next(): number {
    if (this.#used === POOL_WORDS) {
      getRandomValues(this.#pool)
      this.#used = 0
    }
    const high = (this.#pool[this.#used++] as number) >>> 5
    const low = (this.#pool[this.#used++] as number) >>> 6
    // 27 and 26 bits: the 53 that a double holds between 0 and 1.
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  id(): string {
    return randomBytes(16).toString('hex')
  }
}
