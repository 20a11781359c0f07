// Time, chance, disk and network come from outside. Engine packages receive a `Platform` and touch nothing
// else, so the same code runs on Node and, under a seed, in the simulator.

/** Everything the engine may ask of the world. */
export interface Platform {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly files: FileSystem
  readonly network: Network
  readonly log: Log
  /** Writes one line for the user of the program: standard output. */
  readonly print: (line: string) => void
  /** Writes one line for the user of the program: standard error. */
  readonly printError: (line: string) => void
}

/** Two clocks: the calendar, which may jump, and a stopwatch, which never goes back. */
export interface Clock {
  /** Milliseconds since 1970. May jump in either direction. */
  now(): number
  /** Milliseconds since some fixed moment, with fractions. Never goes back. */
  monotonicMs(): number
}

/** Calls a function later. A callback never runs inside the call that asked for it. */
export interface Timers {
  /** Runs `callback` once, after at least `delayMs`. */
  after(delayMs: number, callback: () => void): Timer
  /** Runs `callback` in the next turn of the event loop, after input and output had their chance. */
  soon(callback: () => void): void
}

/** A pending call of {@link Timers.after}. */
export interface Timer {
  /** The callback will not run any more. May be called twice, or after the callback ran. */
  cancel(): void
}

/** Chance. In the simulator it follows from the seed. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number
  /** A fresh identifier of 32 hexadecimal digits. */
  id(): string
}

/**
 * Files by path. Written bytes are durable only after `sync` of the handle, and a created, renamed or
 * removed name only after `syncDirectory` of its folder; a crash before may lose them.
 *
 * Failures reject with a `MillraceError`: `FILE_MISSING`, `FILE_UNREADABLE` or `FILE_UNWRITABLE`.
 */
export interface FileSystem {
  /** The whole content of a file. */
  read(path: string): Promise<Uint8Array>
  /** Opens a file for reading at any position. */
  open(path: string): Promise<ReadableFile>
  /** Creates a file, or empties the one that is there, for appending. The folder must exist. */
  create(path: string): Promise<WritableFile>
  /**
   * Opens a file that is there for appending, cut to its first `sizeBytes` bytes: what follows is gone. `FILE_MISSING` if there
   * is none, `FILE_UNREADABLE` if it is shorter. The cut is durable after `sync` of the handle.
   */
  append(path: string, sizeBytes: number): Promise<WritableFile>
  /** Moves a file atomically; replaces a file of the new name. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file; a missing one is fine. */
  remove(path: string): Promise<void>
  /** Removes a folder and all it holds; a missing one is fine. */
  removeDirectory(path: string): Promise<void>
  /** Creates a folder and its parents; an existing one is fine. */
  makeDirectory(path: string): Promise<void>
  /** Makes the names in a folder durable. */
  syncDirectory(path: string): Promise<void>
  /** What a folder holds, sorted by name; empty if the folder is missing. */
  list(path: string): Promise<readonly DirectoryEntry[]>
  /** What a path is, or `undefined` if there is nothing. */
  stat(path: string): Promise<FileStatus | undefined>
}

/** One name in a folder. */
export interface DirectoryEntry {
  readonly name: string
  readonly isDirectory: boolean
}

/** What {@link FileSystem.stat} tells. */
export interface FileStatus {
  readonly isDirectory: boolean
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedMs: number
}

/** An open file for reading. */
export interface ReadableFile {
  readonly sizeBytes: number
  /** Up to `lengthBytes` bytes from `position`; fewer only at the end of the file, none after it. */
  read(position: number, lengthBytes: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** An open file for appending. Calls may overlap; they take effect in order. */
export interface WritableFile {
  /** Appends. The bytes belong to the file until the promise settles. */
  write(bytes: Uint8Array): Promise<void>
  /** All bytes written before are durable when this resolves. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Byte streams to other hosts. */
export interface Network {
  /** Rejects with `SOCKET_FAILED`. */
  connect(address: SocketAddress): Promise<Connection>
}

/** Where a server listens. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

/** One open connection. The handlers are called in order and never inside a call of this interface. */
export interface Connection {
  /** Sets the receiver of bytes; nothing is lost that arrived before. */
  onData(handler: (bytes: Uint8Array) => void): void
  /** Called once at the end, with an error if the connection broke. */
  onClose(handler: (error?: Error) => void): void
  write(bytes: Uint8Array): void
  /** Stops and resumes the flow of bytes: back-pressure. */
  pause(): void
  resume(): void
  close(): void
}

/** Where the engine reports what no caller is waiting for. */
export interface Log {
  info(message: string, facts?: LogFacts): void
  warn(message: string, facts?: LogFacts): void
  error(message: string, facts?: LogFacts): void
}

/** What goes with a log message. */
export type LogFacts = Readonly<Record<string, unknown>>

/**
 * Two-way messages between threads. A message is delivered in order and never inside `post`; an
 * `ArrayBuffer` in `transfer` changes its owner and is empty for the sender.
 */
export interface MessageChannelPort {
  post(message: unknown, transfer?: readonly object[]): void
  /** Sets the receiver; messages that came before are delivered to it. */
  onMessage(handler: (message: unknown) => void): void
  close(): void
}

/** A connected pair of ports. */
export interface PortPair {
  readonly left: MessageChannelPort
  readonly right: MessageChannelPort
}
