// The public surface of @millrace/datastream. Printed by `npm run api`; review every change of it.

// async/async-data-stream.d.ts

export type AsyncFunctionOrFactory<IN, OUT> = FunctionFactory<AsyncFunction<IN, OUT>> | AsyncFlatMapFunction<IN, OUT>;

export declare const AsyncDataStream: {
    orderedWait<IN, OUT>(stream: DataStream<IN>, invoke: AsyncFunctionOrFactory<IN, OUT>, options: AsyncOptions<OUT>): SingleOutputStreamOperator<OUT>;
    unorderedWait<IN, OUT>(stream: DataStream<IN>, invoke: AsyncFunctionOrFactory<IN, OUT>, options: AsyncOptions<OUT>): SingleOutputStreamOperator<OUT>;
};

// async/async-options.d.ts

export interface AsyncOptions<OUT> extends OutputType<OUT> {
    readonly timeout: Duration;
    readonly capacity?: number;
    readonly retry?: AsyncRetryStrategy<OUT>;
}

export interface AsyncMapOptions<OUT> extends AsyncOptions<OUT> {
    readonly order?: 'ordered' | 'unordered';
}

// async/async-retry-strategy.d.ts

export interface AsyncRetryConditions<OUT> {
    readonly ifResult?: (results: readonly OUT[]) => boolean;
    readonly ifException?: (error: unknown) => boolean;
}

export interface FixedDelayRetryOptions<OUT> extends AsyncRetryConditions<OUT> {
    readonly maxRetries: number;
    readonly delay: Duration;
}

export interface ExponentialBackoffRetryOptions<OUT> extends AsyncRetryConditions<OUT> {
    readonly maxRetries: number;
    readonly initialDelay: Duration;
    readonly maxDelay: Duration;
    readonly multiplier?: number;
}

export interface AsyncRetryStrategy<OUT> {
    readonly maxRetries: number;
    readonly delayMs: number;
    readonly maxDelayMs: number;
    readonly multiplier: number;
    readonly ifResult: ((results: readonly OUT[]) => boolean) | undefined;
    readonly ifException: ((error: unknown) => boolean) | undefined;
}

export declare const AsyncRetryStrategies: {
    fixedDelay<OUT>(options: FixedDelayRetryOptions<OUT>): AsyncRetryStrategy<OUT>;
    exponentialBackoff<OUT>(options: ExponentialBackoffRetryOptions<OUT>): AsyncRetryStrategy<OUT>;
};

// environment/execution-options.d.ts

export interface ExecutionOptions {
    readonly parallelism?: number;
    readonly maxParallelism?: number;
    readonly threads?: number;
    readonly module?: string;
    readonly checkpointing?: CheckpointingOptions & {
        readonly interval: Duration;
    };
    readonly restart?: RestartOptions;
    readonly autoWatermarkInterval?: Duration;
    readonly bufferTimeout?: Duration;
    readonly operatorChaining?: boolean;
    readonly executor?: JobExecutor;
}

export interface CheckpointingOptions {
    readonly directory?: string;
    readonly intervalDuringBacklog?: Duration;
    readonly timeout?: Duration;
    readonly minPause?: Duration;
    readonly retained?: number;
    readonly tolerableFailures?: number;
    readonly restoreFrom?: 'latest';
}

export type RestartOptions = {
    readonly strategy: 'none';
} | {
    readonly strategy: 'fixed-delay';
    readonly attempts: number;
    readonly delay?: Duration;
};

// environment/job-listener.d.ts

export interface JobListener {
    onJobSubmitted?(client: JobClient | undefined, error: unknown): void;
    onJobExecuted?(result: JobExecutionResult | undefined, error: unknown): void;
}

// environment/stream-execution-environment.d.ts

