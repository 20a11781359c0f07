// The network of a simulation: ports between threads or processes, servers that tests set up, and
// connections to them. Everything takes a while, drawn from the seed, and keeps its order on its
// way.

import {
  type Connection,
  MillraceError,
  type Network,
  type PortPair,
  type SocketAddress,
} from '@millrace/core'
import type { NetworkFaults } from '../faults/fault-plan.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Lifetime } from '../time/lifetime.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Trace } from '../trace/trace.ts'
import { Inbox, type Waiting } from './inbox.ts'
import { DEFAULT_DELAY_MS, Route } from './route.ts'
import { type ConnectionItem, SimulatedConnection } from './simulated-connection.ts'
import { type PortMessage, SimulatedPort } from './simulated-port.ts'

/** What the network is made of. */
export interface SimulatedNetworkOptions {
  readonly timeline: Timeline
  readonly trace: Trace
  readonly random: SeededRandom
  readonly faults: NetworkFaults
  /** When the faults end, in simulated milliseconds. */
  readonly faultsUntilMs: number
}

/** Where a simulated server listens and what it does with a connection. */
export interface ServerOptions extends SocketAddress {
  /** Called for each new connection, with the end of the server. */
  readonly accept: (connection: Connection) => void
}

/** A server that listens in a simulation. */
export interface SimulatedServer {
  /** Refuses new connections from now on; open ones go on. */
  close(): void
}

/** Everything between the processes of a simulation. */
export class SimulatedNetwork {
  readonly #timeline: Timeline
  readonly #trace: Trace
  readonly #random: SeededRandom
  readonly #faults: () => NetworkFaults
  readonly #streamCounts = new Map<string, number>()
  readonly #servers = new Map<string, Listener>()
  readonly #waiting = new Set<Waiting>()

  constructor(options: SimulatedNetworkOptions) {
    this.#timeline = options.timeline
    this.#trace = options.trace
    this.#random = options.random
    const { timeline, faults, faultsUntilMs } = options
    this.#faults = () => (timeline.nowMs < faultsUntilMs ? faults : NO_FAULTS)
  }

  /** The network as one process sees it. */
  networkOf(owner: Lifetime): Network {
    const random = this.#stream(`connects of ${owner.name}`)
    return { connect: (address) => this.#connect(address, { owner, random }) }
  }

  /** Starts a server that runs until it is closed or its process crashes. */
  listen(options: ServerOptions, owner: Lifetime): SimulatedServer {
    const address = showAddress(options)
    if (this.#servers.get(address)?.owner.isAlive === true) {
      throw socketFailed(address, 'another server that listens there', 'Choose another port.')
    }
    const listener = { owner, accept: options.accept }
    this.#servers.set(address, listener)
    return {
      close: () => {
        if (this.#servers.get(address) === listener) this.#servers.delete(address)
      },
    }
  }

  /** A pair of ports that two processes hold. */
  portPair(left: Lifetime, right: Lifetime): PortPair {
    const leftInbox = this.#inbox<PortMessage>(left, `message from ${right.name}`)
    const rightInbox = this.#inbox<PortMessage>(right, `message from ${left.name}`)
    const trace = this.#trace
    return {
      left: new SimulatedPort({
        owner: left,
        trace,
        inbox: leftInbox,
        route: this.#route(left, right),
        peerInbox: rightInbox,
      }),
      right: new SimulatedPort({
        owner: right,
        trace,
        inbox: rightInbox,
        route: this.#route(right, left),
        peerInbox: leftInbox,
      }),
    }
  }

  /** What arrived and nobody takes, for the report of a simulation that hangs. */
  describeWaiting(): readonly string[] {
    const texts: string[] = []
    for (const inbox of this.#waiting) {
      const text = inbox.describeWaiting()
      if (text !== undefined) texts.push(text)
    }
    return texts
  }

  #connect(socketAddress: SocketAddress, client: Client): Promise<Connection> {
    const address = showAddress(socketAddress)
    const { owner, random } = client
    const atMs = this.#timeline.nowMs + random.skewed(this.#faults().delayMs ?? DEFAULT_DELAY_MS)
    return new Promise((resolve, reject) => {
      const run = (): void => {
        const server = this.#servers.get(address)
        if (server?.owner.isAlive === true) resolve(this.#open(address, owner, server))
        else reject(socketFailed(address, 'no server there', 'Start the server, or try again.'))
      }
      this.#timeline.schedule({ atMs, owner, label: `connect ${address}`, run })
    })
  }

  #open(address: string, client: Lifetime, server: Listener): Connection {
    const clientInbox = this.#inbox<ConnectionItem>(client, `bytes from ${address}`)
    const serverInbox = this.#inbox<ConnectionItem>(server.owner, `bytes at ${address}`)
    const toServer = this.#route(client, server.owner)
    const toClient = this.#route(server.owner, client)
    const random = this.#stream(`cuts of ${client.name} at ${address}`)
    const parts = { timeline: this.#timeline, trace: this.#trace, random }
    const clientEnd = new SimulatedConnection({
      ...parts,
      owner: client,
      inbox: clientInbox,
      incoming: toClient,
      outgoing: toServer,
      peerInbox: serverInbox,
      label: `${client.name} to ${address}`,
    })
    const serverEnd = new SimulatedConnection({
      ...parts,
      owner: server.owner,
      inbox: serverInbox,
      incoming: toServer,
      outgoing: toClient,
      peerInbox: clientInbox,
      label: `${address} to ${client.name}`,
    })
    this.#timeline.schedule({
      atMs: this.#timeline.nowMs,
      owner: server.owner,
      label: `accept ${client.name}`,
      run: () => server.accept(serverEnd),
    })
    return clientEnd
  }

  #route(from: Lifetime, to: Lifetime): Route {
    const random = this.#stream(`${from.name} to ${to.name}`)
    return new Route({ timeline: this.#timeline, random, faults: this.#faults, from, to })
  }

  /**
   * A stream of chance for each use, so that more traffic in one place does not shift delays in
   * another.
   */
  #stream(label: string): SeededRandom {
    const count = this.#streamCounts.get(label) ?? 0
    this.#streamCounts.set(label, count + 1)
    return this.#random.fork(`${label} ${count}`)
  }

  #inbox<Item extends object>(owner: Lifetime, label: string): Inbox<Item> {
    return new Inbox({ owner, label, timeline: this.#timeline, waiting: this.#waiting })
  }
}

interface Client {
  readonly owner: Lifetime
  readonly random: SeededRandom
}

interface Listener {
  readonly owner: Lifetime
  readonly accept: (connection: Connection) => void
}

const NO_FAULTS: NetworkFaults = {}

function showAddress({ host, port }: SocketAddress): string {
  return `${host}:${port}`
}

function socketFailed(address: string, came: string, todo: string): MillraceError {
  return new MillraceError('SOCKET_FAILED', { expected: `a connection at ${address}`, came, todo })
}
