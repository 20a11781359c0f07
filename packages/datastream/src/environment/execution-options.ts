// The options of an environment: what users write, checked once, as the settings that travel with a job.

import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  MillraceError,
  show,
} from '@millrace/core'
import type { CheckpointSettings, JobExecutor, JobSettings } from '@millrace/job-graph'
import type { RestartOptions } from './restart-options.ts'
import { type RestoreOptions, restoreSettings } from './restore-options.ts'

/** Options of {@link StreamExecutionEnvironment.getExecutionEnvironment}. */
export interface ExecutionOptions {
  /** Subtasks of each operator that is not given a number of its own. Default 1. */
  readonly parallelism?: number
  /**
   * Key groups of each operator that is not given a number of its own: the most subtasks its state can ever be spread over.
   * Default: the operator's parallelism and a half, as a power of two, at least 128.
   */
  readonly maxParallelism?: number
  /** Worker threads. Default 0: all runs in the calling thread. */
  readonly threads?: number
  /** The module that builds the job, a path or a `file:` URL such as `import.meta.url`: needed with `threads`. */
  readonly module?: string
  /** Default: no checkpoints, so a restart begins from the start. */
  readonly checkpointing?: CheckpointingOptions & { readonly interval: Duration }
  /** Default: with checkpoints `exponential-delay`, without end; without them `none`. */
  readonly restart?: RestartOptions
  /** How often periodic watermark generators are asked. Default `'200 ms'`. */
  readonly autoWatermarkInterval?: Duration
  /**
   * How long a record that leaves a task may wait for others to be sent with. Default `'10 ms'`; 0 sends at the end of each slice
   * of work, -1 only when a frame is full, at a barrier and at the end.
   */
  readonly bufferTimeout?: Duration
  /** Whether operators that can are run in one task, calling each other. Default true. */
  readonly operatorChaining?: boolean
  /** Who runs the jobs. Default: the one of this process, see `installExecutor`. */
  readonly executor?: JobExecutor
}

/** Options of {@link StreamExecutionEnvironment.enableCheckpointing}. */
export interface CheckpointingOptions {
  /** Where checkpoints are kept. Default: the last one in memory, enough for a restart within the process. */
  readonly directory?: string
  /**
   * The interval while a source works off a backlog, as it says itself; 0 takes no checkpoints meanwhile. Default: the same as
   * ever.
   */
  readonly intervalDuringBacklog?: Duration
  /** A checkpoint that takes longer is given up. Default `'10 min'`. */
  readonly timeout?: Duration
  /** The least time between the end of a checkpoint and the start of the next. Default 0. */
  readonly minPause?: Duration
  /**
   * `'exactly-once'`, the default: after a failure each record counts once. `'at-least-once'`: no channel waits for a barrier on another
   * one, so latency does not suffer, and records may count twice after a failure.
   */
  readonly mode?: 'exactly-once' | 'at-least-once'
  /**
   * Whether barriers overtake records, which become a part of the checkpoint: it is then quick however far receivers are behind. Only
   * exactly-once. Default false.
   */
  readonly unaligned?: boolean
  /**
   * With `unaligned`: for how long a task aligns before barriers begin to overtake, so that little is in flight where all goes well.
   * Default 0: they overtake at once.
   */
  readonly alignedTimeout?: Duration
  /** How many completed checkpoints are kept. Default 1. */
  readonly retained?: number
  /** Checkpoints in a row that may fail before the job does. Default 0. */
  readonly tolerableFailures?: number
  /**
   * How many checkpoints may be under way at a time. More than one is of use when a checkpoint takes longer than the interval;
   * without a `minPause` only. Default 1.
   */
  readonly maxConcurrent?: number
  /**
   * What becomes of the checkpoints in the directory when the job is canceled: `retain` keeps them, to go on from later; `delete`
   * removes those of this run. After a failure, and after the end, they are always kept. Default `'retain'`.
   */
  readonly onCancel?: 'retain' | 'delete'
  /** What the job begins with: `'latest'`, the path of a savepoint or checkpoint, or both with options. Default: start fresh. */
  readonly restoreFrom?: string | RestoreOptions
}

/** Names of the options of an environment. */
export const EXECUTION_OPTIONS: readonly (keyof ExecutionOptions)[] = [
  'parallelism',
  'maxParallelism',
  'threads',
  'module',
  'checkpointing',
  'restart',
  'autoWatermarkInterval',
  'bufferTimeout',
  'operatorChaining',
  'executor',
]

const THREADS_MAX = 1024

/** The settings that do not change after the environment was made. */
export type FixedSettings = Pick<JobSettings, 'threads' | 'module' | 'autoWatermarkIntervalMs'>

/** The fixed settings, checked. */
export function fixedSettings(options: ExecutionOptions): FixedSettings {
  const { threads = 0, module, autoWatermarkInterval = 200 } = options
  return {
    threads: checkInteger('threads', threads, { min: 0, max: THREADS_MAX }),
    module: module === undefined ? null : checkText('module', module),
    autoWatermarkIntervalMs: positiveMs('autoWatermarkInterval', autoWatermarkInterval),
  }
}

