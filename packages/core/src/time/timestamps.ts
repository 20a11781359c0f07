// Event time is milliseconds since 1970 as a number. The two ends of the number line are taken:

/**
 * The watermark of a stream that has seen nothing yet; also the smallest timestamp.
 *
 * @example
 * ```ts
 * import { MIN_WATERMARK } from '@millrace/core'
 *
 * console.log(MIN_WATERMARK) // -9007199254740991
 * ```
 */
export const MIN_WATERMARK: number = Number.MIN_SAFE_INTEGER

/**
 * The watermark that ends a bounded stream: no record can come after it.
 *
 * @example
 * ```ts
 * import { MAX_WATERMARK } from '@millrace/core'
 *
 * console.log(MAX_WATERMARK) // 9007199254740991
 * ```
 */
export const MAX_WATERMARK: number = Number.MAX_SAFE_INTEGER

/**
 * The timestamp of a record that has none.
 *
 * @example
 * ```ts
 * import { NO_TIMESTAMP } from '@millrace/core'
 *
 * console.log(NO_TIMESTAMP) // -9007199254740991
 * ```
 */
export const NO_TIMESTAMP: number = Number.MIN_SAFE_INTEGER
