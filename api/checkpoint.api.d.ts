// The public surface of @millrace/checkpoint. Printed by `npm run api`; review every change of it.

// coordinator/assemble-metadata.d.ts

export interface CompletedCheckpointFacts {
    readonly jobName: string;
    readonly graphHash: string;
    readonly completedAtMs: number;
    readonly operators: readonly Omit<OperatorCheckpoint, 'subtasks' | 'enumerator'>[];
}

export declare function assembleMetadata(pending: PendingCheckpoint, facts: CompletedCheckpointFacts): CheckpointMetadata;

// coordinator/pending-checkpoint.d.ts

export type CheckpointState = 'triggered' | 'completed' | 'aborted' | 'subsumed';

export declare const CHECKPOINT_TRANSITIONS: Readonly<Record<CheckpointState, readonly CheckpointState[]>>;

export interface OperatorSnapshot {
    readonly uid: string;
    readonly subtaskIndex: number;
    readonly isFinished: boolean;
    readonly slots: Readonly<Record<string, StateHandle>>;
}

export interface TaskCheckpointFigures {
    readonly alignmentMs: number;
    readonly syncMs: number;
    readonly asyncMs: number;
    readonly stateBytes: number;
    readonly inFlightBytes: number;
}

export type AcknowledgeAnswer = 'accepted' | 'duplicate' | 'late' | 'unknown-subtask';

export interface PendingCheckpointInit {
    readonly checkpointId: number;
    readonly kind: CheckpointKind;
    readonly triggeredAtMs: number;
    readonly subtasks: readonly string[];
    readonly enumerators?: EnumeratorStates;
}

export declare class PendingCheckpoint {
    #private;
    readonly checkpointId: number;
    readonly kind: CheckpointKind;
    readonly triggeredAtMs: number;
    readonly enumerators: EnumeratorStates;
    constructor(init: PendingCheckpointInit);
    get state(): CheckpointState;
    get abortReason(): string | undefined;
    get isFullyAcknowledged(): boolean;
    get unacknowledged(): readonly string[];
    get snapshots(): readonly OperatorSnapshot[];
    acknowledge(subtask: string, snapshots: readonly OperatorSnapshot[]): AcknowledgeAnswer;
    complete(): void;
    abort(reason: string): void;
    subsume(): void;
}

// coordinator/retention.d.ts

export interface RetentionFacts {
    readonly completed: readonly number[];
    readonly retainedMax: number;
}

export declare function retentionDecision({ completed, retainedMax }: RetentionFacts): readonly number[];

export declare function nextCheckpointId(highestId: number | undefined): number;

// metadata/checkpoint-metadata.d.ts

export type CheckpointKind = 'checkpoint' | 'savepoint' | 'final';

export interface CheckpointMetadata {
    readonly formatVersion: number;
    readonly checkpointId: number;
    readonly kind: CheckpointKind;
    readonly triggeredAtMs: number;
    readonly completedAtMs: number;
    readonly jobName: string;
    readonly graphHash: string;
    readonly operators: readonly OperatorCheckpoint[];
}

export interface OperatorCheckpoint {
    readonly uid: string;
    readonly name: string;
    readonly kind: string;
    readonly parallelism: number;
    readonly maxParallelism: number;
    readonly subtasks: readonly SubtaskCheckpoint[];
    readonly enumerator?: JsonValue;
}

export type EnumeratorStates = ReadonlyMap<string, JsonValue>;

export interface SubtaskCheckpoint {
    readonly subtaskIndex: number;
    readonly isFinished: boolean;
    readonly slots: Readonly<Record<string, StateHandle>>;
}

export type StateHandle = InlineStateHandle | FileStateHandle;

export interface InlineStateHandle {
    readonly kind: 'inline';
    readonly bytes: Uint8Array;
}

export interface FileStateHandle {
    readonly kind: 'file';
    readonly path: string;
    readonly offset: number;
    readonly sizeBytes: number;
    readonly crc32: number;
}

// metadata/metadata-format.d.ts

export declare const METADATA_FORMAT_VERSION: number;

export declare function encodeMetadata(metadata: CheckpointMetadata): Uint8Array;

export declare function decodeMetadata(bytes: Uint8Array, where: string): CheckpointMetadata;

// recovery/assign-state.d.ts

export interface AssignedState {
    readonly fromSubtaskIndex: number;
    readonly handle: StateHandle;
}

export interface SubtaskAssignment {
    readonly subtaskIndex: number;
    readonly isFinished: boolean;
    readonly slots: Readonly<Record<string, readonly AssignedState[]>>;
}

export type StateAssignment = ReadonlyMap<string, readonly SubtaskAssignment[]>;

export declare function assignState({ metadata, job, }: {
    readonly metadata: CheckpointMetadata;
    readonly job: RestoringJob;
}): StateAssignment;

// recovery/check-fit.d.ts

export interface RestoringJob {
    readonly name: string;
    readonly operators: readonly RestoringOperator[];
}

export interface RestoringOperator {
    readonly uid: string;
    readonly name: string;
    readonly parallelism: number;
    readonly maxParallelism: number;
}

// recovery/deal.d.ts

export interface DealtRun {
    readonly start: number;
    readonly end: number;
}

export declare function dealtRun({ count, subtaskIndex, parallelism, }: {
    readonly count: number;
    readonly subtaskIndex: number;
    readonly parallelism: number;
}): DealtRun;

// storage-layout/checkpoint-directory.d.ts

export declare const METADATA_FILE_NAME: string;

export declare const METADATA_UNFINISHED_FILE_NAME: string;

export declare function checkpointDirectoryName(checkpointId: number): string;

export declare function parseCheckpointDirectoryName(name: string): number | undefined;

export declare function checkpointIdsNewestFirst(names: readonly string[]): readonly number[];

// storage-layout/state-file-name.d.ts

export interface StateFileOwner {
    readonly uid: string;
    readonly subtaskIndex: number;
    readonly slot: string;
}

export declare function stateFileName({ uid, subtaskIndex, slot }: StateFileOwner): string;
