// The public surface of @millrace/format-json. Printed by `npm run api`; review every change of it.

// json-array.d.ts

export declare function jsonArray<T = unknown>(options?: JsonFormatOptions<T>): RecordFormat<T>;

// json-format.d.ts

export interface JsonFormatOptions<T> {
    readonly type?: TypeInfo<T>;
    readonly parse?: (value: unknown) => T;
    readonly schema?: StandardSchema<T>;
}

// json-lines-encoder.d.ts

export declare function jsonLinesEncoder<T>(): RecordEncoder<T>;

// json-lines.d.ts

export declare function jsonLines<T = unknown>(options?: JsonFormatOptions<T>): RecordFormat<T>;
