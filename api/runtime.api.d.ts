// The public surface of @millrace/runtime. Printed by `npm run api`; review every change of it.

// checkpoint-storage/checkpoint-storage.d.ts

// not exported
export interface CheckpointStorageOptions {
    readonly inlineBytesBelow?: number;
}

export declare class CheckpointStorage {
    #private;
    readonly directory: string;
    constructor(files: FileSystem, directory: string, options?: CheckpointStorageOptions);
    prepare(): Promise<void>;
    writeState(checkpointId: number, fileName: string, bytes: Uint8Array): Promise<StateHandle>;
    complete(metadata: CheckpointMetadata): Promise<void>;
    latest(): Promise<CheckpointMetadata | undefined>;
    load(checkpointId: number): Promise<CheckpointMetadata>;
    readState(checkpointId: number, handle: StateHandle): Promise<Uint8Array>;
    discard(checkpointId: number): Promise<void>;
    discardUnfinished(): Promise<void>;
    highestId(): Promise<number | undefined>;
}

// inspection/checkpoint-description.d.ts

export interface CheckpointDescription {
    readonly path: string;
    readonly checkpointId: number;
    readonly kind: CheckpointKind;
    readonly formatVersion: number;
    readonly jobName: string;
    readonly graphHash: string;
    readonly triggeredAtMs: number;
    readonly completedAtMs: number;
    readonly stateBytes: number;
    readonly isVerified: boolean;
    readonly operators: readonly OperatorDescription[];
}

export interface OperatorDescription {
    readonly uid: string;
    readonly name: string;
    readonly kind: string;
    readonly parallelism: number;
    readonly maxParallelism: number;
    readonly finishedSubtasks: number;
    readonly stateBytes: number;
    readonly keyedStates: readonly KeyedStateDescription[];
    readonly operatorStates: readonly OperatorStateDescription[];
    readonly times: Readonly<Record<string, number>>;
    readonly splits: readonly JsonValue[];
    readonly enumerator?: JsonValue;
    readonly lists: Readonly<Record<string, number>>;
    readonly accumulators: Readonly<Record<string, string>>;
    readonly inFlightBytes: number;
}

export interface KeyedStateDescription {
    readonly name: string;
    readonly kind: string;
    readonly keyType: string;
    readonly valueType?: string;
    readonly hasTimeToLive: boolean;
    readonly entries: number;
    readonly bytes: number;
    readonly keyGroups: KeyGroupSizes;
}

export interface KeyGroupSizes {
    readonly count: number;
    readonly largest?: KeyGroupSize;
    readonly smallest?: KeyGroupSize;
    readonly histogram: readonly {
        readonly bytesBelow: number;
        readonly keyGroups: number;
    }[];
}

export interface KeyGroupSize {
    readonly keyGroup: number;
    readonly entries: number;
    readonly bytes: number;
}

export interface OperatorStateDescription {
    readonly name: string;
    readonly mode: 'split' | 'union' | 'broadcast';
    readonly keyType: string;
    readonly valueType?: string;
    readonly entries: number;
    readonly bytes: number;
}

// inspection/format-checkpoint.d.ts

export declare function formatCheckpoint(description: CheckpointDescription): string;

// inspection/inspect-checkpoint.d.ts

export interface InspectCheckpointInit {
    readonly files: FileSystem;
    readonly path: string;
    readonly verify: boolean;
}

export declare function inspectCheckpoint({ files, path, verify, }: InspectCheckpointInit): Promise<CheckpointDescription>;

// iterations/iteration-head-operator.d.ts

// not exported
export declare class IterationHeadOperator<T, F> extends BaseOperator {
    #private;
    readonly inputs: readonly Input<never>[];
    constructor(context: OperatorContext);
    open(): void;
    readFeedback(): boolean;
    emitQueued(): boolean;
    takeMarker(): number | undefined;
    finish(): void;
    get isDrained(): boolean;
    snapshot(checkpointId: number): OperatorSnapshot;
    notifyCheckpointAborted(checkpointId: number): void;
    close(): void;
}

// operators/base-operator.d.ts

// not exported
export declare abstract class BaseOperator implements Operator {
    abstract readonly inputs: readonly Input<never>[];
    protected readonly context: OperatorContext;
    protected readonly output: Input<unknown>;
    protected readonly lifeCycle: FunctionLifeCycle | undefined;
    constructor(context: OperatorContext);
    open(): void | Promise<void>;
    finish(): void;
    snapshot(checkpointId: number, triggeredAtMs: number): OperatorSnapshot;
    notifyCheckpointComplete(checkpointId: number): void | Promise<void>;
    notifyCheckpointAborted(checkpointId: number): void;
    notifyCheckpointSubsumed(checkpointId: number): void;
    close(): void | Promise<void>;
    get isAvailable(): boolean;
    get isDrained(): boolean;
}

