// The public surface of @millrace/testing. Printed by `npm run api`; review every change of it.

// mini-environment/mini-environment.d.ts

export interface MiniEnvironmentOptions extends Omit<ExecutionOptions, 'executor' | 'threads' | 'module'> {
    readonly seed?: number;
    readonly startMs?: number;
}

export interface MiniSourceOptions<T> {
    readonly name?: string;
    readonly type?: TypeInfo<T>;
    readonly splits?: number;
    readonly parallelism?: number;
}

export declare class MiniEnvironment {
    #private;
    readonly env: StreamExecutionEnvironment;
    constructor(options?: MiniEnvironmentOptions);
    source<T>(options?: MiniSourceOptions<T>): MiniSource<T>;
    collect<T>(stream: DataStream<T>): MiniOutput<T>;
    get disk(): SimulatedDisk;
    get now(): number;
    get printedLines(): readonly string[];
    get job(): MiniJob | undefined;
    get accumulators(): Readonly<Record<string, number>>;
    runToEnd(limits?: RunLimits): Promise<JobExecutionResult>;
    runFor(duration: Duration): Promise<void>;
    runToWatermark(watermark: number, limits?: RunLimits): Promise<void>;
    runUntil(condition: () => boolean, limits?: RunLimits): Promise<void>;
    failTask(uidOrName: string): void;
    state<K = unknown, V = unknown>(uidOrName: string, stateName: string): Promise<ReadonlyMap<K, V>>;
    close(): Promise<void>;
}

// mini-environment/mini-executor.d.ts

export declare class MiniJob extends JobMaster {
    #private;
    readonly submission: JobSubmission;
    constructor(simulation: Simulation, init: Omit<JobMasterInit, 'pool'>);
    get isOver(): boolean;
    result(): Promise<JobExecutionResult>;
    cancel(): Promise<void>;
    takeCheckpoint(): Promise<CheckpointMetadata>;
    triggerCheckpoint(): Promise<CheckpointStatisticsEntry>;
    triggerSavepoint(options: SavepointOptions): Promise<string>;
    stopWithSavepoint(options: StopWithSavepointOptions): Promise<string>;
    failTask(error: unknown): void;
}

// mini-environment/mini-output.d.ts

export interface CollectedRecord<T> {
    readonly value: T;
    readonly timestamp: number | undefined;
}

export declare class MiniOutput<T> {
    #private;
    get records(): readonly CollectedRecord<T>[];
    get values(): readonly T[];
    get watermark(): number;
    sink(): Sink<T>;
}

// mini-environment/mini-source-handle.d.ts

export interface MiniSplit<T> {
    emit(value: T, timestamp?: number): this;
    watermark(watermark: number): this;
    idle(): this;
    active(): this;
    end(): this;
}

export declare class MiniSource<T> implements MiniSplit<T> {
    #private;
    readonly stream: DataStream<T>;
    constructor(stream: DataStream<T>, script: ScriptSource<T>);
    split(index: number): MiniSplit<T>;
    emit(value: T, timestamp?: number): this;
    watermark(watermark: number): this;
    idle(): this;
    active(): this;
    end(): this;
}

// mini-environment/mini-source.d.ts

// not exported
export type ScriptEntry<T> = {
    readonly kind: 'record';
    readonly value: T;
    readonly timestamp: number | undefined;
} | {
    readonly kind: 'watermark';
    readonly watermark: number;
} | {
    readonly kind: 'idle';
} | {
    readonly kind: 'active';
};

// not exported
export declare class SplitScript<T> {
    #private;
    add(sequence: number, entry: ScriptEntry<T>): void;
    end(): void;
    get hasEnded(): boolean;
    sequenceAt(position: number): number;
    entryAt(position: number): ScriptEntry<T> | undefined;
    isOverAt(position: number): boolean;
}

// not exported
export interface PlayedSplit {
    readonly splitId: string;
    readonly index: number;
    readonly position: number;
}

// not exported
export declare class ScriptSource<T> implements Source<ScriptEntry<T>, PlayedSplit> {
    #private;
    readonly name: string;
    readonly boundedness = "unbounded";
    readonly type: undefined;
    readonly hasTimePerSplit = true;
    readonly scripts: readonly SplitScript<T>[];
    constructor(name: string, splitCount: number);
    describe(): JsonValue;
    wake(): void;
    createEnumerator(context: SplitEnumeratorContext<PlayedSplit>, restored: JsonValue | undefined): SplitEnumerator<PlayedSplit>;
    createReader(context: SourceReaderContext): SourceReader<ScriptEntry<T>, PlayedSplit>;
}

