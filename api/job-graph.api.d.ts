// The public surface of @millrace/job-graph. Printed by `npm run api`; review every change of it.

// chaining/build-job-graph.d.ts

export declare function buildJobGraph(graph: StreamGraph): JobGraph;

// explain/explain-job-graph.d.ts

export declare function explainJobGraph(graph: JobGraph): string;

// job-graph/compare-job-graphs.d.ts

export declare function assertSameJobGraph(expected: JobGraph, actual: JobGraph, where: string): void;

// job-graph/job-graph.d.ts

export interface JobGraph {
    readonly formatVersion: 1;
    readonly jobName: string;
    readonly vertices: readonly JobVertex[];
    readonly edges: readonly JobEdge[];
    readonly hash: string;
}

export interface JobVertex {
    readonly id: string;
    readonly name: string;
    readonly parallelism: number;
    readonly maxParallelism: number;
    readonly slotSharingGroup?: string;
    readonly operators: readonly JobOperator[];
}

export interface JobOperator {
    readonly uid: string;
    readonly name: string;
    readonly kind: OperatorKind;
    readonly config: JsonObject;
    readonly functions: Readonly<Record<string, FunctionRef>>;
    readonly outputType: TypeDescriptor;
    readonly keyType: TypeDescriptor | null;
    readonly chainedTo: ChainedInput | null;
    readonly description?: string;
    readonly uidHash?: string;
    readonly declaredWatermarks?: readonly WatermarkDeclaration[];
}

export interface ChainedInput {
    readonly uid: string;
    readonly outputTag: string | null;
}

export interface JobEdge {
    readonly id: string;
    readonly fromVertex: string;
    readonly fromOperator: string;
    readonly outputTag: string | null;
    readonly toVertex: string;
    readonly toInput: number;
    readonly partitioner: Partitioner;
    readonly type: TypeDescriptor;
    readonly isFeedback?: true;
    readonly isInLoop?: true;
    readonly bufferTimeoutMs?: number;
}

// operator-id/fingerprint.d.ts

export declare function fingerprint(text: string): string;

// operator-id/operator-id.d.ts

export declare class OperatorIds {
    #private;
    claim(uid: string, operatorName: string): string;
    derive(kind: string, inputUids: readonly string[]): string;
}

// partitioners/partitioner.d.ts

export type Partitioner =
{
    readonly kind: 'forward';
}
 | {
    readonly kind: 'rebalance';
    readonly isAdaptive?: true;
}
 | {
    readonly kind: 'rescale';
    readonly isAdaptive?: true;
}
 | {
    readonly kind: 'shuffle';
}
 | {
    readonly kind: 'global';
}
 | {
    readonly kind: 'broadcast';
}
 | {
    readonly kind: 'hash';
    readonly keySelector: FunctionRef;
    readonly keyType: TypeDescriptor;
}
 | {
    readonly kind: 'custom';
    readonly keySelector: FunctionRef;
    readonly partitioner: FunctionRef;
};

// partitioners/pointwise-range.d.ts

export interface SubtaskRange {
    readonly start: number;
    readonly end: number;
}

export declare function pointwiseReaders(index: number, writers: number, readers: number): SubtaskRange;

export declare function pointwiseWriters(index: number, writers: number, readers: number): SubtaskRange;

// stream-graph/function-table.d.ts

export type FunctionRef = `${string}#${string}`;

export declare class FunctionTable {
    #private;
    register(uid: string, role: string, value: unknown): FunctionRef;
    resolve<F>(ref: FunctionRef | undefined): F;
}

// stream-graph/stream-graph.d.ts

export type OperatorKind = 'source' | 'timestamps-watermarks' | 'map' | 'flat-map' | 'filter' | 'process' | 'keyed-process' | 'keyed-reduce' | 'window' | 'co-process' | 'keyed-co-process' | 'broadcast-process' | 'keyed-broadcast-process' | 'async' | 'interval-join' | 'iteration-head' | 'partition' | 'keyed-partition' | 'sink' | 'sink-writer' | 'committer' | 'commit-stage';

