// The public surface of @millrace/state. Printed by `npm run api`; review every change of it.

// evolution/stored-table-conversion.d.ts

// not exported
export interface TableEvolution {
    readonly evolution?: TypeEvolution | undefined;
    readonly nowMs?: number | undefined;
}

// evolution/stored-type-conversion.d.ts

export declare function evolutionOf({ migrate, fieldDefaults }: StateEvolution<unknown>, at?: string): TypeEvolution;

// in-flight/tape-format.d.ts

export interface TapeEdge {
    readonly id: string;
    readonly input: number;
    readonly type: TypeDescriptor;
}

export type TapeItem =
{
    readonly kind: 'frame';
    readonly edge: number;
    readonly bytes: Uint8Array;
}
 | {
    readonly kind: 'time';
    readonly input: number;
    readonly watermark: number;
}
 | {
    readonly kind: 'generalized';
    readonly edge: number;
    readonly writer: number;
    readonly writers: number;
    readonly watermark: GeneralizedWatermark;
};

export interface Tape {
    readonly start: readonly number[];
    readonly edges: readonly TapeEdge[];
    readonly items: readonly TapeItem[];
}

export declare const TAPE_FRAME_RECORDS_MAX = 256;

export declare function encodeTape({ start, edges, items }: Tape): Uint8Array;

export declare function decodeTape(bytes: Uint8Array): Tape;

// keyed/entries-cut.d.ts

export interface EntriesCut<K, V> {
    readonly size: number;
    hold(): void;
    read(countMax: number, each: (value: V, key: K) => void): number;
    release(): void;
}

// keyed/heap-aggregating-state.d.ts

export declare class HeapAggregatingState<IN, ACC, OUT> implements AggregatingState<IN, OUT> {
    #private;
    constructor(table: StateCell<ACC>, aggregate: AggregateFunction<IN, ACC, OUT>);
    get(): OUT | undefined;
    add(value: IN): void;
    clear(): void;
}

// keyed/heap-keyed-state-backend.d.ts

export type KeyedStateKind = 'value' | 'list' | 'map' | 'reducing' | 'aggregating';

export interface HeapKeyedStateBackendInit {
    readonly keyType: TypeDescriptor;
    readonly maxParallelism: number;
    readonly keyGroupRange: KeyGroupRange;
    readonly restored?: readonly Uint8Array[];
    readonly now?: () => number;
}

export interface KeyedStateCutInit {
    readonly sizeBytesHint?: number;
    readonly tables?: readonly TableCut[];
}

export declare class HeapKeyedStateBackend<K extends Key = Key> implements KeyedStateStore {
    #private;
    readonly keyType: TypeDescriptor;
    readonly keyGroupRange: KeyGroupRange;
    readonly maxParallelism: number;
    readonly restored: KeyedSnapshotReader;
    constructor(init: HeapKeyedStateBackendInit);
    setCurrentKey(key: K): void;
    clearCurrentKey(): void;
    get currentKey(): K | undefined;
    get currentKeyGroup(): number;
    keysOf(name: string): readonly K[];
    getValueState<T>(descriptor: ValueStateDescriptor<T> & {
        readonly defaultValue: T;
    }): ValueState<T>;
    getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined>;
    getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
    getMapState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>;
    getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T>;
    getAggregatingState<IN, ACC, OUT>(descriptor: AggregatingStateDescriptor<IN, ACC, OUT>): AggregatingState<IN, OUT>;
    cut(init?: KeyedStateCutInit): KeyedSnapshotCut;
    snapshotInto(writer: KeyedSnapshotWriter): void;
    untypedStates(): readonly string[];
}

// keyed/heap-list-state.d.ts

export declare class HeapListState<T> implements ListState<T> {
    #private;
    constructor(table: StateCell<T[]>, ownStrings: OwnStrings | undefined);
    get(): readonly T[];
    add(element: T): void;
    addAll(elements: Iterable<T>): void;
    update(elements: Iterable<T>): void;
    clear(): void;
}

// keyed/heap-map-state.d.ts

