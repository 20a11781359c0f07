import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads'
import type { MessageChannelPort, PortPair } from '../platform.ts'

/**
 * A connected pair of ports. Keep one, and transfer nothing: both ends live in this thread.
 */
export function nodePortPair(): PortPair {
  const { port1, port2 } = new MessageChannel()
  return { left: nodePort(port1), right: nodePort(port2) }
}

/** One end of a `MessageChannel`, such as a port that came in a worker's `workerData`. */
export function nodePort(port: MessagePort): MessageChannelPort {
  return new NodePort(port)
}

class NodePort implements MessageChannelPort {
  readonly #port: MessagePort
  #handler: ((message: unknown) => void) | undefined

  constructor(port: MessagePort) {
    this.#port = port
  }

  post(message: unknown, transfer: readonly object[] = []): void {
    this.#port.postMessage(message, transfer as readonly Transferable[])
  }

  // Messages wait in the port until the first listener is added.
  onMessage(handler: (message: unknown) => void): void {
    if (this.#handler === undefined) {
      this.#port.on('message', (message: unknown) => this.#handler?.(message))
    }
    this.#handler = handler
  }

  close(): void {
    this.#port.close()
  }
}
