import {
  checkMethods,
  checkOptions,
  type CommitStage,
  type Committer,
  type CommitterContext,
  type Duration,
  durationMs,
  checkInteger,
  type JsonValue,
  MillraceError,
  type RecordEncoder,
  show,
  type Sink,
  type SinkWriter,
  type SinkWriterContext,
} from '@millrace/core'
import type { BucketAssigner, BucketContext } from './bucket-assigner.ts'
import { type BulkFormat, type BulkWriter, RowWriter } from './bulk-format.ts'
import {
  checkCompaction,
  compactionStages,
  type FileCompaction,
  type FileCompactionOptions,
} from './compaction.ts'
import { FileCommitter } from './file-committer.ts'
import { FileSinkWriter } from './file-sink-writer.ts'
import type { PartNaming } from './part-names.ts'
import { baseName } from './paths.ts'
import { rollOnCheckpoint, type RollingPolicy } from './rolling-policy.ts'

/** Where a file sink writes, and how. */
export interface FileSinkOptions<T> {
  /** The folder for the part files. It is created if it is missing. */
  readonly path: string
  /** How records become text, for example `jsonLinesEncoder()`. Give this or `bulkFormat`. */
  readonly encoder?: RecordEncoder<T>
  /** How records become files that have an end, for example `gzip(jsonLinesEncoder())`. */
  readonly bulkFormat?: BulkFormat<T>
  /** How the names of part files begin. Default: `part`. Sinks that share a folder must differ in it. */
  readonly partPrefix?: string
  /** How the names of part files end, for example `.jsonl`. Default: nothing. */
  readonly partSuffix?: string
  /**
   * Into which folder below `path` a record goes: {@link dateTimeBuckets}, an assigner, or a function. Default: `path` itself.
   * A function is told of the record's time, and answers a path such as `at/vienna`.
   */
  readonly buckets?: BucketAssigner<T> | ((value: T, context: BucketContext) => string)
  /** When a part file ends: {@link rollOnCheckpoint}, {@link rollWhen}, or a policy. Default: at each checkpoint. */
  readonly rolling?: RollingPolicy<T>
  /** How often the rolling policy is asked about the time. Default: `1 s`. */
  readonly checkInterval?: Duration
  /** Joins small part files before they become visible. Default: they stay as they are. */
  readonly compaction?: FileCompactionOptions
}

/**
 * Writes part files, each record exactly once. A part that has ended becomes visible when the next checkpoint is complete; so
 * does the last one at the end of the input. Files whose names begin with a dot are not finished: readers must leave them
 * out, as `FileSource` does. Parts that a checkpoint finds open are continued after a restart, from the byte that the
 * checkpoint holds.
 *
 * @example
 * ```ts
 * import { dateTimeBuckets, FileSink, rollWhen } from '@millrace/connector-files'
 *
 * const sink = FileSink.of({
 *   path: 'out/words',
 *   encoder: { name: 'text', encode: (line: string) => `${line}\n` },
 *   partSuffix: '.txt',
 *   buckets: dateTimeBuckets({ pattern: 'yyyy-MM-dd' }),
 *   rolling: rollWhen({ sizeBytes: 64 * 1024 * 1024, age: '15 min' }),
 *   compaction: { checkpoints: 5 },
 * })
 * console.log(sink.name) // FileSink(words)
 * ```
 */
export class FileSink<T> implements Sink<T> {
  readonly name: string
  /** Joins small files; empty without compaction. */
  readonly preCommit: readonly CommitStage[]
  readonly #format: PartFormat<T>
  readonly #naming: PartNaming
  readonly #buckets: BucketAssigner<T> | undefined
  readonly #rolling: RollingPolicy<T>
  readonly #checkIntervalMs: number
  readonly #compaction: FileCompaction | undefined

  private constructor(options: FileSinkOptions<T>) {
    const { path, partPrefix, partSuffix, buckets, rolling, compaction } = options
    this.#format = partFormat(options)
    this.#naming = {
      directory: checkPath(path),
      prefix: checkNamePart('partPrefix', partPrefix ?? 'part', VISIBLE_PREFIX),
      suffix: checkNamePart('partSuffix', partSuffix ?? '', SUFFIX),
    }
    this.#buckets = typeof buckets === 'function' ? bucketsBy(buckets) : checkBuckets(buckets)
    this.#rolling = checkRolling(rolling ?? rollOnCheckpoint())
    this.#checkIntervalMs = checkInteger(
      'checkInterval in milliseconds',
      durationMs(options.checkInterval ?? '1 s'),
      { min: 1, max: Number.MAX_SAFE_INTEGER },
    )
    this.#compaction = compaction === undefined ? undefined : checkCompaction(compaction)
    this.preCommit =
      this.#compaction === undefined
        ? []
        : compactionStages(this.#compaction, this.#format.headerBytes())
    this.name = `FileSink(${baseName(path)})`
  }

  /** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`, `DURATION_INVALID` */
  static of<T>(options: FileSinkOptions<T>): FileSink<T> {
    checkOptions('FileSink.of', options, KNOWN_OPTIONS)
    return new FileSink(options)
  }

  describe(): JsonValue {
    return {
      sink: 'files',
      ...this.#naming,
      encoder: this.#format.name,
      ...(this.#buckets !== undefined && { buckets: this.#buckets.describe() }),
      ...(this.#rolling !== rollOnCheckpoint() && { rolling: this.#rolling.describe() }),
      ...(this.#compaction !== undefined && {
        compaction: {
          sizeBytes: this.#compaction.sizeBytes,
          checkpoints: this.#compaction.checkpoints,
        },
      }),
    }
  }

  createWriter(context: SinkWriterContext): SinkWriter<T> {
    return new FileSinkWriter({
      context,
      naming: this.#naming,
      createContent: this.#format.createContent,
      canContinueParts: this.#format.canContinueParts,
      rolling: this.#rolling,
      checkIntervalMs: this.#checkIntervalMs,
      buckets: this.#buckets,
      isCompacting: this.#compaction !== undefined,
    })
  }

  createCommitter(context: CommitterContext): Committer {
    return new FileCommitter(context.platform.files)
  }
}

