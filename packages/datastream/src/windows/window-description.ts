// Assigner, trigger and evictor, as the program gives them -> plan and functions. Refuses what cannot work together, and decides how
// the windows are kept: on slices or as sessions where that suffices, else one by one.

import {
  type BuiltInWindowAssigner,
  type BuiltInEvictor,
  type AnyEvictor,
  type AnyTrigger,
  type AnyWindowAssigner,
  checkTrigger,
  type EvictorPlan,
  EventTimeTrigger,
  type MergingWindowAssigner,
  MillraceError,
  type PanePlan,
  ProcessingTimeTrigger,
  show,
  type TimeWindow,
  type Trigger,
  type TriggerPlan,
  type TypeDescriptor,
  Types,
  type WindowAssigner,
  type WindowAssignerPlan,
} from '@millrace/core'
import { checkFactory, checkFunction, checkMethods } from '../functions/check-function.ts'

/** What decides about windows. */
export interface WindowParts<T, W extends TimeWindow> {
  readonly assigner: AnyWindowAssigner<T, W>
  /** Default: the assigner's own. */
  readonly trigger?: AnyTrigger<T, W>
  /** Default: none. */
  readonly evictor?: AnyEvictor<T, W>
}

/** What is computed from windows, as far as it decides how they are kept. */
export interface WindowUse {
  readonly elementType: TypeDescriptor | undefined
  /** Whether one result is kept, and not all elements. */
  readonly isFolded: boolean
  readonly hasProcessFunction: boolean
}

/** Windows as a plan has them. */
export interface WindowDescription {
  readonly assigner: WindowAssignerPlan
  /** Absent: they are kept on slices or as sessions. */
  readonly panes?: PanePlan
  readonly functions: Readonly<Record<string, unknown>>
}

/** @throws MillraceError `WINDOW_INVALID` for parts that cannot work together */
export function describeWindows<T, W extends TimeWindow>(
  parts: WindowParts<T, W>,
  { elementType = Types.any(), isFolded, hasProcessFunction }: WindowUse,
): WindowDescription {
  const assigner = describeAssigner(parts.assigner)
  const trigger = describeTrigger(parts.trigger ?? assigner.defaultTrigger)
  if (assigner.isMerging && !trigger.canMerge) throw cannotMerge(trigger.plan)
  const evictor = parts.evictor === undefined ? undefined : describeEvictor(parts.evictor)
  const functions = { ...assigner.functions, ...trigger.functions, ...evictor?.functions }
  const isPlain =
    assigner.isPlain &&
    trigger.plan.kind === plainTriggerOf(assigner.plan) &&
    evictor === undefined &&
    !hasProcessFunction
  if (isPlain) return { assigner: assigner.plan, functions }
  const panes = { trigger: trigger.plan, evictor: evictor?.plan ?? null, elementType, isFolded }
  return { assigner: assigner.plan, panes, functions }
}

/** Answers what may be an assigner. @throws MillraceError `WINDOW_INVALID` */
export function checkAssigner<T, W extends TimeWindow>(
  assigner: AnyWindowAssigner<T, W>,
): AnyWindowAssigner<T, W> {
  if (typeof assigner === 'function') return checkFactory('window', assigner, 'MyWindows')
  if (typeof assigner === 'object' && assigner !== null && ASSIGNER_KINDS.has(assigner.kind)) {
    return assigner
  }
  throw new MillraceError('WINDOW_INVALID', {
    expected: 'a window assigner',
    came: show(assigner),
    todo: "Use for example TumblingEventTimeWindows.of('10 s').",
  })
}

/** Answers what may be an evictor. @throws MillraceError `WINDOW_INVALID` */
export function checkEvictor<T, W extends TimeWindow>(evictor: AnyEvictor<T, W>): AnyEvictor<T, W> {
  if (typeof evictor === 'function') return checkFactory('evictor', evictor, 'MyEvictor')
  if (typeof evictor === 'object' && evictor !== null && EVICTOR_KINDS.has(evictor.kind)) {
    return evictor
  }
  throw new MillraceError('WINDOW_INVALID', {
    expected: 'an evictor, or a factory of one',
    came: show(evictor),
    todo: 'Use for example CountEvictor.of(10), or () => new MyEvictor().',
  })
}

/** Answers what may be a trigger. @throws MillraceError `WINDOW_INVALID` */
export function checkWindowTrigger<T, W extends TimeWindow>(
  trigger: AnyTrigger<T, W>,
): AnyTrigger<T, W> {
  return checkTrigger('trigger', trigger)
}

const ASSIGNER_KINDS: ReadonlySet<string> = new Set<BuiltInWindowAssigner<never>['kind']>([
  'sliding',
  'session',
  'dynamic-session',
  'global',
])

const EVICTOR_KINDS: ReadonlySet<string> = new Set<BuiltInEvictor<never>['kind']>([
  'count',
  'time',
  'delta',
])

interface AssignerDescription<T, W extends TimeWindow> {
  readonly plan: WindowAssignerPlan
  readonly functions: Readonly<Record<string, unknown>>
  readonly defaultTrigger: AnyTrigger<T, W>
  readonly isMerging: boolean
  /** Whether slices or sessions can do it. */
  readonly isPlain: boolean
}

