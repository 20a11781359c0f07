// The public surface of @millrace/core. Printed by `npm run api`; review every change of it.

// config/check-options.d.ts

export declare function checkOptions(where: string, options: object, known: readonly string[]): void;

export declare function checkInteger(what: string, value: number, range: {
    readonly min: number;
    readonly max: number;
}): number;

// config/parameters.d.ts

export type ParameterValue = string | number | boolean | bigint;

export declare class Parameters {
    #private;
    private constructor();
    static fromArgs(args: readonly string[]): Parameters;
    static fromObject(object: Readonly<Record<string, ParameterValue | undefined>>): Parameters;
    static fromProperties(text: string): Parameters;
    static fromEnv(variables: Readonly<Record<string, string | undefined>>, prefix: string): Parameters;
    get names(): readonly string[];
    has(name: string): boolean;
    get(name: string): string | undefined;
    get(name: string, defaultValue: string): string;
    getRequired(name: string): string;
    getInt(name: string, defaultValue?: number): number;
    getNumber(name: string, defaultValue?: number): number;
    getBoolean(name: string, defaultValue?: boolean): boolean;
    getDuration(name: string, defaultValue?: Duration): number;
    unrequested(): readonly string[];
    mergeWith(other: Parameters): Parameters;
    toObject(): Record<string, string>;
}

// connector/async-sink/async-sink-settings.d.ts

export interface RequestClient<R> {
    send(requests: readonly R[]): Promise<readonly R[] | void>;
    close?(): void | Promise<void>;
}

export interface BufferedRequest<R> {
    readonly request: R;
    readonly bytes: number;
}

export interface BatchLimits {
    readonly requestsMax: number;
    readonly bytesMax: number;
}

export type BatchStrategy<R> = (waiting: BufferedRequest<R>[], limits: BatchLimits) => readonly BufferedRequest<R>[];

// connector/async-sink/async-sink.d.ts

export interface AsyncSinkOptions<T, R extends JsonValue> {
    readonly name: string;
    readonly description?: JsonValue;
    readonly toRequest: (value: T, context: SinkRecordContext) => R;
    readonly createClient: (context: SinkWriterContext) => RequestClient<R>;
    readonly requestBytes?: (request: R) => number;
    readonly batchRequests?: number;
    readonly batchBytes?: number;
    readonly requestBytesMax?: number;
    readonly timeInBuffer?: Duration;
    readonly batchesInFlight?: number;
    readonly bufferedRequests?: number;
    readonly requestTimeout?: Duration;
    readonly createRateLimiting?: () => RateLimiting;
    readonly batching?: BatchStrategy<R>;
}

export declare class AsyncSink<T, R extends JsonValue> implements Sink<T> {
    #private;
    readonly name: string;
    private constructor();
    static of<T, R extends JsonValue>(options: AsyncSinkOptions<T, R>): AsyncSink<T, R>;
    describe(): JsonValue;
    createWriter(context: SinkWriterContext): SinkWriter<T>;
}

// connector/async-sink/rate-limiting.d.ts

export interface RateLimiting {
    readonly batchRequestsMax: number;
    canSend(requestCount: number): boolean;
    onSent(requestCount: number): void;
    onAnswered(requestCount: number, failedCount: number): void;
}

export interface AimdOptions {
    readonly requestsMax: number;
    readonly increase?: number;
    readonly decreaseFactor?: number;
}

export declare function aimdRateLimiting(options: AimdOptions): RateLimiting;

// connector/byte-window.d.ts

export declare const RECORD_BYTES_MAX: number;

export declare const MALFORMED_TEXT_CHARS_MAX: number;

export declare class ByteWindow {
    #private;
    bytes: Buffer;
    start: number;
    get end(): number;
    reset(position: number): void;
    positionOf(index: number): number;
    feed(chunk: Uint8Array): void;
    text(from: number, to: number): string;
    excerpt(from: number, to: number): string;
    hasByteOrderMark(index: number): boolean;
}

// connector/collecting-source-output.d.ts

export declare class CollectingSourceOutput<T> implements SourceOutput<T> {
    #private;
    readonly values: T[];
    readonly timestamps: number[];
    readonly splitIds: (string | undefined)[];
    readonly releasedSplits: string[];
    readonly generalizedWatermarks: GeneralizedWatermark[];
    isIdle: boolean;
    collect(value: T, timestamp?: number): void;
    forSplit(splitId: string): SplitOutput<T>;
    releaseSplit(splitId: string): void;
    markIdle(): void;
    markActive(): void;
    emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void;
}

// connector/commit-stage.d.ts

export type CommittableBatch = {
    readonly checkpointId: number;
    readonly subtaskIndex: number;
    readonly subtaskCount: number;
    readonly committables: readonly JsonValue[];
};

export interface CommitStage {
    readonly name: string;
    readonly parallelism?: number;
    createProcessor(context: CommitStageContext): CommitStageProcessor;
}

export interface CommitStageContext extends CommitterContext {
    readonly emit: (batch: CommittableBatch) => void;
    readonly fail: (error: unknown) => void;
}

export interface CommitStageProcessor {
    open?(states: readonly JsonValue[]): void | Promise<void>;
    process(batch: CommittableBatch): void;
    onCheckpointComplete?(completed: CompletedStageCheckpoint): void;
    whenIdle?(): Promise<void>;
    readonly isHolding: boolean;
    snapshotState(): readonly JsonValue[];
    close?(): void | Promise<void>;
}

export interface CompletedStageCheckpoint {
    readonly checkpointId: number;
    readonly isEndOfInput: boolean;
}

// connector/committer.d.ts

export interface CommitterContext {
    readonly platform: Platform;
    readonly subtaskIndex: number;
    readonly parallelism: number;
    readonly attempt: number;
    readonly runId: string;
    readonly sendToClient: (payload: unknown) => void;
}

export interface Committer {
    commit(committables: readonly JsonValue[]): Promise<readonly CommitOutcome[] | void>;
    close?(): void | Promise<void>;
}

export type CommitOutcome = {
    readonly kind: 'committed' | 'already-committed';
} | {
    readonly kind: 'retry';
    readonly committable?: JsonValue;
} | {
    readonly kind: 'failed';
    readonly isKnown: boolean;
    readonly reason: unknown;
};

// connector/format.d.ts

export type MalformedPolicy = 'fail' | 'skip';

export interface RecordFormat<T> {
    readonly name: string;
    readonly type: TypeInfo<T> | undefined;
    readonly isSplittable?: boolean;
    describe(): JsonValue;
    createDecoder(): RecordDecoder<T>;
}

export interface RecordDecoder<T> {
    restore(state: DecoderState): void;
    feed(bytes: Uint8Array): void;
    finish(): void;
    next(): 'record' | 'malformed' | 'need-input' | 'end';
    readonly record: T;
    readonly malformed: MalformedRecord | undefined;
    snapshot(): DecoderState;
}

export interface DecoderState {
    readonly offset: number;
    readonly line: number;
    readonly context?: JsonValue;
}

export interface MalformedRecord {
    readonly line: number;
    readonly text: string;
    readonly reason: string;
}

export interface RecordEncoder<T> {
    readonly name: string;
    readonly header?: string;
    encode(value: T): string;
}

// connector/hybrid-source.d.ts

export interface NextSource<T> {
    readonly boundedness?: Source<T>['boundedness'];
    readonly hasTimePerSplit?: boolean;
    readonly reassignsSplitsOnRecovery?: boolean;
    positionOf(previous: SplitEnumerator): JsonValue;
    createSource(position: JsonValue): Source<T>;
}

export declare class HybridSourceBuilder<T> {
    #private;
    constructor(stages: readonly (Source<T> | NextSource<T>)[]);
    addSource(next: Source<T> | NextSource<T>): HybridSourceBuilder<T>;
    build(): HybridSource<T>;
}

export declare class HybridSource<T> implements Source<T, HybridSplit> {
    #private;
    readonly name: string;
    readonly boundedness: Source<T>['boundedness'];
    readonly type: TypeInfo<T> | undefined;
    readonly hasTimePerSplit: boolean;
    readonly reassignsSplitsOnRecovery: boolean;
    constructor(stages: readonly (Source<T> | NextSource<T>)[]);
    static builder<T>(first: Source<T>): HybridSourceBuilder<T>;
    describe(): JsonValue;
    createEnumerator(context: SplitEnumeratorContext<HybridSplit>, restored: JsonValue | undefined): SplitEnumerator<HybridSplit>;
    createReader(context: SourceReaderContext): SourceReader<T, HybridSplit>;
}

// connector/hybrid-split.d.ts

export interface HybridSplit extends SourceSplit {
    readonly sourceIndex: number;
    readonly split: SourceSplit;
}

// connector/line-splitter.d.ts

export type LineStep = 'line' | 'too-long' | 'need-input' | 'end';

export declare class LineSplitter {
    #private;
    constructor(lineBytesMax?: number);
    get offset(): number;
    get line(): number;
    restore(state: DecoderState): void;
    feed(bytes: Uint8Array): void;
    finish(): void;
    next(): LineStep;
    get text(): string;
    get excerpt(): string;
    get isBlank(): boolean;
}

