export {
  type BucketAssigner,
  type BucketContext,
  dateTimeBuckets,
  type DateTimeBucketsOptions,
} from './bucket-assigner.ts'
export { type BulkFormat, type BulkWriter, gzip, type GzipOptions } from './bulk-format.ts'
export type { FileCompactionOptions } from './compaction.ts'
export { FileSink, type FileSinkOptions } from './file-sink.ts'
export type { FoundFile } from './file-discovery.ts'
export { FileSource, type FileSourceOptions } from './file-source.ts'
export {
  type OpenPart,
  rollOnCheckpoint,
  type RollingPolicy,
  rollWhen,
  type RollWhenOptions,
} from './rolling-policy.ts'
export { textLines } from './text-lines.ts'