// operator-harness/manual-time.d.ts

export declare class ManualTime implements Clock, Timers {
    #private;
    constructor(startMs?: number);
    now(): number;
    monotonicMs(): number;
    after(delayMs: number, callback: () => void): Timer;
    soon(callback: () => void): void;
    advanceTo(nowMs: number): void;
    advanceBy(durationMs: number): void;
    spend(durationMs: number): void;
    setCalendar(nowMs: number): void;
    runTurn(): boolean;
}

// operator-harness/operator-harness.d.ts

export interface OperatorHarnessOptions {
    readonly kind: OperatorKind;
    readonly name?: string;
    readonly config?: JsonObject;
    readonly functions?: Readonly<Record<string, unknown>>;
    readonly keyType?: TypeDescriptor;
    readonly outputType?: TypeDescriptor;
    readonly splits?: readonly SourceSplit[];
    readonly declaredWatermarks?: readonly WatermarkDeclaration[];
    readonly subtaskIndex?: number;
    readonly parallelism?: number;
    readonly maxParallelism?: number;
    readonly attempt?: number;
    readonly autoWatermarkIntervalMs?: number;
    readonly globalJobParameters?: Parameters;
    readonly time?: ManualTime;
    readonly platform?: Platform;
    readonly snapshotPace?: SnapshotPace;
    readonly restored?: readonly HarnessSnapshot[];
}

export interface HarnessRecord<T> {
    readonly value: T;
    readonly timestamp: number;
}

export declare class OperatorHarness<OUT = unknown> {
    #private;
    readonly time: ManualTime;
    readonly output: HarnessRecord<OUT>[];
    readonly watermarks: number[];
    readonly generalizedWatermarks: GeneralizedWatermark[];
    readonly times: (number | 'idle' | 'active')[];
    isIdle: boolean;
    readonly sentToClient: unknown[];
    readonly sourceEvents: SourceEvent[];
    isInputBlocked: boolean;
    private constructor();
    static open<OUT = unknown>(options: OperatorHarnessOptions): Promise<OperatorHarness<OUT>>;
    sideOutput<T>(tag: OutputTag<T>): readonly HarnessRecord<T>[];
    get sideOutputIds(): readonly string[];
    clearOutput(): void;
    get accumulators(): Readonly<Record<string, number>>;
    getAccumulatorResult<R = number>(name: string, create?: () => Accumulator<never, R>): R | undefined;
    get isDrained(): boolean;
    get isAvailable(): boolean;
    processElement(value: unknown, timestamp?: number, input?: number): void;
    processWatermark(watermark: number, input?: number): void;
    processWatermarkStatus(isIdle: boolean, input?: number): void;
    processGeneralizedWatermark(watermark: GeneralizedWatermark): void;
    advanceTo(nowMs: number): void;
    tellSource(command: SourceCommand): void;
    poll(recordsMax: number): PollResult;
    finish(): void;
    snapshot(): Promise<HarnessSnapshot>;
    notifyCheckpointComplete(): Promise<void>;
    notifyCheckpointAborted(): void;
    notifyCheckpointSubsumed(): void;
    restart(): Promise<OperatorHarness<OUT>>;
    close(): Promise<void>;
}

// operator-harness/operator-snapshot.d.ts

export interface HarnessSnapshot {
    readonly subtaskIndex: number;
    readonly parallelism: number;
    readonly maxParallelism: number;
    readonly checkpointId: number;
    readonly isFinished: boolean;
    readonly inputWatermarks: readonly number[];
    readonly slots: Readonly<Record<string, Uint8Array>>;
}

// operator-harness/run-steps.d.ts

export type HarnessStep<OUT = unknown> = (harness: OperatorHarness<OUT>) => void | Promise<void>;

export interface StepOutput<OUT = unknown> {
    readonly records: readonly HarnessRecord<OUT>[];
    readonly watermark: number | undefined;
    readonly generalizedWatermarks?: readonly GeneralizedWatermark[];
    readonly sideOutputs: Readonly<Record<string, readonly HarnessRecord<unknown>[]>>;
}