// connector/malformed-reason.d.ts

export declare function malformedReason(error: unknown): string;

// connector/pre-write-stream.d.ts

export interface PreWriteStream<T> {
    map<OUT>(map: MapFunction<T, OUT>): PreWriteStream<OUT>;
    flatMap<OUT>(flatMap: FlatMapFunction<T, OUT>): PreWriteStream<OUT>;
    filter(filter: FilterFunction<T>): PreWriteStream<T>;
    process<OUT>(factory: FunctionFactory<ProcessFunction<T, OUT>>): PreWriteStream<OUT>;
    keyBy<K extends Key>(keySelector: KeySelector<T, K>): PreWriteStream<T>;
    rebalance(): PreWriteStream<T>;
}

// connector/rate-limited-source.d.ts

export declare function rateLimited<T, S extends SourceSplit>(source: Source<T, S>, strategy: RateLimiterStrategy): Source<T, S>;

// connector/rate-limiter-strategy.d.ts

export interface RateLimiter {
    take(recordsMax: number): number;
    giveBack(records: number): void;
    readonly delayMs: number | undefined;
    onCheckpointComplete(): void;
}

export type RateLimiterConfig = {
    readonly kind: 'per-second';
    readonly recordsPerSecond: number;
} | {
    readonly kind: 'per-checkpoint';
    readonly recordsPerCheckpoint: number;
};

export declare class RateLimiterStrategy {
    readonly config: RateLimiterConfig;
    private constructor();
    static perSecond(recordsPerSecond: number): RateLimiterStrategy;
    static perCheckpoint(recordsPerCheckpoint: number): RateLimiterStrategy;
    createLimiter(parallelism: number, monotonicMs: () => number): RateLimiter;
}

// connector/sink.d.ts

export interface Sink<T, W = T> {
    readonly name: string;
    describe(): JsonValue;
    createWriter(context: SinkWriterContext): SinkWriter<W>;
    createCommitter?(context: CommitterContext): Committer;
    readonly commitParallelism?: number;
    preWrite?(records: PreWriteStream<T>): PreWriteStream<W>;
    readonly preCommit?: readonly CommitStage[];
    readonly postCommit?: readonly CommitStage[];
}

export interface SinkWriterContext extends CommitterContext {
    readonly wake: () => void;
    readonly fail: (error: unknown) => void;
    readonly hasCheckpoints: boolean;
}

export interface SinkRecordContext {
    readonly timestamp: number | undefined;
    readonly currentWatermark: number;
}

export interface SinkWriter<T> extends CheckpointListener {
    open(restored: RestoredSinkState): void | Promise<void>;
    write(value: T, context: SinkRecordContext): void;
    writeWatermark?(watermark: number): void;
    readonly isAvailable: boolean;
    flush?(endOfInput: boolean): void;
    prepareCommit(): Promise<readonly JsonValue[]>;
    snapshotState(): readonly JsonValue[];
    handleClientMessage?(message: unknown): void;
    close(): void | Promise<void>;
}

export interface RestoredSinkState {
    readonly isRestored: boolean;
    readonly states: readonly JsonValue[];
    readonly committables: readonly JsonValue[];
}

// connector/source-reader.d.ts

export interface SourceReaderContext {
    readonly platform: Platform;
    readonly operatorName: string;
    readonly subtaskIndex: number;
    readonly parallelism: number;
    readonly addToAccumulator: (name: string, amount: number) => void;
    readonly wake: () => void;
    readonly fail: (error: unknown) => void;
    readonly sendSplitRequest: () => void;
    readonly sendSourceEvent: (event: JsonValue) => void;
}

export type PollResult = 'more' | 'nothing-now' | 'end';

export interface SourceReader<T, S extends SourceSplit = SourceSplit> {
    start(): void | Promise<void>;
    addSplits(splits: readonly S[]): void;
    notifyNoMoreSplits(): void;
    pollNext(output: SourceOutput<T>, recordsMax: number): PollResult;
    snapshot(): readonly S[];
    readonly pauseOrResumeSplits?: ((toPause: readonly string[], toResume: readonly string[]) => void) | undefined;
    handleSourceEvent?(event: JsonValue): void;
    notifyCheckpointComplete?(checkpointId: number): void | Promise<void>;
    notifyCheckpointAborted?(checkpointId: number): void;
    notifyCheckpointSubsumed?(checkpointId: number): void;
    close(): void | Promise<void>;
}

export interface SplitOutput<T> {
    collect(value: T, timestamp?: number): void;
    markIdle(): void;
    markActive(): void;
}

export interface SourceOutput<T> extends SplitOutput<T> {
    forSplit(splitId: string): SplitOutput<T>;
    releaseSplit(splitId: string): void;
    emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void;
}

// connector/source-split.d.ts

export interface SourceSplit {
    readonly splitId: string;
}

// connector/source.d.ts

export interface Source<T, S extends SourceSplit = SourceSplit> {
    readonly name: string;
    readonly boundedness: 'bounded' | 'unbounded';
    readonly type: TypeInfo<T> | undefined;
    readonly reassignsSplitsOnRecovery?: boolean;
    readonly hasTimePerSplit?: boolean;
    describe(): JsonValue;
    createEnumerator(context: SplitEnumeratorContext<S>, restored: JsonValue | undefined): SplitEnumerator<S>;
    createReader(context: SourceReaderContext): SourceReader<T, S>;
}

// connector/split-enumerator.d.ts

export interface RegisteredReader<S extends SourceSplit = SourceSplit> {
    readonly subtaskIndex: number;
    readonly splits: readonly S[];
    readonly hasEnded: boolean;
}

export interface EnumeratorSchedule {
    readonly delayMs?: number;
    readonly intervalMs?: number;
}

export interface SplitEnumeratorContext<S extends SourceSplit = SourceSplit> {
    readonly platform: Platform;
    readonly parallelism: number;
    readonly registeredReaders: ReadonlyMap<number, RegisteredReader<S>>;
    assignSplits(splits: readonly S[], subtaskIndex: number): void;
    signalNoMoreSplits(subtaskIndex: number): void;
    sendEventToReader(event: JsonValue, subtaskIndex: number): void;
    runAsync<R>(work: () => Promise<R>, handler: (result: R) => void): void;
    schedule<R>(work: () => Promise<R>, handler: (result: R) => void, schedule: EnumeratorSchedule): void;
    setIsProcessingBacklog(isProcessingBacklog: boolean): void;
    fail(error: unknown): void;
}

export interface SplitEnumerator<S extends SourceSplit = SourceSplit> {
    start(): void | Promise<void>;
    addReader(subtaskIndex: number): void;
    handleSplitRequest?(subtaskIndex: number): void;
    addSplitsBack(splits: readonly S[], subtaskIndex: number): void;
    handleSourceEvent?(event: JsonValue, subtaskIndex: number): void;
    snapshotState(checkpointId: number): JsonValue;
    notifyCheckpointComplete?(checkpointId: number): void;
    close(): void | Promise<void>;
}

// connector/split-fetcher-reader.d.ts

export interface SplitFetcherReaderInit<R, T, S extends SourceSplit> {
    readonly context: SourceReaderContext;
    readonly createSplitReader: () => SplitReader<R, S>;
    readonly fetchers?: 'one' | 'one-per-split';
    readonly hasTimePerSplit?: boolean;
    readonly batchesMax?: number;
    readonly emit: (record: R, output: SplitOutput<T>, split: S) => void;
    readonly onSplitFinished?: (split: S) => void;
}

export declare class SplitFetcherReader<R, T, S extends SourceSplit> implements SourceReader<T, S> {
    #private;
    readonly pauseOrResumeSplits: SourceReader<T, S>['pauseOrResumeSplits'];
    constructor(init: SplitFetcherReaderInit<R, T, S>);
    start(): void;
    addSplits(splits: readonly S[]): void;
    notifyNoMoreSplits(): void;
    pollNext(output: SourceOutput<T>, recordsMax: number): PollResult;
    snapshot(): readonly S[];
    close(): Promise<void>;
}

// connector/split-reader.d.ts

export interface FetchedBatch<R> {
    readonly splits: readonly {
        readonly splitId: string;
        readonly records: readonly R[];
    }[];
    readonly finishedSplits?: readonly string[];
}

export interface SplitReader<R, S extends SourceSplit> {
    addSplits(splits: readonly S[]): void;
    fetch(): Promise<FetchedBatch<R>>;
    wakeUp(): void;
    pauseOrResumeSplits?(toPause: readonly string[], toResume: readonly string[]): void;
    close(): void | Promise<void>;
}

// connector/static-split-enumerator.d.ts

export interface StaticSplitEnumeratorInit<S extends SourceSplit> {
    readonly context: SplitEnumeratorContext<S>;
    readonly restored: JsonValue | undefined;
    readonly findSplits: () => readonly S[] | Promise<readonly S[]>;
}

export declare function staticSplitEnumerator<S extends SourceSplit>(init: StaticSplitEnumeratorInit<S>): SplitEnumerator<S>;

