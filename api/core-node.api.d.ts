// The public surface of @millrace/core/node. Printed by `npm run api`; review every change of it.

// platform/node/node-platform.d.ts

export interface NodePlatformOptions {
    readonly log?: Log;
}

export declare function nodePlatform(options?: NodePlatformOptions): Platform;

// platform/node/node-ports.d.ts

export declare function nodePortPair(): PortPair;

export declare function nodePort(port: MessagePort): MessageChannelPort;

// platform/platform.d.ts

// not exported
export interface Platform {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly random: Random;
    readonly files: FileSystem;
    readonly network: Network;
    readonly log: Log;
    readonly print: (line: string) => void;
    readonly printError: (line: string) => void;
}

// not exported
export interface Clock {
    now(): number;
    monotonicMs(): number;
}

// not exported
export interface Timers {
    after(delayMs: number, callback: () => void): Timer;
    soon(callback: () => void): void;
}

// not exported
export interface Timer {
    cancel(): void;
}

// not exported
export interface Random {
    next(): number;
    id(): string;
}

// not exported
export interface FileSystem {
    read(path: string): Promise<Uint8Array>;
    open(path: string): Promise<ReadableFile>;
    create(path: string): Promise<WritableFile>;
    append(path: string, sizeBytes: number): Promise<WritableFile>;
    rename(from: string, to: string): Promise<void>;
    remove(path: string): Promise<void>;
    removeDirectory(path: string): Promise<void>;
    makeDirectory(path: string): Promise<void>;
    syncDirectory(path: string): Promise<void>;
    list(path: string): Promise<readonly DirectoryEntry[]>;
    stat(path: string): Promise<FileStatus | undefined>;
}

// not exported
export interface DirectoryEntry {
    readonly name: string;
    readonly isDirectory: boolean;
}

// not exported
export interface FileStatus {
    readonly isDirectory: boolean;
    readonly sizeBytes: number;
    readonly modifiedMs: number;
}

// not exported
export interface ReadableFile {
    readonly sizeBytes: number;
    read(position: number, lengthBytes: number): Promise<Uint8Array>;
    close(): Promise<void>;
}

// not exported
export interface WritableFile {
    write(bytes: Uint8Array): Promise<void>;
    sync(): Promise<void>;
    close(): Promise<void>;
}

// not exported
export interface Network {
    connect(address: SocketAddress): Promise<Connection>;
}

// not exported
export interface SocketAddress {
    readonly host: string;
    readonly port: number;
}

// not exported
export interface Connection {
    onData(handler: (bytes: Uint8Array) => void): void;
    onClose(handler: (error?: Error) => void): void;
    write(bytes: Uint8Array): void;
    pause(): void;
    resume(): void;
    close(): void;
}

// not exported
export interface Log {
    info(message: string, facts?: LogFacts): void;
    warn(message: string, facts?: LogFacts): void;
    error(message: string, facts?: LogFacts): void;
}

// not exported
export type LogFacts = Readonly<Record<string, unknown>>;

// not exported
export interface MessageChannelPort {
    post(message: unknown, transfer?: readonly object[]): void;
    onMessage(handler: (message: unknown) => void): void;
    close(): void;
}

// not exported
export interface PortPair {
    readonly left: MessageChannelPort;
    readonly right: MessageChannelPort;
}
