// The registry: which class runs which kind of operator.

import type { RichFilterFunction, RichFlatMapFunction, RichMapFunction } from '@millrace/core'
import type { OperatorKind } from '@millrace/job-graph'
import { AsyncOperator } from '../async-io/async-operator.ts'
import { IterationHeadOperator } from '../iterations/iteration-head-operator.ts'
import { IntervalJoinOperator } from '../joins/interval-join-operator.ts'
import {
  KeyedPartitionOperator,
  SubtaskPartitionOperator,
} from '../partition-processing/partition-operator.ts'
import { CommitStageOperator } from '../sinks/commit-stage-operator.ts'
import { CommitterOperator } from '../sinks/committer-operator.ts'
import { SinkOperator } from '../sinks/sink-operator.ts'
import { SinkWriterOperator } from '../sinks/sink-writer-operator.ts'
import { SourceOperator } from '../sources/source-operator.ts'
import { TimestampsWatermarksOperator } from '../watermarks/timestamps-watermarks-operator.ts'
import { createWindowOperator } from '../windows/create-window-operator.ts'
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
import { RichOperator } from './rich-operator.ts'
import { functionFailure } from './user-function.ts'

/** Makes the operator that a context describes. Nothing runs before `open`. */
export function createOperator(context: OperatorContext): Operator {
  try {
    return OPERATOR_FACTORIES[context.operator.kind](context)
  } catch (error) {
    // A factory of the user is called when its operator is made.
    throw functionFailure(error, context.operator, 'factory')
  }
}

const OPERATOR_FACTORIES: Readonly<Record<OperatorKind, OperatorFactory>> = {
  source: (context) => new SourceOperator(context),
  'timestamps-watermarks': (context) => new TimestampsWatermarksOperator(context),
  map: (context) =>
    isRich(context)
      ? new RichOperator<RichMapFunction<unknown, unknown>, unknown>(
          context,
          'map',
          (rich) => new MapOperator(context, (value) => rich.map(value)),
        )
      : new MapOperator(context),
  'flat-map': (context) =>
    isRich(context)
      ? new RichOperator<RichFlatMapFunction<unknown, unknown>, unknown>(
          context,
          'flatMap',
          (rich) => new FlatMapOperator(context, (value, out) => rich.flatMap(value, out)),
        )
      : new FlatMapOperator(context),
  filter: (context) =>
    isRich(context)
      ? new RichOperator<RichFilterFunction<unknown>, unknown>(
          context,
          'filter',
          (rich) => new FilterOperator(context, (value) => rich.filter(value)),
        )
      : new FilterOperator(context),
  process: (context) => new ProcessOperator(context),
  'keyed-process': (context) => new KeyedProcessOperator(context),
  'keyed-reduce': (context) => new KeyedReduceOperator(context),
  window: createWindowOperator,
  'co-process': (context) => new CoProcessOperator(context),
  'keyed-co-process': (context) => new KeyedCoProcessOperator(context),
  'broadcast-process': (context) => new BroadcastProcessOperator(context),
  'keyed-broadcast-process': (context) => new KeyedBroadcastProcessOperator(context),
  async: (context) => new AsyncOperator(context),
  'interval-join': (context) => new IntervalJoinOperator(context),
  'iteration-head': (context) => new IterationHeadOperator(context),
  partition: (context) => new SubtaskPartitionOperator(context),
  'keyed-partition': (context) => new KeyedPartitionOperator(context),
  sink: (context) => new SinkOperator(context),
  'sink-writer': (context) => new SinkWriterOperator(context),
  committer: (context) => new CommitterOperator(context),
  'commit-stage': (context) => new CommitStageOperator(context),
}

/** Whether the function has a life cycle. */
function isRich({ operator }: OperatorContext): boolean {
  return 'rich' in operator.functions
}
