import {
  checkOptions,
  type Committer,
  type JsonValue,
  MillraceError,
  type RecordEncoder,
  show,
  type Sink,
  type SinkWriter,
  type SinkWriterContext,
} from '@millrace/core'
import { FileCommitter } from './file-committer.ts'
import { FileSinkWriter } from './file-sink-writer.ts'
import type { PartNaming } from './part-names.ts'
import { baseName } from './paths.ts'

/** Where a file sink writes, and how. */
export interface FileSinkOptions<T> {
  /** The folder for the part files. It is created if it is missing. */
  readonly path: string
  /** How records become text, for example `jsonLinesEncoder()`. */
  readonly encoder: RecordEncoder<T>
  /** How the names of part files begin. Default: `part`. Sinks that share a folder must differ in it. */
  readonly partPrefix?: string
  /** How the names of part files end, for example `.jsonl`. Default: nothing. */
  readonly partSuffix?: string
}

/**
 * Writes part files, each record exactly once. Every checkpoint closes the parts that were written since the
 * last one, and they become visible when it is complete; so does the end of the input. Files whose names
 * begin with a dot are not finished: readers must leave them out, as `FileSource` does.
 *
 * @example
 * ```ts
 * import { FileSink } from '@millrace/connector-files'
 *
 * const encoder = { name: 'text', encode: (line: string) => `${line}\n` }
 * const sink = FileSink.of({ path: 'out/words', encoder, partSuffix: '.txt' })
 * console.log(sink.name) // FileSink(words)
 * ```
 */
export class FileSink<T> implements Sink<T> {
  readonly name: string
  readonly #encoder: RecordEncoder<T>
  readonly #naming: PartNaming

  private constructor({ path, encoder, partPrefix, partSuffix }: FileSinkOptions<T>) {
    this.#encoder = encoder
    this.#naming = {
      directory: checkPath(path),
      prefix: checkNamePart('partPrefix', partPrefix ?? 'part', VISIBLE_PREFIX),
      suffix: checkNamePart('partSuffix', partSuffix ?? '', SUFFIX),
    }
    this.name = `FileSink(${baseName(path)})`
  }

  /** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID` */
  static of<T>(options: FileSinkOptions<T>): FileSink<T> {
    checkOptions('FileSink.of', options, ['path', 'encoder', 'partPrefix', 'partSuffix'])
    return new FileSink(options)
  }

  describe(): JsonValue {
    return { sink: 'files', ...this.#naming, encoder: this.#encoder.name }
  }

  createWriter(context: SinkWriterContext): SinkWriter<T> {
    return new FileSinkWriter({ context, encoder: this.#encoder, naming: this.#naming })
  }

  createCommitter(context: SinkWriterContext): Committer {
    return new FileCommitter(context.platform.files)
  }
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