// operators/function-life-cycle.d.ts

// not exported
export interface FunctionLifeCycleInit {
    readonly function?: LifeCycle<never>;
    readonly scope?: KeyedScope<Key>;
    readonly keyedStates?: KeyedStateStore;
    readonly hasOperatorState?: boolean;
}

// not exported
export declare class FunctionLifeCycle {
    #private;
    readonly operatorStates: OperatorStateBackend | undefined;
    constructor(context: OperatorContext, init: FunctionLifeCycleInit);
    open(): void;
    snapshot(checkpointId: number, triggeredAtMs: number): OperatorSnapshot;
    notifyCheckpointComplete(checkpointId: number): void;
    notifyCheckpointAborted(checkpointId: number): void;
    notifyCheckpointSubsumed(checkpointId: number): void;
    close(): void;
}

// operators/keyed-scope.d.ts

// not exported
export type TimerHandler = (timestamp: number) => void;

// not exported
export declare class KeyedScope<K extends Key> {
    #private;
    readonly states: HeapKeyedStateBackend<K>;
    readonly timerService: TimerService;
    watermark: number;
    constructor(context: OperatorContext, watermark: number, onProcessingTimer: TimerHandler);
    open(): void;
    advance(watermark: number, onTimer: TimerHandler): void;
    get currentKey(): K;
    snapshot(): OperatorSnapshot;
    close(): void;
}

// operators/operator-factories.d.ts

export declare function createOperator(context: OperatorContext): Operator;

// operators/operator.d.ts

export interface Input<T> {
    processElement(value: T, timestamp: number): void;
    processWatermark(watermark: number): void;
    processWatermarkStatus(isIdle: boolean): void;
    processGeneralizedWatermark(watermark: GeneralizedWatermark): void;
}

export type OperatorSnapshot = Readonly<Record<string, Uint8Array | Promise<Uint8Array>>>;

export interface Operator {
    readonly inputs: readonly Input<never>[];
    open(): void | Promise<void>;
    finish(): void;
    readonly isDrained: boolean;
    snapshot(checkpointId: number, triggeredAtMs: number): OperatorSnapshot;
    notifyCheckpointComplete(checkpointId: number): void | Promise<void>;
    readonly needsCheckpoint?: boolean;
    notifyCheckpointAborted(checkpointId: number): void;
    notifyCheckpointSubsumed(checkpointId: number): void;
    handleClientMessage?(message: unknown): void;
    close(): void | Promise<void>;
    readonly isAvailable: boolean;
}

export interface OperatorContext {
    readonly platform: Platform;
    readonly operator: JobOperator;
    readonly functions: FunctionTable;
    readonly jobName: string;
    readonly taskName: string;
    readonly subtaskIndex: number;
    readonly parallelism: number;
    readonly maxParallelism: number;
    readonly keyGroupRange: KeyGroupRange;
    readonly attempt: number;
    readonly runId: string;
    readonly autoWatermarkIntervalMs: number;
    readonly hasCheckpoints: boolean;
    readonly feedback: InputGate | undefined;
    readonly output: Input<unknown>;
    readonly sideOutput: (tag: string) => Input<unknown>;
    readonly restored: RestoredOperator;
    readonly processingTime: ProcessingTimeService;
    readonly accumulators: AccumulatorSet;
    readonly isInputBlocked: () => boolean;
    readonly globalJobParameters: Parameters;
    readonly cachedFiles: Readonly<Record<string, string>>;
    readonly enqueue: (mail: () => void) => void;
    readonly wake: () => void;
    readonly fail: (error: unknown) => void;
    readonly sendToClient: (payload: unknown) => void;
    readonly sendSourceEvent: (event: SourceEvent) => void;
}

export interface RestoredOperator {
    readonly isRestored: boolean;
    readonly checkpointId: number | undefined;
    readonly isFinished: boolean;
    readonly parallelism: number;
    readonly slot: (name: string) => readonly RestoredSlot[];
}

export interface RestoredSlot {
    readonly subtaskIndex: number;
    readonly bytes: Uint8Array;
}

// operators/user-function.d.ts

