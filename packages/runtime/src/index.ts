export { CheckpointStorage } from './checkpoint-storage/checkpoint-storage.ts'
export type {
  CheckpointDescription,
  KeyedStateDescription,
  KeyGroupSize,
  KeyGroupSizes,
  OperatorDescription,
  OperatorStateDescription,
} from './inspection/checkpoint-description.ts'
export { formatCheckpoint } from './inspection/format-checkpoint.ts'
export { inspectCheckpoint, type InspectCheckpointInit } from './inspection/inspect-checkpoint.ts'
export { createOperator } from './operators/operator-factories.ts'
export type {
  Input,
  Operator,
  OperatorContext,
  OperatorSnapshot,
  RestoredOperator,
  RestoredSlot,
} from './operators/operator.ts'
export { functionFailure, type NamedOperator, namingOperator } from './operators/user-function.ts'
export type { SourceCommand, SourceEvent } from './sources/source-messages.ts'
export { SourceOperator } from './sources/source-operator.ts'
export { AccumulatorSet } from './task/accumulator-set.ts'
export { createRecordWriter } from './task/create-record-writer.ts'
export { createTask, type TaskPlan } from './task/create-task.ts'
export type { RestoredHandle, RestoredState, TaskDeployment } from './task/task-deployment.ts'
export { TaskLoop } from './task/task-loop.ts'
export type { Acknowledgement, StateBlob } from './task/task-checkpoints.ts'
export type { Task, TaskListener } from './task/task.ts'
export { ProcessingTimeService } from './timers/processing-time-service.ts'
