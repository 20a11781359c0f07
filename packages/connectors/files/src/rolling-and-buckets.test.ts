import { describe, expect, test } from 'vitest'
import { FileSink, gzip, type OpenPart, rollOnCheckpoint, rollWhen } from './index.ts'
import { dateTimeBuckets, isBucketPath } from './bucket-assigner.ts'

const part: OpenPart = { bucket: '', sizeBytes: 100, createdMs: 1000, lastWriteMs: 5000 }
const NOON = Date.UTC(2024, 6, 1, 12, 34, 56)

describe('rolling policies', () => {
  test('when a part is large, old or idle, then it rolls', () => {
    const rolling = rollWhen({ sizeBytes: 101, age: '10 s', idle: '4 s' })
    expect(rolling.rollsOnRecord(part, 'a')).toBe(false)
    expect(rolling.rollsOnRecord({ ...part, sizeBytes: 101 }, 'a')).toBe(true)
    expect(rolling.rollsOnCheckpoint(part)).toBe(false)
    expect(rolling.rollsOnTime?.(part, 8999)).toBe(false)
    expect(rolling.rollsOnTime?.(part, 9000)).toBe(true)
    expect(rolling.rollsOnTime?.({ ...part, lastWriteMs: 10_999 }, 11_000)).toBe(true)
  })

  test('when nothing is said, then parts roll at checkpoints only', () => {
    expect(rollOnCheckpoint().rollsOnCheckpoint(part)).toBe(true)
    expect('rollsOnTime' in rollOnCheckpoint()).toBe(false)
  })
})

describe('buckets by date and time', () => {
  test('when time is that of the clock or of the record, then the bucket is', () => {
    const context = {
      timestamp: NOON,
      currentWatermark: 0,
      currentProcessingTime: NOON + 3_600_000,
    }
    expect(dateTimeBuckets().bucketOf('a', context)).toBe('2024-07-01--13')
    const event = dateTimeBuckets({ time: 'event-time', pattern: 'yyyy/MM/dd/HH-mm-ss' })
    expect(event.bucketOf('a', context)).toBe('2024/07/01/12-34-56')
    expect(event.bucketOf('a', { ...context, timestamp: NOON + 1000 })).toBe('2024/07/01/12-34-57')
    expect(() => event.bucketOf('a', { ...context, timestamp: undefined })).toThrow(
      /TIMESTAMP_INVALID/,
    )
  })

  test('when a time zone is given, then days are those of the zone', () => {
    const days = dateTimeBuckets({ pattern: 'yyyy-MM-dd', timeZone: 'Asia/Tokyo' })
    const late = Date.UTC(2024, 11, 31, 23)
    const context = { timestamp: undefined, currentWatermark: 0, currentProcessingTime: late }
    expect(days.bucketOf('a', context)).toBe('2025-01-01')
  })

  test.each(['', '..', '.a', 'a/../b', '_a', 'a//b', '/a', 'a/', 'a\\b'])(
    '%j is no bucket',
    (path) => {
      expect(isBucketPath(path)).toBe(false)
    },
  )
})

const encoder = { name: 'lines', encode: (line: string) => `${line}\n` }

test.each([
  [() => dateTimeBuckets({ pattern: 'yyyy-ww' }), /OPTION_INVALID.*yyyy-ww/],
  [() => dateTimeBuckets({ timeZone: 'Mars/Base' }), /OPTION_INVALID.*Mars/],
  [() => dateTimeBuckets({ time: 'event' } as never), /OPTION_INVALID.*'event-time'/],
  [() => rollWhen({ sizeBytes: 0 }), /OPTION_INVALID.*sizeBytes/],
  [() => rollWhen({ size: 1 } as never), /OPTION_UNKNOWN.*sizeBytes/],
  [() => gzip(encoder, { level: 11 }), /OPTION_INVALID.*level/],
  [() => FileSink.of({ path: 'a' }), /OPTION_INVALID.*neither/],
  [() => FileSink.of({ path: 'a', encoder, bulkFormat: gzip(encoder) }), /OPTION_INVALID.*both/],
  [
    () => FileSink.of({ path: 'a', encoder, rolling: {} as never }),
    /OPTION_INVALID.*rollsOnRecord/,
  ],
  [() => FileSink.of({ path: 'a', encoder, buckets: 'a' as never }), /OPTION_INVALID.*buckets/],
  [
    () => FileSink.of({ path: 'a', encoder, compaction: { checkpoints: 0 } }),
    /OPTION_INVALID.*checkpoints/,
  ],
  [
    () => FileSink.of({ path: 'a', bulkFormat: gzip({ ...encoder, header: 'h' }), compaction: {} }),
    /OPTION_INVALID.*can be joined/,
  ],
])('when options are wrong, then they are refused (%#)', (make, message) => {
  expect(make).toThrow(message)
})