export interface RunStepsOptions {
    readonly restartAfter?: (stepIndex: number) => boolean;
}

export declare function runSteps<OUT = unknown>(options: OperatorHarnessOptions, steps: readonly HarnessStep<OUT>[], { restartAfter }?: RunStepsOptions): Promise<readonly StepOutput<OUT>[]>;

// operator-tests/driven-operator.d.ts

export declare abstract class DrivenOperator<OUT> {
    #private;
    constructor(plan: SingleOperator, operator: OperatorHarness<OUT>);
    get output(): readonly HarnessRecord<OUT>[];
    get values(): readonly OUT[];
    get watermarks(): readonly number[];
    get generalizedWatermarks(): readonly GeneralizedWatermark[];
    get isIdle(): boolean;
    sideOutput<T>(tag: OutputTag<T>): readonly HarnessRecord<T>[];
    get sideOutputIds(): readonly string[];
    clearOutput(): void;
    get accumulators(): Readonly<Record<string, number>>;
    getAccumulatorResult<R = number>(name: string, create?: () => Accumulator<never, R>): R | undefined;
    processGeneralizedWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void;
    get isAvailable(): boolean;
    setOutputFull(isFull: boolean): void;
    get processingTime(): number;
    setProcessingTime(nowMs: number): void;
    advanceProcessingTime(duration: Duration): void;
    valueState<T>(key: Key, descriptor: ValueStateDescriptor<T>): Promise<T | undefined>;
    listState<T>(key: Key, descriptor: ListStateDescriptor<T>): Promise<readonly T[]>;
    mapState<UK, UV>(key: Key, descriptor: MapStateDescriptor<UK, UV>): Promise<ReadonlyMap<UK, UV>>;
    reducingState<T>(key: Key, descriptor: ReducingStateDescriptor<T>): Promise<T | undefined>;
    aggregatingState<IN, ACC, RESULT>(key: Key, descriptor: AggregatingStateDescriptor<IN, ACC, RESULT>): Promise<RESULT | undefined>;
    broadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): Promise<ReadonlyMap<UK, UV>>;
    operatorListState<T>(descriptor: ListStateDescriptor<T>): Promise<readonly T[]>;
    unionListState<T>(descriptor: ListStateDescriptor<T>): Promise<readonly T[]>;
    eventTimeTimers(): Promise<readonly PendingTimer[]>;
    processingTimeTimers(): Promise<readonly PendingTimer[]>;
    numEventTimeTimers(): Promise<number>;
    numProcessingTimeTimers(): Promise<number>;
    snapshot(): Promise<HarnessSnapshot>;
    notifyCheckpointComplete(): Promise<void>;
    notifyCheckpointAborted(): void;
    restart(): Promise<this>;
    get isDrained(): boolean;
    drain(): Promise<void>;
    endInput(): void;
    close(): Promise<void>;
    protected get operator(): OperatorHarness<OUT>;
    protected inputOf(stream: number): number;
}

// operator-tests/one-input-harness.d.ts

export interface TestOneInputOptions<IN> extends TestOperatorOptions {
    readonly inputType?: TypeInfo<IN>;
}

export type OneInputBuilder<IN, OUT> = (input: DataStream<IN>) => BuiltStream<OUT>;

export declare function testOperator<IN, OUT>(build: OneInputBuilder<IN, OUT>, options?: TestOneInputOptions<IN>): Promise<OneInputHarness<IN, OUT>>;

export declare class OneInputHarness<IN, OUT> extends DrivenOperator<OUT> {
    processElement(value: IN, timestamp?: number): void;
    processElements(values: Iterable<IN>): void;
    processWatermark(watermark: number): void;
    processWatermarkStatus(isIdle: boolean): void;
}

// operator-tests/process-function-test-harnesses.d.ts

export interface KeyedBy<K extends Key, T> {
    readonly keySelector: KeySelector<T, K>;
    readonly keyType?: TypeInfo<K>;
}

