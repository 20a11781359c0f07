// Plan -> trigger.

import {
  MillraceError,
  show,
  type Trigger,
  type TriggerPlan,
  type TypeDescriptor,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { callFunction } from '../operators/user-function.ts'
import {
  ContinuousEventTime,
  ContinuousProcessingTime,
  Count,
  Delta,
  EventTime,
  Never,
  ProcessingTime,
  ProcessingTimeout,
  Purging,
} from './built-in-triggers.ts'

/** Makes the trigger that a plan describes. The one function in it, if any, has the role `trigger`. */
export function createTrigger<T>(
  context: OperatorContext,
  plan: TriggerPlan,
  elementType: TypeDescriptor,
): Trigger<T> {
  const { functions, operator } = context
  switch (plan.kind) {
    case 'never':
      return new Never()
    case 'event-time':
      return new EventTime()
    case 'processing-time':
      return new ProcessingTime()
    case 'count':
      return new Count(plan.maxCount)
    case 'continuous-event-time':
      return new ContinuousEventTime(plan.intervalMs)
    case 'continuous-processing-time':
      return new ContinuousProcessingTime(plan.intervalMs)
    case 'delta':
      return new Delta(
        plan.threshold,
        functions.resolve(operator.functions['trigger']),
        elementType,
      )
    case 'purging':
      return new Purging(createTrigger(context, plan.nested, elementType))
    case 'processing-timeout':
      return new ProcessingTimeout(createTrigger(context, plan.nested, elementType), plan)
    case 'custom':
      return customTrigger(context)
    default:
      throw new MillraceError('WINDOW_INVALID', {
        expected: `a known trigger in '${operator.name}'`,
        came: show(plan),
        todo: 'Use one of the triggers that millrace exports, or a factory of your own.',
      })
  }
}

function customTrigger<T>({ functions, operator }: OperatorContext): Trigger<T> {
  const factory = functions.resolve<() => Trigger<T>>(operator.functions['trigger'])
  let trigger: Trigger<T> | undefined
  callFunction(operator, 'trigger factory', () => {
    trigger = factory()
  })
  return trigger as Trigger<T>
}
