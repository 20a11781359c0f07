// The registry: which class runs which kind of operator.

import type { SlidingWindowAssigner } from '@millrace/core'
import type { OperatorKind } from '@millrace/job-graph'
import { SinkOperator } from '../sinks/sink-operator.ts'
import { SourceOperator } from '../sources/source-operator.ts'
import { TimestampsWatermarksOperator } from '../watermarks/timestamps-watermarks-operator.ts'
import { SessionWindowOperator } from '../windows/session-window-operator.ts'
import { SlidingWindowOperator } from '../windows/sliding-window-operator.ts'
import { BroadcastProcessOperator } from './broadcast-process-operator.ts'
import { CoProcessOperator } from './co-process-operator.ts'
import { FilterOperator } from './filter-operator.ts'
import { FlatMapOperator } from './flat-map-operator.ts'
import { KeyedBroadcastProcessOperator } from './keyed-broadcast-process-operator.ts'
import { KeyedCoProcessOperator } from './keyed-co-process-operator.ts'
import { KeyedProcessOperator } from './keyed-process-operator.ts'
import { KeyedReduceOperator } from './keyed-reduce-operator.ts'
import { MapOperator } from './map-operator.ts'
import type { Operator, OperatorContext, OperatorFactory } from './operator.ts'
import { ProcessOperator } from './process-operator.ts'

/** Makes the operator that a context describes. Nothing runs before `open`. */
export function createOperator(context: OperatorContext): Operator {
  return OPERATOR_FACTORIES[context.operator.kind](context)
}

const OPERATOR_FACTORIES: Readonly<Record<OperatorKind, OperatorFactory>> = {
  source: (context) => new SourceOperator(context),
  'timestamps-watermarks': (context) => new TimestampsWatermarksOperator(context),
  map: (context) => new MapOperator(context),
  'flat-map': (context) => new FlatMapOperator(context),
  filter: (context) => new FilterOperator(context),
  process: (context) => new ProcessOperator(context),
  'keyed-process': (context) => new KeyedProcessOperator(context),
  'keyed-reduce': (context) => new KeyedReduceOperator(context),
  window: (context) =>
    assignerKind(context) === 'session'
      ? new SessionWindowOperator(context)
      : new SlidingWindowOperator(context),
  'co-process': (context) => new CoProcessOperator(context),
  'keyed-co-process': (context) => new KeyedCoProcessOperator(context),
  'broadcast-process': (context) => new BroadcastProcessOperator(context),
  'keyed-broadcast-process': (context) => new KeyedBroadcastProcessOperator(context),
  sink: (context) => new SinkOperator(context),
}

function assignerKind(context: OperatorContext): string {
  return (context.operator.config['assigner'] as unknown as SlidingWindowAssigner).kind
}