export declare const ProcessFunctionTestHarnesses: {
    forProcessFunction<IN, OUT>(factory: () => ProcessFunction<IN, OUT>): Promise<OneInputHarness<IN, OUT>>;
    forKeyedProcessFunction<K extends Key, IN, OUT>(factory: () => KeyedProcessFunction<K, IN, OUT>, { keySelector, keyType }: KeyedBy<K, IN>): Promise<OneInputHarness<IN, OUT>>;
    forCoProcessFunction<IN1, IN2, OUT>(factory: () => CoProcessFunction<IN1, IN2, OUT>): Promise<TwoInputHarness<IN1, IN2, OUT>>;
    forKeyedCoProcessFunction<K extends Key, IN1, IN2, OUT>(factory: () => KeyedCoProcessFunction<K, IN1, IN2, OUT>, first: KeyedBy<K, IN1>, second: KeyedBy<K, IN2>): Promise<TwoInputHarness<IN1, IN2, OUT>>;
    forBroadcastProcessFunction<IN, B, OUT, UK, UV>(factory: () => BroadcastProcessFunction<IN, B, OUT>, state: MapStateDescriptor<UK, UV>, ...states: readonly MapStateDescriptor<unknown, unknown>[]): Promise<TwoInputHarness<IN, B, OUT>>;
    forKeyedBroadcastProcessFunction<K extends Key, IN, B, OUT, UK, UV>(factory: () => KeyedBroadcastProcessFunction<K, IN, B, OUT>, { keySelector, keyType }: KeyedBy<K, IN>, state: MapStateDescriptor<UK, UV>, ...states: readonly MapStateDescriptor<unknown, unknown>[]): Promise<TwoInputHarness<IN, B, OUT>>;
};

// operator-tests/single-operator.d.ts

export type BuiltStream<OUT> = DataStream<OUT> | DataStreamSink;

// not exported
export interface SingleOperator {
    readonly operator: JobOperator;
    readonly parallelism: number;
    readonly maxParallelism: number;
    readonly functions: Readonly<Record<string, unknown>>;
    readonly inputOf: readonly number[];
    readonly submission: JobSubmission;
}

// operator-tests/state-of-snapshot.d.ts

export interface PendingTimer {
    readonly key: Key;
    readonly timestamp: number;
}

// operator-tests/test-hostile.d.ts

export type OperatorStep<H> = (harness: H) => void | Promise<void>;

export declare function testHostile<IN, OUT>(build: OneInputBuilder<IN, OUT>, steps: readonly OperatorStep<OneInputHarness<IN, OUT>>[], options?: TestOneInputOptions<IN>): Promise<readonly StepOutput<OUT>[]>;

export declare function testTwoInputHostile<IN1, IN2, OUT>(build: TwoInputBuilder<IN1, IN2, OUT>, steps: readonly OperatorStep<TwoInputHarness<IN1, IN2, OUT>>[], options?: TestTwoInputOptions<IN1, IN2>): Promise<readonly StepOutput<OUT>[]>;

// operator-tests/test-operator-options.d.ts

export interface TestOperatorOptions {
    readonly parallelism?: number;
    readonly maxParallelism?: number;
    readonly subtaskIndex?: number;
    readonly restored?: readonly HarnessSnapshot[];
    readonly startMs?: number;
    readonly globalJobParameters?: Parameters | Readonly<Record<string, ParameterValue | undefined>>;
    readonly platform?: Platform;
}

// operator-tests/two-input-harness.d.ts

export interface TestTwoInputOptions<IN1, IN2> extends TestOperatorOptions {
    readonly inputType1?: TypeInfo<IN1>;
    readonly inputType2?: TypeInfo<IN2>;
}

export type TwoInputBuilder<IN1, IN2, OUT> = (first: DataStream<IN1>, second: DataStream<IN2>) => BuiltStream<OUT>;

export declare function testTwoInputOperator<IN1, IN2, OUT>(build: TwoInputBuilder<IN1, IN2, OUT>, options?: TestTwoInputOptions<IN1, IN2>): Promise<TwoInputHarness<IN1, IN2, OUT>>;

export declare class TwoInputHarness<IN1, IN2, OUT> extends DrivenOperator<OUT> {
    processElement1(value: IN1, timestamp?: number): void;
    processElement2(value: IN2, timestamp?: number): void;
    processWatermark(watermark: number): void;
    processWatermark1(watermark: number): void;
    processWatermark2(watermark: number): void;
    processWatermarkStatus1(isIdle: boolean): void;
    processWatermarkStatus2(isIdle: boolean): void;
}