// connector/token-bucket.d.ts

export declare class TokenBucket {
    #private;
    constructor(perSecond: number, monotonicMs: () => number);
    take(recordsMax: number): number;
    giveBack(tokens: number): void;
    get delayMs(): number;
}

// errors/check-restored.d.ts

export declare function checkRestored(isRight: boolean, expected: string, came: unknown): asserts isRight;

export declare function isCount(value: unknown): value is number;

// errors/millrace-error.d.ts

export type ErrorDomain = 'user' | 'external' | 'internal';

export interface ErrorFacts {
    readonly domain: ErrorDomain;
    readonly isRetryable: boolean;
}

export declare const ERROR_CODES: Readonly<Record<ErrorCode, ErrorFacts>>;

export type ErrorCode = 'OPTION_UNKNOWN' | 'OPTION_INVALID' | 'DURATION_INVALID' | 'TYPE_INVALID' | 'TYPE_MISMATCH' | 'KEY_INVALID' | 'TIMESTAMP_INVALID' | 'WINDOW_INVALID' | 'ITERATION_INVALID' | 'FUNCTION_INVALID' | 'FUNCTION_FAILED' | 'FUNCTION_RETURNED_PROMISE' | 'UID_DUPLICATE' | 'JOB_EMPTY' | 'JOB_WITHOUT_SINK' | 'JOB_GRAPH_DIFFERS' | 'JOB_MODULE_INVALID' | 'JOB_CANCELED' | 'JOB_NOT_RUNNING' | 'STATE_INCOMPATIBLE' | 'STATE_UNCLAIMED' | 'STATE_ACCESS_INVALID' | 'RECORD_MALFORMED' | 'ASYNC_TIMED_OUT' | 'FILE_MISSING' | 'FILE_UNREADABLE' | 'FILE_UNWRITABLE' | 'SOCKET_FAILED' | 'CHECKPOINT_DIRECTORY_UNWRITABLE' | 'CHECKPOINT_CORRUPT' | 'CHECKPOINT_MISSING' | 'CHECKPOINT_OF_ANOTHER_JOB' | 'CHECKPOINT_FAILED' | 'SAVEPOINT_FAILED' | 'COMMIT_FAILED' | 'FRAME_CORRUPT' | 'WORKER_LOST' | 'SIMULATION_FAILED' | 'TEST_FAILED' | 'ILLEGAL_TRANSITION' | 'ASSERTION_FAILED';

export interface MillraceErrorInit {
    readonly expected: string;
    readonly came: string;
    readonly todo: string;
    readonly ids?: Readonly<Record<string, string | number>>;
    readonly cause?: unknown;
    readonly isRetryable?: boolean;
}

export declare class MillraceError extends Error {
    readonly code: ErrorCode;
    readonly domain: ErrorDomain;
    readonly isRetryable: boolean;
    readonly ids: Readonly<Record<string, string | number>>;
    readonly expected: string;
    readonly came: string;
    readonly todo: string;
    constructor(code: ErrorCode, init: MillraceErrorInit);
}

export declare function assert(condition: boolean, mustHold: string): asserts condition;

export declare function show(value: unknown): string;

// functions/accumulator-totals.d.ts

export type AccumulatorReport = readonly AccumulatorPart[];

export interface AccumulatorPart {
    readonly name: string;
    readonly kind: string;
    readonly snapshots: readonly JsonValue[];
}

export declare class AccumulatorTotals {
    #private;
    add({ name, kind, snapshots }: AccumulatorPart): void;
    get report(): AccumulatorReport;
    get numbers(): Readonly<Record<string, number>>;
    result<R>(name: string, create: (() => Accumulator<never, R>) | undefined): R | undefined;
    get conflict(): MillraceError | undefined;
}

export declare function twoKinds(name: string, kind: string, otherKind: string): MillraceError;

// functions/accumulators.d.ts

export interface Accumulator<V = number, R = V> {
    readonly kind: string;
    add(value: V): void;
    getLocalValue(): R;
    resetLocal(): void;
    snapshot(): JsonValue;
    merge(snapshot: JsonValue): void;
}

export declare class DoubleCounter implements Accumulator {
    #private;
    readonly kind: string;
    add(amount: number): void;
    getLocalValue(): number;
    resetLocal(): void;
    snapshot(): JsonValue;
    merge(snapshot: JsonValue): void;
}

export declare class LongCounter extends DoubleCounter {
    readonly kind: string;
    add(amount: number): void;
}

export declare class IntCounter extends LongCounter {
    readonly kind: string;
}

export declare class DoubleMinimum implements Accumulator {
    #private;
    readonly kind: string;
    add(value: number): void;
    getLocalValue(): number;
    resetLocal(): void;
    snapshot(): JsonValue;
    merge(snapshot: JsonValue): void;
}

export declare class LongMinimum extends DoubleMinimum {
    readonly kind: string;
    add(value: number): void;
}

export declare class IntMinimum extends LongMinimum {
    readonly kind: string;
}

export declare class DoubleMaximum implements Accumulator {
    #private;
    readonly kind: string;
    add(value: number): void;
    getLocalValue(): number;
    resetLocal(): void;
    snapshot(): JsonValue;
    merge(snapshot: JsonValue): void;
}

export declare class LongMaximum extends DoubleMaximum {
    readonly kind: string;
    add(value: number): void;
}

export declare class IntMaximum extends LongMaximum {
    readonly kind: string;
}

export declare class AverageAccumulator implements Accumulator {
    #private;
    readonly kind = "average";
    add(value: number): void;
    getLocalValue(): number;
    resetLocal(): void;
    snapshot(): JsonValue;
    merge(snapshot: JsonValue): void;
}

export declare class Histogram implements Accumulator<number, ReadonlyMap<number, number>> {
    #private;
    readonly kind = "histogram";
    add(value: number): void;
    getLocalValue(): ReadonlyMap<number, number>;
    resetLocal(): void;
    snapshot(): JsonValue;
    merge(snapshot: JsonValue): void;
}

export declare class ListAccumulator<T extends JsonValue> implements Accumulator<T, readonly T[]> {
    #private;
    readonly kind = "list";
    add(value: T): void;
    getLocalValue(): readonly T[];
    resetLocal(): void;
    snapshot(): JsonValue;
    merge(snapshot: JsonValue): void;
}

export declare function ownAccumulator(kind: string): Accumulator<never, unknown> | undefined;

// functions/async-function.d.ts

export interface AsyncContext {
    readonly timestamp: number | undefined;
    readonly signal: AbortSignal;
}

export type AsyncFlatMapFunction<IN, OUT> = (value: IN, context: AsyncContext) => Promise<Iterable<OUT>>;

export type AsyncMapFunction<IN, OUT> = (value: IN, context: AsyncContext) => Promise<OUT>;

export interface AsyncFunction<IN, OUT> {
    open?(context: RuntimeContext): void | Promise<void>;
    asyncInvoke: AsyncFlatMapFunction<IN, OUT>;
    timeout?(value: IN, context: AsyncContext): Iterable<OUT> | Promise<Iterable<OUT>>;
    close?(): void | Promise<void>;
}

// functions/check-function.d.ts

export declare function checkFunction<F>(call: string, value: F): F;

export declare function checkFactory<F>(call: string, value: F, example?: string): F;

export declare function checkMethods<T>(call: string, value: T, methods: readonly (keyof T & string)[]): T;

// functions/checkpointed-function.d.ts

export interface OperatorStateStore {
    getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
    getUnionListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
    getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>;
}

export interface FunctionInitializationContext {
    readonly isRestored: boolean;
    readonly restoredCheckpointId: number | undefined;
    readonly operatorStateStore: OperatorStateStore;
    readonly keyedStateStore: KeyedStateStore;
}

export interface FunctionSnapshotContext {
    readonly checkpointId: number;
    readonly checkpointTimestamp: number;
}

export interface CheckpointedFunction {
    initializeState?(context: FunctionInitializationContext): void;
    snapshotState?(context: FunctionSnapshotContext): void;
}

export interface CheckpointListener {
    notifyCheckpointComplete?(checkpointId: number): void;
    notifyCheckpointAborted?(checkpointId: number): void;
    notifyCheckpointSubsumed?(checkpointId: number): void;
}

export interface LifeCycle<CONTEXT> extends CheckpointedFunction, CheckpointListener {
    readonly open?: (context: CONTEXT) => void;
    close?(): void;
}

// functions/fold-functions.d.ts

export type ReduceFunction<T> = (left: T, right: T) => T;

export interface AggregateFunction<IN, ACC, OUT> {
    createAccumulator(): ACC;
    add(accumulator: ACC, value: IN): ACC;
    getResult(accumulator: ACC): OUT;
    merge(left: ACC, right: ACC): ACC;
    readonly accumulatorType?: TypeInfo<ACC>;
    readonly accumulatorEvolution?: StateEvolution<NoInfer<ACC>>;
}

// functions/functions.d.ts

export type MapFunction<IN, OUT> = (value: IN) => OUT;

export type FlatMapFunction<IN, OUT> = (value: IN, out: Collector<OUT>) => Iterable<OUT> | void;

