// What window joins and co-groups have in common: two keyed streams, their windows, and the operator that reads both.

import {
  type AggregateFunction,
  type AnyEvictor,
  type AnyTrigger,
  type AnyWindowAssigner,
  checkOptions,
  type Collector,
  type Duration,
  durationMs,
  type OutputTag,
  type TaggedUnion,
  type TimeWindow,
  type TypeDescriptor,
  Types,
  typesEqual,
} from '@millrace/core'
import { asJson } from '../graph/as-json.ts'
import { inputsFrom } from '../graph/draft-operator.ts'
import { sharedKeyType } from '../streams/connected-streams.ts'
import type { KeyedStream } from '../streams/keyed-stream.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import {
  checkAssigner,
  checkEvictor,
  checkWindowTrigger,
  describeWindows,
  type WindowParts,
} from '../windows/window-description.ts'
import { windowName } from '../windows/window-name.ts'

/** Two streams keyed alike. */
export interface KeyedPair<K, T1, T2> {
  readonly first: KeyedStream<K, T1>
  readonly second: KeyedStream<K, T2>
}

/** Where the late records of two streams go. */
export interface LatePair<T1, T2> {
  readonly first?: OutputTag<T1>
  readonly second?: OutputTag<T2>
}

/** Two streams in windows of both. */
export interface WindowedPairInit<K, T1, T2, W extends TimeWindow> extends WindowParts<
  TaggedUnion<T1, T2>,
  W
> {
  readonly pair: KeyedPair<K, T1, T2>
  readonly allowedLatenessMs?: number
  readonly lateTags?: LatePair<T1, T2>
}

/** What one key has in one window. */
export interface CoGrouped<T1, T2> {
  readonly first: T1[]
  readonly second: T2[]
}

/** Adds the operator: `evaluate` is called for each window that fires. */
export function windowedPair<K, T1, T2, W extends TimeWindow, OUT>(
  name: string,
  init: WindowedPairInit<K, T1, T2, W>,
  evaluate: (content: CoGrouped<T1, T2>, out: Collector<OUT>) => Iterable<OUT> | void,
): SingleOutputStreamOperator<OUT> {
  const { pair, assigner, allowedLatenessMs = 0, lateTags = {} } = init
  const { first, second } = pair
  const { functions, ...windows } = describeWindows(init, {
    elementType: taggedType(first.type, second.type),
    isFolded: false,
    hasProcessFunction: false,
  })
  return first.context.transform({
    kind: 'window',
    name: `${name}(${windowName(assigner)})`,
    inputs: [...inputsFrom(first.origins, 0), ...inputsFrom(second.origins, 1)],
    config: asJson({
      ...windows,
      allowedLatenessMs,
      lateTag: lateTags.first?.id ?? null,
      coGroup: { lateTag2: lateTags.second?.id ?? null },
      accumulatorType: Types.record({
        first: Types.array(first.type ?? Types.any()),
        second: Types.array(second.type ?? Types.any()),
      }),
    }),
    functions: {
      keySelector1: first.keySelector,
      keySelector2: second.keySelector,
      aggregate: coGroupingAggregate<T1, T2>(),
      windowFunction: (_context: unknown, content: CoGrouped<T1, T2>, out: Collector<OUT>) =>
        evaluate(content, out),
      ...functions,
    },
    outputType: undefined,
    keyType: sharedKeyType(first.keyType, second.keyType),
  })
}

/** Streams of two types have no type in common that could be written compactly. */
function taggedType(
  first: TypeDescriptor | undefined,
  second: TypeDescriptor | undefined,
): TypeDescriptor {
  const value =
    first !== undefined && second !== undefined && typesEqual(first, second) ? first : Types.any()
  return Types.record({ input: Types.int, value })
}

class CoGroupedElements<T1, T2> implements CoGrouped<T1, T2> {
  readonly first: T1[] = []
  readonly second: T2[] = []
}

function coGroupingAggregate<T1, T2>(): AggregateFunction<
  TaggedUnion<T1, T2>,
  CoGrouped<T1, T2>,
  CoGrouped<T1, T2>
> {
  return {
    createAccumulator: () => new CoGroupedElements(),
    add: (content, { input, value }) => {
      if (input === 1) content.first.push(value)
      else content.second.push(value)
      return content
    },
    getResult: (content) => content,
    merge: (left, right) => {
      for (const element of right.first) left.first.push(element)
      for (const element of right.second) left.second.push(element)
      return left
    },
  }
}

/** The setters of windows over two streams. */
export abstract class WindowedPair<K, T1, T2, W extends TimeWindow> {
  protected readonly init: WindowedPairInit<K, T1, T2, W>

  constructor(init: WindowedPairInit<K, T1, T2, W>) {
    this.init = init
  }

  /** The same with other settings. */
  protected abstract withInit(init: WindowedPairInit<K, T1, T2, W>): this

  /** Decides when windows are evaluated. The trigger sees the records of both streams. */
  trigger(trigger: AnyTrigger<TaggedUnion<T1, T2>, W>): this {
    return this.withInit({ ...this.init, trigger: checkWindowTrigger(trigger) })
  }

  /** Takes elements out of a window when it fires. The evictor sees the records of both streams. */
  evictor(evictor: AnyEvictor<TaggedUnion<T1, T2>, W>): this {
    return this.withInit({ ...this.init, evictor: checkEvictor(evictor) })
  }

  /** Keeps event-time windows this much longer; each late record makes its window fire again. Default 0. */
  allowedLateness(lateness: Duration): this {
    const allowedLatenessMs = durationMs(lateness, { what: 'an allowed lateness' })
    return this.withInit({ ...this.init, allowedLatenessMs })
  }

  /** Sends the late records of each stream to a side output, instead of dropping and counting them. */
  sideOutputLateData(tags: LatePair<T1, T2>): this {
    checkOptions('sideOutputLateData', tags, ['first', 'second'])
    return this.withInit({ ...this.init, lateTags: tags })
  }
}

/** Two streams and how they are keyed: what `where` and `equalTo` lead to. */
export function inWindows<K, T1, T2, W extends TimeWindow>(
  pair: KeyedPair<K, T1, T2>,
  assigner: AnyWindowAssigner<TaggedUnion<T1, T2>, W>,
): WindowedPairInit<K, T1, T2, W> {
  sharedKeyType(pair.first.keyType, pair.second.keyType)
  return { pair, assigner: checkAssigner(assigner) }
}