// simulate/seed-run.d.ts

export type CheckedProgram<Result> = (env: StreamExecutionEnvironment, world: SimulatedWorld) => Promise<Result>;

export interface SimulatedRun {
    readonly seed: number;
    readonly crashes: number;
    readonly programCrashes: number;
    readonly world: SimulatedWorld;
    readonly traceHash: string;
}

// simulate/simulate-faults.d.ts

export type CrashMoment = 'any-time' | 'deploying' | 'restoring' | 'taking-a-checkpoint' | 'committing';

export interface ExecutorCrashes {
    readonly count?: Range;
    readonly moments?: readonly CrashMoment[];
}

export interface ProgramCrashes {
    readonly count?: Range;
    readonly downMs?: Range;
}

export interface ServiceFaults {
    readonly delayMs?: Range;
    readonly failureChance?: number;
}

export interface SimulateFaults {
    readonly executorCrashes?: ExecutorCrashes | false;
    readonly programCrashes?: ProgramCrashes | false;
    readonly disk?: DiskFaults | false;
    readonly network?: NetworkFaults | false;
    readonly clock?: ClockFaults | false;
    readonly services?: ServiceFaults | false;
}

// simulate/simulate.d.ts

export interface SimulateOptions<Result> {
    readonly check: (result: Result, run: SimulatedRun) => void | Promise<void>;
    readonly seeds?: number | readonly number[];
    readonly faults?: SimulateFaults;
    readonly trace?: string;
    readonly threads?: number;
    readonly parallelism?: number;
    readonly checkpointInterval?: Duration;
    readonly limits?: RunLimits;
}

export interface SimulateReport {
    readonly runs: number;
    readonly crashes: number;
    readonly programCrashes: number;
}

export declare function simulate<Result>(program: CheckedProgram<Result>, options: SimulateOptions<Result>): Promise<SimulateReport>;

// simulate/simulated-services.d.ts

export interface SimulatedServicesInit {
    readonly random: SeededRandom;
    readonly faults: ServiceFaults;
    readonly nowMs: () => number;
    readonly faultsUntilMs: number;
}

export declare class SimulatedServices {
    #private;
    constructor(init: SimulatedServicesInit);
    get nowMs(): number;
    get random(): SeededRandom;
    request<Answer>(platform: Platform, system: string, effect: () => Answer): Promise<Answer>;
}

// simulate/simulated-table.d.ts

export declare class SimulatedTable<Row> {
    #private;
    readonly name: string;
    constructor(name: string, services: SimulatedServices);
    get rows(): readonly Row[];
    appendSink(): Sink<Row>;
    upsertSink(options: {
        readonly keyOf: (row: Row) => string;
    }): Sink<Row>;
    prepare(transaction: string, rows: readonly Row[]): void;
}

// simulate/simulated-topic.d.ts

export interface TopicOptions<T> {
    readonly records: readonly T[];
    readonly partitions?: number;
    readonly partitionOf?: (record: T, index: number) => number;
    readonly recordsPerSecond?: number;
    readonly timestampOf?: (record: T) => number;
    readonly type?: TypeInfo<T>;
}

export interface TopicSplit {
    readonly splitId: string;
    readonly partition: number;
    offset: number;
}

export declare class SimulatedTopic<T> {
    #private;
    readonly name: string;
    constructor(name: string, options: TopicOptions<T>, services: SimulatedServices);
    source(): Source<T, TopicSplit>;
    get partitions(): readonly (readonly T[])[];
    fetch(platform: Platform, { partition, offset }: TopicSplit): Promise<readonly T[]>;
    recordsIn(partition: number): number;
}

// simulate/simulated-world.d.ts

export declare class SimulatedWorld {
    #private;
    constructor(services: SimulatedServices);
    topic<T>(name: string, options?: TopicOptions<T>): SimulatedTopic<T>;
    table<Row>(name: string): SimulatedTable<Row>;
}

// simulator/cluster/simulated-executor.d.ts

export type SimulatedProgram<Result> = (executor: JobExecutor) => Promise<Result>;