export type FilterFunction<T> = (value: T) => boolean;

export type KeySelector<IN, KEY> = (value: IN) => KEY;

export type Key = string | number | boolean | bigint;

export interface Collector<T> {
    collect(value: T): void;
}

export type FunctionFactory<F> = () => F;

export interface RuntimeContext {
    readonly jobId: string;
    readonly jobName: string;
    readonly taskName: string;
    readonly subtaskIndex: number;
    readonly parallelism: number;
    readonly maxParallelism: number;
    readonly attempt: number;
    addAccumulator<V, R>(name: string, accumulator: Accumulator<V, R>): void;
    getAccumulator<V = number, R = V>(name: string): Accumulator<V, R>;
    readonly globalJobParameters: Parameters;
    getCachedFile(name: string): string;
}

export interface KeyedRuntimeContext extends RuntimeContext, KeyedStateStore {
}

export interface TimerService {
    currentProcessingTime(): number;
    currentWatermark(): number;
    registerEventTimeTimer(timestamp: number): void;
    registerProcessingTimeTimer(timestamp: number): void;
    deleteEventTimeTimer(timestamp: number): void;
    deleteProcessingTimeTimer(timestamp: number): void;
}

export interface ProcessContext {
    readonly timestamp: number | undefined;
    currentWatermark(): number;
    currentProcessingTime(): number;
    output<X>(tag: OutputTag<X>, value: X): void;
    emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void;
}

export type WatermarkHandlingResult = 'peek' | 'poll';

export interface KeyedProcessContext<K> extends ProcessContext {
    readonly currentKey: K;
    readonly timerService: TimerService;
}

export interface OnTimerContext<K> extends KeyedProcessContext<K> {
    readonly timestamp: number;
    readonly timeDomain: 'event-time' | 'processing-time';
}

export interface ProcessFunction<IN, OUT> extends LifeCycle<RuntimeContext> {
    processElement(value: IN, context: ProcessContext, out: Collector<OUT>): void;
    onWatermark?(watermark: GeneralizedWatermark, context: ProcessContext, out: Collector<OUT>): WatermarkHandlingResult;
}

export interface KeyedProcessFunction<K, IN, OUT> extends LifeCycle<KeyedRuntimeContext> {
    processElement(value: IN, context: KeyedProcessContext<K>, out: Collector<OUT>): void;
    onTimer?(timestamp: number, context: OnTimerContext<K>, out: Collector<OUT>): void;
    onWatermark?(watermark: GeneralizedWatermark, context: ProcessContext & KeyedStateApplication<K>, out: Collector<OUT>): WatermarkHandlingResult;
}

export interface CoProcessFunction<IN1, IN2, OUT> extends LifeCycle<RuntimeContext> {
    processElement1(value: IN1, context: ProcessContext, out: Collector<OUT>): void;
    processElement2(value: IN2, context: ProcessContext, out: Collector<OUT>): void;
    onWatermark?(watermark: GeneralizedWatermark, context: ProcessContext, out: Collector<OUT>): WatermarkHandlingResult;
}

export interface KeyedCoProcessFunction<K, IN1, IN2, OUT> extends LifeCycle<KeyedRuntimeContext> {
    processElement1(value: IN1, context: KeyedProcessContext<K>, out: Collector<OUT>): void;
    processElement2(value: IN2, context: KeyedProcessContext<K>, out: Collector<OUT>): void;
    onTimer?(timestamp: number, context: OnTimerContext<K>, out: Collector<OUT>): void;
    onWatermark?(watermark: GeneralizedWatermark, context: ProcessContext & KeyedStateApplication<K>, out: Collector<OUT>): WatermarkHandlingResult;
}

export interface ReadOnlyBroadcastAccess {
    getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): ReadOnlyMapState<UK, UV>;
}

export interface BroadcastAccess {
    getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>;
}

export interface KeyedStateApplication<K> {
    applyToKeyedState<S extends KeyedState>(state: S, apply: (key: K, state: S) => void): void;
}

export type KeyedState = ValueState<unknown> | ListState<unknown> | MapState<unknown, unknown> | ReducingState<unknown> | AggregatingState<unknown, unknown>;

export interface BroadcastProcessFunction<IN, B, OUT> extends LifeCycle<RuntimeContext> {
    processElement(value: IN, context: ProcessContext & ReadOnlyBroadcastAccess, out: Collector<OUT>): void;
    processBroadcastElement(value: B, context: ProcessContext & BroadcastAccess, out: Collector<OUT>): void;
    onWatermark?(watermark: GeneralizedWatermark, context: ProcessContext & ReadOnlyBroadcastAccess, out: Collector<OUT>): WatermarkHandlingResult;
}

export interface KeyedBroadcastProcessFunction<K, IN, B, OUT> extends LifeCycle<KeyedRuntimeContext> {
    processElement(value: IN, context: KeyedProcessContext<K> & ReadOnlyBroadcastAccess, out: Collector<OUT>): void;
    processBroadcastElement(value: B, context: ProcessContext & BroadcastAccess & KeyedStateApplication<K>, out: Collector<OUT>): void;
    onTimer?(timestamp: number, context: OnTimerContext<K> & ReadOnlyBroadcastAccess, out: Collector<OUT>): void;
    onWatermark?(watermark: GeneralizedWatermark, context: ProcessContext & ReadOnlyBroadcastAccess & KeyedStateApplication<K>, out: Collector<OUT>): WatermarkHandlingResult;
}

// functions/output-tag.d.ts

export declare class OutputTag<T> {
    readonly id: string;
    readonly type: TypeInfo<T> | undefined;
    constructor(id: string, type?: TypeInfo<T>);
}

export declare function checkOutputTag<T>(call: string, tag: OutputTag<T>): OutputTag<T>;

// functions/partitioner.d.ts

export type Partitioner<K> = (key: K, numPartitions: number) => number;

// functions/process-join-function.d.ts

export interface ProcessJoinContext {
    readonly leftTimestamp: number;
    readonly rightTimestamp: number;
    readonly timestamp: number;
    output<X>(tag: OutputTag<X>, value: X): void;
}

export type IntervalJoinFunction<LEFT, RIGHT, OUT> = (left: LEFT, right: RIGHT, context: ProcessJoinContext, out: Collector<OUT>) => Iterable<OUT> | void;

export interface ProcessJoinFunction<LEFT, RIGHT, OUT> {
    open?(context: RuntimeContext): void;
    processElement: IntervalJoinFunction<LEFT, RIGHT, OUT>;
    close?(): void;
}

// functions/rich-functions.d.ts

export interface RichMapFunction<IN, OUT, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    map(value: IN): OUT;
}

export interface RichFlatMapFunction<IN, OUT, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    flatMap(value: IN, out: Collector<OUT>): Iterable<OUT> | void;
}

export interface RichFilterFunction<T, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    filter(value: T): boolean;
}

export interface RichReduceFunction<T, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    reduce(left: T, right: T): T;
}

export interface RichCoMapFunction<IN1, IN2, OUT, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    map1(value: IN1): OUT;
    map2(value: IN2): OUT;
}

export interface RichCoFlatMapFunction<IN1, IN2, OUT, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    flatMap1(value: IN1, out: Collector<OUT>): Iterable<OUT> | void;
    flatMap2(value: IN2, out: Collector<OUT>): Iterable<OUT> | void;
}

export interface RichJoinFunction<T1, T2, OUT, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    join(first: T1, second: T2): OUT;
}

export interface RichFlatJoinFunction<T1, T2, OUT, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    join(first: T1, second: T2, out: Collector<OUT>): Iterable<OUT> | void;
}

export interface RichCoGroupFunction<T1, T2, OUT, CONTEXT extends RuntimeContext = KeyedRuntimeContext> extends LifeCycle<CONTEXT> {
    coGroup(first: readonly T1[], second: readonly T2[], out: Collector<OUT>): Iterable<OUT> | void;
}

export declare class RichFactory<F> {
    readonly create: FunctionFactory<F>;
    constructor(create: FunctionFactory<F>);
}

export declare function rich<F extends object>(create: FunctionFactory<F>): RichFactory<F>;

// functions/state-evolution.d.ts

export interface StateMigration<NEXT = unknown> {
    readonly from: TypeDescriptor;
    readonly with: (old: never) => NEXT;
}

export declare function migrateFrom<OLD, NEXT>(from: TypeInfo<OLD>, convert: (old: OLD) => NEXT): StateMigration<NEXT>;

export interface StateEvolution<T> {
    readonly migrate?: StateMigration<T> | readonly [...(readonly StateMigration[]), StateMigration<T>];
    readonly fieldDefaults?: Readonly<Record<string, unknown>>;
}

// functions/state.d.ts

export interface ValueState<T> {
    value(): T;
    update(value: T): void;
    clear(): void;
}

export interface ListState<T> {
    get(): readonly T[];
    add(element: T): void;
    addAll(elements: Iterable<T>): void;
    update(elements: Iterable<T>): void;
    clear(): void;
}

