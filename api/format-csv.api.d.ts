// The public surface of @millrace/format-csv. Printed by `npm run api`; review every change of it.

// csv-dialect.d.ts

export interface CsvDialect {
    readonly delimiter?: string;
    readonly quote?: string;
}

// csv-encoder.d.ts

export interface CsvEncoderOptions extends CsvDialect {
    readonly columns: readonly string[];
    readonly header?: boolean;
}

export declare function csvEncoder<T>(options: CsvEncoderOptions): RecordEncoder<T>;

// csv-fields.d.ts

export type CsvFields = Readonly<Record<string | number, string>>;

// csv-format.d.ts

export interface CsvOptions<T> extends CsvDialect {
    readonly type?: TypeInfo<T>;
    readonly header?: boolean | readonly string[];
    readonly parse?: (fields: CsvFields) => T;
    readonly schema?: StandardSchema<T>;
}

export declare function csv<T = CsvFields>(options?: CsvOptions<T>): RecordFormat<T>;