function describeAssigner<T, W extends TimeWindow>(
  assigner: AnyWindowAssigner<T, W>,
): AssignerDescription<T, W> {
  if (typeof assigner === 'function') return describeCustomAssigner(assigner)
  switch (assigner.kind) {
    case 'sliding': {
      const isPlain = assigner.stagger === undefined
      const defaultTrigger = timeTrigger(assigner.time)
      return { plan: assigner, functions: {}, defaultTrigger, isMerging: false, isPlain }
    }
    case 'session': {
      const defaultTrigger = timeTrigger(assigner.time)
      return { plan: assigner, functions: {}, defaultTrigger, isMerging: true, isPlain: true }
    }
    case 'dynamic-session': {
      const { kind, time, gapOf } = assigner
      const functions = { gapOf: checkFunction('withDynamicGap', gapOf) }
      const defaultTrigger = timeTrigger(time)
      return { plan: { kind, time }, functions, defaultTrigger, isMerging: true, isPlain: true }
    }
    case 'global': {
      const defaultTrigger = assigner.firesAtEnd
        ? EventTimeTrigger.create()
        : ({ kind: 'never' } as const)
      return { plan: assigner, functions: {}, defaultTrigger, isMerging: false, isPlain: false }
    }
  }
}

/** Makes one assigner here, to see that it is one and what it wants. */
function describeCustomAssigner<T, W extends TimeWindow>(
  factory: () => WindowAssigner<T, W>,
): AssignerDescription<T, W> {
  const assigner = checkMethods('window', factory(), ['assignWindows', 'getDefaultTrigger'])
  if (typeof assigner.isEventTime !== 'boolean') {
    throw new MillraceError('WINDOW_INVALID', {
      expected: 'a window assigner with isEventTime, true or false',
      came: show(assigner.isEventTime),
      todo: 'Add `readonly isEventTime = true` if its windows follow the timestamps of records.',
    })
  }
  const { mergeWindows } = assigner as Partial<MergingWindowAssigner<T, W>>
  return {
    plan: { kind: 'custom', time: assigner.isEventTime ? 'event-time' : 'processing-time' },
    functions: { windowAssigner: factory },
    defaultTrigger: checkWindowTrigger(assigner.getDefaultTrigger()),
    isMerging: typeof mergeWindows === 'function',
    isPlain: false,
  }
}

function timeTrigger(time: 'event-time' | 'processing-time') {
  return time === 'event-time' ? EventTimeTrigger.create() : ProcessingTimeTrigger.create()
}

function plainTriggerOf(plan: WindowAssignerPlan): string {
  return plan.kind === 'global' ? 'never' : plan.time
}

interface TriggerDescription {
  readonly plan: TriggerPlan
  readonly functions: Readonly<Record<string, unknown>>
  readonly canMerge: boolean
}

function describeTrigger<T, W extends TimeWindow>(trigger: AnyTrigger<T, W>): TriggerDescription {
  if (typeof trigger === 'function') {
    const methods = ['onElement', 'onEventTime', 'onProcessingTime', 'clear'] as const
    const made: Trigger<T, W> = checkMethods('trigger', trigger(), methods)
    const canMerge = made.canMerge?.() === true
    if (canMerge) checkMethods('trigger that can merge', made, ['onMerge'])
    return { plan: { kind: 'custom' }, functions: { trigger }, canMerge }
  }
  switch (trigger.kind) {
    case 'delta': {
      const { kind, threshold, deltaOf } = trigger
      return { plan: { kind, threshold }, functions: { trigger: deltaOf }, canMerge: false }
    }
    case 'purging': {
      const nested = describeTrigger(trigger.nested)
      return { ...nested, plan: { kind: 'purging', nested: nested.plan } }
    }
    case 'processing-timeout': {
      const { kind, timeoutMs, resetsOnElement, clearsOnTimeout } = trigger
      const nested = describeTrigger(trigger.nested)
      const plan = { kind, nested: nested.plan, timeoutMs, resetsOnElement, clearsOnTimeout }
      return { plan, functions: nested.functions, canMerge: false }
    }
    case 'never':
      return { plan: trigger, functions: {}, canMerge: false }
    default:
      return { plan: trigger, functions: {}, canMerge: true }
  }
}

function describeEvictor<T, W extends TimeWindow>(
  evictor: AnyEvictor<T, W>,
): { readonly plan: EvictorPlan; readonly functions: Readonly<Record<string, unknown>> } {
  if (typeof evictor === 'function') {
    return { plan: { kind: 'custom' }, functions: { evictor: checkMade(evictor) } }
  }
  if (evictor.kind !== 'delta') return { plan: evictor, functions: {} }
  const { kind, threshold, deltaOf, isAfter } = evictor
  return { plan: { kind, threshold, isAfter }, functions: { evictor: deltaOf } }
}

function checkMade<F extends () => { evictBefore?: unknown; evictAfter?: unknown }>(factory: F): F {
  const made = factory()
  if (typeof made?.evictBefore === 'function' || typeof made?.evictAfter === 'function') {
    return factory
  }
  throw new MillraceError('FUNCTION_INVALID', {
    expected: 'an evictor with evictBefore or evictAfter',
    came: show(made),
    todo: 'Give it at least one of them; each answers the elements that stay.',
  })
}

function cannotMerge(trigger: TriggerPlan): MillraceError {
  return new MillraceError('WINDOW_INVALID', {
    expected: 'a trigger that can merge, for windows that may become one',
    came: `a trigger of the kind ${trigger.kind}`,
    todo: 'Use another trigger with session windows; your own needs canMerge and onMerge.',
  })
}
