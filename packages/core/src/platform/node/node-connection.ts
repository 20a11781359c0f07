// A socket's events wait in a queue until their handler is set and the flow is not paused, so that nothing is
// lost, the end never overtakes bytes, and no handler runs inside a call of this class:
//
//   socket ── data, close ──> #waiting ── #deliver ──> onData, onClose
//
// The queue is bounded: once it holds WAITING_BYTES_MAX the socket is paused, and TCP slows the sender.

import type { Socket } from 'node:net'
import type { Connection, SocketAddress } from '../platform.ts'
import { socketError } from './socket-error.ts'

const WAITING_BYTES_MAX = 64 * 1024

/** A TCP connection that is open. */
export class NodeConnection implements Connection {
  readonly #address: SocketAddress
  readonly #socket: Socket
  #onData: ((bytes: Uint8Array) => void) | undefined
  #onClose: ((error?: Error) => void) | undefined
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #isPaused = false
  #isClosed = false
  #isDeliveryPlanned = false
  #failure: Error | undefined

  constructor(address: SocketAddress, socket: Socket) {
    this.#address = address
    this.#socket = socket
    socket.on('data', (bytes: Uint8Array) => this.#receive(bytes))
    socket.on('error', (cause: Error) => {
      this.#failure = socketError(this.#address, cause)
    })
    socket.on('close', () => {
      this.#isClosed = true
      this.#deliver()
    })
  }

  onData(handler: (bytes: Uint8Array) => void): void {
    this.#onData = handler
    this.#deliverLater()
  }

  onClose(handler: (error?: Error) => void): void {
    this.#onClose = handler
    this.#deliverLater()
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#deliverLater()
  }

  // What was written still leaves; then both directions close.
  close(): void {
    this.#socket.destroySoon()
  }

  #receive(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.byteLength
    this.#deliver()
    if (this.#waitingBytes >= WAITING_BYTES_MAX) this.#socket.pause()
  }

  #deliverLater(): void {
    if (this.#isDeliveryPlanned) return
    this.#isDeliveryPlanned = true
    setImmediate(() => {
      this.#isDeliveryPlanned = false
      this.#deliver()
      if (!this.#isPaused && this.#onData !== undefined) this.#socket.resume()
    })
  }

  #deliver(): void {
    while (this.#waiting.length > 0) {
      if (this.#isPaused || this.#onData === undefined) return
      const bytes = this.#waiting.shift() as Uint8Array
      this.#waitingBytes -= bytes.byteLength
      this.#onData(bytes)
    }
    if (!this.#isClosed || this.#onClose === undefined) return
    const onClose = this.#onClose
    this.#onClose = undefined
    if (this.#failure === undefined) onClose()
    else onClose(this.#failure)
  }
}
