import { checkOptions, MillraceError, show } from '@millrace/core'
import { nodePlatform } from '@millrace/core/node'
import { type CheckpointDescription, inspectCheckpoint } from '@millrace/runtime'

/** How {@link describeCheckpoint} looks. */
export interface DescribeCheckpointOptions {
  /**
   * Whether all state is read and its checksums are compared. Without, only what says how much of what there is: for a gigabyte of state
   * some megabytes are read. Default: `true`.
   */
  readonly verify?: boolean
}

/**
 * What a checkpoint or savepoint holds: its operators, their states with types, entries and bytes, how the keys are spread,
 * the positions of sources. `path` is the directory of a checkpoint, or the directory of all checkpoints of a job: then it is the newest
 * complete one. Nothing is changed, and no job is needed; while one runs, the checkpoint may be deleted in the middle.
 *
 * @throws MillraceError `CHECKPOINT_MISSING` if there is none, `CHECKPOINT_CORRUPT` if its metadata or its state is damaged or gone,
 * `STATE_INCOMPATIBLE` if a newer release wrote it, `OPTION_UNKNOWN`, `OPTION_INVALID`
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { describeCheckpoint, StreamExecutionEnvironment, Types } from 'millrace'
 *
 * const directory = await mkdtemp(join(tmpdir(), 'checkpoints-'))
 * const env = StreamExecutionEnvironment.getExecutionEnvironment({
 *   checkpointing: { interval: '1 min', directory },
 * })
 * env
 *   .fromData(['to', 'be', 'or', 'not', 'to', 'be'])
 *   .keyBy((word) => word, { type: Types.string })
 *   .reduce((word) => word)
 *   .uid('words')
 *   .discard()
 * await env.execute('words')
 *
 * const { kind, operators } = await describeCheckpoint(directory)
 * const words = operators.find(({ uid }) => uid === 'words')
 * const [state] = words?.keyedStates ?? []
 * console.log(kind, state?.keyType, state?.entries) // final string 4
 * await rm(directory, { recursive: true })
 * ```
 */
export async function describeCheckpoint(
  path: string,
  options: DescribeCheckpointOptions = {},
): Promise<CheckpointDescription> {
  checkOptions('describeCheckpoint', options, ['verify'])
  const { verify = true } = options
  if (typeof path !== 'string' || path === '' || typeof verify !== 'boolean') {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'the path of a checkpoint, and true or false as the option verify',
      came: `${show(path)} and ${show(verify)}`,
      todo: "Write for example describeCheckpoint('checkpoints/chk-7', { verify: false }).",
    })
  }
  return inspectCheckpoint({ files: nodePlatform().files, path, verify })
}