export interface SimulatedExecutorInit {
    readonly simulation: Simulation;
    readonly process: SimulatedProcess;
    readonly program: SimulatedProgram<unknown>;
    readonly aroundPool?: (pool: ExecutorPool) => ExecutorPool;
}

export declare class SimulatedExecutor implements JobExecutor {
    #private;
    constructor(init: SimulatedExecutorInit);
    get client(): JobClient | undefined;
    get pool(): SimulatedPool | undefined;
    submit(submission: JobSubmission): Promise<JobClient>;
}

// simulator/cluster/simulated-pool.d.ts

export interface SimulatedPoolInit {
    readonly simulation: Simulation;
    readonly process: SimulatedProcess;
    readonly size: number;
    readonly loadJob: () => Promise<LoadedJob>;
}

export declare class SimulatedPool implements ExecutorPool {
    #private;
    readonly size: number;
    constructor(init: SimulatedPoolInit);
    get lostCount(): number;
    start(index: number): Promise<ExecutorHandle>;
    connect(from: ExecutorHandle, to: ExecutorHandle, name: string): void;
    crash(index: number): boolean;
    close(): Promise<void>;
}

// simulator/disk/simulated-disk.d.ts

// not exported
export interface SimulatedDiskOptions {
    readonly name: string;
    readonly timeline: Timeline;
    readonly trace: Trace;
    readonly random: SeededRandom;
    readonly faults: DiskFaults;
    readonly faultsUntilMs: number;
    readonly startMs: number;
}

export declare class SimulatedDisk implements DiskOfFiles {
    #private;
    readonly name: string;
    constructor(options: SimulatedDiskOptions);
    filesOf(owner: Lifetime): FileSystem;
    place(path: string, content: Uint8Array | string): void;
    contentOf(path: string): Uint8Array | undefined;
    onRename(watcher: (to: string) => void): void;
    noteRename(to: string): void;
    paths(): readonly string[];
    get openPaths(): readonly string[];
    noteOpen(handle: object, file: OpenFile): void;
    noteClosed(handle: object): void;
    get namesAtStake(): number;
    calendarMs(): number;
    latencyMs(movedBytes: number): number;
    failIfDue(path: string, addedBytes: number): void;
    bytesOfFailedWrite(lengthBytes: number): number;
}

// simulator/disk/simulated-files.d.ts

// not exported
export interface OpenFile {
    readonly path: string;
    readonly owner: Lifetime;
}

// not exported
export interface DiskOfFiles {
    calendarMs(): number;
    latencyMs(movedBytes: number): number;
    failIfDue(path: string, addedBytes: number): void;
    bytesOfFailedWrite(lengthBytes: number): number;
    noteRename(to: string): void;
    noteOpen(handle: object, file: OpenFile): void;
    noteClosed(handle: object): void;
}

// simulator/faults/fault-plan.d.ts

export interface FaultPlan {
    readonly crashes?: CrashFaults;
    readonly disk?: DiskFaults;
    readonly network?: NetworkFaults;
    readonly clock?: ClockFaults;
    readonly untilMs?: number;
}

export interface CrashFaults {
    readonly count: Range;
    readonly withinMs: Range;
    readonly downMs?: Range;
}

export interface DiskFaults {
    readonly latencyMs?: Range;
    readonly slow?: PeriodOptions & {
        readonly factor: number;
    };
    readonly full?: PeriodOptions;
    readonly capacityBytes?: number;
    readonly writeErrorChance?: number;
    readonly losesUnsynced?: boolean;
}

export interface NetworkFaults {
    readonly delayMs?: Range;
    readonly stragglers?: {
        readonly chance: number;
        readonly delayMs: Range;
    };
}

export interface ClockFaults {
    readonly driftMax?: number;
    readonly jumps?: {
        readonly everyMs: Range;
        readonly byMs: Range;
    };
}

export interface PeriodOptions {
    readonly everyMs: Range;
    readonly forMs: Range;
}

// simulator/faults/supervisor.d.ts

// not exported
export interface SupervisorOptions {
    readonly timeline: Timeline;
    readonly random: SeededRandom;
    readonly owner: Lifetime;
    readonly faults: CrashFaults | undefined;
    readonly process: () => SimulatedProcess;
    readonly start: (process: SimulatedProcess) => void | Promise<void>;
    readonly onFailure: (error: unknown) => void;
}

