import type { JobClient, JobExecutionResult, JobSubmission } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { checkJobListener, type JobListener, jobResult, submitJob } from './job-listener.ts'

class NotingListener implements JobListener {
  readonly told: string[] = []

  onJobSubmitted(client: JobClient | undefined, error: unknown): void {
    this.told.push(`submitted ${client?.jobName} ${String(error)}`)
  }

  onJobExecuted(result: JobExecutionResult | undefined, error: unknown): void {
    this.told.push(`executed ${result?.jobName} ${String(error)}`)
  }
}

class PretendedJob {
  readonly jobName = 'job'
  isCanceled = false
  readonly #failure: Error | undefined

  constructor(failure?: Error) {
    this.#failure = failure
  }

  async result(): Promise<JobExecutionResult> {
    if (this.#failure !== undefined) throw this.#failure
    return { jobName: this.jobName } as JobExecutionResult
  }

  async cancel(): Promise<void> {
    this.isCanceled = true
  }
}

const SUBMISSION = {} as JobSubmission
const executorOf = (job: PretendedJob | Error) => ({
  submit: async (): Promise<JobClient> => {
    if (job instanceof Error) throw job
    return job as unknown as JobClient
  },
})

describe('job listeners', () => {
  test('when a job runs, then all are told of its beginning and its end, in order', async () => {
    const listeners = [new NotingListener(), {}, new NotingListener()]
    const client = await submitJob(executorOf(new PretendedJob()), SUBMISSION, listeners)
    await jobResult(client, listeners)
    const told = ['submitted job undefined', 'executed job undefined']
    expect(listeners.map((listener) => (listener as NotingListener).told)).toEqual([
      told,
      undefined,
      told,
    ])
  })

  test('when a job cannot be submitted or fails, then they are told why, and the error comes back', async () => {
    const listener = new NotingListener()
    const refused = submitJob(executorOf(new Error('no')), SUBMISSION, [listener])
    await expect(refused).rejects.toThrow('no')
    const job = executorOf(new PretendedJob(new Error('late')))
    await expect(jobResult(await submitJob(job, SUBMISSION, []), [listener])).rejects.toThrow(
      'late',
    )
    expect(listener.told).toEqual([
      'submitted undefined Error: no',
      'executed undefined Error: late',
    ])
  })

  test('when a listener has fields of its own, then it is taken; when it listens to nothing, then it is refused', () => {
    const listener = new NotingListener()
    expect(checkJobListener(listener)).toBe(listener)
    expect(() => checkJobListener({ onJobSubmit: () => {} } as never)).toThrow(
      /FUNCTION_INVALID.*onJobSubmitted or onJobExecuted.*one with onJobSubmit\./,
    )
    expect(() => checkJobListener(undefined as never)).toThrow(/FUNCTION_INVALID.*undefined/)
  })

  test('when a listener throws at the beginning, then the job is canceled and the error comes back', async () => {
    const job = new PretendedJob()
    const listener: JobListener = {
      onJobSubmitted: () => {
        throw new Error('I do not like it')
      },
    }
    await expect(submitJob(executorOf(job), SUBMISSION, [listener])).rejects.toThrow(
      'I do not like it',
    )
    expect(job.isCanceled).toBe(true)
  })
})