export interface MapState<UK, UV> {
    get(key: UK): UV | undefined;
    put(key: UK, value: UV): void;
    contains(key: UK): boolean;
    remove(key: UK): void;
    entries(): Iterable<readonly [UK, UV]>;
    keys(): Iterable<UK>;
    values(): Iterable<UV>;
    isEmpty(): boolean;
    clear(): void;
}

export type ReadOnlyMapState<UK, UV> = Pick<MapState<UK, UV>, 'get' | 'contains' | 'entries' | 'keys' | 'values' | 'isEmpty'>;

export interface ReducingState<T> {
    get(): T | undefined;
    add(value: T): void;
    clear(): void;
}

export interface AggregatingState<IN, OUT> {
    get(): OUT | undefined;
    add(value: IN): void;
    clear(): void;
}

export interface StateTtl {
    readonly duration: Duration;
    readonly update?: 'on-create-and-write' | 'on-read-and-write';
    readonly visibility?: 'never-return-expired' | 'return-expired-if-not-cleaned-up';
    readonly cleanup?: StateTtlCleanup;
}

export interface StateTtlCleanup {
    readonly fullSnapshot?: boolean;
    readonly incremental?: false | {
        readonly entriesPerAccess?: number;
        readonly runForEveryRecord?: boolean;
    };
}

export interface ValueStateDescriptor<T> extends StateEvolution<NoInfer<T>> {
    readonly name: string;
    readonly type?: TypeInfo<T>;
    readonly defaultValue?: T;
    readonly ttl?: StateTtl;
}

export interface ListStateDescriptor<T> extends StateEvolution<NoInfer<T>> {
    readonly name: string;
    readonly type?: TypeInfo<T>;
    readonly ttl?: StateTtl;
}

export interface MapStateDescriptor<UK, UV> extends StateEvolution<NoInfer<UV>> {
    readonly name: string;
    readonly keyType?: TypeInfo<UK>;
    readonly valueType?: TypeInfo<UV>;
    readonly ttl?: StateTtl;
}

export interface ReducingStateDescriptor<T> extends StateEvolution<NoInfer<T>> {
    readonly name: string;
    readonly type?: TypeInfo<T>;
    readonly reduce: ReduceFunction<T>;
    readonly ttl?: StateTtl;
}

export interface AggregatingStateDescriptor<IN, ACC, OUT> extends StateEvolution<NoInfer<ACC>> {
    readonly name: string;
    readonly type?: TypeInfo<ACC>;
    readonly aggregate: AggregateFunction<IN, ACC, OUT>;
    readonly ttl?: StateTtl;
}

export declare function broadcastEvolutionRole(stateName: string): string;

export interface KeyedStateStore {
    getValueState<T>(descriptor: ValueStateDescriptor<T> & {
        readonly defaultValue: T;
    }): ValueState<T>;
    getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined>;
    getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
    getMapState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>;
    getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T>;
    getAggregatingState<IN, ACC, OUT>(descriptor: AggregatingStateDescriptor<IN, ACC, OUT>): AggregatingState<IN, OUT>;
}

// functions/window-functions.d.ts

export interface AllWindowContext<W extends TimeWindow = TimeWindow> {
    readonly window: W;
    currentWatermark(): number;
    currentProcessingTime(): number;
    output<X>(tag: OutputTag<X>, value: X): void;
}

export interface WindowContext<K, W extends TimeWindow = TimeWindow> extends AllWindowContext<W> {
    readonly key: K;
}

export type WindowFunction<IN, OUT, K, W extends TimeWindow = TimeWindow> = (context: WindowContext<K, W>, content: IN, out: Collector<OUT>) => Iterable<OUT> | void;

export type AllWindowFunction<IN, OUT, W extends TimeWindow = TimeWindow> = (context: AllWindowContext<W>, content: IN, out: Collector<OUT>) => Iterable<OUT> | void;

export interface WindowStates {
    readonly windowState: KeyedStateStore;
    readonly globalState: KeyedStateStore;
}

export interface ProcessWindowContext<K, W extends TimeWindow = TimeWindow> extends WindowContext<K, W>, WindowStates {
}

export interface ProcessAllWindowContext<W extends TimeWindow = TimeWindow> extends AllWindowContext<W>, WindowStates {
}

export interface ProcessWindowFunction<IN, OUT, K, W extends TimeWindow = TimeWindow> extends LifeCycle<KeyedRuntimeContext> {
    process(context: ProcessWindowContext<K, W>, elements: readonly IN[], out: Collector<OUT>): Iterable<OUT> | void;
    clear?(context: ProcessWindowContext<K, W>): void;
}

export interface ProcessAllWindowFunction<IN, OUT, W extends TimeWindow = TimeWindow> extends LifeCycle<KeyedRuntimeContext> {
    process(context: ProcessAllWindowContext<W>, elements: readonly IN[], out: Collector<OUT>): Iterable<OUT> | void;
    clear?(context: ProcessAllWindowContext<W>): void;
}

export type JoinFunction<T1, T2, OUT> = (first: T1, second: T2) => OUT;

export type FlatJoinFunction<T1, T2, OUT> = (first: T1, second: T2, out: Collector<OUT>) => Iterable<OUT> | void;

export type CoGroupFunction<T1, T2, OUT> = (first: readonly T1[], second: readonly T2[], out: Collector<OUT>) => Iterable<OUT> | void;

// platform/make-durable-directory.d.ts

export declare function makeDurableDirectory(files: FileSystem, path: string): Promise<void>;

// platform/platform.d.ts

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

export interface Clock {
    now(): number;
    monotonicMs(): number;
}

export interface Timers {
    after(delayMs: number, callback: () => void): Timer;
    soon(callback: () => void): void;
}

export interface Timer {
    cancel(): void;
}

export interface Random {
    next(): number;
    id(): string;
}

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

export interface DirectoryEntry {
    readonly name: string;
    readonly isDirectory: boolean;
}

export interface FileStatus {
    readonly isDirectory: boolean;
    readonly sizeBytes: number;
    readonly modifiedMs: number;
}

export interface ReadableFile {
    readonly sizeBytes: number;
    read(position: number, lengthBytes: number): Promise<Uint8Array>;
    close(): Promise<void>;
}

export interface WritableFile {
    write(bytes: Uint8Array): Promise<void>;
    sync(): Promise<void>;
    close(): Promise<void>;
}

export interface Network {
    connect(address: SocketAddress): Promise<Connection>;
}

export interface SocketAddress {
    readonly host: string;
    readonly port: number;
}

export interface Connection {
    onData(handler: (bytes: Uint8Array) => void): void;
    onClose(handler: (error?: Error) => void): void;
    write(bytes: Uint8Array): void;
    pause(): void;
    resume(): void;
    close(): void;
}

export interface Log {
    info(message: string, facts?: LogFacts): void;
    warn(message: string, facts?: LogFacts): void;
    error(message: string, facts?: LogFacts): void;
}

export type LogFacts = Readonly<Record<string, unknown>>;

export interface MessageChannelPort {
    post(message: unknown, transfer?: readonly object[]): void;
    onMessage(handler: (message: unknown) => void): void;
    close(): void;
}

export interface PortPair {
    readonly left: MessageChannelPort;
    readonly right: MessageChannelPort;
}

// serialization/frame-buffer.d.ts

export declare class FrameBuffer {
    #private;
    buffer: ArrayBuffer;
    i32: Int32Array;
    f64: Float64Array;
    u16: Uint16Array;
    bytes: Buffer;
    constructor(buffer: ArrayBuffer);
    get f32(): Float32Array;
    get i64(): BigInt64Array;
    ensureCapacity(byteLength: number): void;
    countAt(offset: number): number;
}

// serialization/frame-codec.d.ts

export declare function frameCodec<T>(type: TypeInfo<T>): FrameCodec<T>;

// serialization/frame-coding.d.ts

export interface FrameCodec<T> {
    readonly type: TypeDescriptor;
    encode(target: FrameBuffer, offset: number, records: readonly T[], timestamps: Float64Array, count: number): number;
    decode(source: FrameBuffer, offset: number, records: T[], timestamps: Float64Array): number;
}

// serialization/key-groups.d.ts

export interface KeyGroupRange {
    readonly start: number;
    readonly end: number;
}

export declare const MAX_PARALLELISM_LIMIT = 32768;

export declare function keyGroupRangeFor(subtaskIndex: number, parallelism: number, maxParallelism: number): KeyGroupRange;

export declare function subtaskForKeyGroup(keyGroup: number, parallelism: number, maxParallelism: number): number;

export declare function defaultMaxParallelism(parallelism: number): number;

// serialization/key-hash.d.ts

export declare function hashKey(key: Key): number;

export declare function keyGroupOf(key: Key, maxParallelism: number): number;

export declare function assertKey(key: unknown): asserts key is Key;

// serialization/record-class.d.ts

export interface RecordClass<T> {
    readonly type: TypeDescriptor;
    readonly Class: new (...values: readonly unknown[]) => T;
    readonly create: (...values: readonly unknown[]) => T;
}

export declare function recordClass<T>(type: TypeInfo<T>): RecordClass<T>;