export declare class Supervisor {
    #private;
    constructor(options: SupervisorOptions);
    get current(): SimulatedProcess | undefined;
    get crashCount(): number;
    crash(): void;
    stop(): void;
}

// simulator/network/simulated-network.d.ts

// not exported
export interface SimulatedNetworkOptions {
    readonly timeline: Timeline;
    readonly trace: Trace;
    readonly random: SeededRandom;
    readonly faults: NetworkFaults;
    readonly faultsUntilMs: number;
}

// not exported
export interface ServerOptions extends SocketAddress {
    readonly accept: (connection: Connection) => void;
}

export interface SimulatedServer {
    close(): void;
}

// not exported
export declare class SimulatedNetwork {
    #private;
    constructor(options: SimulatedNetworkOptions);
    networkOf(owner: Lifetime): Network;
    listen(options: ServerOptions, owner: Lifetime): SimulatedServer;
    portPair(left: Lifetime, right: Lifetime): PortPair;
    describeWaiting(): readonly string[];
}

// simulator/seeded-random.d.ts

export interface Range {
    readonly min: number;
    readonly max: number;
}

export declare class SeededRandom implements Random {
    #private;
    constructor(seed: number | string);
    fork(label: string): SeededRandom;
    uint32(): number;
    next(): number;
    id(): string;
    chance(chance: number): boolean;
    between(range: Range): number;
    integer(range: Range): number;
    skewed(range: Range): number;
}

// simulator/simulated-process.d.ts

// not exported
export interface SimulatedProcessOptions {
    readonly name: string;
    readonly lifetime: Lifetime;
    readonly timeline: Timeline;
    readonly trace: Trace;
    readonly random: SeededRandom;
    readonly clock: SimulatedClock;
    readonly disk: SimulatedDisk;
    readonly network: SimulatedNetwork;
}

export declare class SimulatedProcess implements Platform {
    #private;
    readonly name: string;
    readonly lifetime: Lifetime;
    readonly clock: SimulatedClock;
    readonly timers: SimulatedTimers;
    readonly random: SeededRandom;
    readonly files: FileSystem;
    readonly network: Network;
    readonly log: Log;
    readonly print: (line: string) => void;
    readonly printError: (line: string) => void;
    constructor(options: SimulatedProcessOptions);
    get isAlive(): boolean;
    get printedLines(): readonly string[];
    crash(): void;
}

// simulator/simulation.d.ts

export interface SimulationOptions {
    readonly seed: number;
    readonly faults?: FaultPlan;
    readonly trace?: boolean;
    readonly startMs?: number;
}

export interface RunLimits {
    readonly simulatedMsMax?: number;
    readonly eventsMax?: number;
}

export interface ProcessOptions {
    readonly disk?: SimulatedDisk;
}

export interface ListenOptions extends ServerOptions {
    readonly process?: SimulatedProcess;
}

export declare class Simulation {
    #private;
    readonly seed: number;
    readonly random: SeededRandom;
    constructor(options: SimulationOptions);
    get nowMs(): number;
    get traceHash(): string;
    get traceLines(): readonly string[];
    process(name: string, options?: ProcessOptions): SimulatedProcess;
    disk(name: string): SimulatedDisk;
    supervise(name: string, start: (process: SimulatedProcess) => void | Promise<void>, options?: ProcessOptions): Supervisor;
    portPair(left: SimulatedProcess, right: SimulatedProcess): PortPair;
    listen(options: ListenOptions): SimulatedServer;
    after(delayMs: number, callback: () => void): void;
    fail(cause: unknown): void;
    run(until: () => boolean, limits?: RunLimits): Promise<void>;
    runFor(durationMs: number): Promise<void>;
    runToRest(limits?: RunLimits): Promise<void>;
    resultOf<Result>(promise: Promise<Result>, limits?: RunLimits): Promise<Result>;
}

// simulator/time/lifetime.d.ts

// not exported
export declare class Lifetime {
    #private;
    readonly name: string;
    constructor(name: string);
    get isAlive(): boolean;
    atEnd(ending: () => void): void;
    end(): void;
}

// simulator/time/simulated-clock.d.ts

// not exported
export interface SimulatedClockOptions {
    readonly timeline: Timeline;
    readonly random: SeededRandom;
    readonly faults: ClockFaults;
    readonly startMs: number;
}

