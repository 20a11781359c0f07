import {
  checkFunction,
  checkMethods,
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  type JsonValue,
  type MalformedPolicy,
  MillraceError,
  type RecordFormat,
  show,
  type Source,
  type SourceReader,
  type SourceReaderContext,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  type TypeInfo,
} from '@millrace/core'
import { FileReader } from './file-reader.ts'
import type { FileSearch, FoundFile } from './file-discovery.ts'
import { FileEnumerator } from './file-enumerator.ts'
import type { FileSplit } from './file-split.ts'
import { globExpression, isGlob } from './glob.ts'
import { baseName } from './paths.ts'

/** What a file source reads, and how. */
export interface FileSourceOptions<T> {
  /**
   * Files, folders and patterns such as `data/**\/*.jsonl`. Of a folder, all files directly in it are read, in the order of
   * their names, except hidden ones: those whose name begins with `.` or `_`.
   */
  readonly path: string | readonly string[]
  /** How bytes become records, for example `jsonLines()`. */
  readonly format: RecordFormat<T>
  /**
   * `'fail'`: a record that cannot be read fails the job. `'skip'`: it is passed over and counted in the
   * accumulator `<name of the source>.malformed`; the first one is logged. Default: `'fail'`.
   */
  readonly onMalformed?: MalformedPolicy
  /** How many bytes a reader holds that it has read ahead. Default: 512 KiB. */
  readonly bufferBytes?: number
  /** Whether folders in folders are read too. A pattern decides that for itself. Default: `false`. */
  readonly recursive?: boolean
  /** Which of the files that were found are read. Default: all. */
  readonly filter?: (file: FoundFile) => boolean
  /**
   * Large files are read in ranges of so many bytes, by several readers. The format must be one of lines. Default: a file is
   * read by one reader, in its order.
   */
  readonly splitBytes?: number
  /**
   * Looks for new files again and again, and never ends. A file must be whole when its name appears, and is read once, however
   * it changes. The names of all files read so far are part of checkpoints. Default: files are looked for once.
   */
  readonly monitorInterval?: Duration
}

/**
 * Reads files once, from front to back; a reader gets the next one when it asks for it. After a failure reading goes on at
 * the exact byte behind the last record of the checkpoint. Files whose names end in `.gz` are decompressed.
 *
 * @example
 * ```ts
 * import { FileSource, textLines } from '@millrace/connector-files'
 *
 * const source = FileSource.of({ path: 'books/hamlet.txt', format: textLines() })
 * console.log(source.name, source.boundedness) // FileSource(hamlet.txt) bounded
 * ```
 */
export class FileSource<T> implements Source<T, FileSplit> {
  readonly name: string
  readonly boundedness: 'bounded' | 'unbounded'
  readonly type: TypeInfo<T> | undefined
  readonly #paths: readonly string[]
  readonly #format: RecordFormat<T>
  readonly #onMalformed: MalformedPolicy
  readonly #bufferBytes: number
  readonly #search: FileSearch
  readonly #splitBytes: number | undefined
  readonly #monitorIntervalMs: number | undefined

