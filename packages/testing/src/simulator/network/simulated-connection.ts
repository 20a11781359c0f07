// One end of a simulated byte stream.
//
//   write ──> cut at random ──> route (delay, in order) ──> inbox of the peer ──> onData, onClose
//
// Real networks do not keep the borders of writes, so a write often arrives in two pieces.

import { type Connection, MillraceError } from '@millrace/core'
import type { SeededRandom } from '../seeded-random.ts'
import type { Lifetime } from '../time/lifetime.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Trace } from '../trace/trace.ts'
import type { Inbox } from './inbox.ts'
import type { Route } from './route.ts'

/** What goes over a connection. */
export type ConnectionItem =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly error?: MillraceError }

/** What one end of a connection is made of. */
export interface SimulatedConnectionOptions {
  readonly owner: Lifetime
  readonly timeline: Timeline
  readonly trace: Trace
  /** Decides where writes are cut. */
  readonly random: SeededRandom
  /** What comes from the other end. */
  readonly inbox: Inbox<ConnectionItem>
  /** The way from the other end. */
  readonly incoming: Route
  /** The way to the other end. */
  readonly outgoing: Route
  /** What the other end receives. */
  readonly peerInbox: Inbox<ConnectionItem>
  /** The names of this end and the other, for messages. */
  readonly label: string
}

/** One end of a connection. It breaks when the process at the other end crashes. */
export class SimulatedConnection implements Connection {
  readonly #options: SimulatedConnectionOptions
  #state: 'open' | 'closed' | 'reported' = 'open'
  #error: MillraceError | undefined
  #onData: ((bytes: Uint8Array) => void) | undefined
  #onClose: ((error?: Error) => void) | undefined

  constructor(options: SimulatedConnectionOptions) {
    this.#options = options
    options.incoming.noticeEnd('connection breaks', () => {
      options.inbox.arrive({ kind: 'end', error: connectionBroke(options.label) })
    })
    this.#receive()
  }

  onData(handler: (bytes: Uint8Array) => void): void {
    this.#onData = handler
    this.#receive()
  }

  onClose(handler: (error?: Error) => void): void {
    this.#onClose = handler
    if (this.#state === 'closed') this.#reportLater()
  }

  write(bytes: Uint8Array): void {
    const { owner, trace, random } = this.#options
    if (this.#state !== 'open' || !owner.isAlive || bytes.length === 0) return
    trace.note(owner.name, `writes to ${this.#options.label}`, bytes)
    const cut = random.chance(CUT_CHANCE) ? random.integer({ min: 0, max: bytes.length }) : 0
    if (cut > 0) this.#send(bytes.slice(0, cut))
    if (cut < bytes.length) this.#send(bytes.slice(cut))
  }

  pause(): void {
    this.#options.inbox.pause()
  }

  resume(): void {
    this.#options.inbox.resume()
  }

  close(): void {
    if (this.#state !== 'open') return
    const { outgoing, peerInbox } = this.#options
    outgoing.send('end', () => peerInbox.arrive({ kind: 'end' }))
    this.#finish(undefined)
  }

  #receive(): void {
    this.#options.inbox.receive((item) => {
      if (item.kind === 'end') this.#finish(item.error)
      else if (this.#onData === undefined) return false
      else this.#onData(item.bytes)
      return true
    })
  }

  #send(bytes: Uint8Array): void {
    const { outgoing, peerInbox } = this.#options
    outgoing.send('bytes', () => peerInbox.arrive({ kind: 'bytes', bytes }))
  }

  #finish(error: MillraceError | undefined): void {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    this.#error = error
    this.#options.inbox.close()
    if (this.#onClose !== undefined) this.#reportLater()
  }

  #reportLater(): void {
    const { owner, timeline, label } = this.#options
    const run = (): void => {
      if (this.#state === 'reported') return
      this.#state = 'reported'
      if (this.#error === undefined) this.#onClose?.()
      else this.#onClose?.(this.#error)
    }
    timeline.schedule({ atMs: timeline.nowMs, owner, label: `close of ${label}`, run })
  }
}

/** Often enough that each run meets it, seldom enough that whole writes arrive too. */
const CUT_CHANCE = 0.3

function connectionBroke(label: string): MillraceError {
  return new MillraceError('SOCKET_FAILED', {
    expected: `the connection ${label} to stay open`,
    came: 'a crash of the process at the other end',
    todo: 'Connect again once it is back.',
  })
}