export interface NamedOperator {
    readonly uid: string;
    readonly name: string;
}

export declare function functionFailure(error: unknown, operator: NamedOperator, what: string): MillraceError;

export declare function namingOperator(error: MillraceError, operator: NamedOperator): MillraceError;

export declare function namingOperator(error: unknown, operator: NamedOperator): unknown;

// sources/source-messages.d.ts

export type SourceEvent =
{
    readonly kind: 'register';
    readonly splits: readonly SourceSplit[];
    readonly hasEnded: boolean;
    readonly requestsSplit: boolean;
} | {
    readonly kind: 'request-split';
}
 | {
    readonly kind: 'watermark';
    readonly watermark: number;
    readonly isIdle: boolean;
} | {
    readonly kind: 'custom';
    readonly event: JsonValue;
};

export type SourceCommand =
{
    readonly kind: 'registered';
} | {
    readonly kind: 'add-splits';
    readonly splits: readonly SourceSplit[];
}
 | {
    readonly kind: 'no-splits-now';
} | {
    readonly kind: 'no-more-splits';
}
 | {
    readonly kind: 'align';
    readonly maxWatermark: number;
} | {
    readonly kind: 'custom';
    readonly event: JsonValue;
};

// sources/source-operator.d.ts

export declare class SourceOperator<T> extends BaseOperator implements SourceOutput<T> {
    #private;
    readonly inputs: readonly Input<never>[];
    constructor(context: OperatorContext);
    open(): Promise<void>;
    register(): void;
    handleCommand(command: SourceCommand): void;
    get recordCount(): number;
    end(): void;
    poll(recordsMax: number): PollResult;
    collect(value: T, timestamp?: number): void;
    markIdle(): void;
    markActive(): void;
    forSplit(splitId: string): SplitOutput<T>;
    releaseSplit(splitId: string): void;
    emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void;
    finish(): void;
    snapshot(): OperatorSnapshot;
    notifyCheckpointComplete(checkpointId: number): void | Promise<void>;
    notifyCheckpointAborted(checkpointId: number): void;
    notifyCheckpointSubsumed(checkpointId: number): void;
    close(): void | Promise<void>;
}

// task/accumulator-set.d.ts

// not exported
type AnyAccumulator = Accumulator<never, unknown>;

export declare class AccumulatorSet {
    #private;
    add(name: string, accumulator: AnyAccumulator): void;
    get<V = number, R = V>(name: string): Accumulator<V, R>;
    addInto(totals: AccumulatorTotals): void;
    get isEmpty(): boolean;
    snapshot(): Uint8Array;
    restore(snapshot: Uint8Array): void;
}

// task/chained-operator.d.ts

// not exported
export interface ChainedOperator {
    readonly uid: string;
    readonly name: string;
    readonly operator: Operator;
    readonly accumulators: AccumulatorSet;
    readonly processingTime: ProcessingTimeService;
}

// task/create-record-writer.d.ts

// not exported
export interface RecordWriterInit {
    readonly edge: JobEdge;
    readonly target: JobVertex;
    readonly functions: FunctionTable;
    readonly subtaskIndex: number;
    readonly channels: readonly OutputChannel<unknown>[];
    readonly random: Random;
}

export declare function createRecordWriter(init: RecordWriterInit): RecordWriter<unknown>;

// task/create-task.d.ts

export interface TaskPlan {
    readonly platform: Platform;
    readonly loop: TaskLoop;
    readonly functions: FunctionTable;
    readonly jobName: string;
    readonly vertex: JobVertex;
    readonly subtaskIndex: number;
    readonly attempt: number;
    readonly runId: string;
    readonly autoWatermarkIntervalMs: number;
    readonly bufferTimeoutMs: number;
    readonly globalJobParameters?: Readonly<Record<string, string>> | undefined;
    readonly cachedFiles?: Readonly<Record<string, string>> | undefined;
    readonly hasCheckpoints: boolean;
    readonly gate: InputGate;
    readonly feedback?: InputGate;
    readonly writers: readonly {
        readonly edge: JobEdge;
        readonly writer: RecordWriter<unknown>;
    }[];
    readonly restored: ReadonlyMap<string, RestoredOperator>;
    readonly listener: TaskListener;
    readonly storeState: TaskInit['storeState'];
    readonly sendToClient: (uid: string, payload: unknown) => void;
    readonly sendSourceEvent: OperatorContext['sendSourceEvent'];
}

export declare function createTask(plan: TaskPlan): Task;

// task/output-flusher.d.ts

