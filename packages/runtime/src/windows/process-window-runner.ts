// Runs a process window function: its context, and the states it may keep.

import {
  type AggregateFunction,
  type Key,
  type KeyedStateStore,
  MillraceError,
  type ProcessWindowContext,
  type ProcessWindowFunction,
  show,
  type TimeWindow,
} from '@millrace/core'
import type { HeapKeyedStateBackend } from '@millrace/state'
import { TimestampedCollector } from '../operators/collector.ts'
import type { OperatorContext } from '../operators/operator.ts'
import { callFunction, functionFailure, refusePromise } from '../operators/user-function.ts'
import { FiredWindowContext } from './fired-window-context.ts'
import { type PaneStates, PaneStateStore } from './pane-states.ts'
import type { WindowPane } from './window-pane.ts'

/** What a {@link ProcessWindowRunner} needs of its operator. */
export interface ProcessWindowRunnerInit<K extends Key, ACC> {
  readonly context: OperatorContext
  readonly aggregate: AggregateFunction<never, ACC, unknown>
  readonly keyStates: HeapKeyedStateBackend<K>
  readonly paneStates: PaneStates
  /** Whether windows may become one: then they have no state. */
  readonly isMerging: boolean
  /** Whether the function gets one result, and not all elements. */
  readonly isFolded: boolean
}

/** Runs the process window function of an operator. */
export class ProcessWindowRunner<K extends Key, ACC, OUT, W extends TimeWindow> {
  readonly #init: ProcessWindowRunnerInit<K, ACC>
  /** Whose life its operator lives. */
  readonly function: ProcessWindowFunction<unknown, OUT, K, W>
  readonly #collector: TimestampedCollector<OUT>
  readonly #windowContext: StatefulWindowContext<K, W>

  constructor(init: ProcessWindowRunnerInit<K, ACC>) {
    this.#init = init
    const { context } = init
    this.function = createFunction(context)
    this.#collector = new TimestampedCollector(context.output)
    this.#windowContext = new StatefulWindowContext(init)
  }

  process(pane: WindowPane<K, W>, accumulator: ACC, watermark: number): void {
    const { operator } = this.#init.context
    this.#enter(pane, watermark)
    this.#collector.timestamp = pane.window.end - 1
    try {
      const result = this.#init.aggregate.getResult(accumulator)
      refusePromise(result, operator, 'aggregate function')
      const elements = this.#init.isFolded ? [result] : (result as readonly unknown[])
      const records = this.function.process(this.#windowContext, elements, this.#collector)
      if (records === undefined) return
      refusePromise(records, operator, 'window function')
      for (const record of records) this.#collector.collect(record)
    } catch (error) {
      throw functionFailure(error, operator, 'window function')
    }
  }

  /** The window of a pane is over. */
  clear(pane: WindowPane<K, W>, watermark: number): void {
    if (this.function.clear === undefined) return
    this.#enter(pane, watermark)
    callFunction(this.#init.context.operator, 'clear method', () =>
      this.function.clear?.(this.#windowContext),
    )
  }

  #enter(pane: WindowPane<K, W>, watermark: number): void {
    this.#init.paneStates.current = pane
    this.#windowContext.key = pane.key
    this.#windowContext.window = pane.window
    this.#windowContext.watermark = watermark
  }
}

class StatefulWindowContext<K extends Key, W extends TimeWindow>
  extends FiredWindowContext<K, W>
  implements ProcessWindowContext<K, W>
{
  readonly globalState: KeyedStateStore
  readonly #windowState: KeyedStateStore | undefined
  readonly #name: string

  constructor(init: Omit<ProcessWindowRunnerInit<K, never>, 'aggregate'>) {
    const { context, keyStates, paneStates, isMerging } = init
    super(context)
    this.globalState = keyStates
    this.#windowState = isMerging ? undefined : new PaneStateStore(paneStates, '$window-state.')
    this.#name = context.operator.name
  }

  get windowState(): KeyedStateStore {
    if (this.#windowState !== undefined) return this.#windowState
    throw new MillraceError('STATE_ACCESS_INVALID', {
      expected: 'windowState only where windows do not merge',
      came: `an access in '${this.#name}', whose windows do`,
      todo: 'Use globalState, which belongs to the key, or put what is needed into the accumulator.',
    })
  }
}

function createFunction<OUT, K, W extends TimeWindow>({
  operator,
  functions,
}: OperatorContext): ProcessWindowFunction<unknown, OUT, K, W> {
  const factory = functions.resolve<() => ProcessWindowFunction<unknown, OUT, K, W>>(
    operator.functions['processWindowFunction'],
  )
  const made = factory()
  if (typeof made?.process === 'function') return made
  throw new MillraceError('FUNCTION_INVALID', {
    expected: `a factory of objects with a process method in '${operator.name}'`,
    came: `one that made ${show(made)}`,
    todo: 'Write process(() => new MyFunction()), or a function with parameters: process((context, elements) => ...).',
    ids: { uid: operator.uid },
  })
}