/** When and where checkpoints are taken, checked. */
export function checkpointSettings(
  interval: Duration,
  options: CheckpointingOptions,
): CheckpointSettings {
  checkOptions('checkpointing', options, [
    'interval',
    'intervalDuringBacklog',
    'directory',
    'timeout',
    'minPause',
    'retained',
    'tolerableFailures',
    'mode',
    'unaligned',
    'alignedTimeout',
    'maxConcurrent',
    'onCancel',
    'restoreFrom',
  ])
  const { directory, intervalDuringBacklog = interval, timeout = '10 min', minPause = 0 } = options
  const { retained = 1, tolerableFailures = 0 } = options
  return {
    intervalMs: positiveMs('the checkpoint interval', interval),
    intervalDuringBacklogMs: durationMs(intervalDuringBacklog, { what: 'intervalDuringBacklog' }),
    directory: directory === undefined ? null : checkText('directory', directory),
    timeoutMs: positiveMs('the checkpoint timeout', timeout),
    minPauseMs: durationMs(minPause, { what: 'minPause' }),
    retained: checkInteger('retained', retained, { min: 1, max: 1000 }),
    tolerableFailures: checkInteger('tolerableFailures', tolerableFailures, {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }),
    ...alignmentSettings(options),
    maxConcurrent: checkMaxConcurrent(options),
    onCancel: checkOnCancel(options),
    restoreFrom: restoreSettings(options.restoreFrom, directory),
  }
}

/** What barriers do to channels, checked. */
function alignmentSettings({
  mode = 'exactly-once',
  unaligned = false,
  alignedTimeout,
}: CheckpointingOptions): Pick<CheckpointSettings, 'mode' | 'isUnaligned' | 'alignedTimeoutMs'> {
  if (mode !== 'exactly-once' && mode !== 'at-least-once') {
    throw new MillraceError('OPTION_INVALID', {
      expected: "the checkpointing mode 'exactly-once' or 'at-least-once'",
      came: show(mode),
      todo: "Write { mode: 'at-least-once' }, or leave it out.",
    })
  }
  const isUnaligned = checkBoolean('unaligned', unaligned)
  if (isUnaligned && mode === 'at-least-once') {
    throw new MillraceError('OPTION_INVALID', {
      expected: "unaligned checkpoints with mode 'exactly-once'",
      came: "mode 'at-least-once'",
      todo: 'Leave one of the two out: no channel waits for a barrier in either of them.',
    })
  }
  if (alignedTimeout !== undefined && !isUnaligned) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'alignedTimeout together with unaligned: true',
      came: `alignedTimeout ${show(alignedTimeout)} alone`,
      todo: 'Set unaligned: true, or leave alignedTimeout out.',
    })
  }
  return {
    mode,
    isUnaligned,
    alignedTimeoutMs: durationMs(alignedTimeout ?? 0, { what: 'alignedTimeout' }),
  }
}

function checkMaxConcurrent(options: CheckpointingOptions): number {
  const { maxConcurrent = 1, minPause = 0, unaligned = false } = options
  checkInteger('maxConcurrent', maxConcurrent, { min: 1, max: 1000 })
  if (maxConcurrent > 1 && unaligned) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'one checkpoint at a time with unaligned: true',
      came: `maxConcurrent ${maxConcurrent}`,
      todo: 'Leave maxConcurrent out: barriers that overtake are quick, so that one is over before the next is due.',
    })
  }
  if (maxConcurrent === 1 || durationMs(minPause, { what: 'minPause' }) === 0) return maxConcurrent
  throw new MillraceError('OPTION_INVALID', {
    expected: 'either a minPause or more than one checkpoint at a time',
    came: `minPause ${show(minPause)} and maxConcurrent ${maxConcurrent}`,
    todo: 'Leave one of them out: a pause between two checkpoints means that there is one at a time.',
  })
}

function checkOnCancel({ onCancel = 'retain' }: CheckpointingOptions): 'retain' | 'delete' {
  if (onCancel === 'retain' || onCancel === 'delete') return onCancel
  throw new MillraceError('OPTION_INVALID', {
    expected: "onCancel as 'retain' or 'delete'",
    came: show(onCancel),
    todo: "Leave it out to keep the checkpoints of a canceled job, or write 'delete'.",
  })
}

function positiveMs(what: string, duration: Duration): number {
  const ms = durationMs(duration, { what })
  if (ms > 0) return ms
  throw new MillraceError('OPTION_INVALID', {
    expected: `${what} of more than 0 ms`,
    came: `${ms} ms`,
    todo: "Give a positive duration, such as '200 ms'.",
  })
}

/** `value` as a boolean, or `OPTION_INVALID`. */
export function checkBoolean(what: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value
  throw new MillraceError('OPTION_INVALID', {
    expected: `${what} as true or false`,
    came: show(value),
    todo: `Write { ${what}: false }, or leave it out.`,
  })
}

/** `value` as text of at least one character, or `OPTION_INVALID`. */
export function checkText(what: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new MillraceError('OPTION_INVALID', {
    expected: `${what} as text`,
    came: show(value),
    todo: `Give the ${what} as a path, or leave it out.`,
  })
}
