// Plan -> window operator: slices and sessions where they suffice, panes for everything else.

import { assert, type WindowPlan } from '@millrace/core'
import type { OneInputOperator } from '../operators/base-operator.ts'
import type { Operator, OperatorContext } from '../operators/operator.ts'
import { CoGroupWindowOperator } from './co-group-window-operator.ts'
import { PaneWindowOperator } from './pane-window-operator.ts'
import { SessionWindowOperator } from './session-window-operator.ts'
import { SlidingWindowOperator } from './sliding-window-operator.ts'

/** Makes the window operator that a context describes. */
export function createWindowOperator(context: OperatorContext): Operator {
  const plan = context.operator.config as unknown as WindowPlan
  const windows = oneInputOperator(context, plan)
  return plan.coGroup === undefined ? windows : new CoGroupWindowOperator(context, windows)
}

function oneInputOperator(
  context: OperatorContext,
  { panes, assigner }: WindowPlan,
): OneInputOperator<never> {
  if (panes !== undefined) return new PaneWindowOperator(context)
  switch (assigner.kind) {
    case 'sliding':
      return new SlidingWindowOperator(context)
    case 'session':
    case 'dynamic-session':
      return new SessionWindowOperator(context)
    default:
      assert(false, `the windows of ${assigner.kind} are kept one by one`)
  }
}
