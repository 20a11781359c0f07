export {
  CheckpointStorage,
  type CheckpointStorageOptions,
} from './checkpoint-storage/checkpoint-storage.ts'
