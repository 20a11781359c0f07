// Into which folder below the sink's own a record goes.

import {
  checkOptions,
  type JsonValue,
  MillraceError,
  show,
  type SinkRecordContext,
} from '@millrace/core'

/** What is known of a record when its bucket is chosen. */
export interface BucketContext extends SinkRecordContext {
  /** Milliseconds since 1970. */
  readonly currentProcessingTime: number
}

/** Chooses the bucket of each record: a folder, by its path below that of the sink; `''` is the sink's own. */
export interface BucketAssigner<T> {
  /** Part of the plan. */
  describe(): JsonValue
  bucketOf(value: T, context: BucketContext): string
}

/** How {@link dateTimeBuckets} names its buckets. */
export interface DateTimeBucketsOptions {
  /** Letters stand for digits of the date and time: `yyyy`, `MM`, `dd`, `HH`, `mm`, `ss`. Default: `yyyy-MM-dd--HH`. */
  readonly pattern?: string
  /** The IANA name of a time zone, such as `Europe/Vienna`. Default: `UTC`. */
  readonly timeZone?: string
  /** The clock when the record is written, or the record's own time. Default: `'processing-time'`. */
  readonly time?: 'processing-time' | 'event-time'
}

/**
 * A folder for each hour, day or whatever the pattern tells apart.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`
 * @example
 * ```ts
 * import { dateTimeBuckets } from '@millrace/connector-files'
 *
 * const hours = dateTimeBuckets({ pattern: 'yyyy/MM/dd/HH', time: 'event-time' })
 * const timestamp = Date.UTC(2024, 1, 29, 17, 30)
 * const context = { timestamp, currentWatermark: 0, currentProcessingTime: 0 }
 * console.log(hours.bucketOf('a record', context)) // 2024/02/29/17
 * ```
 */
export function dateTimeBuckets(options: DateTimeBucketsOptions = {}): BucketAssigner<unknown> {
  checkOptions('dateTimeBuckets', options, ['pattern', 'timeZone', 'time'])
  return new DateTimeBuckets(options)
}

class DateTimeBuckets implements BucketAssigner<unknown> {
  readonly #pattern: string
  readonly #timeZone: string
  readonly #time: 'processing-time' | 'event-time'
  readonly #format: Intl.DateTimeFormat
  /** The last name and the second it is for: records come in about the order of time. */
  #second = Number.NaN
  #bucket = ''

  constructor({ pattern = 'yyyy-MM-dd--HH', timeZone = 'UTC', time }: DateTimeBucketsOptions) {
    this.#pattern = checkPattern(pattern)
    this.#timeZone = timeZone
    this.#time = checkTime(time ?? 'processing-time')
    this.#format = formatIn(timeZone)
  }

  describe(): JsonValue {
    return { buckets: this.#pattern, timeZone: this.#timeZone, time: this.#time }
  }

  bucketOf(_value: unknown, context: BucketContext): string {
    const second = Math.floor(this.#timeOf(context) / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#bucket = this.#nameOf(second * 1000)
    }
    return this.#bucket
  }

  #timeOf({ timestamp, currentProcessingTime }: BucketContext): number {
    if (this.#time === 'processing-time') return currentProcessingTime
    if (timestamp !== undefined) return timestamp
    throw new MillraceError('TIMESTAMP_INVALID', {
      expected: 'records with event time for dateTimeBuckets',
      came: 'a record without',
      todo: "Call assignTimestampsAndWatermarks before the sink, or choose time: 'processing-time'.",
    })
  }

  #nameOf(timeMs: number): string {
    const digits = new Map<string, string>()
    for (const { type, value } of this.#format.formatToParts(timeMs)) digits.set(type, value)
    return this.#pattern.replaceAll(TOKENS, (token) => {
      const text = digits.get(PARTS[token] as string) as string
      return text.padStart(token.length, '0')
    })
  }
}

const TOKENS = /yyyy|MM|dd|HH|mm|ss/g

const PARTS: Readonly<Record<string, string>> = {
  yyyy: 'year',
  MM: 'month',
  dd: 'day',
  HH: 'hour',
  mm: 'minute',
  ss: 'second',
}

function formatIn(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-gregory', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
  } catch (cause) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'the IANA name of a time zone as timeZone',
      came: show(timeZone),
      todo: "Write for example 'UTC' or 'Europe/Vienna'.",
      cause,
    })
  }
}

function checkPattern(pattern: string): string {
  const rest = typeof pattern === 'string' ? pattern.replaceAll(TOKENS, '0') : ''
  if (/^[^\p{L}]+$/u.test(rest) && isBucketPath(rest)) return pattern
  throw new MillraceError('OPTION_INVALID', {
    expected: 'a pattern of yyyy, MM, dd, HH, mm and ss with signs between them',
    came: show(pattern),
    todo: "Write for example 'yyyy-MM-dd--HH', or 'yyyy/MM/dd' for folders in folders.",
  })
}

function checkTime<X>(time: X): X {
  if (time === 'processing-time' || time === 'event-time') return time
  throw new MillraceError('OPTION_INVALID', {
    expected: "'processing-time' or 'event-time' as time",
    came: show(time),
    todo: 'Leave it out for the time of the clock.',
  })
}

/** Whether a bucket lies below the sink's folder and can be seen by readers: no `..`, no name that begins with a dot or _. */
export function isBucketPath(bucket: string): boolean {
  return (
    typeof bucket === 'string' &&
    bucket.split('/').every((name) => /^[^._\\][^\\]*$/.test(name) && !name.includes('\0'))
  )
}
