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
} from '@millrace/core'
import type { OperatorContext } from './operator.ts'

/** The context that is given to `open`. */
export function runtimeContext(context: OperatorContext): RuntimeContext {
  return {
    taskName: context.taskName,
    subtaskIndex: context.subtaskIndex,
    parallelism: context.parallelism,
    maxParallelism: context.maxParallelism,
    attempt: context.attempt,
    getAccumulator: (name): Accumulator => context.accumulators.get(name),
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
    ...runtimeContext(context),
    getValueState: states.getValueState.bind(states) as KeyedStateStore['getValueState'],
    getListState: states.getListState.bind(states),
    getMapState: states.getMapState.bind(states),
    getReducingState: states.getReducingState.bind(states),
    getAggregatingState: states.getAggregatingState.bind(states),
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
