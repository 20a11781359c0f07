// The public surface of @millrace/exchange. Printed by `npm run api`; review every change of it.

// channels/channel.d.ts

export declare const BATCH_RECORDS_MAX = 256;

export declare const CHANNEL_CREDITS = 16;

export interface OutputChannel<T> {
    add(record: T, timestamp: number): void;
    watermark(watermark: number): void;
    event(event: StreamEvent): void;
    flush(): void;
    readonly isReady: boolean;
    readonly backlog: number;
    readonly isLocal: boolean;
}

export interface RecordBatch<T> {
    readonly kind: 'records';
    readonly records: T[];
    readonly timestamps: Float64Array;
    count: number;
}

export interface InFlightRecorder<T> {
    records(batch: RecordBatch<T>): void;
    frame(bytes: ArrayBuffer): void;
    event(event: StreamEvent): void;
    end(): void;
}

export interface InputChannel<T> {
    readonly hasInput: boolean;
    poll(): RecordBatch<T> | StreamEvent | undefined;
    release(batch: RecordBatch<T>): void;
    announceBarriers(onBarrier: (barrier: Barrier) => void): void;
    recordUntil(checkpointId: number, recorder: InFlightRecorder<T>): void;
    stopRecording(): void;
    close(): void;
}

// channels/local-channel.d.ts

// not exported
export interface LocalChannelCallbacks {
    readonly onInput: () => void;
    readonly onReady: () => void;
}

export declare class LocalChannel<T> implements OutputChannel<T>, InputChannel<T> {
    #private;
    readonly isLocal = true;
    constructor(callbacks: LocalChannelCallbacks);
    add(record: T, timestamp: number): void;
    watermark(watermark: number): void;
    flush(): void;
    event(event: StreamEvent): void;
    get isReady(): boolean;
    get backlog(): number;
    get hasInput(): boolean;
    poll(): RecordBatch<T> | StreamEvent | undefined;
    release(batch: RecordBatch<T>): void;
    announceBarriers(onBarrier: (barrier: Barrier) => void): void;
    recordUntil(checkpointId: number, recorder: InFlightRecorder<T>): void;
    stopRecording(): void;
    close(): void;
}

// channels/port-channel.d.ts

export declare const FRAME_BYTES: number;

export declare class PortOutputChannel<T> implements OutputChannel<T> {
    #private;
    readonly isLocal = false;
    constructor(port: MessageChannelPort, codec: FrameCodec<T>, onReady: () => void);
    add(record: T, timestamp: number): void;
    watermark(watermark: number): void;
    flush(): void;
    event(event: StreamEvent): void;
    get isReady(): boolean;
    get backlog(): number;
}

export declare class PortInputChannel<T> implements InputChannel<T> {
    #private;
    constructor(port: MessageChannelPort, codec: FrameCodec<T>, onInput: () => void);
    get hasInput(): boolean;
    poll(): RecordBatch<T> | StreamEvent | undefined;
    release(_batch: RecordBatch<T>): void;
    announceBarriers(onBarrier: (barrier: Barrier) => void): void;
    recordUntil(checkpointId: number, recorder: InFlightRecorder<T>): void;
    stopRecording(): void;
    close(): void;
}

// events/stream-event.d.ts

export interface Barrier {
    readonly kind: 'checkpoint' | 'savepoint' | 'final';
    readonly checkpointId: number;
    readonly triggeredAtMs: number;
    readonly alignment: BarrierAlignment;
    readonly alignedTimeoutMs?: number;
    readonly isStopping?: true;
    readonly savepointDirectory?: string;
}

export type BarrierAlignment = 'aligned' | 'unaligned' | 'at-least-once';

export type StreamEvent = {
    readonly kind: 'watermark';
    readonly watermark: number;
}
 | {
    readonly kind: 'watermark-status';
    readonly isIdle: boolean;
}
 | {
    readonly kind: 'generalized-watermark';
    readonly watermark: GeneralizedWatermark;
} | {
    readonly kind: 'barrier';
    readonly barrier: Barrier;
}
 | {
    readonly kind: 'loop-marker';
    readonly quietRounds: number;
}
 | {
    readonly kind: 'end-of-data';
};

// gates/input-gate.d.ts

export interface GateChannel {
    readonly channel: InputChannel<unknown>;
    readonly input: number;
    readonly origin?: ChannelOrigin;
    readonly overtaken?: OvertakenEdge;
}

export interface ChannelOrigin {
    readonly edge: string;
    readonly subtask: number;
    readonly parallelism: number;
}

export interface OvertakenEdge {
    readonly id: string;
    readonly codec: FrameCodec<unknown>;
}

export declare class InputGate {
    #private;
    readonly channels: readonly GateChannel[];
    constructor(channels: readonly GateChannel[]);
    next(): number;
    poll(index: number): RecordBatch<unknown> | StreamEvent | undefined;
    block(index: number): void;
    unblockAll(): void;
    close(): void;
}

// partitions/record-writer.d.ts

export interface RecordWriter<T> {
    processElement(value: T, timestamp: number): void;
    processWatermark(watermark: number): void;
    processWatermarkStatus(isIdle: boolean): void;
    processGeneralizedWatermark(watermark: GeneralizedWatermark): void;
    event(event: StreamEvent): void;
    flush(): void;
    readonly isReady: boolean;
    readonly isLocal: boolean;
}

// not exported
declare abstract class ChannelWriter<T> implements RecordWriter<T> {
    protected readonly channels: readonly OutputChannel<T>[];
    constructor(channels: readonly OutputChannel<T>[]);
    abstract processElement(value: T, timestamp: number): void;
    processWatermark(watermark: number): void;
    processWatermarkStatus(isIdle: boolean): void;
    processGeneralizedWatermark(watermark: GeneralizedWatermark): void;
    event(event: StreamEvent): void;
    flush(): void;
    get isReady(): boolean;
    get isLocal(): boolean;
}

export declare class ForwardWriter<T> extends ChannelWriter<T> {
    #private;
    constructor(channel: OutputChannel<T>);
    processElement(value: T, timestamp: number): void;
}

export declare class RebalanceWriter<T> extends ChannelWriter<T> {
    #private;
    constructor(channels: readonly OutputChannel<T>[], subtaskIndex: number);
    processElement(value: T, timestamp: number): void;
}

export declare class GlobalWriter<T> extends ChannelWriter<T> {
    processElement(value: T, timestamp: number): void;
}

export declare class AdaptiveRebalanceWriter<T> extends ChannelWriter<T> {
    #private;
    constructor(channels: readonly OutputChannel<T>[], subtaskIndex: number);
    processElement(value: T, timestamp: number): void;
    get isReady(): boolean;
}

export declare class ShuffleWriter<T> extends ChannelWriter<T> {
    #private;
    constructor(channels: readonly OutputChannel<T>[], random: Random);
    processElement(value: T, timestamp: number): void;
}

export declare class CustomWriter<T> extends ChannelWriter<T> {
    #private;
    constructor(channels: readonly OutputChannel<T>[], channelOf: (value: T) => number);
    processElement(value: T, timestamp: number): void;
}

export declare class BroadcastWriter<T> extends ChannelWriter<T> {
    processElement(value: T, timestamp: number): void;
}

export declare class HashWriter<T> extends ChannelWriter<T> {
    #private;
    constructor(channels: readonly OutputChannel<T>[], keyOf: (value: T) => Key, maxParallelism: number);
    processElement(value: T, timestamp: number): void;
}