export declare class HeapMapState<UK, UV> implements MapState<UK, UV> {
    #private;
    constructor(table: StateCell<Map<UK, UV>>, ownStrings: OwnStrings | undefined);
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

// keyed/heap-reducing-state.d.ts

export declare class HeapReducingState<T> implements ReducingState<T> {
    #private;
    constructor(table: StateCell<T>, reduce: ReduceFunction<T>);
    get(): T | undefined;
    add(value: T): void;
    clear(): void;
}

// keyed/heap-value-state.d.ts

export declare class HeapValueState<T> implements ValueState<T | undefined> {
    #private;
    constructor(table: StateCell<T>, defaultValue: T | undefined);
    value(): T | undefined;
    update(value: T | undefined): void;
    clear(): void;
}

// keyed/key-map.d.ts

export type CopyValue<V> = (value: V) => V;

export declare class KeyMap<K, V> {
    #private;
    constructor(copy?: CopyValue<V>);
    get size(): number;
    get(key: K): V | undefined;
    peek(key: K): V | undefined;
    get isHeld(): boolean;
    handOut(value: V): V;
    hasKey(key: K): boolean;
    set(key: K, value: V): void;
    delete(key: K): boolean;
    forEach(each: (value: V, key: K) => void): void;
    keys(): Iterable<K>;
    entries(): Iterator<readonly [K, V | undefined]>;
    cut(): MapCut<K, V>;
}

// not exported
interface CutMap<K, V> {
    readonly values: Map<K, V | undefined>;
    readonly copy: CopyValue<V> | undefined;
    readonly setHolder: (cut: MapCut<K, V> | undefined) => void;
}

export declare class MapCut<K, V> implements EntriesCut<K, V> {
    #private;
    readonly size: number;
    constructor(map: CutMap<K, V>);
    hold(): void;
    keepCopy(key: K, value: V): void;
    keep(key: K, before: V | undefined): void;
    keepRemoved(key: K, before: V): void;
    read(countMax: number, each: (value: V, key: K) => void): number;
    release(): void;
}

// keyed/numeric-cut.d.ts

// not exported
export interface CutNumericMap {
    holder: NumericCut | undefined;
}

export declare class NumericCut implements EntriesCut<number, number> {
    #private;
    readonly size: number;
    constructor(map: CutNumericMap, entries: Float64Array, size: number);
    hold(): void;
    keep(at: number): void;
    read(countMax: number, each: (value: number, key: number) => void): number;
    release(): void;
}

// keyed/numeric-map.d.ts

export declare class NumericMap {
    #private;
    holder: NumericCut | undefined;
    constructor(sizeHint?: number);
    get size(): number;
    get(key: number): number | undefined;
    set(key: number, value: number): void;
    delete(key: number): void;
    forEach(each: (value: number, key: number) => void): void;
    cut(): NumericCut;
}

// keyed/numeric-table.d.ts

export declare function isNumberType({ kind }: TypeDescriptor): boolean;

// keyed/state-cell.d.ts

export interface StateCell<V> {
    get(): V | undefined;
    put(value: V): void;
    remove(): void;
}

// operator-state/operator-state-backend.d.ts

export interface OperatorStateBackendInit extends SubtaskPlace {
    readonly restored?: readonly Uint8Array[];
}

export declare class OperatorStateBackend {
    #private;
    constructor({ subtaskIndex, parallelism, restored }: OperatorStateBackendInit);
    getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
    getUnionListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
    getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>;
    snapshot(): Uint8Array;
}

// operator-state/operator-state-snapshot.d.ts

export type OperatorStateMode = 'split' | 'union' | 'broadcast';

export interface OperatorStateInfo {
    readonly name: string;
    readonly mode: OperatorStateMode;
    readonly keyType: TypeDescriptor;
    readonly valueType: TypeDescriptor | undefined;
}

export interface OperatorStateContent extends OperatorStateInfo {
    readonly entries: readonly SnapshotEntry[];
}

export interface OperatorStateSnapshot {
    readonly subtaskIndex: number;
    readonly parallelism: number;
    readonly states: readonly OperatorStateContent[];
}

export declare function decodeOperatorState(bytes: Uint8Array): OperatorStateSnapshot;

// operator-state/share-out.d.ts

export interface SubtaskPlace {
    readonly subtaskIndex: number;
    readonly parallelism: number;
}

// snapshot/copy-value.d.ts

export declare function valueCopier(type: TypeDescriptor): ((value: unknown) => unknown) | undefined;

// snapshot/keyed-snapshot-cut.d.ts

export interface CutState {
    hold(): void;
    encode(): Steps<Uint8Array>;
    release(): void;
}

export declare class KeyedSnapshotCut implements CutState {
    #private;
    constructor(init: KeyedSnapshotWriterInit, tables: readonly TableCut[], rawTables?: readonly RawTable[]);
    hold(): void;
    encode(): Steps<Uint8Array>;
    release(): void;
}

// snapshot/keyed-snapshot-format.d.ts

export interface KeySpace {
    readonly keyType: TypeDescriptor;
    readonly maxParallelism: number;
}

export interface TableInfo {
    readonly name: string;
    readonly kind: string;
    readonly valueType: TypeDescriptor | undefined;
    readonly hasTimes?: true | undefined;
}

export interface RawTable extends TableInfo {
    readonly keyType: TypeDescriptor;
    frames(): Iterable<RawFrame>;
    forEachEntry(each: (key: unknown, namespace: number, value: unknown, keyGroup: number) => void): void;
}

export interface RawFrame {
    readonly keyGroup: number;
    readonly bytes: Uint8Array;
}

// snapshot/keyed-snapshot-reader.d.ts

export interface WantedTable extends TableEvolution {
    readonly kind: string;
    readonly keyType: TypeDescriptor;
    readonly valueType: TypeDescriptor | undefined;
    readonly hasTimes?: true | undefined;
}

export type EachEntry = (key: unknown, namespace: number, value: unknown, keyGroup: number) => void;

export declare class KeyedSnapshotReader {
    #private;
    constructor(snapshots: readonly Uint8Array[], keyGroupRange: KeyGroupRange);
    checkKeys({ keyType, maxParallelism }: KeySpace): void;
    tables(): readonly TableInfo[];
    unclaimedTables(): readonly RawTable[];
    readTable(name: string, wanted: WantedTable, each: EachEntry): boolean;
}

// snapshot/keyed-snapshot-writer.d.ts

export type AddEntry = (key: unknown, namespace: number, value: unknown) => void;

export type AddGroupedEntry = (keyGroup: number, key: unknown, namespace: number, value: unknown) => void;

// not exported
export interface TableReading {
    readonly entryCount?: number;
    readonly hasFixedValues?: boolean;
}

export interface KeyedSnapshotWriterInit extends KeySpace {
    readonly sizeBytesHint?: number;
}

export declare class KeyedSnapshotWriter {
    #private;
    readonly keyType: TypeDescriptor;
    readonly maxParallelism: number;
    constructor({ keyType, maxParallelism, sizeBytesHint }: KeyedSnapshotWriterInit);
    writeTable(table: TableInfo, emit: (add: AddEntry) => void): void;
    writeTableInSteps(table: TableInfo, read: (countMax: number, add: AddEntry) => number, { entryCount, hasFixedValues }?: TableReading): Steps;
    writeGroupedTable(table: TableInfo, emit: (add: AddGroupedEntry) => void): void;
    writeGroupedTableInSteps(table: TableInfo, read: (countMax: number, add: AddGroupedEntry) => number, { entryCount }?: TableReading): Steps;
    copyTable(table: RawTable): void;
    copyTableInSteps(table: RawTable): Steps;
    finish(): Uint8Array;
    finishInSteps(): Steps<Uint8Array>;
}

// snapshot/owned-strings.d.ts

export type OwnStrings = (value: unknown) => unknown;

export declare function ownedStrings(type: TypeDescriptor): OwnStrings | undefined;

export declare function ownString(value: unknown): unknown;

// snapshot/snapshot-entry.d.ts

// not exported
export declare class SnapshotEntry {
    key: unknown;
    value: unknown;
    constructor(key: unknown, value: unknown);
}

// snapshot/snapshot-outline.d.ts

export interface SnapshotBytes {
    readonly sizeBytes: number;
    read(position: number, byteLength: number): Promise<Uint8Array>;
}

export interface StateSize {
    readonly entries: number;
    readonly bytes: number;
}

export interface TableOutline extends TableInfo, StateSize {
    readonly keyGroups: ReadonlyMap<number, StateSize>;
}

export type SnapshotOutline = {
    readonly kind: 'keyed';
    readonly keyType: TypeDescriptor;
    readonly maxParallelism: number;
    readonly tables: readonly TableOutline[];
} | {
    readonly kind: 'operator';
    readonly states: readonly (OperatorStateInfo & StateSize)[];
};

export declare function outlineSnapshot(bytes: SnapshotBytes): Promise<SnapshotOutline | undefined>;

// snapshot/steps.d.ts

export type Steps<T = void> = Generator<void, T>;

export declare function runSteps<T>(steps: Steps<T>): T;

// snapshot/table-cut.d.ts

export interface TableCut {
    hold(): void;
    writeInto(writer: KeyedSnapshotWriter): Steps;
    release(): void;
}

// ttl/timed-values.d.ts

export declare function dropTimes(kind: string): ValueConverter;
