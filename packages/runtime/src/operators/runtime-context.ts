// What user functions see of the operator they run in.

import {
  type Accumulator,
  type Key,
  type KeyedRuntimeContext,
  type KeyedStateStore,
  MillraceError,
  NO_TIMESTAMP,
  type OnTimerContext,
  type OutputTag,
  type ProcessContext,
  type RuntimeContext,
  show,
  type TimerService,
  type WatermarkDeclaration,
  type WatermarkValueOf,
} from '@millrace/core'
import { emitWatermark } from '../generalized-watermarks/emit-watermark.ts'
import type { OperatorContext } from './operator.ts'
import type { NamedOperator } from './user-function.ts'

/** The context that is given to `open`. Who asks it for keyed state all the same, from JavaScript, is told what is missing. */
export function runtimeContext(context: OperatorContext): RuntimeContext {
  return { ...contextFields(context), ...refusingStateStore(context.operator) }
}

function contextFields(context: OperatorContext): RuntimeContext {
  return {
    jobId: context.runId,
    jobName: context.jobName,
    taskName: context.taskName,
    subtaskIndex: context.subtaskIndex,
    parallelism: context.parallelism,
    maxParallelism: context.maxParallelism,
    attempt: context.attempt,
    addAccumulator: (name, accumulator) =>
      context.accumulators.add(name, accumulator as Accumulator<never, unknown>),
    getAccumulator: <V, R>(name: string) => context.accumulators.get<V, R>(name),
    globalJobParameters: context.globalJobParameters,
    getCachedFile: (name) => cachedFile(context, name),
  }
}

function cachedFile({ cachedFiles, operator }: OperatorContext, name: string): string {
  const path = Object.hasOwn(cachedFiles, name) ? cachedFiles[name] : undefined
  if (path !== undefined) return path
  const known = Object.keys(cachedFiles)
  throw new MillraceError('OPTION_INVALID', {
    expected: `the name of a cached file in '${operator.name}'${known.length > 0 ? `: ${known.join(', ')}` : ''}`,
    came: show(name),
    todo: `Register it: env.registerCachedFile(path, ${show(name)}).`,
    ids: { uid: operator.uid },
  })
}

/** The context that is given to `open` of a keyed function. */
export function keyedRuntimeContext(
  context: OperatorContext,
  states: KeyedStateStore,
): KeyedRuntimeContext {
  return {
    ...contextFields(context),
    getValueState: states.getValueState.bind(states) as KeyedStateStore['getValueState'],
    getListState: states.getListState.bind(states),
    getMapState: states.getMapState.bind(states),
    getReducingState: states.getReducingState.bind(states),
    getAggregatingState: states.getAggregatingState.bind(states),
  }
}

/** The keyed states of an operator without keys. */
export function refusingStateStore({ uid, name }: NamedOperator): KeyedStateStore {
  const refuse = (): never => {
    throw new MillraceError('STATE_ACCESS_INVALID', {
      expected: `a keyed stream for the keyed state of '${name}'`,
      came: 'a stream without keys',
      todo: 'Call keyBy before, or use the operator state of initializeState.',
      ids: { uid },
    })
  }
  return {
    getValueState: refuse,
    getListState: refuse,
    getMapState: refuse,
    getReducingState: refuse,
    getAggregatingState: refuse,
  }
}

/** The one process context of an operator; its fields are set before each call of the function. */
export class OperatorProcessContext implements ProcessContext {
  currentTimestamp: number = NO_TIMESTAMP
  watermark: number
  readonly #context: OperatorContext

  constructor(context: OperatorContext, watermark: number) {
    this.#context = context
    this.watermark = watermark
  }

  get timestamp(): number | undefined {
    return this.currentTimestamp === NO_TIMESTAMP ? undefined : this.currentTimestamp
  }

  currentWatermark(): number {
    return this.watermark
  }

  currentProcessingTime(): number {
    return this.#context.processingTime.now()
  }

  output<X>(tag: OutputTag<X>, value: X): void {
    this.#context.sideOutput(tag.id).processElement(value, this.currentTimestamp)
  }

  emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void {
    emitWatermark(this.#context, declaration, value)
  }
}

/** The one context of a keyed operator, for records and timers. */
export class OperatorKeyedContext<K extends Key> extends OperatorProcessContext {
  readonly timerService: TimerService
  timeDomain: OnTimerContext<K>['timeDomain'] = 'event-time'
  readonly #keyOf: () => K

  constructor(
    context: OperatorContext,
    watermark: number,
    timerService: TimerService,
    keyOf: () => K,
  ) {
    super(context, watermark)
    this.timerService = timerService
    this.#keyOf = keyOf
  }

  get currentKey(): K {
    return this.#keyOf()
  }
}