// serialization/schema-reader.d.ts

export declare class SchemaMismatchError extends MillraceError {
    readonly reason: string;
    constructor(vendor: string, issues: readonly StandardSchemaIssue[]);
}

export declare function schemaReader<T>(schema: StandardSchema<T>): ValueReader<T>;

export declare function parserWithSchema<Input, T>(parse: ((value: Input) => T) | undefined, schema: StandardSchema<T> | undefined): ((value: Input) => T) | undefined;

// serialization/type-mismatch.d.ts

// not exported
export interface Mismatch {
    readonly path: string;
    readonly expected: string;
    readonly value: unknown;
}

export declare class TypeMismatchError extends MillraceError {
    readonly reason: string;
    constructor(type: TypeDescriptor, mismatch: Mismatch);
}

// serialization/value-reader.d.ts

export declare function valueReader<T>(type: TypeInfo<T>): ValueReader<T>;

// serialization/value-reading.d.ts

export type ValueReader<T> = (value: unknown) => T;

// time/duration.d.ts

export type Duration = number | string;

export declare function durationMs(duration: Duration, options?: {
    readonly what?: string;
    readonly allowNegative?: boolean;
}): number;

// time/generalized-watermark.d.ts

export type WatermarkHandling = 'forward' | 'ignore';

export interface LongWatermarkDeclaration extends DeclaredOptions {
    readonly type: 'long';
    readonly combine: 'min' | 'max';
}

export interface BooleanWatermarkDeclaration extends DeclaredOptions {
    readonly type: 'boolean';
    readonly combine: 'and' | 'or';
}

// not exported
interface DeclaredOptions {
    readonly name: string;
    readonly waitForAll: boolean;
    readonly handling: WatermarkHandling;
}

export type WatermarkDeclaration = LongWatermarkDeclaration | BooleanWatermarkDeclaration;

export type WatermarkValueOf<D extends WatermarkDeclaration> = D extends LongWatermarkDeclaration ? number : boolean;

export type GeneralizedWatermark = {
    readonly declaration: LongWatermarkDeclaration;
    readonly value: number;
} | {
    readonly declaration: BooleanWatermarkDeclaration;
    readonly value: boolean;
};

export interface WatermarkOptions<C extends WatermarkDeclaration['combine']> {
    readonly combine?: C;
    readonly waitForAll?: boolean;
    readonly handling?: WatermarkHandling;
}

export declare function longWatermark(name: string, options?: WatermarkOptions<'min' | 'max'>): LongWatermarkDeclaration;

export declare function booleanWatermark(name: string, options?: WatermarkOptions<'and' | 'or'>): BooleanWatermarkDeclaration;

export declare function isWatermarkOf<D extends WatermarkDeclaration>(declaration: D, watermark: GeneralizedWatermark): watermark is GeneralizedWatermark & {
    readonly declaration: D;
    readonly value: WatermarkValueOf<D>;
};

export declare function isSameDeclaration(left: WatermarkDeclaration, right: WatermarkDeclaration): boolean;

export declare function describeDeclaration(declaration: WatermarkDeclaration): string;

export declare function isWatermarkDeclaration(value: unknown): value is WatermarkDeclaration;

export declare function isGeneralizedWatermark(value: unknown): value is GeneralizedWatermark;

export declare function isValueOf({ type }: WatermarkDeclaration, value: unknown): value is number | boolean;

export declare function checkWatermarkDeclaration(call: string, declaration: WatermarkDeclaration): WatermarkDeclaration;

export declare function watermarkOf(declaration: WatermarkDeclaration, value: number | boolean): GeneralizedWatermark;

// time/time-text.d.ts

export declare function timeText(timeMs: number): string;

// time/timestamps.d.ts

export declare const MIN_WATERMARK: number;

export declare const MAX_WATERMARK: number;

export declare const NO_TIMESTAMP: number;

// time/watermark-strategy.d.ts

export type TimestampAssigner<T> = (value: T, recordTimestamp: number | undefined) => number;

export interface WatermarkOutput {
    emitWatermark(watermark: number): void;
    markIdle(): void;
    markActive(): void;
}

export interface WatermarkGenerator<T> {
    onEvent?(value: T, timestamp: number, output: WatermarkOutput): void;
    onPeriodicEmit?(output: WatermarkOutput): void;
    snapshot?(): JsonValue;
    restore?(state: JsonValue): void;
}

export interface WatermarkEmission {
    readonly emit?: 'periodic' | 'per-record';
}

export type WatermarkStrategyConfig = WatermarkGeneratorConfig & {
    readonly idleTimeoutMs?: number;
    readonly alignment?: WatermarkAlignment;
};

export type WatermarkGeneratorConfig = {
    readonly generator: 'none';
} | {
    readonly generator: 'custom';
} | {
    readonly generator: 'ingestion';
} | {
    readonly generator: 'bounded';
    readonly delayMs: number;
    readonly emit: 'periodic' | 'per-record';
};

export interface WatermarkAlignment {
    readonly group: string;
    readonly maxDriftMs: number;
    readonly updateIntervalMs: number;
}

export declare class WatermarkStrategy<T> {
    #private;
    readonly config: WatermarkStrategyConfig;
    readonly timestampAssigner: TimestampAssigner<T> | undefined;
    readonly generatorFactory: (() => WatermarkGenerator<T>) | undefined;
    private constructor();
    static forBoundedOutOfOrderness<T>(delay: Duration, options?: WatermarkEmission): WatermarkStrategy<T>;
    static forMonotonousTimestamps<T>(options?: WatermarkEmission): WatermarkStrategy<T>;
    static noWatermarks<T>(): WatermarkStrategy<T>;
    static forIngestionTime<T>(): WatermarkStrategy<T>;
    static forGenerator<T>(factory: () => WatermarkGenerator<T>): WatermarkStrategy<T>;
    withTimestampAssigner<U extends T = T>(assigner: TimestampAssigner<U>): WatermarkStrategy<U>;
    withIdleness(timeout: Duration): WatermarkStrategy<T>;
    withWatermarkAlignment(group: string, maxDrift: Duration, updateInterval?: Duration): WatermarkStrategy<T>;
    createGenerator(): WatermarkGenerator<T> | undefined;
}

// types/custom-type.d.ts

export interface CustomTypeOptions<T> {
    readonly name: string;
    readonly version?: number;
    readonly encode: (value: T) => Uint8Array;
    readonly decode: (bytes: Uint8Array, version: number) => T;
    readonly fromJson?: (json: unknown) => T;
}

// types/decimal.d.ts

export type RoundingMode = 'half-up' | 'half-even' | 'down';

export declare const DECIMAL_PRECISION_MAX = 38;

export declare class Decimal {
    readonly unscaled: bigint;
    readonly scale: number;
    constructor(unscaled: bigint, scale: number);
    static of(unscaled: bigint | number, scale?: number): Decimal;
    static parse(text: string): Decimal;
    add(other: Decimal): Decimal;
    subtract(other: Decimal): Decimal;
    multiply(other: Decimal): Decimal;
    divide(divisor: Decimal, scale: number, rounding?: RoundingMode): Decimal;
    round(scale: number, rounding?: RoundingMode): Decimal;
    negate(): Decimal;
    compare(other: Decimal): -1 | 0 | 1;
    equals(other: Decimal): boolean;
    toNumber(): number;
    toString(): string;
    toJSON(): string;
    valueOf(): never;
}

// types/describe-type.d.ts

export declare function describeType(type: TypeDescriptor): string;

export declare function typesEqual(a: TypeDescriptor, b: TypeDescriptor): boolean;

// types/infer-type.d.ts

export declare function inferType(values: readonly unknown[]): TypeDescriptor | undefined;

// types/json.d.ts

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | {
    readonly [key: string]: JsonValue;
};

export type JsonObject = {
    readonly [key: string]: JsonValue;
};

// types/standard-schema.d.ts

export interface StandardSchema<Output> {
    readonly '~standard': {
        readonly version: 1;
        readonly vendor: string;
        readonly validate: (value: unknown) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
        readonly types?: {
            readonly input: unknown;
            readonly output: Output;
        } | undefined;
    };
}

export type StandardSchemaResult<Output> = {
    readonly value: Output;
    readonly issues?: undefined;
} | {
    readonly issues: readonly StandardSchemaIssue[];
};

export interface StandardSchemaIssue {
    readonly message: string;
    readonly path?: readonly (PropertyKey | {
        readonly key: PropertyKey;
    })[] | undefined;
}

export declare function checkSchema<T>(call: string, schema: StandardSchema<T>): StandardSchema<T>;

// types/type-evolution.d.ts

export type ValueConverter = (value: unknown) => unknown;

export interface TypeMigration {
    readonly from: TypeDescriptor;
    readonly with: (old: never) => unknown;
}

export interface TypeEvolution {
    readonly migrations: readonly TypeMigration[];
    readonly fieldDefaults: Readonly<Record<string, unknown>>;
    readonly at?: string;
}

export interface TypeDifference {
    readonly path: string;
    readonly reason: string;
}

