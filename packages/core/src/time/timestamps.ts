// Event time is milliseconds since 1970 as a number. The two ends of the number line are taken:

/** The watermark of a stream that has seen nothing yet; also the smallest timestamp. */
export const MIN_WATERMARK: number = Number.MIN_SAFE_INTEGER

/** The watermark that ends a bounded stream: no record can come after it. */
export const MAX_WATERMARK: number = Number.MAX_SAFE_INTEGER

/** The timestamp of a record that has none. */
export const NO_TIMESTAMP: number = Number.MIN_SAFE_INTEGER
