// Several sources one after the other, as one: first what is stored, then what goes on coming.
//
//   enumerator                                   every reader
//   current source's enumerator ──splits──────>  current source's reader
//            <────────── finished ─────────────  at the end of it
//   when all readers have finished:
//   close it, ask it for the position,
//   next source's enumerator ─── switch ──────>  next source's reader, made from the same position
//
// Readers and enumerator are in step by the order of messages: what is sent before a checkpoint's trigger is in the reader's
// state, what is sent after it is not. A reader that is restored is told again where the source stands.

import { checkMethods } from '../functions/check-function.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { JsonValue } from '../types/json.ts'
import type { TypeInfo } from '../types/type-info.ts'
import { HybridEnumerator } from './hybrid-enumerator.ts'
import { HybridReader } from './hybrid-reader.ts'
import type { HybridSplit } from './hybrid-split.ts'
import type { SourceReader, SourceReaderContext } from './source-reader.ts'
import type { Source } from './source.ts'
import type { SplitEnumerator, SplitEnumeratorContext } from './split-enumerator.ts'

/** A source that can only be made when the one before has ended. */
export interface NextSource<T> {
  /** Default: `'unbounded'`. */
  readonly boundedness?: Source<T>['boundedness']
  /** Default: false. */
  readonly hasTimePerSplit?: boolean
  /** Whether the source says so too. Default: false. */
  readonly reassignsSplitsOnRecovery?: boolean
  /** Where the source before has ended, as JSON: asked of its enumerator when all its readers are at their end. */
  positionOf(previous: SplitEnumerator): JsonValue
  /** Makes the source that begins there: with the coordinator and in every reader, so it must be the same for one position. */
  createSource(position: JsonValue): Source<T>
}

/** Makes a {@link HybridSource}; each step gives a new one. */
export class HybridSourceBuilder<T> {
  readonly #stages: readonly (Source<T> | NextSource<T>)[]

  /** Use {@link HybridSource.builder}. */
  constructor(stages: readonly (Source<T> | NextSource<T>)[]) {
    this.#stages = stages
  }

  /** What is read after all before. */
  addSource(next: Source<T> | NextSource<T>): HybridSourceBuilder<T> {
    return new HybridSourceBuilder([...this.#stages, next])
  }

  /** @throws MillraceError `OPTION_INVALID` if a source that has others behind it never ends */
  build(): HybridSource<T> {
    return new HybridSource(this.#stages)
  }
}

/**
 * Sources one after the other: all but the last are bounded. While one of these is read, the source says that it works off a
 * backlog. The next one begins when all readers have read the one before. After a restore each part has its splits as it would have
 * them alone: those that say `reassignsSplitsOnRecovery` get them back, those of the others stay with their readers.
 *
 * @example
 * ```ts
 * import { DataGeneratorSource, HybridSource, StreamExecutionEnvironment, WatermarkStrategy } from 'millrace'
 *
 * const stored = new DataGeneratorSource({ count: 3, generator: (index) => `stored ${index}` })
 * const live = new DataGeneratorSource({ count: 2, generator: (index) => `live ${index}` })
 * const source = HybridSource.builder<string>(stored).addSource(live).build()
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const stream = env.fromSource(source, WatermarkStrategy.noWatermarks(), 'both')
 * console.log(await stream.executeAndCollect()) // [ 'stored 0', 'stored 1', 'stored 2', 'live 0', 'live 1' ]
 * ```
 */
export class HybridSource<T> implements Source<T, HybridSplit> {
  readonly name: string
  readonly boundedness: Source<T>['boundedness']
  readonly type: TypeInfo<T> | undefined
  readonly hasTimePerSplit: boolean
  readonly reassignsSplitsOnRecovery: boolean
  readonly #stages: readonly (Source<T> | NextSource<T>)[]

  /** Use {@link HybridSource.builder}. */
  constructor(stages: readonly (Source<T> | NextSource<T>)[]) {
    stages.slice(0, -1).forEach((stage, index) => {
      if (boundednessOf(stage) === 'unbounded') throw neverEnds(index)
    })
    const sources = stages.filter(isSource)
    this.#stages = stages
    this.name = `HybridSource(${sources.map(({ name }) => name).join(', ')})`
    this.boundedness = boundednessOf(stages.at(-1) as Source<T>)
    this.type = sources[0]?.type
    this.hasTimePerSplit = stages.every(({ hasTimePerSplit }) => hasTimePerSplit === true)
    this.reassignsSplitsOnRecovery = stages.some(
      ({ reassignsSplitsOnRecovery }) => reassignsSplitsOnRecovery === true,
    )
  }

  /** Begins with a bounded source. */
  static builder<T>(first: Source<T>): HybridSourceBuilder<T> {
    checkMethods('HybridSource.builder', first, ['describe', 'createEnumerator', 'createReader'])
    return new HybridSourceBuilder([first])
  }

  describe(): JsonValue {
    return this.#stages.map((stage) => (isSource(stage) ? stage.describe() : 'made on the way'))
  }

  createEnumerator(
    context: SplitEnumeratorContext<HybridSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<HybridSplit> {
    return new HybridEnumerator({
      context,
      restored,
      sourceCount: this.#stages.length,
      sourceAt: (index, position) => this.#sourceAt(index, position),
      positionFor: (index, previous) => {
        const stage = this.#stages[index] as Source<T> | NextSource<T>
        return isSource(stage) ? null : stage.positionOf(previous)
      },
    })
  }

  createReader(context: SourceReaderContext): SourceReader<T, HybridSplit> {
    return new HybridReader({
      context,
      hasTimePerSplit: this.hasTimePerSplit,
      sourceCount: this.#stages.length,
      sourceAt: (index, position) => this.#sourceAt(index, position),
    })
  }

  #sourceAt(index: number, position: JsonValue): Source<T> {
    const stage = this.#stages[index] as Source<T> | NextSource<T>
    return isSource(stage) ? stage : stage.createSource(position)
  }
}

function isSource<T>(stage: Source<T> | NextSource<T>): stage is Source<T> {
  return 'createEnumerator' in stage
}

function boundednessOf<T>(stage: Source<T> | NextSource<T>): Source<T>['boundedness'] {
  return stage.boundedness ?? 'unbounded'
}

function neverEnds(index: number): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: 'bounded sources, and behind them one that may be unbounded',
    came: `an unbounded source in place ${index + 1}, with another one behind it`,
    todo: "Give the sources in the order in which they are read, or say boundedness: 'bounded'.",
  })
}