export declare class StreamExecutionEnvironment {
    #private;
    private constructor();
    static getExecutionEnvironment(options?: ExecutionOptions): StreamExecutionEnvironment;
    static createLocalEnvironment(parallelism?: number, options?: Omit<ExecutionOptions, 'parallelism'>): StreamExecutionEnvironment;
    get parallelism(): number;
    setParallelism(parallelism: number): this;
    setMaxParallelism(maxParallelism: number): this;
    setBufferTimeout(timeout: Duration): this;
    disableOperatorChaining(): this;
    setGlobalJobParameters(parameters: Parameters | Readonly<Record<string, ParameterValue | undefined>>): this;
    registerCachedFile(path: string, name: string): this;
    registerJobListener(listener: JobListener): this;
    clearJobListeners(): this;
    enableCheckpointing(interval: Duration, options?: CheckpointingOptions): this;
    setRestartStrategy(restart: RestartOptions): this;
    fromData<T>(values: readonly unknown[], options: OutputType<T> & ValidationOptions<T>): SingleOutputStreamOperator<T>;
    fromData<T>(values: readonly T[], options?: OutputType<T>): SingleOutputStreamOperator<T>;
    fromElements<T>(...values: readonly T[]): SingleOutputStreamOperator<T>;
    fromCollection<T>(values: Iterable<T>, options?: OutputType<T>): SingleOutputStreamOperator<T>;
    fromSequence(from: number, to: number): SingleOutputStreamOperator<number>;
    generate<T>(options: ValidatedGeneratorOptions<T>): SingleOutputStreamOperator<T>;
    generate<T>(options: DataGeneratorOptions<T>): SingleOutputStreamOperator<T>;
    fromSource<T>(source: Source<T>, watermarkStrategy: WatermarkStrategy<T>, name: string): SingleOutputStreamOperator<T>;
    socketTextStream<T = string>(host: string, port: number, options?: SocketTextOptions<T>): SingleOutputStreamOperator<T>;
    execute(jobName?: string): Promise<JobExecutionResult>;
    executeAsync(jobName?: string): Promise<JobClient>;
    explain(jobName?: string): string;
}

// executor.d.ts

export declare function installExecutor(executor: JobExecutor): void;

export declare function currentExecutor(): JobExecutor;

// functions/field-functions.d.ts

export type NumericField<T> = FieldOf<T, number | bigint>;

export type OrderedField<T> = FieldOf<T, number | bigint | string | Date>;

// not exported
type FieldOf<T, Value> = {
    [F in keyof T]-?: T[F] extends Value ? F : never;
}[keyof T] & string;

export interface PickByOptions {
    readonly first?: boolean;
}

// graph/draft-operator.d.ts

// not exported
export interface DraftOperator {
    readonly kind: OperatorKind;
    name: string;
    uid: string | undefined;
    parallelism: number;
    maxParallelism: number | undefined;
    config: JsonObject;
    readonly functions: Readonly<Record<string, unknown>>;
    inputs: readonly DraftInput[];
    outputType: TypeDescriptor | undefined;
    description: string | undefined;
    uidHash: string | undefined;
    chaining: StreamNode['chaining'];
    slotSharingGroup: string | undefined;
    bufferTimeoutMs: number | undefined;
    declaredWatermarks: readonly WatermarkDeclaration[];
    readonly keyType: TypeDescriptor | null;
}

// not exported
export interface OperatorDescription extends Pick<DraftOperator, 'kind' | 'name' | 'inputs'> {
    readonly config?: JsonObject;
    readonly functions: Readonly<Record<string, unknown>>;
    readonly outputType?: TypeDescriptor | undefined;
    readonly keyType?: TypeDescriptor;
    readonly parallelism?: number;
    readonly maxParallelism?: number;
}

// not exported
export interface DraftInput {
    readonly origin: StreamOrigin;
    readonly input: 0 | 1;
    readonly isFeedback?: true;
}

// not exported
export interface StreamOrigin {
    readonly operator: DraftOperator;
    readonly outputTag: {
        readonly id: string;
        readonly type: TypeDescriptor | undefined;
    } | null;
    readonly distribution: Distribution;
}

// not exported
export type Distribution = {
    readonly kind: 'default' | 'forward' | 'shuffle' | 'global' | 'broadcast';
} | {
    readonly kind: 'rebalance' | 'rescale';
    readonly isAdaptive: boolean;
} | {
    readonly kind: 'custom';
    readonly partitioner: UserPartitioner<never>;
    readonly keySelector: KeySelector<never, unknown>;
} | {
    readonly kind: 'hash';
    readonly keySelector: KeySelector<never, unknown>;
    readonly keyType: TypeDescriptor;
};

// iterations/iteration-head.d.ts

export interface IterationOptions {
    readonly queuedRecordsMax?: number;
}

// iterations/iterative-stream.d.ts

export declare class IterativeStream<T> extends SingleOutputStreamOperator<T> {
    #private;
    constructor(context: StreamContext, head: DraftOperator);
    closeWith<S extends T>(feedback: DataStream<S>): DataStream<S>;
    withFeedbackType<F>(options?: OutputType<F>): ConnectedIterativeStreams<T, F>;
}

export declare class ConnectedIterativeStreams<T, F> extends ConnectedStreams<T, F> {
    #private;
    constructor(entering: DataStream<T>, head: DraftOperator, type: TypeInfo<F> | undefined);
    closeWith<S extends F>(feedback: DataStream<S>): DataStream<S>;
}

// joins/co-grouped-streams.d.ts

export declare class CoGroupedStreams<T1, T2> {
    #private;
    constructor(first: DataStream<T1>, second: DataStream<T2>);
    where<K extends Key>(keySelector: KeySelector<T1, K>, options?: OutputType<K>): CoGroupWhere<K, T1, T2>;
}