// not exported
export interface FlushedWriter {
    readonly writer: Pick<RecordWriter<unknown>, 'flush' | 'isLocal'>;
    readonly bufferTimeoutMs: number;
}

// not exported
export declare class OutputFlusher {
    #private;
    constructor(writers: readonly FlushedWriter[], processingTime: Pick<ProcessingTimeService, 'after'>);
    afterMail(): void;
    afterSlice(nowMs: number, hasMore: boolean): void;
}

// task/task-checkpoints.d.ts

// not exported
export interface CheckpointListener {
    onAcknowledged(checkpointId: number, acknowledgement: Acknowledgement): void;
    onDeclined(checkpointId: number, error: unknown): void;
}

export interface Acknowledgement {
    readonly snapshots: readonly AcknowledgedSnapshot[];
    readonly figures: TaskCheckpointFigures;
}

export interface StateBlob {
    readonly checkpointId: number;
    readonly uid: string;
    readonly subtaskIndex: number;
    readonly slot: string;
    readonly bytes: Uint8Array;
    readonly savepointDirectory?: string | undefined;
}

// task/task-deployment.d.ts

export interface TaskDeployment {
    readonly vertexId: string;
    readonly subtaskIndex: number;
    readonly restored: Readonly<Record<string, RestoredState>>;
}

export interface RestoredState {
    readonly isFinished: boolean;
    readonly parallelism: number;
    readonly slots: Readonly<Record<string, readonly RestoredHandle[]>>;
}

export interface RestoredHandle {
    readonly subtaskIndex: number;
    readonly handle: StateHandle;
}

// task/task-loop.d.ts

// not exported
export interface LoopTask {
    runSlice(nowMs: number): boolean;
}

export declare class TaskLoop {
    #private;
    constructor(platform: Pick<Platform, 'clock' | 'timers'>);
    enqueue(mail: () => void): void;
    wake(task: LoopTask): void;
    remove(task: LoopTask): void;
}

// task/task-state.d.ts

// not exported
export type TaskState = 'created' | 'opening' | 'open' | 'running' | 'drained' | 'finished' | 'canceled' | 'failed';

// task/task.d.ts

export interface TaskListener extends CheckpointListener {
    onDrained(): void;
    onFailed(error: unknown): void;
}

// not exported
export interface TaskInit {
    readonly name: string;
    readonly subtaskIndex: number;
    readonly loop: TaskLoop;
    readonly clock: Clock;
    readonly chain: readonly ChainedOperator[];
    readonly source: SourceOperator<unknown> | undefined;
    readonly iterationHead: IterationHeadOperator<unknown, unknown> | undefined;
    readonly gate: InputGate;
    readonly restoredHead: RestoredOperator;
    readonly restoredWatermarks: readonly number[];
    readonly writers: readonly RecordWriter<unknown>[];
    readonly loopWriters: readonly RecordWriter<unknown>[];
    readonly processingTime: ProcessingTimeService;
    readonly listener: TaskListener;
    readonly flusher: OutputFlusher;
    readonly storeState: (blob: StateBlob) => Promise<StateHandle>;
}

export declare class Task implements LoopTask {
    #private;
    readonly name: string;
    constructor(init: TaskInit);
    get state(): TaskState;
    open(): Promise<void>;
    start(): void;
    runSlice(nowMs: number): boolean;
    run(mail: () => void): void;
    runCommand(mail: () => void): void;
    handleSourceCommand(command: SourceCommand): void;
    endInput(): void;
    triggerCheckpoint(barrier: Barrier): void;
    get needsCheckpoint(): boolean;
    notifyCheckpointComplete(checkpointId: number): Promise<void>;
    notifyCheckpointAborted(checkpointId: number): void;
    notifyCheckpointSubsumed(checkpointId: number): void;
    handleClientMessage(uid: string, message: unknown): void;
    finish(): Promise<void>;
    cancel(): Promise<void>;
    fail(error: unknown): void;
    get isInputBlocked(): boolean;
    addAccumulatorsInto(totals: AccumulatorTotals): void;
    get sourceRecords(): {
        readonly uid: string;
        readonly count: number;
    } | undefined;
}

// timers/processing-time-service.d.ts

export declare class ProcessingTimeService {
    #private;
    constructor(clock: Clock, timers: Timers, enqueue: (mail: () => void) => void);
    now(): number;
    at(timestamp: number, callback: () => void): Timer;
    after(delayMs: number, callback: () => void): Timer;
    close(): void;
}
