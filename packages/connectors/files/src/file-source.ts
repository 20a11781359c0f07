import {
  checkOptions,
  type FileSystem,
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
  staticSplitEnumerator,
  type TypeInfo,
} from '@millrace/core'
import { FileReader } from './file-reader.ts'
import { type FileSplit, freshSplit } from './file-split.ts'
import { baseName, joinPath } from './paths.ts'

/** What a file source reads, and how. */
export interface FileSourceOptions<T> {
  /**
   * Files and folders. Of a folder, all files directly in it are read, in the order of their names, except hidden
   * ones: those whose name begins with `.` or `_`.
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
}

/**
 * Reads files once, from front to back; every file is read by one reader. After a failure reading goes on at
 * the exact byte behind the last record of the checkpoint.
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
  readonly boundedness = 'bounded'
  readonly type: TypeInfo<T> | undefined
  readonly #paths: readonly string[]
  readonly #format: RecordFormat<T>
  readonly #onMalformed: MalformedPolicy
  readonly #bufferBytes: number

  private constructor(options: FileSourceOptions<T>) {
    this.#paths = checkPaths(options.path)
    this.#format = options.format
    this.#onMalformed = checkPolicy(options.onMalformed ?? 'fail')
    this.#bufferBytes = checkBufferBytes(options.bufferBytes ?? BUFFER_BYTES_DEFAULT)
    this.name = `FileSource(${shortNames(this.#paths)})`
    this.type = options.format.type
  }

  /** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID` */
  static of<T>(options: FileSourceOptions<T>): FileSource<T> {
    checkOptions('FileSource.of', options, ['path', 'format', 'onMalformed', 'bufferBytes'])
    return new FileSource(options)
  }

  describe(): JsonValue {
    return {
      source: 'files',
      paths: this.#paths,
      format: this.#format.describe(),
      onMalformed: this.#onMalformed,
    }
  }

  /** Its start throws `FILE_MISSING` or `FILE_UNREADABLE`, naming the whole path. */
  createEnumerator(
    context: SplitEnumeratorContext<FileSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<FileSplit> {
    const findSplits = (): Promise<readonly FileSplit[]> => this.#findSplits(context.platform.files)
    return staticSplitEnumerator({ context, restored, findSplits })
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

  async #findSplits(files: FileSystem): Promise<readonly FileSplit[]> {
    const splits: FileSplit[] = []
    for (const path of this.#paths) {
      const status = await files.stat(path)
      if (status?.isDirectory === true) {
        for (const entry of await files.list(path)) {
          if (!entry.isDirectory && !isHidden(entry.name)) {
            splits.push(freshSplit(joinPath(path, entry.name)))
          }
        }
      } else {
        // A file that cannot be opened is better known now than when the job is running.
        await (await files.open(path)).close()
        splits.push(freshSplit(path))
      }
    }
    return splits
  }
}

const BUFFER_BYTES_DEFAULT = 512 * 1024

function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_')
}

function shortNames(paths: readonly string[]): string {
  const first = baseName(paths[0] as string)
  return paths.length === 1 ? first : `${first} and ${paths.length - 1} more`
}

function checkPaths(path: string | readonly string[]): readonly string[] {
  const paths = typeof path === 'string' ? [path] : path
  const areTexts =
    Array.isArray(paths) && paths.every((one) => typeof one === 'string' && one !== '')
  if (areTexts && paths.length > 0) return paths
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
