export { disposeSavepoint } from './entrypoints/dispose-savepoint.ts'
export {
  type CheckpointDescription,
  formatCheckpoint,
  type KeyedStateDescription,
  type KeyGroupSize,
  type KeyGroupSizes,
  type OperatorDescription,
  type OperatorStateDescription,
} from '@millrace/runtime'
export {
  describeCheckpoint,
  type DescribeCheckpointOptions,
} from './entrypoints/describe-checkpoint.ts'
export { InThreadPool } from './entrypoints/in-thread-pool.ts'
export { LocalExecutor, type LocalExecutorInit } from './entrypoints/local-executor.ts'
export type { ExecutorHandle, ExecutorPool } from './gateways/executor-pool.ts'
export type { ExecutorCommand, ExecutorReport } from './gateways/messages.ts'
export { toWireError } from './gateways/wire-error.ts'
export { JobMaster, type JobMasterInit } from './job-master/job-master.ts'
export {
  type LoadedJob,
  TaskExecutor,
  type TaskExecutorInit,
} from './task-executor/task-executor.ts'