export declare class CoGroupWhere<K extends Key, T1, T2> {
    #private;
    constructor(first: KeyedStream<K, T1>, second: DataStream<T2>);
    equalTo(keySelector: KeySelector<T2, K>, options?: OutputType<K>): CoGroupEqualTo<K, T1, T2>;
}

export declare class CoGroupEqualTo<K extends Key, T1, T2> {
    #private;
    constructor(pair: KeyedPair<K, T1, T2>);
    window<W extends TimeWindow = TimeWindow>(assigner: AnyWindowAssigner<TaggedUnion<T1, T2>, W>): WindowedCoGroup<K, T1, T2, W>;
}

export declare class WindowedCoGroup<K, T1, T2, W extends TimeWindow = TimeWindow> extends WindowedPair<K, T1, T2, W> {
    apply<OUT>(coGroup: CoGroupFunction<T1, T2, OUT> | RichFactory<RichCoGroupFunction<T1, T2, OUT>>): SingleOutputStreamOperator<OUT>;
    protected withInit(init: WindowedPairInit<K, T1, T2, W>): this;
}

// joins/interval-join.d.ts

export declare class IntervalJoin<K, T1, T2> {
    #private;
    constructor(left: KeyedStream<K, T1>, right: KeyedStream<K, T2>);
    between(lower: Duration, upper: Duration): IntervalJoined<K, T1, T2>;
}

// not exported
interface IntervalJoinedInit<K, T1, T2> {
    readonly left: KeyedStream<K, T1>;
    readonly right: KeyedStream<K, T2>;
    readonly lowerMs: number;
    readonly upperMs: number;
    readonly leftLateTag: string | null;
    readonly rightLateTag: string | null;
}

