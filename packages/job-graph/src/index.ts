export { buildJobGraph } from './chaining/build-job-graph.ts'
export { explainJobGraph } from './explain/explain-job-graph.ts'
export { assertSameJobGraph } from './job-graph/compare-job-graphs.ts'
export type {
  ChainedInput,
  JobEdge,
  JobGraph,
  JobOperator,
  JobVertex,
} from './job-graph/job-graph.ts'
export { canBeOvertaken } from './job-graph/overtaking.ts'
export { fingerprint } from './operator-id/fingerprint.ts'
export { OperatorIds } from './operator-id/operator-id.ts'
export type { Partitioner } from './partitioners/partitioner.ts'
export {
  pointwiseReaders,
  pointwiseWriters,
  type SubtaskRange,
} from './partitioners/pointwise-range.ts'
export { type FunctionRef, FunctionTable } from './stream-graph/function-table.ts'
export type {
  OperatorKind,
  StreamEdge,
  StreamGraph,
  StreamNode,
} from './stream-graph/stream-graph.ts'
export type {
  CheckpointFigures,
  CheckpointSettings,
  CollectedPayload,
  JobClient,
  JobExecutionResult,
  JobExecutor,
  JobMetrics,
  JobSettings,
  JobStatus,
  JobSubmission,
  OperatorDefaults,
  RestartSettings,
  RestoreSettings,
  SavepointOptions,
  SinkMessage,
  StopWithSavepointOptions,
} from './submission/job-executor.ts'
export type {
  CheckpointCounts,
  CheckpointStatistics,
  CheckpointStatisticsEntry,
  CheckpointStatus,
  CheckpointSummary,
  StatisticsRange,
  TaskCheckpointStatistics,
} from './submission/checkpoint-statistics.ts'
