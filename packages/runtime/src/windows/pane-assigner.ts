// Plan -> assigner, for windows that are kept one by one.

import {
  GLOBAL_WINDOW,
  type MergeCallback,
  MillraceError,
  type MergingWindowAssigner,
  type SessionWindowTimeGapExtractor,
  show,
  type SlidingWindowAssigner,
  TIME_WINDOW_TYPE,
  TimeWindow,
  type TypeDescriptor,
  type WindowAssigner,
  type WindowAssignerContext,
  type WindowAssignerPlan,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { functionFailure, refusePromise } from '../operators/user-function.ts'
import { gapExtractor } from './session-gap.ts'
import type { WindowId } from './window-pane.ts'

/** Puts elements into windows. */
export interface PaneAssigner<T, W extends TimeWindow> {
  readonly windowType: TypeDescriptor
  /** Set if windows may become one. */
  readonly mergeWindows: ((windows: readonly W[], merge: MergeCallback<W>) => void) | undefined
  assignWindows(element: T, timestamp: number, context: WindowAssignerContext): readonly W[]
  idOf(window: W): WindowId
  /** How far the windows of this subtask are shifted; part of its snapshot. */
  staggerMs?: number | undefined
}

/** Makes the assigner that a plan describes. */
export function createPaneAssigner<T>(
  context: OperatorContext,
  plan: WindowAssignerPlan,
): PaneAssigner<T, TimeWindow> {
  switch (plan.kind) {
    case 'sliding':
      return new SlidingPanes(plan, () => context.platform.random.next())
    case 'session':
    case 'dynamic-session':
      return new SessionPanes(gapExtractor(context, plan), plan.time === 'event-time')
    case 'global':
      return GLOBAL_PANES
    case 'custom':
      return customPanes(context)
  }
}

class SlidingPanes implements PaneAssigner<unknown, TimeWindow> {
  readonly windowType: TypeDescriptor = TIME_WINDOW_TYPE
  readonly mergeWindows = undefined
  staggerMs: number | undefined
  readonly #plan: SlidingWindowAssigner
  readonly #random: () => number

  constructor(plan: SlidingWindowAssigner, random: () => number) {
    this.#plan = plan
    this.#random = random
  }

  assignWindows(
    _element: unknown,
    timestamp: number,
    context: WindowAssignerContext,
  ): readonly TimeWindow[] {
    const { time, sizeMs, slideMs, offsetMs } = this.#plan
    const at = time === 'event-time' ? timestamp : context.currentProcessingTime()
    const shift = offsetMs + (this.staggerMs ??= this.#stagger(context))
    const windows: TimeWindow[] = []
    let start = TimeWindow.startOf(at, { sizeMs: slideMs, offsetMs: shift })
    for (; start > at - sizeMs; start -= slideMs) windows.push({ start, end: start + sizeMs })
    return windows
  }

  idOf(window: TimeWindow): WindowId {
    return window.start
  }

  #stagger(context: WindowAssignerContext): number {
    const { stagger = 'aligned', sizeMs } = this.#plan
    switch (stagger) {
      case 'aligned':
        return 0
      case 'random':
        return Math.floor(this.#random() * sizeMs)
      case 'natural': {
        const now = context.currentProcessingTime()
        return now - TimeWindow.startOf(now, { sizeMs })
      }
    }
  }
}

class SessionPanes<T> implements PaneAssigner<T, TimeWindow> {
  readonly windowType: TypeDescriptor = TIME_WINDOW_TYPE
  readonly mergeWindows = (
    windows: readonly TimeWindow[],
    merge: MergeCallback<TimeWindow>,
  ): void => TimeWindow.mergeWindows(windows, merge)
  readonly #gapOf: SessionWindowTimeGapExtractor<T>
  readonly #isEventTime: boolean

  constructor(gapOf: SessionWindowTimeGapExtractor<T>, isEventTime: boolean) {
    this.#gapOf = gapOf
    this.#isEventTime = isEventTime
  }

  assignWindows(
    element: T,
    timestamp: number,
    context: WindowAssignerContext,
  ): readonly TimeWindow[] {
    const start = this.#isEventTime ? timestamp : context.currentProcessingTime()
    return [{ start, end: start + this.#gapOf(element) }]
  }

  idOf({ start, end }: TimeWindow): WindowId {
    return `${start} ${end}`
  }
}

const GLOBAL_WINDOWS = [GLOBAL_WINDOW]

const GLOBAL_PANES: PaneAssigner<unknown, TimeWindow> = {
  windowType: TIME_WINDOW_TYPE,
  mergeWindows: undefined,
  assignWindows: () => GLOBAL_WINDOWS,
  idOf: () => 0,
}

function customPanes<T>({ functions, operator }: OperatorContext): PaneAssigner<T, TimeWindow> {
  const fail = (error: unknown): MillraceError =>
    functionFailure(error, operator, 'window assigner')
  const assigner = functions.resolve<() => CustomAssigner<T>>(
    operator.functions['windowAssigner'],
  )()
  const windowType = assigner.windowType ?? TIME_WINDOW_TYPE
  const { mergeWindows } = assigner
  return {
    windowType,
    mergeWindows:
      mergeWindows === undefined
        ? undefined
        : (windows, merge) => {
            try {
              mergeWindows.call(assigner, windows, merge)
            } catch (error) {
              throw fail(error)
            }
          },
    assignWindows: (element, timestamp, context) => {
      let windows: readonly TimeWindow[]
      try {
        const assigned: unknown = assigner.assignWindows(element, timestamp, context)
        refusePromise(assigned, operator, 'window assigner')
        windows = Array.from(assigned as readonly TimeWindow[])
      } catch (error) {
        throw fail(error)
      }
      for (const window of windows) checkWindow(window, operator.name)
      return windows
    },
    idOf: idByFields(windowType),
  }
}

type CustomAssigner<T> = WindowAssigner<T> & Partial<Pick<MergingWindowAssigner<T>, 'mergeWindows'>>

function checkWindow(window: TimeWindow, operatorName: string): void {
  const { start, end } = window ?? {}
  if (Number.isInteger(start) && Number.isInteger(end) && start < end) return
  throw new MillraceError('WINDOW_INVALID', {
    expected: `windows with whole start < end from the assigner of '${operatorName}'`,
    came: show(window),
    todo: 'Answer an array of windows such as { start: 0, end: 60_000 }.',
  })
}

/** Windows are one if all their fields are. */
function idByFields(type: TypeDescriptor): (window: TimeWindow) => WindowId {
  const names =
    type.kind === 'record' ? type.fields.map(({ name }) => name as keyof TimeWindow) : []
  return (window) => JSON.stringify(names.map((name) => window[name]))
}
