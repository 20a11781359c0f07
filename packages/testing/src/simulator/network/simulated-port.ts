import type { MessageChannelPort } from '@millrace/core'
import type { Lifetime } from '../time/lifetime.ts'
import type { Trace } from '../trace/trace.ts'
import type { Inbox } from './inbox.ts'
import type { Route } from './route.ts'

/** A message on its way. It is wrapped since a message may be any value, also `undefined`. */
export interface PortMessage {
  readonly content: unknown
}

/** What one end of a pair of ports is made of. */
export interface SimulatedPortOptions {
  readonly owner: Lifetime
  readonly trace: Trace
  /** What comes from the other end. */
  readonly inbox: Inbox<PortMessage>
  /** The way to the other end. */
  readonly route: Route
  /** What the other end receives. */
  readonly peerInbox: Inbox<PortMessage>
}

/**
 * One end of a pair of ports. A message is copied when it is posted, as between real threads, and
 * what is transferred is empty for the sender, so no two simulated processes ever share an object.
 */
export class SimulatedPort implements MessageChannelPort {
  readonly #options: SimulatedPortOptions
  #isOpen = true

  constructor(options: SimulatedPortOptions) {
    this.#options = options
  }

  post(message: unknown, transfer: readonly object[] = []): void {
    const content: unknown = structuredClone(message, { transfer: [...transfer] as ArrayBuffer[] })
    const { owner, trace, route, peerInbox } = this.#options
    if (!this.#isOpen || !owner.isAlive) return
    trace.note(owner.name, 'posts', content)
    route.send('message', () => peerInbox.arrive({ content }))
  }

  onMessage(handler: (message: unknown) => void): void {
    if (!this.#isOpen) return
    this.#options.inbox.receive(({ content }) => {
      handler(content)
      return true
    })
  }

  close(): void {
    this.#isOpen = false
    this.#options.inbox.close()
  }
}