  private constructor(options: FileSourceOptions<T>) {
    this.#paths = checkPaths(options.path)
    this.#format = checkMethods('format of FileSource.of', options.format, ['createDecoder'])
    this.#onMalformed = checkPolicy(options.onMalformed ?? 'fail')
    this.#bufferBytes = checkBufferBytes(options.bufferBytes ?? BUFFER_BYTES_DEFAULT)
    this.name = `FileSource(${shortNames(this.#paths)})`
    this.type = options.format.type
    this.#search = {
      paths: this.#paths,
      isRecursive: options.recursive ?? false,
      filter: checkFilter(options.filter ?? (() => true)),
    }
    this.#splitBytes = checkSplitBytes(options)
    const { monitorInterval } = options
    const max = Number.MAX_SAFE_INTEGER
    this.#monitorIntervalMs =
      monitorInterval === undefined
        ? undefined
        : checkInteger('monitorInterval in milliseconds', durationMs(monitorInterval), {
            min: 1,
            max,
          })
    this.boundedness = monitorInterval === undefined ? 'bounded' : 'unbounded'
  }

  /** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`, `DURATION_INVALID` */
  static of<T>(options: FileSourceOptions<T>): FileSource<T> {
    checkOptions('FileSource.of', options, KNOWN_OPTIONS)
    return new FileSource(options)
  }

  describe(): JsonValue {
    return {
      source: 'files',
      paths: this.#paths,
      format: this.#format.describe(),
      onMalformed: this.#onMalformed,
      ...(this.#search.isRecursive && { recursive: true }),
      ...(this.#splitBytes !== undefined && { splitBytes: this.#splitBytes }),
      ...(this.#monitorIntervalMs !== undefined && { monitorIntervalMs: this.#monitorIntervalMs }),
    }
  }

  /** Its start throws `FILE_MISSING` or `FILE_UNREADABLE`, naming the whole path. */
  createEnumerator(
    context: SplitEnumeratorContext<FileSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<FileSplit> {
    return new FileEnumerator({
      context,
      restored,
      search: this.#search,
      splitBytes: this.#splitBytes,
      monitorIntervalMs: this.#monitorIntervalMs,
    })
  }

  createReader(context: SourceReaderContext): SourceReader<T, FileSplit> {
    return new FileReader({
      context,
      format: this.#format,
      onMalformed: this.#onMalformed,
      bufferBytes: this.#bufferBytes,
      malformedAccumulator: `${this.name}.malformed`,
    })
  }
}

const KNOWN_OPTIONS = [
  'path',
  'format',
  'onMalformed',
  'bufferBytes',
  'recursive',
  'filter',
  'splitBytes',
  'monitorInterval',
] as const satisfies readonly (keyof FileSourceOptions<never>)[]

const BUFFER_BYTES_DEFAULT = 512 * 1024

function checkFilter(filter: FileSearch['filter']): FileSearch['filter'] {
  return checkFunction('filter', filter)
}

function checkSplitBytes({ splitBytes, format }: FileSourceOptions<unknown>): number | undefined {
  if (splitBytes === undefined) return undefined
  if (format.isSplittable === true) {
    return checkInteger('splitBytes', splitBytes, { min: 1, max: Number.MAX_SAFE_INTEGER })
  }
  throw new MillraceError('OPTION_INVALID', {
    expected: 'a format that can be entered behind any line end, for splitBytes',
    came: format.name,
    todo: 'Leave out splitBytes, so that each file is read by one reader.',
  })
}

function shortNames(paths: readonly string[]): string {
  const first = baseName(paths[0] as string)
  return paths.length === 1 ? first : `${first} and ${paths.length - 1} more`
}

function checkPaths(path: string | readonly string[]): readonly string[] {
  const paths = typeof path === 'string' ? [path] : path
  const areTexts =
    Array.isArray(paths) && paths.every((one) => typeof one === 'string' && one !== '')
  if (areTexts && paths.length > 0) {
    for (const one of paths.filter(isGlob)) globExpression(one)
    return paths
  }
  throw new MillraceError('OPTION_INVALID', {
    expected: 'the path of a file or folder, or an array of paths',
    came: show(path),
    todo: "Write for example path: 'data/flights.json'.",
  })
}

function checkPolicy(policy: MalformedPolicy): MalformedPolicy {
  if (policy === 'fail' || policy === 'skip') return policy
  throw new MillraceError('OPTION_INVALID', {
    expected: "'fail' or 'skip' as onMalformed",
    came: show(policy),
    todo: "Leave it out to fail; write 'skip' to pass over and count what cannot be read.",
  })
}

function checkBufferBytes(bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes >= 2) return bytes
  throw new MillraceError('OPTION_INVALID', {
    expected: 'bufferBytes as a whole number of at least 2',
    came: show(bytes),
    todo: 'Leave it out for 512 KiB.',
  })
}