export type EvolvedType = {
    readonly isPossible: true;
    readonly convert: ValueConverter | undefined;
} | {
    readonly isPossible: false;
    readonly difference: TypeDifference;
};

export declare function evolveType(stored: TypeDescriptor, declared: TypeDescriptor, evolution?: TypeEvolution): EvolvedType;

// types/type-info.d.ts

export type TypeDescriptor = {
    readonly kind: 'boolean';
} | {
    readonly kind: 'byte';
} | {
    readonly kind: 'short';
} | {
    readonly kind: 'int';
} | {
    readonly kind: 'long';
} | {
    readonly kind: 'float';
} | {
    readonly kind: 'double';
} | {
    readonly kind: 'string';
} | {
    readonly kind: 'bigint';
} | {
    readonly kind: 'bytes';
} | {
    readonly kind: 'date';
} | {
    readonly kind: 'any';
} | {
    readonly kind: 'decimal';
    readonly precision: number;
    readonly scale: number;
} | {
    readonly kind: 'enum';
    readonly values: readonly string[];
} | {
    readonly kind: 'literal';
    readonly value: string | number | boolean;
} | {
    readonly kind: 'numbers';
    readonly element: NumbersElement;
} | {
    readonly kind: 'custom';
    readonly name: string;
    readonly version: number;
} | {
    readonly kind: 'nullable';
    readonly type: TypeDescriptor;
} | {
    readonly kind: 'optional';
    readonly type: TypeDescriptor;
} | {
    readonly kind: 'array';
    readonly element: TypeDescriptor;
} | {
    readonly kind: 'set';
    readonly element: TypeDescriptor;
} | {
    readonly kind: 'map';
    readonly key: TypeDescriptor;
    readonly value: TypeDescriptor;
} | {
    readonly kind: 'tuple';
    readonly elements: readonly TypeDescriptor[];
} | {
    readonly kind: 'record';
    readonly fields: readonly RecordField[];
} | {
    readonly kind: 'union';
    readonly tag: string;
    readonly variants: readonly UnionVariant[];
};

export type RecordField = {
    readonly name: string;
    readonly type: TypeDescriptor;
};

export type UnionVariant = {
    readonly name: string;
    readonly type: TypeDescriptor;
};

export type NumbersElement = 'int8' | 'int16' | 'int32' | 'float32' | 'float64' | 'bigint64';

// not exported
declare const valueType: unique symbol;

// not exported
declare const isOptional: unique symbol;

export type TypeInfo<T> = TypeDescriptor & {
    readonly [valueType]?: T;
};

export type OptionalTypeInfo<T> = TypeInfo<T | undefined> & {
    readonly [isOptional]: true;
};

export type Infer<Type> = Type extends {
    readonly [valueType]?: infer T;
} ? T : never;

export type RecordFields = Readonly<Record<string, TypeDescriptor>>;

export type RecordOf<F extends RecordFields> = Flat<{
    -readonly [Name in Exclude<keyof F, OptionalName<F>>]: Infer<F[Name]>;
} & {
    -readonly [Name in OptionalName<F>]?: Infer<F[Name]> | undefined;
}>;

export type UnionOf<Tag extends string, V extends Readonly<Record<string, TypeDescriptor>>> = {
    [Name in keyof V & string]: Flat<{
        [T in Tag]: Name;
    } & Omit<Infer<V[Name]>, Tag>>;
}[keyof V & string];

export type TupleOf<E extends readonly TypeDescriptor[]> = {
    -readonly [Index in keyof E]: Infer<E[Index]>;
};

// not exported
type OptionalName<F extends RecordFields> = {
    [Name in keyof F]: F[Name] extends {
        readonly [isOptional]: true;
    } ? Name : never;
}[keyof F];

// not exported
type Flat<T> = {
    [Name in keyof T]: T[Name];
};

// types/types.d.ts

export declare const Types: {
    readonly boolean: TypeInfo<boolean>;
    readonly byte: TypeInfo<number>;
    readonly short: TypeInfo<number>;
    readonly int: TypeInfo<number>;
    readonly long: TypeInfo<number>;
    readonly float: TypeInfo<number>;
    readonly double: TypeInfo<number>;
    readonly string: TypeInfo<string>;
    readonly bigint: TypeInfo<bigint>;
    readonly bytes: TypeInfo<Uint8Array>;
    readonly date: TypeInfo<Date>;
    readonly decimal: (precision: number, scale: number) => TypeInfo<Decimal>;
    readonly enum: <const V extends readonly [string, ...string[]]>(...values: V) => TypeInfo<V[number]>;
    readonly literal: <const V extends string | number | boolean>(value: V) => TypeInfo<V>;
    readonly int8Array: TypeInfo<Int8Array>;
    readonly int16Array: TypeInfo<Int16Array>;
    readonly int32Array: TypeInfo<Int32Array>;
    readonly float32Array: TypeInfo<Float32Array>;
    readonly float64Array: TypeInfo<Float64Array>;
    readonly bigInt64Array: TypeInfo<BigInt64Array>;
    readonly any: <T = unknown>() => TypeInfo<T>;
    readonly nullable: <T>(type: TypeInfo<T>) => TypeInfo<T | null>;
    readonly optional: <T>(type: TypeInfo<T>) => OptionalTypeInfo<T>;
    readonly array: <T>(element: TypeInfo<T>) => TypeInfo<T[]>;
    readonly set: <T>(element: TypeInfo<T>) => TypeInfo<Set<T>>;
    readonly map: <K, V>(key: TypeInfo<K>, value: TypeInfo<V>) => TypeInfo<Map<K, V>>;
    readonly tuple: <const E extends readonly TypeDescriptor[]>(...elements: E) => TypeInfo<TupleOf<E>>;
    readonly record: <const F extends RecordFields>(fields: F) => TypeInfo<RecordOf<F>>;
    readonly union: <const Tag extends string, const V extends RecordFields>(tag: Tag, variants: V) => TypeInfo<UnionOf<Tag, V>>;
    readonly custom: <T>(options: CustomTypeOptions<T>) => TypeInfo<T>;
};

export declare const TYPE_CHOICES_MAX = 256;

// windowing/evictors.d.ts

export interface TimestampedValue<T> {
    readonly value: T;
    readonly timestamp: number | undefined;
}

export interface EvictorContext {
    currentWatermark(): number;
    currentProcessingTime(): number;
}

export interface Evictor<T, W extends TimeWindow = TimeWindow> {
    evictBefore?(elements: readonly TimestampedValue<T>[], window: W, context: EvictorContext): readonly TimestampedValue<T>[];
    evictAfter?(elements: readonly TimestampedValue<T>[], window: W, context: EvictorContext): readonly TimestampedValue<T>[];
}

export type PlainEvictorDescription = {
    readonly kind: 'count';
    readonly maxCount: number;
    readonly isAfter: boolean;
} | {
    readonly kind: 'time';
    readonly sizeMs: number;
    readonly isAfter: boolean;
};

export type BuiltInEvictor<T> = PlainEvictorDescription | DeltaEvictorDescription<T>;

export interface DeltaEvictorDescription<T> {
    readonly kind: 'delta';
    readonly threshold: number;
    readonly deltaOf: DeltaFunction<T>;
    readonly isAfter: boolean;
}

export type AnyEvictor<T, W extends TimeWindow = TimeWindow> = BuiltInEvictor<T> | FunctionFactory<Evictor<T, W>>;

// not exported
interface CountEvictors {
    of(maxCount: number, doEvictAfter?: boolean): PlainEvictorDescription;
}

// not exported
interface TimeEvictors {
    of(size: Duration, doEvictAfter?: boolean): PlainEvictorDescription;
}

// not exported
interface DeltaEvictors {
    of<T>(threshold: number, deltaOf: DeltaFunction<T>, doEvictAfter?: boolean): DeltaEvictorDescription<T>;
}

export declare const CountEvictor: CountEvictors;

export declare const TimeEvictor: TimeEvictors;

export declare const DeltaEvictor: DeltaEvictors;

// windowing/tagged-union.d.ts

export type TaggedUnion<T1, T2> = {
    readonly input: 1;
    readonly value: T1;
} | {
    readonly input: 2;
    readonly value: T2;
};

// windowing/time-window.d.ts

export interface TimeWindow {
    readonly start: number;
    readonly end: number;
}

export declare const GLOBAL_WINDOW: TimeWindow;

export declare const TIME_WINDOW_TYPE: TypeDescriptor;

export type MergeCallback<W extends TimeWindow> = (merged: readonly W[], result: W) => void;

// not exported
interface TimeWindowFunctions {
    startOf(timestamp: number, options: {
        readonly sizeMs: number;
        readonly offsetMs?: number;
    }): number;
    mergeWindows(windows: readonly TimeWindow[], merge: MergeCallback<TimeWindow>): void;
}

export declare const TimeWindow: TimeWindowFunctions;

// windowing/triggers.d.ts

export declare const TriggerResult: {
    readonly CONTINUE: 'continue';
    readonly FIRE: 'fire';
    readonly PURGE: 'purge';
    readonly FIRE_AND_PURGE: 'fire-and-purge';
};

