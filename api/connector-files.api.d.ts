// The public surface of @millrace/connector-files. Printed by `npm run api`; review every change of it.

// file-sink.d.ts

export interface FileSinkOptions<T> {
    readonly path: string;
    readonly encoder: RecordEncoder<T>;
    readonly partPrefix?: string;
    readonly partSuffix?: string;
}

export declare class FileSink<T> implements Sink<T> {
    #private;
    readonly name: string;
    private constructor();
    static of<T>(options: FileSinkOptions<T>): FileSink<T>;
    describe(): JsonValue;
    createWriter(context: SinkWriterContext): SinkWriter<T>;
    createCommitter(context: SinkWriterContext): Committer;
}

// file-source.d.ts

export interface FileSourceOptions<T> {
    readonly path: string | readonly string[];
    readonly format: RecordFormat<T>;
    readonly onMalformed?: MalformedPolicy;
    readonly bufferBytes?: number;
}

export declare class FileSource<T> implements Source<T, FileSplit> {
    #private;
    readonly name: string;
    readonly boundedness = "bounded";
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
}

// text-lines.d.ts

export declare function textLines(): RecordFormat<string>;
