// The public surface of @millrace/connector-files. Printed by `npm run api`; review every change of it.

// bucket-assigner.d.ts

export interface BucketContext extends SinkRecordContext {
    readonly currentProcessingTime: number;
}

export interface BucketAssigner<T> {
    describe(): JsonValue;
    bucketOf(value: T, context: BucketContext): string;
}

export interface DateTimeBucketsOptions {
    readonly pattern?: string;
    readonly timeZone?: string;
    readonly time?: 'processing-time' | 'event-time';
}

export declare function dateTimeBuckets(options?: DateTimeBucketsOptions): BucketAssigner<unknown>;

// bulk-format.d.ts

export interface BulkFormat<T> {
    readonly name: string;
    readonly isJoinable?: boolean;
    createWriter(): BulkWriter<T>;
}

export interface BulkWriter<T> {
    write(value: T): void;
    readonly pendingBytes: number;
    take(): Uint8Array;
    finish(): Uint8Array;
}

export interface GzipOptions {
    readonly level?: number;
}

export declare function gzip<T>(encoder: RecordEncoder<T>, options?: GzipOptions): BulkFormat<T>;

// compaction.d.ts

export interface FileCompactionOptions {
    readonly sizeBytes?: number;
    readonly checkpoints?: number;
    readonly parallelism?: number;
}

// file-discovery.d.ts

export interface FoundFile {
    readonly path: string;
    readonly sizeBytes: number;
    readonly modifiedMs: number;
}

// file-sink.d.ts

export interface FileSinkOptions<T> {
    readonly path: string;
    readonly encoder?: RecordEncoder<T>;
    readonly bulkFormat?: BulkFormat<T>;
    readonly partPrefix?: string;
    readonly partSuffix?: string;
    readonly buckets?: BucketAssigner<T> | ((value: T, context: BucketContext) => string);
    readonly rolling?: RollingPolicy<T>;
    readonly checkInterval?: Duration;
    readonly compaction?: FileCompactionOptions;
}

export declare class FileSink<T> implements Sink<T> {
    #private;
    readonly name: string;
    readonly preCommit: readonly CommitStage[];
    private constructor();
    static of<T>(options: FileSinkOptions<T>): FileSink<T>;
    describe(): JsonValue;
    createWriter(context: SinkWriterContext): SinkWriter<T>;
    createCommitter(context: CommitterContext): Committer;
}

// file-source.d.ts

export interface FileSourceOptions<T> {
    readonly path: string | readonly string[];
    readonly format: RecordFormat<T>;
    readonly onMalformed?: MalformedPolicy;
    readonly bufferBytes?: number;
    readonly recursive?: boolean;
    readonly filter?: (file: FoundFile) => boolean;
    readonly splitBytes?: number;
    readonly monitorInterval?: Duration;
}

export declare class FileSource<T> implements Source<T, FileSplit> {
    #private;
    readonly name: string;
    readonly boundedness: 'bounded' | 'unbounded';
    readonly type: TypeInfo<T> | undefined;
    private constructor();
    static of<T>(options: FileSourceOptions<T>): FileSource<T>;
    describe(): JsonValue;
    createEnumerator(context: SplitEnumeratorContext<FileSplit>, restored: JsonValue | undefined): SplitEnumerator<FileSplit>;
    createReader(context: SourceReaderContext): SourceReader<T, FileSplit>;
}

// file-split.d.ts

// not exported
export interface FileSplit extends SourceSplit, DecoderState {
    readonly path: string;
    readonly isDone: boolean;
    readonly end?: number;
    readonly isInside?: boolean;
}

// rolling-policy.d.ts

export interface OpenPart {
    readonly bucket: string;
    readonly sizeBytes: number;
    readonly createdMs: number;
    readonly lastWriteMs: number;
}

export interface RollingPolicy<T> {
    describe(): JsonValue;
    rollsOnCheckpoint(part: OpenPart): boolean;
    rollsOnRecord(part: OpenPart, value: T): boolean;
    rollsOnTime?(part: OpenPart, nowMs: number): boolean;
}

export interface RollWhenOptions {
    readonly sizeBytes?: number;
    readonly age?: Duration;
    readonly idle?: Duration;
}

export declare function rollOnCheckpoint(): RollingPolicy<unknown>;

export declare function rollWhen(options?: RollWhenOptions): RollingPolicy<unknown>;

// text-lines.d.ts

export declare function textLines(): RecordFormat<string>;