export type TriggerResult = (typeof TriggerResult)[keyof typeof TriggerResult];

export interface TriggerContext extends KeyedStateStore {
    currentProcessingTime(): number;
    currentWatermark(): number;
    registerEventTimeTimer(timestamp: number): void;
    registerProcessingTimeTimer(timestamp: number): void;
    deleteEventTimeTimer(timestamp: number): void;
    deleteProcessingTimeTimer(timestamp: number): void;
}

export interface OnMergeContext extends TriggerContext {
    mergeListState<T>(descriptor: ListStateDescriptor<T>): void;
    mergeReducingState<T>(descriptor: ReducingStateDescriptor<T>): void;
    mergeAggregatingState<IN, ACC, OUT>(descriptor: AggregatingStateDescriptor<IN, ACC, OUT>): void;
}

export interface Trigger<T, W extends TimeWindow = TimeWindow> {
    onElement(element: T, timestamp: number, window: W, context: TriggerContext): TriggerResult;
    onEventTime(time: number, window: W, context: TriggerContext): TriggerResult;
    onProcessingTime(time: number, window: W, context: TriggerContext): TriggerResult;
    canMerge?(): boolean;
    onMerge?(window: W, context: OnMergeContext): void;
    clear(window: W, context: TriggerContext): void;
}

export type DeltaFunction<T> = (older: T, newer: T) => number;

export interface DeltaTriggerDescription<T> {
    readonly kind: 'delta';
    readonly threshold: number;
    readonly deltaOf: DeltaFunction<T>;
}

export interface PurgingTriggerDescription<T, W extends TimeWindow> {
    readonly kind: 'purging';
    readonly nested: AnyTrigger<T, W>;
}

export interface TimeoutTriggerDescription<T, W extends TimeWindow> {
    readonly kind: 'processing-timeout';
    readonly nested: AnyTrigger<T, W>;
    readonly timeoutMs: number;
    readonly resetsOnElement: boolean;
    readonly clearsOnTimeout: boolean;
}

export type PlainTriggerDescription = {
    readonly kind: 'never' | 'event-time' | 'processing-time';
} | {
    readonly kind: 'count';
    readonly maxCount: number;
} | {
    readonly kind: 'continuous-event-time' | 'continuous-processing-time';
    readonly intervalMs: number;
};

export type BuiltInTrigger<T, W extends TimeWindow = TimeWindow> = PlainTriggerDescription | DeltaTriggerDescription<T> | PurgingTriggerDescription<T, W> | TimeoutTriggerDescription<T, W>;

export type AnyTrigger<T, W extends TimeWindow = TimeWindow> = BuiltInTrigger<T, W> | FunctionFactory<Trigger<T, W>>;

// not exported
interface PlainTriggers {
    create(): PlainTriggerDescription;
}

// not exported
interface CountTriggers {
    of(maxCount: number): PlainTriggerDescription;
}

// not exported
interface ContinuousTriggers {
    of(interval: Duration): PlainTriggerDescription;
}

// not exported
interface DeltaTriggers {
    of<T>(threshold: number, deltaOf: DeltaFunction<T>): DeltaTriggerDescription<T>;
}

// not exported
interface PurgingTriggers {
    of<T, W extends TimeWindow>(nested: AnyTrigger<T, W>): PurgingTriggerDescription<T, W>;
}

// not exported
interface TimeoutTriggers {
    of<T, W extends TimeWindow>(nested: AnyTrigger<T, W>, timeout: Duration, options?: TimeoutTriggerOptions): TimeoutTriggerDescription<T, W>;
}

export interface TimeoutTriggerOptions {
    readonly resetTimerOnNewRecord?: boolean;
    readonly shouldClearOnTimeout?: boolean;
}

export declare const EventTimeTrigger: PlainTriggers;

export declare const ProcessingTimeTrigger: PlainTriggers;

export declare const CountTrigger: CountTriggers;

export declare const ContinuousEventTimeTrigger: ContinuousTriggers;

export declare const ContinuousProcessingTimeTrigger: ContinuousTriggers;

export declare const DeltaTrigger: DeltaTriggers;

export declare const PurgingTrigger: PurgingTriggers;

export declare const ProcessingTimeoutTrigger: TimeoutTriggers;

export declare function checkTrigger<X extends AnyTrigger<never, never>>(call: string, trigger: X): X;

// windowing/window-assigner.d.ts

export interface WindowAssignerContext {
    currentProcessingTime(): number;
}

export interface WindowAssigner<T, W extends TimeWindow = TimeWindow> {
    readonly isEventTime: boolean;
    readonly windowType?: TypeInfo<W>;
    assignWindows(element: T, timestamp: number, context: WindowAssignerContext): readonly W[];
    getDefaultTrigger(): AnyTrigger<T, W>;
}

export interface MergingWindowAssigner<T, W extends TimeWindow = TimeWindow> extends WindowAssigner<T, W> {
    mergeWindows(windows: readonly W[], merge: MergeCallback<W>): void;
}

export type AnyWindowAssigner<T, W extends TimeWindow = TimeWindow> = BuiltInWindowAssigner<T> | FunctionFactory<WindowAssigner<T, W>>;

// windowing/window-assigners.d.ts

export type TimeDomain = 'event-time' | 'processing-time';

export interface SlidingWindowAssigner {
    readonly kind: 'sliding';
    readonly time: TimeDomain;
    readonly sizeMs: number;
    readonly slideMs: number;
    readonly offsetMs: number;
    readonly stagger?: WindowStagger;
}

export type WindowStagger = 'aligned' | 'random' | 'natural';

export interface SessionWindowAssigner {
    readonly kind: 'session';
    readonly time: TimeDomain;
    readonly gapMs: number;
}

export type SessionWindowTimeGapExtractor<T> = (element: T) => number;

export interface DynamicSessionWindowAssigner<T> {
    readonly kind: 'dynamic-session';
    readonly time: TimeDomain;
    readonly gapOf: SessionWindowTimeGapExtractor<T>;
}

export interface GlobalWindowAssigner {
    readonly kind: 'global';
    readonly firesAtEnd: boolean;
}

export type BuiltInWindowAssigner<T> = SlidingWindowAssigner | SessionWindowAssigner | DynamicSessionWindowAssigner<T> | GlobalWindowAssigner;

export interface WindowOffset {
    readonly offset?: Duration;
}

export interface TumblingWindowOptions extends WindowOffset {
    readonly stagger?: WindowStagger;
}

// not exported
interface TumblingWindows {
    of(size: Duration, options?: TumblingWindowOptions): SlidingWindowAssigner;
}

// not exported
interface SlidingWindows {
    of(size: Duration, slide: Duration, options?: WindowOffset): SlidingWindowAssigner;
}

// not exported
interface SessionWindows {
    withGap(gap: Duration): SessionWindowAssigner;
    withDynamicGap<T>(gapOf: SessionWindowTimeGapExtractor<T>): DynamicSessionWindowAssigner<T>;
}

// not exported
interface GlobalWindowsFactory {
    create(): GlobalWindowAssigner;
    createWithEndOfStreamTrigger(): GlobalWindowAssigner;
}

export declare const TumblingEventTimeWindows: TumblingWindows;

export declare const TumblingProcessingTimeWindows: TumblingWindows;

export declare const SlidingEventTimeWindows: SlidingWindows;

export declare const SlidingProcessingTimeWindows: SlidingWindows;

export declare const EventTimeSessionWindows: SessionWindows;

export declare const ProcessingTimeSessionWindows: SessionWindows;

export declare const GlobalWindows: GlobalWindowsFactory;

// windowing/window-plan.d.ts

export type WindowAssignerPlan = SlidingWindowAssigner | SessionWindowAssigner | {
    readonly kind: 'dynamic-session';
    readonly time: TimeDomain;
} | GlobalWindowAssigner | {
    readonly kind: 'custom';
    readonly time: TimeDomain;
};

export type TriggerPlan = PlainTriggerDescription | {
    readonly kind: 'delta';
    readonly threshold: number;
} | {
    readonly kind: 'purging';
    readonly nested: TriggerPlan;
} | {
    readonly kind: 'processing-timeout';
    readonly nested: TriggerPlan;
    readonly timeoutMs: number;
    readonly resetsOnElement: boolean;
    readonly clearsOnTimeout: boolean;
} | {
    readonly kind: 'custom';
};

export type EvictorPlan = PlainEvictorDescription | {
    readonly kind: 'delta';
    readonly threshold: number;
    readonly isAfter: boolean;
} | {
    readonly kind: 'custom';
};

export interface WindowPlan {
    readonly assigner: WindowAssignerPlan;
    readonly allowedLatenessMs: number;
    readonly lateTag: string | null;
    readonly accumulatorType: TypeDescriptor;
    readonly panes?: PanePlan;
    readonly coGroup?: {
        readonly lateTag2: string | null;
    };
    readonly isNonKeyed?: boolean;
}

export interface PanePlan {
    readonly trigger: TriggerPlan;
    readonly evictor: EvictorPlan | null;
    readonly elementType: TypeDescriptor;
    readonly isFolded: boolean;
}
