// Tells the listeners of an environment about its jobs.

import { MillraceError, show } from '@millrace/core'
import type { JobClient, JobExecutionResult, JobExecutor, JobSubmission } from '@millrace/job-graph'

/** Is told about the jobs of an environment; see {@link StreamExecutionEnvironment.registerJobListener}. */
export interface JobListener {
  /** A job has been submitted, or, without a client, could not be. */
  onJobSubmitted?(client: JobClient | undefined, error: unknown): void
  /**
   * A job that `execute()` or `executeAndCollect()` waited for has ended: with a result, or with the error it failed with. Not called
   * after `executeAsync()`, whose caller has the client.
   */
  onJobExecuted?(result: JobExecutionResult | undefined, error: unknown): void
}

/**
 * Answers `listener` if it listens to anything.
 *
 * @throws MillraceError `FUNCTION_INVALID`
 */
export function checkJobListener(listener: JobListener): JobListener {
  const isObject = typeof listener === 'object' && listener !== null
  const hears = (name: keyof JobListener): boolean => typeof listener[name] === 'function'
  if (isObject && (hears('onJobSubmitted') || hears('onJobExecuted'))) return listener
  throw new MillraceError('FUNCTION_INVALID', {
    expected: 'an object with onJobSubmitted or onJobExecuted for registerJobListener',
    came: isObject ? `one with ${Object.keys(listener).join(', ') || 'neither'}` : show(listener),
    todo: 'Write registerJobListener({ onJobExecuted: (result, error) => … }).',
  })
}

/** Submits a job and tells the listeners. What a listener throws cancels the job and rejects. */
export async function submitJob(
  executor: JobExecutor,
  submission: JobSubmission,
  listeners: readonly JobListener[],
): Promise<JobClient> {
  let client: JobClient
  try {
    client = await executor.submit(submission)
  } catch (error) {
    for (const listener of listeners) listener.onJobSubmitted?.(undefined, error)
    throw error
  }
  try {
    for (const listener of listeners) listener.onJobSubmitted?.(client, undefined)
  } catch (error) {
    await client.cancel()
    throw error
  }
  return client
}

/** Waits for the end of a job and tells the listeners. */
export async function jobResult(
  client: JobClient,
  listeners: readonly JobListener[],
): Promise<JobExecutionResult> {
  let result: JobExecutionResult
  try {
    result = await client.result()
  } catch (error) {
    for (const listener of listeners) listener.onJobExecuted?.(undefined, error)
    throw error
  }
  for (const listener of listeners) listener.onJobExecuted?.(result, undefined)
  return result
}