export declare class IntervalJoined<K, T1, T2> {
    #private;
    constructor(init: IntervalJoinedInit<K, T1, T2>);
    lowerBoundExclusive(): IntervalJoined<K, T1, T2>;
    upperBoundExclusive(): IntervalJoined<K, T1, T2>;
    sideOutputLeftLateData(tag: OutputTag<T1>): IntervalJoined<K, T1, T2>;
    sideOutputRightLateData(tag: OutputTag<T2>): IntervalJoined<K, T1, T2>;
    process<OUT>(process: FunctionFactory<ProcessJoinFunction<T1, T2, OUT>> | IntervalJoinFunction<T1, T2, OUT>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
}

// joins/joined-streams.d.ts

export declare class JoinedStreams<T1, T2> {
    #private;
    constructor(first: DataStream<T1>, second: DataStream<T2>);
    where<K extends Key>(keySelector: KeySelector<T1, K>, options?: OutputType<K>): JoinWhere<K, T1, T2>;
}

export declare class JoinWhere<K extends Key, T1, T2> {
    #private;
    constructor(first: KeyedStream<K, T1>, second: DataStream<T2>);
    equalTo(keySelector: KeySelector<T2, K>, options?: OutputType<K>): JoinEqualTo<K, T1, T2>;
}

export declare class JoinEqualTo<K extends Key, T1, T2> {
    #private;
    constructor(pair: KeyedPair<K, T1, T2>);
    window<W extends TimeWindow = TimeWindow>(assigner: AnyWindowAssigner<TaggedUnion<T1, T2>, W>): WindowedJoin<K, T1, T2, W>;
}

export declare class WindowedJoin<K, T1, T2, W extends TimeWindow = TimeWindow> extends WindowedPair<K, T1, T2, W> {
    #private;
    apply<OUT>(join: JoinFunction<T1, T2, OUT> | RichFactory<RichJoinFunction<T1, T2, OUT>>): SingleOutputStreamOperator<OUT>;
    flatApply<OUT>(join: FlatJoinFunction<T1, T2, OUT> | RichFactory<RichFlatJoinFunction<T1, T2, OUT>>): SingleOutputStreamOperator<OUT>;
    protected withInit(init: WindowedPairInit<K, T1, T2, W>): this;
}

// joins/windowed-pair.d.ts

// not exported
export interface KeyedPair<K, T1, T2> {
    readonly first: KeyedStream<K, T1>;
    readonly second: KeyedStream<K, T2>;
}

export interface LatePair<T1, T2> {
    readonly first?: OutputTag<T1>;
    readonly second?: OutputTag<T2>;
}

// not exported
export interface WindowedPairInit<K, T1, T2, W extends TimeWindow> extends WindowParts<TaggedUnion<T1, T2>, W> {
    readonly pair: KeyedPair<K, T1, T2>;
    readonly allowedLatenessMs?: number;
    readonly lateTags?: LatePair<T1, T2>;
}

// not exported
export declare abstract class WindowedPair<K, T1, T2, W extends TimeWindow> {
    protected readonly init: WindowedPairInit<K, T1, T2, W>;
    constructor(init: WindowedPairInit<K, T1, T2, W>);
    protected abstract withInit(init: WindowedPairInit<K, T1, T2, W>): this;
    trigger(trigger: AnyTrigger<TaggedUnion<T1, T2>, W>): this;
    evictor(evictor: AnyEvictor<TaggedUnion<T1, T2>, W>): this;
    allowedLateness(lateness: Duration): this;
    sideOutputLateData(tags: LatePair<T1, T2>): this;
}

// partition/partition-folds.d.ts

export type MapPartitionFunction<IN, OUT> = (records: Iterable<IN>, out: Collector<OUT>) => Iterable<OUT> | void;

export type SortOrder = 'ascending' | 'descending';

// partition/partition-windowed-stream.d.ts

// not exported
export interface PartitionKey {
    readonly keySelector: KeySelector<never, unknown>;
    readonly keyType: TypeInfo<unknown>;
}

export declare class PartitionWindowedStream<T> {
    #private;
    constructor(stream: DataStream<T>, key: PartitionKey | undefined);
    mapPartition<OUT>(map: MapPartitionFunction<T, OUT>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    sortPartition(by: (keyof T & string) | ((value: T) => number | string | bigint | Date), order?: SortOrder): SingleOutputStreamOperator<T>;
    reduce(reduce: ReduceFunction<T>): SingleOutputStreamOperator<T>;
    aggregate<ACC, OUT>(aggregate: AggregateFunction<T, ACC, OUT>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
}

// sinks/discard-sink.d.ts

export declare class DiscardSink<T> implements Sink<T> {
    readonly name: string;
    describe(): JsonValue;
    createWriter(): SinkWriter<T>;
}

// sinks/print-sink.d.ts

export declare class PrintSink<T> implements Sink<T> {
    #private;
    readonly name: string;
    constructor(prefix?: string, { toStdErr }?: {
        readonly toStdErr?: boolean;
    });
    describe(): JsonValue;
    createWriter(context: SinkWriterContext): SinkWriter<T>;
}

// sources/data-generator-source.d.ts

export interface DataGeneratorOptions<T> {
    readonly generator: (index: number) => T;
    readonly count?: number;
    readonly recordsPerSecond?: number;
    readonly type?: TypeInfo<T>;
    readonly name?: string;
}

export interface ValidatedGeneratorOptions<T> extends Omit<DataGeneratorOptions<T>, 'generator'>, ValidationOptions<T> {
    readonly generator: (index: number) => unknown;
}

export declare class DataGeneratorSource<T> implements Source<T, IndexSplit> {
    #private;
    readonly name: string;
    readonly boundedness: 'bounded' | 'unbounded';
    readonly type: TypeInfo<T> | undefined;
    constructor(options: ValidatedGeneratorOptions<T>);
    constructor(options: DataGeneratorOptions<T>);
    describe(): JsonValue;
    createEnumerator(context: SplitEnumeratorContext<IndexSplit>, restored: JsonValue | undefined): SplitEnumerator<IndexSplit>;
    createReader(context: SourceReaderContext): SourceReader<T, IndexSplit>;
}

// sources/index-cursor.d.ts

// not exported
export interface IndexSplit extends SourceSplit {
    readonly next: number;
    readonly step: number;
    readonly end: number | null;
}

// sources/schema-gate.d.ts

export interface SchemaOptions<T> {
    readonly schema?: StandardSchema<T>;
    readonly onMalformed?: MalformedPolicy;
}

export interface ValidationOptions<T> extends SchemaOptions<T> {
    readonly schema: StandardSchema<T>;
}

// sources/socket-reader.d.ts

// not exported
export interface SocketSplit extends SourceSplit {
    readonly isEnded: boolean;
}

// sources/socket-source.d.ts

export interface SocketTextOptions<T = string> extends SchemaOptions<T> {
    readonly delimiter?: string;
    readonly maxRetries?: number;
    readonly retryDelay?: Duration;
}

export declare class SocketTextSource<T = string> implements Source<T, SocketSplit> {
    #private;
    readonly name: string;
    readonly boundedness: 'unbounded';
    readonly type: TypeInfo<T> | undefined;
    constructor(address: SocketAddress, options?: SocketTextOptions<T>);
    describe(): JsonValue;
    createEnumerator(context: SplitEnumeratorContext<SocketSplit>, restored: JsonValue | undefined): SplitEnumerator<SocketSplit>;
    createReader(context: SourceReaderContext): SourceReader<T, SocketSplit>;
}

// streams/broadcast-stream.d.ts

// not exported
type AnyMapState = MapStateDescriptor<unknown, unknown>;

export declare class BroadcastStream<B> {
    readonly context: StreamContext;
    readonly origins: readonly StreamOrigin[];
    readonly states: readonly JsonObject[];
    readonly evolutions: Readonly<Record<string, object>>;
    readonly recordType?: B;
    constructor(context: StreamContext, origins: readonly StreamOrigin[], descriptors: readonly AnyMapState[]);
}

export declare class BroadcastConnectedStream<T, B> {
    readonly data: DataStream<T>;
    readonly broadcast: BroadcastStream<B>;
    constructor(data: DataStream<T>, broadcast: BroadcastStream<B>);
    process<OUT>(factory: FunctionFactory<BroadcastProcessFunction<T, B, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
}

export declare class KeyedBroadcastConnectedStream<K, T, B> extends BroadcastConnectedStream<T, B> {
    #private;
    constructor(data: KeyedStream<K, T>, broadcast: BroadcastStream<B>);
    process<OUT>(factory: FunctionFactory<KeyedBroadcastProcessFunction<K, T, B, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
}

// streams/collect-options.d.ts

export interface CollectOptions {
    readonly jobName?: string;
    readonly limit?: number;
}

// streams/connected-streams.d.ts

export declare class ConnectedStreams<T1, T2> {
    readonly first: DataStream<T1>;
    readonly second: DataStream<T2>;
    constructor(first: DataStream<T1>, second: DataStream<T2>);
    map<OUT>(map1: MapFunction<T1, OUT>, map2: MapFunction<T2, OUT>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    map<OUT>(both: RichFactory<RichCoMapFunction<T1, T2, OUT, RuntimeContext>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    flatMap<OUT>(flatMap1: FlatMapFunction<T1, OUT>, flatMap2: FlatMapFunction<T2, OUT>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    flatMap<OUT>(both: RichFactory<RichCoFlatMapFunction<T1, T2, OUT, RuntimeContext>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    process<OUT>(factory: FunctionFactory<CoProcessFunction<T1, T2, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    keyBy<K extends Key>(keySelector1: KeySelector<T1, K>, keySelector2: KeySelector<T2, K>, options?: OutputType<K>): KeyedConnectedStreams<K, T1, T2>;
    protected transform<OUT>(name: string, process: FunctionFactory<object>, outputType: OutputType<OUT>['type']): SingleOutputStreamOperator<OUT>;
}

export declare class KeyedConnectedStreams<K, T1, T2> extends ConnectedStreams<T1, T2> {
    #private;
    constructor(first: KeyedStream<K, T1>, second: KeyedStream<K, T2>);
    map<OUT>(map1: MapFunction<T1, OUT>, map2: MapFunction<T2, OUT>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    map<OUT>(both: RichFactory<RichCoMapFunction<T1, T2, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    flatMap<OUT>(flatMap1: FlatMapFunction<T1, OUT>, flatMap2: FlatMapFunction<T2, OUT>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    flatMap<OUT>(both: RichFactory<RichCoFlatMapFunction<T1, T2, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    process<OUT>(factory: FunctionFactory<KeyedCoProcessFunction<K, T1, T2, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    protected transform<OUT>(name: string, process: FunctionFactory<object>, outputType: OutputType<OUT>['type']): SingleOutputStreamOperator<OUT>;
}

// streams/data-stream-sink.d.ts

export declare class DataStreamSink {
    #private;
    constructor(operator: DraftOperator, followers?: readonly DraftOperator[]);
    uid(uid: string): this;
    setUidHash(uidHash: string): this;
    name(name: string): this;
    setDescription(description: string): this;
    setParallelism(parallelism: number): this;
    setMaxParallelism(maxParallelism: number): this;
    disableChaining(): this;
    slotSharingGroup(group: string): this;
}

// streams/data-stream.d.ts

export declare class DataStream<T> {
    #private;
    readonly context: StreamContext;
    readonly origins: readonly StreamOrigin[];
    constructor(context: StreamContext, origins: readonly StreamOrigin[], type: TypeInfo<T> | undefined);
    get type(): TypeInfo<T> | undefined;
    map<OUT>(map: MapFunction<T, OUT> | RichFactory<RichMapFunction<T, OUT, RuntimeContext>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    flatMap<OUT>(flatMap: FlatMapFunction<T, OUT> | RichFactory<RichFlatMapFunction<T, OUT, RuntimeContext>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    mapAsync<OUT>(ask: AsyncMapFunction<T, OUT>, options: AsyncMapOptions<OUT>): SingleOutputStreamOperator<OUT>;
    flatMapAsync<OUT>(ask: AsyncFlatMapFunction<T, OUT>, options: AsyncMapOptions<OUT>): SingleOutputStreamOperator<OUT>;
    filter<S extends T>(filter: (value: T) => value is S): SingleOutputStreamOperator<S>;
    filter(filter: FilterFunction<T> | RichFactory<RichFilterFunction<T, RuntimeContext>>): SingleOutputStreamOperator<T>;
    process<OUT>(factory: FunctionFactory<ProcessFunction<T, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    iterate(options?: IterationOptions): IterativeStream<T>;
    fullWindowPartition(): PartitionWindowedStream<T>;
    keyBy<K extends Key>(keySelector: KeySelector<T, K>, options?: OutputType<K>): KeyedStream<K, T>;
    union(...others: readonly DataStream<T>[]): DataStream<T>;
    connect<B>(other: BroadcastStream<B>): BroadcastConnectedStream<T, B>;
    connect<T2>(other: DataStream<T2>): ConnectedStreams<T, T2>;
    broadcast(): DataStream<T>;
    broadcast<UK, UV>(state: MapStateDescriptor<UK, UV>, ...states: readonly MapStateDescriptor<unknown, unknown>[]): BroadcastStream<T>;
    rebalance(options?: RedistributionOptions): DataStream<T>;
    rescale(options?: RedistributionOptions): DataStream<T>;
    shuffle(): DataStream<T>;
    global(): DataStream<T>;
    forward(): DataStream<T>;
    partitionCustom<K>(partitioner: Partitioner<K>, keySelector: KeySelector<T, K>): DataStream<T>;
    windowAll<W extends TimeWindow = TimeWindow>(assigner: AnyWindowAssigner<T, W>): AllWindowedStream<T, W>;
    countWindowAll(size: number, slide?: number): AllWindowedStream<T>;
    join<T2>(other: DataStream<T2>): JoinedStreams<T, T2>;
    coGroup<T2>(other: DataStream<T2>): CoGroupedStreams<T, T2>;
    assignTimestampsAndWatermarks(strategy: WatermarkStrategy<T>): SingleOutputStreamOperator<T>;
    sinkTo<W>(sink: Sink<T, W>): DataStreamSink;
    print(prefix?: string): DataStreamSink;
    printToErr(prefix?: string): DataStreamSink;
    discard(): DataStreamSink;
    executeAndCollect(options?: CollectOptions | string): Promise<T[]>;
    executeAndIterate(jobName?: string): AsyncIterableIterator<T>;
    protected functionOfRecords(call: 'map' | 'flatMap' | 'filter', value: unknown): Pick<OperatorDescription, 'functions' | 'keyType'>;
}

// streams/keyed-stream.d.ts

// not exported
interface Unkeyed {
    readonly keyType?: never;
}

export declare class KeyedStream<K, T> extends DataStream<T> {
    #private;
    readonly keySelector: KeySelector<T, K>;
    readonly keyType: TypeInfo<K>;
    constructor(context: StreamContext, keyed: KeyedOrigins<K, T>);
    map<OUT>(map: MapFunction<T, OUT> | RichFactory<RichMapFunction<T, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    flatMap<OUT>(flatMap: FlatMapFunction<T, OUT> | RichFactory<RichFlatMapFunction<T, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    filter<S extends T>(filter: (value: T) => value is S): SingleOutputStreamOperator<S>;
    filter(filter: FilterFunction<T> | RichFactory<RichFilterFunction<T>>): SingleOutputStreamOperator<T>;
    reduce(reduce: ReduceFunction<T> | RichFactory<RichReduceFunction<T>>): SingleOutputStreamOperator<T>;
    sum(field: NumericField<T>): SingleOutputStreamOperator<T>;
    min(field: NumericField<T>): SingleOutputStreamOperator<T>;
    max(field: NumericField<T>): SingleOutputStreamOperator<T>;
    minBy(field: OrderedField<T>, options?: PickByOptions): SingleOutputStreamOperator<T>;
    maxBy(field: OrderedField<T>, options?: PickByOptions): SingleOutputStreamOperator<T>;
    process<OUT>(factory: FunctionFactory<KeyedProcessFunction<K, T, OUT>>, options?: OutputType<OUT>): SingleOutputStreamOperator<OUT>;
    window<W extends TimeWindow = TimeWindow>(assigner: AnyWindowAssigner<T, W>): WindowedStream<K, T, W>;
    fullWindowPartition(): PartitionWindowedStream<T>;
    intervalJoin<T2>(other: KeyedStream<K, T2>): IntervalJoin<K, T, T2>;
    countWindow(size: number, slide?: number): WindowedStream<K, T>;
    connect<B>(other: BroadcastStream<B>): KeyedBroadcastConnectedStream<K, T, B>;
    connect<T2>(other: KeyedStream<K, T2>): KeyedConnectedStreams<K, T, T2>;
    connect<T2>(other: DataStream<T2> & Unkeyed): ConnectedStreams<T, T2>;
    protected functionOfRecords(call: 'map' | 'flatMap' | 'filter', value: unknown): Pick<OperatorDescription, 'functions' | 'keyType'>;
}

// streams/output-type.d.ts

export interface OutputType<T> {
    readonly type?: TypeInfo<T>;
}

// streams/redistribution-options.d.ts

export interface RedistributionOptions {
    readonly adaptive?: boolean;
}

// streams/single-output-stream-operator.d.ts

export declare class SingleOutputStreamOperator<T> extends DataStream<T> {
    #private;
    constructor(context: StreamContext, operator: DraftOperator);
    get type(): TypeInfo<T> | undefined;
    uid(uid: string): this;
    setUidHash(uidHash: string): this;
    name(name: string): this;
    setDescription(description: string): this;
    setParallelism(parallelism: number): this;
    setMaxParallelism(maxParallelism: number): this;
    forceNonParallel(): this;
    startNewChain(): this;
    disableChaining(): this;
    slotSharingGroup(group: string): this;
    setBufferTimeout(timeout: Duration): this;
    declareWatermarks(...declarations: readonly WatermarkDeclaration[]): this;
    returns(type: TypeInfo<T>): this;
    getSideOutput<X>(tag: OutputTag<X>): DataStream<X>;
}

// streams/stream-context.d.ts

// not exported
export interface StreamContext {
    transform<OUT>(description: OperatorDescription): SingleOutputStreamOperator<OUT>;
    iterativeStream<T>(description: OperatorDescription): IterativeStream<T>;
    sink(description: OperatorDescription): DataStreamSink;
    sinkChain(chain: SinkChain): DataStreamSink;
    dataStream<T>(origins: readonly StreamOrigin[], type: TypeInfo<T> | undefined): DataStream<T>;
    keyedStream<K, T>(keyed: KeyedOrigins<K, T>): KeyedStream<K, T>;
    windowedStream<K, T, W extends TimeWindow>(init: WindowedStreamInit<K, T, W>): WindowedStream<K, T, W>;
    allWindowedStream<T, W extends TimeWindow>(stream: DataStream<T>, assigner: AnyWindowAssigner<T, W>): AllWindowedStream<T, W>;
    joinedStreams<T1, T2>(first: DataStream<T1>, second: DataStream<T2>): JoinedStreams<T1, T2>;
    coGroupedStreams<T1, T2>(first: DataStream<T1>, second: DataStream<T2>): CoGroupedStreams<T1, T2>;
    connectedStreams<T1, T2>(first: DataStream<T1>, second: DataStream<T2>): ConnectedStreams<T1, T2>;
    keyedConnectedStreams<K, T1, T2>(first: KeyedStream<K, T1>, second: KeyedStream<K, T2>): KeyedConnectedStreams<K, T1, T2>;
    broadcastConnectedStream<T, B>(data: DataStream<T>, broadcast: BroadcastStream<B>): BroadcastConnectedStream<T, B>;
    keyedBroadcastConnectedStream<K, T, B>(data: KeyedStream<K, T>, broadcast: BroadcastStream<B>): KeyedBroadcastConnectedStream<K, T, B>;
    executeAndCollect<T>(stream: DataStream<T>, jobName: string | undefined): Promise<T[]>;
    executeAndIterate<T>(stream: DataStream<T>, jobName: string | undefined): AsyncIterableIterator<T>;
}

// not exported
export type SinkChain = readonly OperatorDescription[];

// not exported
export interface KeyedOrigins<K, T> {
    readonly origins: readonly StreamOrigin[];
    readonly type: TypeInfo<T> | undefined;
    readonly keySelector: KeySelector<T, K>;
    readonly keyType: TypeInfo<K>;
}

// windows/all-windowed-stream.d.ts

export declare class AllWindowedStream<T, W extends TimeWindow = TimeWindow> {
    #private;
    private constructor();
    static of<T, W extends TimeWindow>({ context, origins, type }: DataStream<T>, assigner: AnyWindowAssigner<T, W>): AllWindowedStream<T, W>;
    trigger(trigger: AnyTrigger<T, W>): AllWindowedStream<T, W>;
    evictor(evictor: AnyEvictor<T, W>): AllWindowedStream<T, W>;
    allowedLateness(lateness: Duration): AllWindowedStream<T, W>;
    sideOutputLateData(tag: OutputTag<T>): AllWindowedStream<T, W>;
    reduce(reduce: ReduceFunction<T>): SingleOutputStreamOperator<T>;
    reduce<OUT>(reduce: ReduceFunction<T>, window: AllWindowFunction<T, OUT, W>): SingleOutputStreamOperator<OUT>;
    reduce<OUT>(reduce: ReduceFunction<T>, window: FunctionFactory<ProcessAllWindowFunction<T, OUT, W>>): SingleOutputStreamOperator<OUT>;
    aggregate<ACC, OUT>(aggregate: AggregateFunction<T, ACC, OUT>): SingleOutputStreamOperator<OUT>;
    aggregate<ACC, V, OUT>(aggregate: AggregateFunction<T, ACC, V>, window: AllWindowFunction<V, OUT, W>): SingleOutputStreamOperator<OUT>;
    aggregate<ACC, V, OUT>(aggregate: AggregateFunction<T, ACC, V>, window: FunctionFactory<ProcessAllWindowFunction<V, OUT, W>>): SingleOutputStreamOperator<OUT>;
    process<OUT>(window: AllWindowFunction<readonly T[], OUT, W>): SingleOutputStreamOperator<OUT>;
    process<OUT>(window: FunctionFactory<ProcessAllWindowFunction<T, OUT, W>>): SingleOutputStreamOperator<OUT>;
    apply<OUT>(window: AllWindowFunction<readonly T[], OUT, W>): SingleOutputStreamOperator<OUT>;
    sum(field: NumericField<T>): SingleOutputStreamOperator<T>;
    min(field: NumericField<T>): SingleOutputStreamOperator<T>;
    max(field: NumericField<T>): SingleOutputStreamOperator<T>;
    minBy(field: OrderedField<T>): SingleOutputStreamOperator<T>;
    maxBy(field: OrderedField<T>): SingleOutputStreamOperator<T>;
}

// windows/window-description.d.ts

// not exported
export interface WindowParts<T, W extends TimeWindow> {
    readonly assigner: AnyWindowAssigner<T, W>;
    readonly trigger?: AnyTrigger<T, W>;
    readonly evictor?: AnyEvictor<T, W>;
}

// windows/windowed-stream.d.ts

// not exported
export interface WindowedStreamInit<K, T, W extends TimeWindow> extends WindowParts<T, W> {
    readonly stream: WindowSource<K, T>;
    readonly allowedLatenessMs?: number;
    readonly lateTag?: OutputTag<T>;
}

// not exported
export interface WindowSource<K, T> {
    readonly context: StreamContext;
    readonly origins: readonly StreamOrigin[];
    readonly type: TypeInfo<T> | undefined;
    readonly keySelector: KeySelector<T, K>;
    readonly keyType: TypeInfo<K>;
    readonly isNonKeyed?: boolean;
}

export declare class WindowedStream<K, T, W extends TimeWindow = TimeWindow> {
    #private;
    constructor(init: WindowedStreamInit<K, T, W>);
    trigger(trigger: AnyTrigger<T, W>): WindowedStream<K, T, W>;
    evictor(evictor: AnyEvictor<T, W>): WindowedStream<K, T, W>;
    allowedLateness(lateness: Duration): WindowedStream<K, T, W>;
    sideOutputLateData(tag: OutputTag<T>): WindowedStream<K, T, W>;
    reduce(reduce: ReduceFunction<T>): SingleOutputStreamOperator<T>;
    reduce<OUT>(reduce: ReduceFunction<T>, window: WindowFunction<T, OUT, K, W>): SingleOutputStreamOperator<OUT>;
    reduce<OUT>(reduce: ReduceFunction<T>, window: FunctionFactory<ProcessWindowFunction<T, OUT, K, W>>): SingleOutputStreamOperator<OUT>;
    aggregate<ACC, OUT>(aggregate: AggregateFunction<T, ACC, OUT>): SingleOutputStreamOperator<OUT>;
    aggregate<ACC, V, OUT>(aggregate: AggregateFunction<T, ACC, V>, window: WindowFunction<V, OUT, K, W>): SingleOutputStreamOperator<OUT>;
    aggregate<ACC, V, OUT>(aggregate: AggregateFunction<T, ACC, V>, window: FunctionFactory<ProcessWindowFunction<V, OUT, K, W>>): SingleOutputStreamOperator<OUT>;
    process<OUT>(window: WindowFunction<readonly T[], OUT, K, W>): SingleOutputStreamOperator<OUT>;
    process<OUT>(window: FunctionFactory<ProcessWindowFunction<T, OUT, K, W>>): SingleOutputStreamOperator<OUT>;
    apply<OUT>(window: WindowFunction<readonly T[], OUT, K, W>): SingleOutputStreamOperator<OUT>;
    sum(field: NumericField<T>): SingleOutputStreamOperator<T>;
    min(field: NumericField<T>): SingleOutputStreamOperator<T>;
    max(field: NumericField<T>): SingleOutputStreamOperator<T>;
    minBy(field: OrderedField<T>): SingleOutputStreamOperator<T>;
    maxBy(field: OrderedField<T>): SingleOutputStreamOperator<T>;
}