export interface StreamNode {
    readonly uid: string;
    readonly name: string;
    readonly kind: OperatorKind;
    readonly config: JsonObject;
    readonly functions: Readonly<Record<string, FunctionRef>>;
    readonly parallelism: number;
    readonly maxParallelism: number;
    readonly inputs: readonly StreamEdge[];
    readonly outputType: TypeDescriptor;
    readonly keyType: TypeDescriptor | null;
    readonly description?: string;
    readonly uidHash?: string;
    readonly chaining?: 'head' | 'never';
    readonly slotSharingGroup?: string;
    readonly bufferTimeoutMs?: number;
    readonly declaredWatermarks?: readonly WatermarkDeclaration[];
}

export interface StreamEdge {
    readonly from: string;
    readonly outputTag: string | null;
    readonly input: number;
    readonly partitioner: Partitioner;
    readonly type: TypeDescriptor;
    readonly isFeedback?: true;
}

export interface StreamGraph {
    readonly jobName: string;
    readonly nodes: readonly StreamNode[];
}

// submission/job-executor.d.ts

export interface JobSubmission {
    readonly graph: JobGraph;
    readonly functions: FunctionTable;
    readonly settings: JobSettings;
}

export interface JobSettings {
    readonly checkpointing: CheckpointSettings | null;
    readonly restart: RestartSettings;
    readonly autoWatermarkIntervalMs: number;
    readonly bufferTimeoutMs: number;
    readonly threads: number;
    readonly module: string | null;
    readonly defaults: OperatorDefaults;
    readonly globalJobParameters?: Readonly<Record<string, string>>;
    readonly cachedFiles?: Readonly<Record<string, string>>;
}

export interface OperatorDefaults {
    readonly parallelism: number;
    readonly maxParallelism: number | null;
    readonly chaining?: false;
}

export interface CheckpointSettings {
    readonly intervalMs: number;
    readonly intervalDuringBacklogMs: number;
    readonly directory: string | null;
    readonly timeoutMs: number;
    readonly minPauseMs: number;
    readonly retained: number;
    readonly tolerableFailures: number;
    readonly restoreFrom: 'latest' | null;
}

export type RestartSettings = {
    readonly kind: 'none';
} | {
    readonly kind: 'fixed-delay';
    readonly attempts: number;
    readonly delayMs: number;
};

export type JobStatus = 'created' | 'running' | 'failing' | 'restarting' | 'canceling' | 'finished' | 'canceled' | 'failed';

export interface JobClient {
    readonly jobId: string;
    readonly jobName: string;
    status(): JobStatus;
    metrics(): JobMetrics;
    cancel(): Promise<void>;
    result(): Promise<JobExecutionResult>;
    onCollected(handler: (payload: CollectedPayload) => void): void;
    sendToSink(message: SinkMessage): void;
}

export interface CollectedPayload {
    readonly uid: string;
    readonly subtaskIndex: number;
    readonly payload: unknown;
}

export interface SinkMessage {
    readonly uid: string;
    readonly subtaskIndex: number;
    readonly message: JsonValue;
}

export interface JobMetrics {
    readonly accumulators: Readonly<Record<string, number>>;
    readonly getAccumulatorResult: <R = number>(name: string, create?: () => Accumulator<never, R>) => R | undefined;
    readonly sourceRecords: Readonly<Record<string, number>>;
    readonly checkpointsCompleted: number;
    readonly checkpointsFailed: number;
    readonly lastCheckpoint: CheckpointFigures | null;
    readonly restarts: number;
}

export interface CheckpointFigures {
    readonly checkpointId: number;
    readonly durationMs: number;
    readonly stateBytes: number;
}

export interface JobExecutionResult extends JobMetrics {
    readonly jobId: string;
    readonly jobName: string;
    readonly runtimeMs: number;
}

export interface JobExecutor {
    submit(submission: JobSubmission): Promise<JobClient>;
}
