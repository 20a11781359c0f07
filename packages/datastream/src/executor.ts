// How an environment finds who runs its jobs. The API knows only the `JobExecutor` interface; what stands behind it
// is installed once a process: the local cluster by the umbrella package, a recorder of plans by a worker thread.

import { MillraceError } from '@millrace/core'
import type { JobExecutor } from '@millrace/job-graph'

let installed: JobExecutor | undefined

/**
 * Makes `executor` run the jobs of all environments of this process that were not given one of their own. A later call
 * replaces an earlier one.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 * import { currentExecutor, installExecutor } from '@millrace/datastream'
 *
 * const local = currentExecutor()
 * const parallelisms: number[] = []
 * installExecutor({
 *   submit(submission) {
 *     for (const { parallelism } of submission.graph.vertices) parallelisms.push(parallelism)
 *     return local.submit(submission)
 *   },
 * })
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env.fromSequence(1, 3).discard()
 * await env.execute()
 * installExecutor(local)
 * console.log(parallelisms) // [ 1 ]
 * ```
 */
export function installExecutor(executor: JobExecutor): void {
  installed = executor
}

/**
 * The executor of this process.
 *
 * @throws MillraceError `OPTION_INVALID` when none is installed.
 */
export function currentExecutor(): JobExecutor {
  if (installed !== undefined) return installed
  throw new MillraceError('OPTION_INVALID', {
    expected: 'an executor that runs jobs',
    came: 'none in this process',
    todo: "Import the API from 'millrace', which installs the local one, or give the environment an { executor }.",
  })
}
