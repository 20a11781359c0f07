// The public surface of @millrace/cluster. Printed by `npm run api`; review every change of it.

export { CheckpointDescription } from '@millrace/runtime';
export { formatCheckpoint } from '@millrace/runtime';
export { KeyedStateDescription } from '@millrace/runtime';
export { KeyGroupSize } from '@millrace/runtime';
export { KeyGroupSizes } from '@millrace/runtime';
export { OperatorDescription } from '@millrace/runtime';
export { OperatorStateDescription } from '@millrace/runtime';

// entrypoints/describe-checkpoint.d.ts

export interface DescribeCheckpointOptions {
    readonly verify?: boolean;
}

export declare function describeCheckpoint(path: string, options?: DescribeCheckpointOptions): Promise<CheckpointDescription>;

// entrypoints/in-thread-pool.d.ts

export declare class InThreadPool implements ExecutorPool {
    #private;
    readonly size = 1;
    constructor(platform: Platform, job: LoadedJob);
    start(index: number): Promise<ExecutorHandle>;
    connect(): void;
    close(): Promise<void>;
}

// entrypoints/local-executor.d.ts

export interface LocalExecutorInit {
    readonly platform: Platform;
    readonly apiModule: string;
}

export declare class LocalExecutor implements JobExecutor {
    #private;
    constructor({ platform, apiModule }: LocalExecutorInit);
    submit(submission: JobSubmission): Promise<JobClient>;
}

// gateways/executor-pool.d.ts

export interface ExecutorHandle {
    readonly index: number;
    readonly control: MessageChannelPort;
    onLost(handler: (error: unknown) => void): void;
}

export interface ExecutorPool {
    readonly size: number;
    start(index: number): Promise<ExecutorHandle>;
    connect(from: ExecutorHandle, to: ExecutorHandle, name: string): void;
    close(): Promise<void>;
}

// gateways/messages.d.ts

export type ExecutorCommand = DeployCommand | {
    readonly kind: 'start';
    readonly attempt: number;
}
 | {
    readonly kind: 'source-command';
    readonly attempt: number;
    readonly vertexId: string;
    readonly subtaskIndex: number;
    readonly command: SourceCommand;
} | {
    readonly kind: 'trigger-checkpoint';
    readonly attempt: number;
    readonly barrier: Barrier;
} | {
    readonly kind: 'checkpoint-complete';
    readonly attempt: number;
    readonly checkpointId: number;
} | {
    readonly kind: 'checkpoint-aborted';
    readonly attempt: number;
    readonly checkpointId: number;
} | {
    readonly kind: 'checkpoint-subsumed';
    readonly attempt: number;
    readonly checkpointId: number;
}
 | ({
    readonly kind: 'client-message';
    readonly attempt: number;
} & SinkMessage)
 | {
    readonly kind: 'finish';
    readonly attempt: number;
} | {
    readonly kind: 'cancel';
    readonly attempt: number;
};

// not exported
export interface DeployCommand {
    readonly kind: 'deploy';
    readonly attempt: number;
    readonly runId: string;
    readonly graph: JobGraph;
    readonly settings: JobSettings;
    readonly tasks: readonly TaskDeployment[];
    readonly placement: Placement;
    readonly checkpointId: number | null;
}

// not exported
export type Placement = Readonly<Record<string, readonly number[]>>;

export type ExecutorReport = {
    readonly kind: 'opened';
    readonly attempt: number;
}
 | {
    readonly kind: 'source-event';
    readonly attempt: number;
    readonly vertexId: string;
    readonly subtaskIndex: number;
    readonly event: SourceEvent;
} | {
    readonly kind: 'drained';
    readonly attempt: number;
    readonly task: string;
} | {
    readonly kind: 'acknowledged';
    readonly attempt: number;
    readonly task: string;
    readonly checkpointId: number;
    readonly snapshots: readonly OperatorSnapshot[];
    readonly figures: TaskCheckpointFigures;
} | {
    readonly kind: 'declined';
    readonly attempt: number;
    readonly task: string;
    readonly checkpointId: number;
    readonly error: WireError;
} | {
    readonly kind: 'failed';
    readonly attempt: number;
    readonly error: WireError;
} | {
    readonly kind: 'committed';
    readonly attempt: number;
    readonly checkpointId: number;
    readonly needsCheckpoint: boolean;
} | {
    readonly kind: 'finished';
    readonly attempt: number;
} | {
    readonly kind: 'canceled';
    readonly attempt: number;
} | {
    readonly kind: 'figures';
    readonly attempt: number;
    readonly accumulators: AccumulatorReport;
    readonly sourceRecords: Readonly<Record<string, number>>;
} | {
    readonly kind: 'collected';
    readonly attempt: number;
    readonly uid: string;
    readonly subtaskIndex: number;
    readonly payload: unknown;
};

// gateways/wire-error.d.ts

// not exported
export interface WireError {
    readonly code: ErrorCode;
    readonly expected: string;
    readonly came: string;
    readonly todo: string;
    readonly ids: Readonly<Record<string, string | number>>;
    readonly isRetryable: boolean;
    readonly stack: string | undefined;
    readonly cause: Error | string | undefined;
}

export declare function toWireError(error: unknown): WireError;

// job-master/job-master.d.ts

export interface JobMasterInit {
    readonly platform: Platform;
    readonly submission: JobSubmission;
    readonly pool: ExecutorPool;
}

export declare class JobMaster implements JobClient {
    #private;
    readonly jobId: string;
    readonly jobName: string;
    constructor({ platform, submission, pool }: JobMasterInit);
    run(): Promise<void>;
    status(): JobStatus;
    metrics(): JobMetrics;
    cancel(): Promise<void>;
    result(): Promise<JobExecutionResult>;
    takeCheckpoint(): Promise<CheckpointMetadata>;
    onCollected(handler: (payload: CollectedPayload) => void): void;
    sendToSink(message: SinkMessage): void;
}

// task-executor/task-executor.d.ts

export interface LoadedJob {
    readonly graph: JobGraph;
    readonly functions: FunctionTable;
}

export interface TaskExecutorInit {
    readonly index: number;
    readonly where: string;
    readonly platform: Platform;
    readonly control: MessageChannelPort;
    readonly loadJob: () => Promise<LoadedJob>;
}

export declare class TaskExecutor {
    #private;
    constructor(init: TaskExecutorInit);
    acceptPort(name: string, port: MessageChannelPort): void;
}
