import { connect } from 'node:net'
import type { Connection, Network, SocketAddress } from '../platform.ts'
import { NodeConnection } from './node-connection.ts'
import { socketError } from './socket-error.ts'

/** How long a host may take to answer. The system's own limit is two minutes, too long to notice a failure. */
const CONNECT_TIMEOUT_MS = 10_000

/** TCP. */
export class NodeNetwork implements Network {
  readonly #connectTimeoutMs: number

  constructor(connectTimeoutMs: number = CONNECT_TIMEOUT_MS) {
    this.#connectTimeoutMs = connectTimeoutMs
  }

  connect(address: SocketAddress): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const { host, port } = address
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        reject(socketError(address, `${port}, which is no port number`))
        return
      }
      const socket = connect({ host, port, noDelay: true, timeout: this.#connectTimeoutMs })
      socket.once('timeout', () => {
        socket.destroy(socketError(address, `no answer within ${this.#connectTimeoutMs} ms`))
      })
      const onError = (cause: Error): void => reject(socketError(address, cause))
      socket.once('error', onError)
      socket.once('connect', () => {
        socket.off('error', onError)
        socket.removeAllListeners('timeout')
        socket.setTimeout(0)
        resolve(new NodeConnection(address, socket))
      })
    })
  }
}