const KNOWN_OPTIONS = [
  'path',
  'encoder',
  'bulkFormat',
  'partPrefix',
  'partSuffix',
  'buckets',
  'rolling',
  'checkInterval',
  'compaction',
] as const satisfies readonly (keyof FileSinkOptions<never>)[]

/** Text or bulk, as the writer sees it. */
interface PartFormat<T> {
  readonly name: string
  readonly canContinueParts: boolean
  readonly createContent: (isContinued: boolean) => BulkWriter<T>
  /** How many bytes each file begins with that must not stand in the middle. Throws if files cannot be joined. */
  readonly headerBytes: () => number
}

function partFormat<T>({ encoder, bulkFormat }: FileSinkOptions<T>): PartFormat<T> {
  if (encoder !== undefined && bulkFormat === undefined) {
    checkMethods('encoder of FileSink.of', encoder, ['encode'])
    return {
      name: encoder.name,
      canContinueParts: true,
      createContent: (isContinued) => new RowWriter(encoder, { isContinued }),
      headerBytes: () => Buffer.byteLength(encoder.header ?? ''),
    }
  }
  if (bulkFormat !== undefined && encoder === undefined) {
    checkMethods('bulkFormat of FileSink.of', bulkFormat, ['createWriter'])
    return {
      name: bulkFormat.name,
      canContinueParts: false,
      createContent: () => bulkFormat.createWriter(),
      headerBytes: () => {
        if (bulkFormat.isJoinable === true) return 0
        throw new MillraceError('OPTION_INVALID', {
          expected: 'a format whose files can be joined, for compaction',
          came: bulkFormat.name,
          todo: 'Leave out compaction, or choose a format without a header whose isJoinable is true.',
        })
      },
    }
  }
  throw new MillraceError('OPTION_INVALID', {
    expected: 'an encoder or a bulkFormat for FileSink.of',
    came: encoder === undefined ? 'neither' : 'both',
    todo: 'Write for example encoder: jsonLinesEncoder().',
  })
}

function bucketsBy<T>(bucketOf: BucketAssigner<T>['bucketOf']): BucketAssigner<T> {
  return { describe: () => 'by a function', bucketOf }
}

function checkBuckets<T>(buckets: BucketAssigner<T> | undefined): BucketAssigner<T> | undefined {
  const isAssigner =
    typeof buckets?.bucketOf === 'function' && typeof buckets.describe === 'function'
  if (buckets === undefined || isAssigner) return buckets
  throw new MillraceError('OPTION_INVALID', {
    expected: 'buckets as a function, or an assigner with describe and bucketOf',
    came: show(buckets),
    todo: 'Write for example buckets: dateTimeBuckets(), or (value) => value.country.',
  })
}

function checkRolling<T>(rolling: RollingPolicy<T>): RollingPolicy<T> {
  const names = ['describe', 'rollsOnCheckpoint', 'rollsOnRecord'] as const
  if (names.every((name) => typeof rolling?.[name] === 'function')) return rolling
  throw new MillraceError('OPTION_INVALID', {
    expected: `a rolling policy with ${names.join(', ')}`,
    came: show(rolling),
    todo: 'Write for example rolling: rollWhen({ sizeBytes: 1_000_000 }).',
  })
}

function checkPath(path: string): string {
  if (typeof path === 'string' && path !== '') return path
  throw new MillraceError('OPTION_INVALID', {
    expected: 'the path of a folder',
    came: show(path),
    todo: "Write for example path: 'out/flights'.",
  })
}

function checkNamePart(option: string, text: string, allowed: RegExp): string {
  if (typeof text === 'string' && allowed.test(text)) return text
  throw new MillraceError('OPTION_INVALID', {
    expected: `${option} as a part of a visible file name`,
    came: show(text),
    todo: 'Leave out slashes, which belong into path, and do not begin the prefix with a dot or _.',
  })
}

const VISIBLE_PREFIX = /^[^._/\\][^/\\]*$/
const SUFFIX = /^[^/\\]*$/
