declare const old: { half(value: number): number; readonly here: string }
export = old
