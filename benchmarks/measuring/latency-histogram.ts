// A histogram of latencies that costs a few nanoseconds a value: as in HdrHistogram, each power of two is divided into equally
// many buckets, so that every value is known to within 1.6 %.
//
//   microseconds   0 … 127   one bucket each
//                128 … 255   64 buckets of 2
//                256 … 511   64 buckets of 4, and so on

/** Of a power of two, as a power of two. */
const BUCKETS_LOG2 = 6
const BUCKETS = 1 << BUCKETS_LOG2
/** Up to 2^31 microseconds, about half an hour. */
const BUCKET_COUNT = (32 - BUCKETS_LOG2) * BUCKETS
const MICROSECONDS_MAX = 2 ** 31 - 1

/** A histogram as plain data: pairs of bucket and count. */
export type HistogramData = readonly (readonly [bucket: number, count: number])[]

/** Counts latencies. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKET_COUNT)
  #count = 0

  /** Counts one; what is below 0 counts as 0. */
  record(latencyMs: number): void {
    const microseconds = Math.min(Math.max(latencyMs * 1000, 0), MICROSECONDS_MAX) | 0
    const bucket = bucketOf(microseconds)
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#count++
  }

  get count(): number {
    return this.#count
  }

  /** The latency that so many percent do not exceed, in milliseconds: the upper end of its bucket. `NaN` without values. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#count))
    let seen = 0
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
      seen += this.#counts[bucket] as number
      if (seen >= wanted) return endOf(bucket) / 1000
    }
    return Number.NaN
  }

  add(data: HistogramData): void {
    for (const [bucket, count] of data) {
      this.#counts[bucket] = (this.#counts[bucket] as number) + count
      this.#count += count
    }
  }

  toData(): HistogramData {
    return Array.from(this.#counts, (count, bucket) => [bucket, count] as const).filter(
      ([, count]) => count > 0,
    )
  }
}

function bucketOf(microseconds: number): number {
  const shift = Math.max(0, 31 - Math.clz32(microseconds) - BUCKETS_LOG2)
  return shift * BUCKETS + (microseconds >> shift)
}

/** The first value behind a bucket, in microseconds. */
function endOf(bucket: number): number {
  const shift = Math.max(0, (bucket >> BUCKETS_LOG2) - 1)
  return (bucket - shift * BUCKETS + 1) * 2 ** shift
}