// not exported
export declare class SimulatedClock implements Clock {
    #private;
    constructor(options: SimulatedClockOptions);
    now(): number;
    monotonicMs(): number;
    jumpBy(durationMs: number): void;
    timeAfter(durationMs: number): number;
}

// simulator/time/simulated-timers.d.ts

// not exported
export interface SimulatedTimersOptions {
    readonly timeline: Timeline;
    readonly clock: SimulatedClock;
    readonly random: SeededRandom;
    readonly owner: Lifetime;
}

// not exported
export declare class SimulatedTimers implements Timers {
    #private;
    constructor(options: SimulatedTimersOptions);
    after(delayMs: number, callback: () => void): Timer;
    soon(callback: () => void): void;
}

// simulator/time/timeline.d.ts

// not exported
export interface FutureEvent {
    readonly atMs: number;
    readonly owner: Lifetime;
    readonly label: string;
    readonly run: () => void;
}

// not exported
export interface ScheduledEvent extends FutureEvent {
    readonly sequence: number;
    isCanceled: boolean;
}

// not exported
export declare class Timeline {
    #private;
    get nowMs(): number;
    spend(durationMs: number): void;
    schedule(event: FutureEvent): ScheduledEvent;
    peek(): ScheduledEvent | undefined;
    advance(): void;
    describePending(countMax: number): readonly string[];
}

// simulator/trace/trace.d.ts

// not exported
export interface TraceOptions {
    readonly keepsLines: boolean;
    readonly nowMs: () => number;
}

// not exported
export declare class Trace {
    #private;
    constructor(options: TraceOptions);
    get hash(): string;
    get lines(): readonly string[];
    note(who: string, what: string, detail?: unknown): void;
}

// source-harness/enumerator-harness.d.ts

export interface EnumeratorHarnessOptions<S extends SourceSplit> {
    readonly source: Pick<Source<unknown, S>, 'createEnumerator'>;
    readonly parallelism?: number;
    readonly platform?: Platform;
    readonly restored?: JsonValue;
}

export declare class EnumeratorHarness<S extends SourceSplit = SourceSplit> implements SplitEnumeratorContext<S> {
    readonly platform: Platform;
    readonly parallelism: number;
    readonly registeredReaders: Map<number, RegisteredReader<S>>;
    readonly assigned: S[][];
    readonly complete: number[];
    readonly eventsToReaders: JsonValue[][];
    readonly failures: unknown[];
    isProcessingBacklog: boolean;
    readonly enumerator: SplitEnumerator<S>;
    private constructor();
    static start<S extends SourceSplit = SourceSplit>(options: EnumeratorHarnessOptions<S>): Promise<EnumeratorHarness<S>>;
    register(subtaskIndex: number, splits?: readonly S[]): void;
    registerAll(): void;
    snapshot(checkpointId?: number): JsonValue;
    assignSplits(splits: readonly S[], subtaskIndex: number): void;
    signalNoMoreSplits(subtaskIndex: number): void;
    sendEventToReader(event: JsonValue, subtaskIndex: number): void;
    runAsync<R>(work: () => Promise<R>, handler: (result: R) => void): void;
    schedule<R>(work: () => Promise<R>, handler: (result: R) => void, { delayMs, intervalMs }: EnumeratorSchedule): void;
    setIsProcessingBacklog(isProcessingBacklog: boolean): void;
    fail(error: unknown): void;
}

// source-harness/scripted-source.d.ts

export interface ScriptedSourceOptions {
    readonly hasTimePerSplit?: boolean;
    readonly canPauseSplits?: boolean;
}

export declare class ScriptedSource implements Source<number> {
    #private;
    readonly name = "scripted";
    readonly boundedness = "unbounded";
    readonly type: undefined;
    readonly hasTimePerSplit: boolean;
    readonly paused: Set<string>;
    constructor({ hasTimePerSplit, canPauseSplits }?: ScriptedSourceOptions);
    put(splitId: string, at: number): void;
    request(): void;
    get output(): SourceOutput<number>;
    get waitingCount(): number;
    describe(): JsonValue;
    createEnumerator(): SplitEnumerator;
    createReader(context: SourceReaderContext): SourceReader<number>;
    release(splitId: string): void;
}
