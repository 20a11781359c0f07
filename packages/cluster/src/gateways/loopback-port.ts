// A pair of ports within one thread: messages go by reference, in order, and never inside `post`.

import type { MessageChannelPort, PortPair, Timers } from '@millrace/core'

/** A connected pair. */
export function loopbackPortPair(timers: Timers): PortPair {
  const left = new LoopbackPort(timers)
  const right = new LoopbackPort(timers)
  left.connect(right)
  right.connect(left)
  return { left, right }
}

class LoopbackPort implements MessageChannelPort {
  readonly #timers: Timers
  readonly #waiting: unknown[] = []
  #peer: LoopbackPort | undefined
  #handler: ((message: unknown) => void) | undefined
  #isScheduled = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  connect(peer: LoopbackPort): void {
    this.#peer = peer
  }

  post(message: unknown): void {
    this.#peer?.receive(message)
  }

  onMessage(handler: (message: unknown) => void): void {
    this.#handler = handler
    this.#schedule()
  }

  close(): void {
    this.#handler = undefined
    this.#peer = undefined
    this.#waiting.length = 0
  }

  receive(message: unknown): void {
    this.#waiting.push(message)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#handler === undefined || this.#waiting.length === 0) return
    this.#isScheduled = true
    this.#timers.soon(() => {
      this.#isScheduled = false
      for (const message of this.#waiting.splice(0)) this.#handler?.(message)
    })
  }
}
