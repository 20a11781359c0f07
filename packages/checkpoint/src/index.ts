export { type CompletedCheckpointFacts, assembleMetadata } from './coordinator/assemble-metadata.ts'
export {
  type AcknowledgeAnswer,
  CHECKPOINT_TRANSITIONS,
  type CheckpointState,
  type OperatorSnapshot,
  PendingCheckpoint,
  type PendingCheckpointInit,
  type TaskCheckpointFigures,
} from './coordinator/pending-checkpoint.ts'
export {
  nextCheckpointId,
  type RetentionFacts,
  retentionDecision,
} from './coordinator/retention.ts'
export type {
  CheckpointKind,
  CheckpointMetadata,
  EnumeratorStates,
  FileStateHandle,
  InlineStateHandle,
  OperatorCheckpoint,
  StateHandle,
  SubtaskCheckpoint,
} from './metadata/checkpoint-metadata.ts'
export {
  decodeMetadata,
  encodeMetadata,
  METADATA_FORMAT_VERSION,
} from './metadata/metadata-format.ts'
export {
  type AssignedState,
  assignState,
  type StateAssignment,
  type SubtaskAssignment,
} from './recovery/assign-state.ts'
export type { RestoringJob, RestoringOperator } from './recovery/check-fit.ts'
export { type DealtRun, dealtRun } from './recovery/deal.ts'
export {
  checkpointDirectoryName,
  checkpointIdsNewestFirst,
  METADATA_FILE_NAME,
  METADATA_UNFINISHED_FILE_NAME,
  parseCheckpointDirectoryName,
} from './storage-layout/checkpoint-directory.ts'
export { stateFileName, type StateFileOwner } from './storage-layout/state-file-name.ts'
